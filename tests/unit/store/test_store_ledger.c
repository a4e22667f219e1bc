/* What the store promises while the disk behaves: everything comes back, in order, as one piece a
 * job. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "common/errors.h"
#include "node/io/store/folder.h"
#include "node/io/store/watermark.h"
#include "store_rig.h"

static int set_up(void **state)
{
    struct rig *rig = malloc(sizeof *rig);
    rig_init(rig);
    *state = rig;
    return 0;
}

static int tear_down(void **state)
{
    rig_fini(*state);
    free(*state);
    return 0;
}

static void reopen(struct rig *rig)
{
    rig_close(rig);
    assert_int_equal(rig_open(rig), 0);
}

static void check_entry(const struct rig *rig, size_t place, log_index index, term_id term)
{
    const struct store_entry *have = &rig->loaded.entries[place];
    struct store_entry expected = rig_entry(rig, index, term);
    assert_int_equal(have->index, index);
    assert_int_equal(have->term, term);
    assert_int_equal(have->kind, expected.kind);
    assert_int_equal(have->length, expected.length);
    assert_memory_equal(have->bytes, expected.bytes, expected.length);
}

/* The number of transactions so far, as the watermark says it. */
static uint64_t sequence_of(struct rig *rig)
{
    struct folder folder = {.fd = -1, .lock_fd = -1};
    struct watermark watermark;
    struct mark mark = {0};
    struct text why = {0};
    rig_close(rig);
    assert_int_equal(folder_open(rig->folder, &folder, &why), 0);
    assert_int_equal(watermark_load(&folder, &watermark, &mark, &why), 0);
    watermark_close(&watermark);
    folder_close(&folder);
    return mark.sequence;
}

static void a_new_folder_is_private_empty_and_has_an_incarnation(void **state)
{
    struct rig *rig = *state;
    assert_int_equal(rig_open(rig), 0);
    assert_int_equal(rig->loaded.entry_count, 0);
    assert_int_equal(rig->loaded.term, 0);
    assert_int_equal(rig->loaded.snapshot.length, 0);
    const uint8_t nobody[CLUSTER_ID_BYTES] = {0};
    assert_memory_equal(rig->loaded.cluster_id, nobody, sizeof nobody);
    uint64_t incarnation = rig->loaded.incarnation;
    assert_true(incarnation != 0);
    struct stat status;
    assert_int_equal(stat(rig->folder, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0700);
    reopen(rig);
    assert_true(rig->loaded.incarnation == incarnation);
}

static void term_vote_entries_and_cluster_id_come_back(void **state)
{
    struct rig *rig = *state;
    assert_int_equal(rig_open(rig), 0);
    struct store_job job = {.has_vote = true, .term = 3, .voted_for = 2, .has_cluster_id = true};
    memset(job.cluster_id, 7, sizeof job.cluster_id);
    assert_int_equal(rig_write(rig, job), 0);
    assert_int_equal(rig_append(rig, 1, 60, 3), 0);
    reopen(rig);
    assert_int_equal(rig->loaded.term, 3);
    assert_int_equal(rig->loaded.voted_for, 2);
    assert_memory_equal(rig->loaded.cluster_id, job.cluster_id, CLUSTER_ID_BYTES);
    assert_int_equal(rig->loaded.entry_count, 60);
    for (size_t i = 0; i < 60; i++)
        check_entry(rig, i, i + 1, 3);
}

/* With the id in one piece: a crash leaves both or none, and an older build refuses the folder. */
static void that_the_node_is_a_novice_is_stored_with_the_cluster_id(void **state)
{
    struct rig *rig = *state;
    uint8_t bytes[MARK_BYTES];
    struct mark mark = {.self = RIG_SELF, .novice = true};
    assert_int_equal(rig_open(rig), 0);
    assert_false(rig->loaded.novice);
    struct store_job job = {.has_cluster_id = true, .novice = true};
    memset(job.cluster_id, 7, sizeof job.cluster_id);
    assert_int_equal(rig_write(rig, job), 0);
    job.novice = false;
    assert_int_equal(rig_submit(rig, job), ERR_INVALID);
    assert_int_equal(rig_append(rig, 1, 5, 3), 0);
    reopen(rig);
    assert_true(rig->loaded.novice);
    mark_encode(&mark, bytes);
    assert_memory_equal(bytes, "QMARK02", 8);
}

static void a_job_without_parts_is_answered_too(void **state)
{
    struct rig *rig = *state;
    assert_int_equal(rig_open(rig), 0);
    assert_int_equal(rig_write(rig, (struct store_job){0}), 0);
}

static void a_truncation_and_its_replacement_are_one_piece(void **state)
{
    struct rig *rig = *state;
    assert_int_equal(rig_open(rig), 0);
    assert_int_equal(rig_append(rig, 1, 30, 1), 0);
    struct store_entry entries[] = {rig_entry(rig, 11, 2), rig_entry(rig, 12, 2)};
    struct store_job job = {.truncate_from = 11, .entries = entries, .entry_count = 2};
    assert_int_equal(rig_write(rig, job), 0);
    reopen(rig);
    assert_int_equal(rig->loaded.entry_count, 12);
    check_entry(rig, 9, 10, 1);
    check_entry(rig, 10, 11, 2);
    check_entry(rig, 11, 12, 2);
}

static void a_whole_log_can_be_truncated_and_begun_again(void **state)
{
    struct rig *rig = *state;
    assert_int_equal(rig_open(rig), 0);
    assert_int_equal(rig_append(rig, 1, 5, 1), 0);
    assert_int_equal(rig_write(rig, (struct store_job){.truncate_from = 1}), 0);
    reopen(rig);
    assert_int_equal(rig->loaded.entry_count, 0);
    assert_int_equal(rig_append(rig, 1, 3, 2), 0);
    reopen(rig);
    assert_int_equal(rig->loaded.entry_count, 3);
}

static struct store_job snapshot_job(const struct rig *rig, log_index index, term_id term,
                                     log_index compact_to)
{
    struct store_job job = {.has_snapshot = true, .compact_to = compact_to};
    job.snapshot = (struct store_snapshot){
        .index = index, .term = term, .bytes = rig->pattern, .length = 6000};
    return job;
}

static void a_snapshot_replaces_the_rows_that_it_covers(void **state)
{
    struct rig *rig = *state;
    assert_int_equal(rig_open(rig), 0);
    assert_int_equal(rig_append(rig, 1, 50, 1), 0);
    assert_int_equal(rig_write(rig, snapshot_job(rig, 40, 1, 35)), 0);
    reopen(rig);
    assert_int_equal(rig->loaded.snapshot.index, 40);
    assert_int_equal(rig->loaded.snapshot.term, 1);
    assert_int_equal(rig->loaded.snapshot.length, 6000);
    assert_memory_equal(rig->loaded.snapshot.bytes, rig->pattern, 6000);
    assert_int_equal(rig->loaded.entry_count, 15);
    check_entry(rig, 0, 36, 1);
    assert_int_equal(rig_append(rig, 51, 55, 2), 0);
    assert_int_equal(rig_write(rig, snapshot_job(rig, 55, 2, 55)), 0);
    reopen(rig);
    assert_int_equal(rig->loaded.entry_count, 0);
    assert_int_equal(rig->loaded.snapshot.index, 55);
    assert_int_equal(rig_append(rig, 56, 58, 2), 0);
    reopen(rig);
    check_entry(rig, 0, 56, 2);
}

static void a_leaders_snapshot_replaces_a_log_that_went_astray(void **state)
{
    struct rig *rig = *state;
    assert_int_equal(rig_open(rig), 0);
    assert_int_equal(rig_append(rig, 1, 120, 1), 0);
    struct store_entry entry = rig_entry(rig, 101, 4);
    struct store_job job = snapshot_job(rig, 100, 4, 100);
    job.truncate_from = 1;
    job.entries = &entry;
    job.entry_count = 1;
    assert_int_equal(rig_write(rig, job), 0);
    reopen(rig);
    assert_int_equal(rig->loaded.entry_count, 1);
    check_entry(rig, 0, 101, 4);
}

static void what_does_not_fit_is_refused_and_leaves_no_trace(void **state)
{
    struct rig *rig = *state;
    assert_int_equal(rig_open(rig), 0);
    assert_int_equal(rig_append(rig, 1, 5, 2), 0);
    struct store_entry gap = rig_entry(rig, 7, 2);
    assert_int_equal(rig_submit(rig, (struct store_job){.entries = &gap, .entry_count = 1}),
                     ERR_INVALID);
    assert_int_equal(rig_submit(rig, snapshot_job(rig, 9, 2, 0)), ERR_INVALID);
    assert_int_equal(rig_append(rig, 6, 6, 2), 0);
    reopen(rig);
    assert_int_equal(rig->loaded.entry_count, 6);
}

static void a_term_that_falls_is_caught_before_it_is_written(void **state)
{
    struct rig *rig = *state;
    assert_int_equal(rig_open(rig), 0);
    assert_int_equal(rig_append(rig, 1, 5, 2), 0);
    assert_int_equal(rig_append(rig, 6, 6, 1), ERR_INVALID);
    reopen(rig);
    assert_int_equal(rig->loaded.entry_count, 5);
}

/* A gate in the callback holds the storage thread while more jobs queue up. */
struct gate {
    pthread_mutex_t mutex;
    pthread_cond_t moved;
    bool open;
    uint64_t done;
    bool out_of_order;
};

static void on_done_at_gate(uint64_t ticket, int error, const struct text *why, void *data)
{
    struct gate *gate = data;
    (void)why;
    pthread_mutex_lock(&gate->mutex);
    gate->out_of_order = gate->out_of_order || ticket != gate->done + 1 || error != 0;
    gate->done = ticket;
    pthread_cond_broadcast(&gate->moved);
    while (!gate->open)
        pthread_cond_wait(&gate->moved, &gate->mutex);
    pthread_mutex_unlock(&gate->mutex);
}

static int submit_one(struct store *store, const struct rig *rig, log_index index)
{
    struct store_entry entry = rig_entry(rig, index, 1);
    struct store_job job = {.ticket = index, .entries = &entry, .entry_count = 1};
    return store_submit(store, &job);
}

static void open_gate(struct gate *gate)
{
    pthread_mutex_lock(&gate->mutex);
    gate->open = true;
    pthread_cond_broadcast(&gate->moved);
    pthread_mutex_unlock(&gate->mutex);
}

static void wait_for_first(struct gate *gate)
{
    pthread_mutex_lock(&gate->mutex);
    while (gate->done == 0)
        pthread_cond_wait(&gate->moved, &gate->mutex);
    pthread_mutex_unlock(&gate->mutex);
}

static struct store *open_gated(struct rig *rig, struct gate *gate)
{
    struct store *store = NULL;
    struct text why = {0};
    pthread_mutex_init(&gate->mutex, NULL);
    pthread_cond_init(&gate->moved, NULL);
    assert_int_equal(
        store_open(rig->folder, RIG_SELF, on_done_at_gate, gate, &store, &rig->loaded, &why), 0);
    assert_int_equal(submit_one(store, rig, 1), 0);
    wait_for_first(gate);
    return store;
}

static void jobs_that_queued_up_become_one_transaction_answered_in_order(void **state)
{
    struct rig *rig = *state;
    struct gate gate = {0};
    struct store *store = open_gated(rig, &gate);
    for (log_index index = 2; index <= 200; index++)
        assert_int_equal(submit_one(store, rig, index), 0);
    open_gate(&gate);
    store_free(&store);
    assert_int_equal(gate.done, 200);
    assert_false(gate.out_of_order);
    assert_int_equal(sequence_of(rig), 3);
    reopen(rig);
    assert_int_equal(rig->loaded.entry_count, 200);
}

static void a_full_queue_says_so_and_takes_jobs_again_later(void **state)
{
    struct rig *rig = *state;
    struct gate gate = {0};
    struct store *store = open_gated(rig, &gate);
    log_index index = 2;
    while (submit_one(store, rig, index) == 0)
        index++;
    assert_int_equal(index - 2, STORE_QUEUE_JOBS_MAX);
    assert_int_equal(submit_one(store, rig, index), ERR_FULL);
    open_gate(&gate);
    while (submit_one(store, rig, index) == ERR_FULL)
        ;
    store_free(&store);
    assert_int_equal(gate.done, index);
    assert_false(gate.out_of_order);
}

static void a_long_run_keeps_its_wal_bounded_and_its_rows(void **state)
{
    struct rig *rig = *state;
    char path[RIG_PATH_SIZE];
    assert_int_equal(rig_open(rig), 0);
    for (log_index index = 1; index <= 60000; index += 100) {
        assert_int_equal(rig_append(rig, index, index + 99, 1), 0);
        if (index % 1000 == 1 && index > 1)
            assert_int_equal(rig_write(rig, snapshot_job(rig, index, 1, index)), 0);
    }
    assert_true(rig_file_bytes(rig_path(rig, "ledger.db-wal", path)) < 24 * 1024 * 1024);
    reopen(rig);
    assert_int_equal(rig->loaded.entry_count, 60000 - 59001);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(a_new_folder_is_private_empty_and_has_an_incarnation, set_up,
                                    tear_down),
    cmocka_unit_test_setup_teardown(term_vote_entries_and_cluster_id_come_back, set_up, tear_down),
    cmocka_unit_test_setup_teardown(that_the_node_is_a_novice_is_stored_with_the_cluster_id, set_up,
                                    tear_down),
    cmocka_unit_test_setup_teardown(a_job_without_parts_is_answered_too, set_up, tear_down),
    cmocka_unit_test_setup_teardown(a_truncation_and_its_replacement_are_one_piece, set_up,
                                    tear_down),
    cmocka_unit_test_setup_teardown(a_whole_log_can_be_truncated_and_begun_again, set_up,
                                    tear_down),
    cmocka_unit_test_setup_teardown(a_snapshot_replaces_the_rows_that_it_covers, set_up, tear_down),
    cmocka_unit_test_setup_teardown(a_leaders_snapshot_replaces_a_log_that_went_astray, set_up,
                                    tear_down),
    cmocka_unit_test_setup_teardown(what_does_not_fit_is_refused_and_leaves_no_trace, set_up,
                                    tear_down),
    cmocka_unit_test_setup_teardown(a_term_that_falls_is_caught_before_it_is_written, set_up,
                                    tear_down),
    cmocka_unit_test_setup_teardown(jobs_that_queued_up_become_one_transaction_answered_in_order,
                                    set_up, tear_down),
    cmocka_unit_test_setup_teardown(a_full_queue_says_so_and_takes_jobs_again_later, set_up,
                                    tear_down),
    cmocka_unit_test_setup_teardown(a_long_run_keeps_its_wal_bounded_and_its_rows, set_up,
                                    tear_down),
};

int main(void)
{
    return cmocka_run_group_tests(tests, NULL, NULL);
}
