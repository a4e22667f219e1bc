#include "tests/unit/contexts/store_rig.h"

#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/check.h"
#include "common/errors.h"

enum { KILLS = 10, ACKS_BEFORE_KILL = 40 };

static void what_was_put_is_there_after_the_next_start(void **state)
{
    struct store_rig *rig = *state;
    assert_int_equal(store_rig_put(rig, "anna", 7, "first"), CONTEXT_STORED);
    assert_int_equal(store_rig_put(rig, "anna", 8, "second"), CONTEXT_STORED);
    assert_int_equal(store_rig_put(rig, "anna", 7, "first"), CONTEXT_OLDER);
    assert_int_equal(store_rig_put(rig, "ben", 1, "his"), CONTEXT_STORED);
    struct context_store_state before = context_store_state(rig->store);
    store_rig_close(rig);
    store_rig_open(rig);
    struct context_store_state after = context_store_state(rig->store);
    assert_true(store_rig_has(rig, "anna", "second"));
    assert_true(store_rig_has(rig, "ben", "his"));
    assert_true(store_rig_has(rig, "cyd", ""));
    assert_true(before.store_id == after.store_id && after.store_id != 0);
    assert_int_equal(after.count, 2);
    assert_int_equal(after.bytes, strlen("annasecondbenhis"));
    assert_int_equal(after.bytes, before.bytes);
}

static void a_store_is_new_until_it_is_told_otherwise(void **state)
{
    struct store_rig *rig = *state;
    struct context_op op = {.kind = CONTEXT_OP_COMPLETE};
    assert_false(context_store_state(rig->store).complete);
    store_rig_close(rig);
    store_rig_open(rig);
    assert_false(context_store_state(rig->store).complete);
    store_rig_run(rig, &op);
    store_rig_close(rig);
    store_rig_open(rig);
    assert_true(context_store_state(rig->store).complete);
}

static void a_damaged_file_is_put_aside_and_the_store_is_new(void **state)
{
    struct store_rig *rig = *state;
    struct context_op op = {.kind = CONTEXT_OP_COMPLETE};
    char path[STORE_PATH_SIZE];
    store_rig_run(rig, &op);
    uint64_t store_id = context_store_state(rig->store).store_id;
    (void)store_rig_put(rig, "anna", 7, "first");
    store_rig_close(rig);
    store_rig_path(rig, CONTEXTS_FILE, path);
    FILE *file = fopen(path, "r+");
    assert_non_null(file);
    assert_int_equal(fwrite("no database at all, not at all", 1, 30, file), 30);
    fclose(file);
    store_rig_open(rig);
    struct context_store_state state_now = context_store_state(rig->store);
    assert_false(state_now.complete);
    assert_true(state_now.store_id != store_id);
    store_rig_path(rig, CONTEXTS_FILE ".damaged", path);
    assert_int_equal(access(path, F_OK), 0);
}

/* Another process's word about the file, as a flipped bit would be. */
static void alter(const struct store_rig *rig, const char *sql)
{
    sqlite3 *db = NULL;
    char path[STORE_PATH_SIZE];
    store_rig_path(rig, CONTEXTS_FILE, path);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static void a_row_whose_checksum_is_wrong_ends_the_store(void **state)
{
    struct store_rig *rig = *state;
    struct context_op op = {.kind = CONTEXT_OP_GET};
    (void)store_rig_put(rig, "anna", 7, "first");
    store_rig_close(rig);
    alter(rig, "UPDATE entries SET sealed = CAST('fursT' AS BLOB)");
    store_rig_open(rig);
    assert_int_equal(context_id_set(&op.id, "anna"), 0);
    assert_int_equal(context_store_apply(rig->store, rig->now_ms, &op, 1), ERR_DAMAGED);
    assert_false(op.found);
}

static void new_ones_are_refused_over_a_cap_and_known_ones_are_not(void **state)
{
    struct store_rig *rig = *state;
    struct context_op op = {.kind = CONTEXT_OP_REPAIR,
                            .entry = {.version = {.seq = 1},
                                      .sealed = (const uint8_t *)"x",
                                      .sealed_length = 1,
                                      .secret = (const uint8_t *)""}};
    store_rig_close(rig);
    rig->limits.count_max = 2;
    store_rig_open(rig);
    assert_int_equal(store_rig_put(rig, "a", 1, "x"), CONTEXT_STORED);
    assert_int_equal(store_rig_put(rig, "b", 1, "x"), CONTEXT_STORED);
    assert_int_equal(store_rig_put(rig, "c", 1, "x"), CONTEXT_FULL);
    assert_int_equal(store_rig_put(rig, "b", 2, "more"), CONTEXT_STORED);
    assert_int_equal(context_id_set(&op.entry.id, "d"), 0);
    store_rig_run(rig, &op); /* others acknowledged it */
    assert_int_equal(op.outcome, CONTEXT_STORED);
    store_rig_close(rig);
    rig->limits = (struct context_limits){.ttl_ms = 1000, .count_max = 100, .bytes_max = 20};
    store_rig_open(rig);
    assert_int_equal(store_rig_put(rig, "e", 1, "a line of twenty bytes"), CONTEXT_FULL);
    assert_int_equal(store_rig_put(rig, "a", 2, "a line of twenty bytes"), CONTEXT_STORED);
}

static void everything_ends_after_its_time_and_not_before(void **state)
{
    struct store_rig *rig = *state;
    (void)store_rig_put(rig, "anna", 1, "first");
    (void)store_rig_put(rig, "ben", 1, "his");
    (void)store_rig_put(rig, "ben", 1, ""); /* deleted */
    rig->now_ms += rig->limits.ttl_ms - 1;
    assert_int_equal(store_rig_expire(rig), 0);
    assert_true(store_rig_has(rig, "anna", "first"));
    rig->now_ms += 1;
    assert_true(store_rig_has(rig, "anna", ""));
    assert_int_equal(store_rig_put(rig, "anna", 1, "anew"), CONTEXT_STORED);
    assert_int_equal(store_rig_expire(rig), 0);
    assert_int_equal(store_rig_put(rig, "ben", 1, "his"),
                     CONTEXT_OLDER); /* the tombstone's twice */
    rig->now_ms += rig->limits.ttl_ms;
    assert_int_equal(store_rig_expire(rig), 2);
    assert_int_equal(context_store_state(rig->store).count, 0);
    assert_int_equal(context_store_state(rig->store).bytes, 0);
}

/* Time goes on while the store is closed as the wall clock shows, and never back. */
static void a_wall_clock_that_was_set_back_ends_nothing(void **state)
{
    struct store_rig *rig = *state;
    (void)store_rig_put(rig, "anna", 1, "first");
    store_rig_close(rig);
    alter(rig, "UPDATE state SET wall_ms = wall_ms + 3600000"); /* it was an hour ahead */
    rig->now_ms = 5;                                            /* the machine started anew */
    store_rig_open(rig);
    assert_int_equal(store_rig_expire(rig), 0);
    assert_true(store_rig_has(rig, "anna", "first"));
    store_rig_close(rig);
    alter(rig, "UPDATE state SET wall_ms = wall_ms - 3600000"); /* it was away for an hour */
    store_rig_open(rig);
    assert_int_equal(store_rig_expire(rig), 1);
}

static void an_entrys_age_goes_along_where_it_is_copied(void **state)
{
    struct store_rig *rig = *state;
    struct context_op op = {.kind = CONTEXT_OP_REPAIR,
                            .entry = {.version = {.seq = 1},
                                      .age_ms = rig->limits.ttl_ms - 10,
                                      .sealed = (const uint8_t *)"x",
                                      .sealed_length = 1,
                                      .secret = (const uint8_t *)""}};
    assert_int_equal(context_id_set(&op.entry.id, "anna"), 0);
    store_rig_run(rig, &op);
    rig->now_ms += 9;
    assert_true(store_rig_has(rig, "anna", "x"));
    rig->now_ms += 1;
    assert_true(store_rig_has(rig, "anna", ""));
    assert_int_equal(store_rig_expire(rig), 1);
}

static void pages_give_all_stubs_in_the_order_of_their_ids(void **state)
{
    struct store_rig *rig = *state;
    struct context_stub stubs[4];
    static const char *const ids[] = {"e", "b", "d", "a", "c"};
    struct context_op op = {.kind = CONTEXT_OP_PAGE, .limit = 4, .stubs = stubs};
    for (size_t i = 0; i < ARRAY_COUNT(ids); i++)
        (void)store_rig_put(rig, ids[i], 1, "x");
    store_rig_run(rig, &op);
    assert_int_equal(op.stub_count, 4);
    assert_true(op.more);
    assert_string_equal(stubs[0].id.text, "a");
    assert_string_equal(stubs[3].id.text, "d");
    op =
        (struct context_op){.kind = CONTEXT_OP_PAGE, .id = stubs[3].id, .limit = 4, .stubs = stubs};
    store_rig_run(rig, &op);
    assert_int_equal(op.stub_count, 1);
    assert_false(op.more);
    stubs[1] = stubs[0];
    stubs[1].version.seq = 2;
    op = (struct context_op){.kind = CONTEXT_OP_COMPARE, .stubs = stubs, .stub_count = 2};
    store_rig_run(rig, &op);
    assert_int_equal(op.stub_count, 1); /* only the newer one is lacking */
    assert_int_equal(stubs[0].version.seq, 2);
}

static size_t pending(struct store_rig *rig, struct context_stub *stubs)
{
    struct context_op op = {.kind = CONTEXT_OP_PENDING, .limit = 4, .stubs = stubs};
    store_rig_run(rig, &op);
    return op.stub_count;
}

static void a_row_is_pending_until_its_newest_seq_is_written_through(void **state)
{
    struct store_rig *rig = *state;
    struct context_stub stubs[4];
    struct context_op written = {.kind = CONTEXT_OP_WRITTEN, .seq = 1};
    (void)store_rig_put(rig, "anna", 1, "x");
    assert_int_equal(pending(rig, stubs), 1);
    written.id = stubs[0].id;
    store_rig_run(rig, &written);
    assert_int_equal(pending(rig, stubs), 0);
    (void)store_rig_put(rig, "anna", 2, "y");
    store_rig_run(rig, &written); /* a late word about the older one */
    assert_int_equal(pending(rig, stubs), 1);
    assert_int_equal(stubs[0].version.seq, 2);
    (void)store_rig_put(rig, "anna", 2, ""); /* deleted */
    assert_int_equal(pending(rig, stubs), 0);
}

/* Writes for ever, and says each number once it is on disk. */
static void write_for_ever(struct store_rig *rig, int fd, uint64_t from)
{
    for (uint64_t seq = from;; seq++) {
        char content[32];
        (void)snprintf(content, sizeof content, "%llu", (unsigned long long)seq);
        if (store_rig_put(rig, "anna", seq, content) != CONTEXT_STORED ||
            write(fd, &seq, sizeof seq) != sizeof seq)
            _exit(1);
    }
}

static void nothing_acknowledged_is_lost_by_kill_9(void **state)
{
    struct store_rig *rig = *state;
    uint64_t acked = 0;
    for (int i = 0; i < KILLS; i++) {
        int ends[2];
        char found[32];
        assert_int_equal(pipe(ends), 0);
        store_rig_close(rig);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            store_rig_open(rig);
            write_for_ever(rig, ends[1], acked + 1);
        }
        for (int j = 0; j < ACKS_BEFORE_KILL; j++)
            assert_int_equal(read(ends[0], &acked, sizeof acked), sizeof acked);
        assert_int_equal(kill(child, SIGKILL), 0);
        assert_int_equal(waitpid(child, NULL, 0), child);
        close(ends[1]);
        while (read(ends[0], &acked, sizeof acked) == sizeof acked) {
        }
        close(ends[0]);
        store_rig_open(rig);
        store_rig_get(rig, "anna", found, sizeof found);
        assert_true(strtoull(found, NULL, 10) >= acked);
        acked = strtoull(found, NULL, 10);
    }
}

#define ON(test) cmocka_unit_test_setup_teardown(test, store_rig_setup, store_rig_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON(what_was_put_is_there_after_the_next_start),
        ON(a_store_is_new_until_it_is_told_otherwise),
        ON(a_damaged_file_is_put_aside_and_the_store_is_new),
        ON(a_row_whose_checksum_is_wrong_ends_the_store),
        ON(new_ones_are_refused_over_a_cap_and_known_ones_are_not),
        ON(everything_ends_after_its_time_and_not_before),
        ON(a_wall_clock_that_was_set_back_ends_nothing),
        ON(an_entrys_age_goes_along_where_it_is_copied),
        ON(pages_give_all_stubs_in_the_order_of_their_ids),
        ON(a_row_is_pending_until_its_newest_seq_is_written_through),
        ON(nothing_acknowledged_is_lost_by_kill_9),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
