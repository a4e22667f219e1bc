/* The store's pure parts: the mark's bytes, the log's span, what a plan refuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/check.h"
#include "common/errors.h"
#include "node/io/store/ledger_store.h"
#include "node/io/store/mark.h"
#include "node/io/store/parcel.h"

static struct mark some_mark(void)
{
    struct mark mark = {.sequence = 7, .incarnation = UINT64_C(0xfedcba9876543210), .self = 3};
    memset(mark.cluster_id, 0xa5, sizeof mark.cluster_id);
    mark.term = 9;
    mark.voted_for = 2;
    mark.span = (struct log_span){.first = 11, .last = 20, .snapshot = 12};
    mark.last_term = 8;
    mark.base_checksum = 1;
    mark.last_checksum = 2;
    mark.snapshot_term = 5;
    mark.snapshot_checksum = 4;
    return mark;
}

static void a_mark_survives_its_bytes(void **state)
{
    (void)state;
    struct mark mark = some_mark(), back = {0};
    uint8_t bytes[MARK_BYTES];
    mark_encode(&mark, bytes);
    assert_int_equal(mark_decode(bytes, sizeof bytes, &back), 0);
    assert_true(mark_equal(&mark, &back));
    back.snapshot_checksum ^= 1;
    assert_false(mark_equal(&mark, &back));
}

static void no_single_bit_of_a_mark_can_change_unseen(void **state)
{
    (void)state;
    struct mark mark = some_mark(), back = {0};
    uint8_t bytes[MARK_BYTES];
    mark_encode(&mark, bytes);
    for (size_t bit = 0; bit < (size_t)MARK_BYTES * 8; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1u << (bit % 8));
        assert_int_equal(mark_decode(bytes, sizeof bytes, &back), ERR_MALFORMED);
        bytes[bit / 8] ^= (uint8_t)(1u << (bit % 8));
    }
}

static void a_mark_of_every_other_length_is_malformed(void **state)
{
    (void)state;
    struct mark mark = some_mark(), back = {0};
    uint8_t bytes[MARK_BYTES + 1] = {0};
    mark_encode(&mark, bytes);
    for (size_t length = 0; length < MARK_BYTES; length++)
        assert_int_equal(mark_decode(bytes, length, &back), ERR_MALFORMED);
    assert_int_equal(mark_decode(bytes, MARK_BYTES + 1, &back), ERR_MALFORMED);
}

/* Each row: a span, a job's parts, and the span after it (first 0: refused). */
struct span_case {
    struct log_span before;
    log_index truncate_from, snapshot, compact_to, append;
    struct log_span after;
};

static const struct span_case span_cases[] = {
    {{1, 0, 0}, 0, 0, 0, 1, {1, 1, 0}},         /* the first row of all */
    {{1, 0, 0}, 0, 0, 0, 2, {0, 0, 0}},         /* a gap at the start */
    {{1, 9, 0}, 0, 0, 0, 10, {1, 10, 0}},       /* the next row */
    {{1, 9, 0}, 0, 0, 0, 9, {0, 0, 0}},         /* a row that is there already */
    {{1, 9, 0}, 0, 0, 0, 11, {0, 0, 0}},        /* a gap */
    {{1, 9, 0}, 5, 0, 0, 5, {1, 5, 0}},         /* a truncation and what replaces it */
    {{1, 9, 0}, 10, 0, 0, 10, {1, 10, 0}},      /* nothing to truncate */
    {{1, 9, 0}, 1, 0, 0, 1, {1, 1, 0}},         /* everything truncated */
    {{1, 9, 0}, 0, 6, 4, 0, {5, 9, 6}},         /* a snapshot that keeps rows for laggards */
    {{1, 9, 0}, 0, 6, 6, 0, {7, 9, 6}},         /* a snapshot without them */
    {{1, 9, 0}, 0, 6, 7, 0, {0, 0, 0}},         /* rows that no snapshot covers would go */
    {{1, 9, 0}, 0, 9, 9, 10, {10, 10, 9}},      /* all rows covered */
    {{1, 9, 0}, 0, 50, 50, 51, {51, 51, 50}},   /* a leader's snapshot beyond the log */
    {{1, 90, 0}, 1, 50, 50, 51, {51, 51, 50}},  /* one that replaces a wrong log */
    {{1, 9, 0}, 0, 50, 0, 0, {0, 0, 0}},        /* a snapshot that leaves a gap to the rows */
    {{51, 60, 50}, 0, 40, 0, 0, {0, 0, 0}},     /* a snapshot that goes back */
    {{45, 60, 50}, 48, 0, 0, 0, {0, 0, 0}},     /* covered rows in part, the rest gone */
    {{45, 60, 50}, 45, 0, 0, 51, {51, 51, 50}}, /* rows that the snapshot covers may go */
    {{45, 60, 50}, 0, 0, 49, 0, {50, 60, 50}},  /* a later compaction of its own */
};

static void a_log_never_gets_a_gap(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(span_cases); i++) {
        const struct span_case *row = &span_cases[i];
        struct store_entry entry = {.index = row->append};
        struct store_job job = {.truncate_from = row->truncate_from,
                                .has_snapshot = row->snapshot != 0,
                                .snapshot = {.index = row->snapshot},
                                .compact_to = row->compact_to,
                                .entries = &entry,
                                .entry_count = row->append != 0};
        struct log_span span = row->before;
        bool refused = row->after.first == 0;
        assert_int_equal(log_span_apply(&span, &job), refused ? ERR_INVALID : 0);
        const struct log_span *expected = refused ? &row->before : &row->after;
        assert_int_equal(span.first, expected->first);
        assert_int_equal(span.last, expected->last);
        assert_int_equal(span.snapshot, expected->snapshot);
    }
}

static int plan_vote(struct parcel_plan *plan, term_id term, node_id voted_for)
{
    struct store_job job = {.has_vote = true, .term = term, .voted_for = voted_for};
    return parcel_plan_apply(plan, &job);
}

static void a_vote_never_changes_within_its_term(void **state)
{
    (void)state;
    struct parcel_plan plan = {.span = {.first = 1}};
    assert_int_equal(plan_vote(&plan, 2, 0), 0);
    assert_int_equal(plan_vote(&plan, 2, 3), 0);
    assert_int_equal(plan_vote(&plan, 2, 3), 0);
    assert_int_equal(plan_vote(&plan, 2, 1), ERR_INVALID);
    assert_int_equal(plan_vote(&plan, 2, 0), ERR_INVALID);
    assert_int_equal(plan_vote(&plan, 1, 3), ERR_INVALID);
    assert_int_equal(plan_vote(&plan, 5, 0), 0);
}

static void a_cluster_id_is_set_once(void **state)
{
    (void)state;
    struct parcel_plan plan = {.span = {.first = 1}};
    struct store_job job = {.has_cluster_id = true, .cluster_id = {1}};
    assert_int_equal(parcel_plan_apply(&plan, &job), 0);
    assert_int_equal(parcel_plan_apply(&plan, &job), 0);
    job.cluster_id[0] = 2;
    assert_int_equal(parcel_plan_apply(&plan, &job), ERR_INVALID);
}

static void a_snapshot_without_bytes_or_with_a_wild_index_is_refused(void **state)
{
    (void)state;
    struct parcel_plan plan = {.span = {.first = 1}};
    struct store_job job = {.has_snapshot = true, .snapshot = {.index = 3}, .compact_to = 3};
    assert_int_equal(parcel_plan_apply(&plan, &job), ERR_INVALID);
    job.snapshot.length = 1;
    job.snapshot.index = UINT64_MAX;
    assert_int_equal(parcel_plan_apply(&plan, &job), ERR_INVALID);
    job.snapshot.index = 0;
    assert_int_equal(parcel_plan_apply(&plan, &job), ERR_INVALID);
}

static void a_job_over_a_limit_is_too_large(void **state)
{
    (void)state;
    struct parcel *parcel = NULL;
    struct store_entry entry = {.index = 1, .length = STORE_ENTRY_BYTES_MAX + 1};
    struct store_job job = {.entries = &entry, .entry_count = 1};
    assert_int_equal(parcel_new(&job, &parcel), ERR_TOO_LARGE);
    job = (struct store_job){.has_snapshot = true, .snapshot = {.index = 1, .length = SIZE_MAX}};
    assert_int_equal(parcel_new(&job, &parcel), ERR_TOO_LARGE);
    assert_null(parcel);
}

static void a_parcel_outlives_what_it_was_made_from(void **state)
{
    (void)state;
    uint8_t bytes[] = {1, 2, 3}, state_bytes[] = {9, 8};
    struct store_entry entries[] = {{.index = 1, .bytes = bytes, .length = 3}, {.index = 2}};
    struct store_job job = {.entries = entries, .entry_count = 2, .has_snapshot = true};
    job.snapshot = (struct store_snapshot){.index = 1, .bytes = state_bytes, .length = 2};
    struct parcel *parcel = NULL;
    assert_int_equal(parcel_new(&job, &parcel), 0);
    memset(bytes, 0, sizeof bytes);
    memset(state_bytes, 0, sizeof state_bytes);
    memset(entries, 0, sizeof entries);
    const uint8_t expected[] = {1, 2, 3}, expected_state[] = {9, 8};
    assert_memory_equal(parcel->job.entries[0].bytes, expected, 3);
    assert_int_equal(parcel->job.entries[1].index, 2);
    assert_memory_equal(parcel->job.snapshot.bytes, expected_state, 2);
    free(parcel);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mark_survives_its_bytes),
        cmocka_unit_test(no_single_bit_of_a_mark_can_change_unseen),
        cmocka_unit_test(a_mark_of_every_other_length_is_malformed),
        cmocka_unit_test(a_log_never_gets_a_gap),
        cmocka_unit_test(a_vote_never_changes_within_its_term),
        cmocka_unit_test(a_cluster_id_is_set_once),
        cmocka_unit_test(a_snapshot_without_bytes_or_with_a_wild_index_is_refused),
        cmocka_unit_test(a_job_over_a_limit_is_too_large),
        cmocka_unit_test(a_parcel_outlives_what_it_was_made_from),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
