#include "node/core/raft_log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/errors.h"

static int setup(void **state)
{
    *state = calloc(1, sizeof(struct raft_log));
    if (*state == NULL)
        return -1;
    raft_log_init(*state);
    return 0;
}

static int teardown(void **state)
{
    free(*state);
    return 0;
}

static void fill(struct raft_log *log, log_index up_to, term_id term)
{
    while (log->last_index < up_to) {
        struct raft_entry entry = {.index = log->last_index + 1, .term = term};
        assert_int_equal(raft_log_append(log, &entry), 0);
    }
}

static void before_the_first_entry_the_term_is_zero(void **state)
{
    struct raft_log *log = *state;
    term_id term = 9;
    assert_int_equal(raft_log_term(log, 0, &term), 0);
    assert_int_equal(term, 0);
    assert_int_equal(raft_log_last_term(log), 0);
    assert_int_equal(raft_log_term(log, 1, &term), ERR_NOT_FOUND);
}

static void a_full_log_takes_nothing_until_it_is_compacted(void **state)
{
    struct raft_log *log = *state;
    fill(log, RAFT_LOG_CAPACITY, 1);
    struct raft_entry entry = {.index = RAFT_LOG_CAPACITY + 1, .term = 1};
    assert_int_equal(raft_log_append(log, &entry), ERR_FULL);
    assert_int_equal(log->last_index, RAFT_LOG_CAPACITY);
    raft_log_snapshot(log, 10, 1, 4);
    assert_int_equal(raft_log_room(log), 4);
    assert_int_equal(raft_log_append(log, &entry), 0);
    assert_int_equal(raft_log_get(log, RAFT_LOG_CAPACITY + 1)->index, RAFT_LOG_CAPACITY + 1);
}

static void entries_behind_a_snapshot_stay_until_they_are_compacted(void **state)
{
    struct raft_log *log = *state;
    fill(log, 4, 1);
    fill(log, 8, 2);
    raft_log_snapshot(log, 6, 2, 4);
    term_id term = 0;
    assert_int_equal(raft_log_term(log, 4, &term), 0); /* the base */
    assert_int_equal(term, 1);
    assert_null(raft_log_get(log, 4));
    assert_int_equal(raft_log_get(log, 5)->term, 2);
    assert_int_equal(raft_log_term(log, 3, &term), ERR_NOT_FOUND);
}

static void truncation_forgets_the_tail_alone(void **state)
{
    struct raft_log *log = *state;
    fill(log, 4, 1);
    fill(log, 8, 2);
    raft_log_truncate_from(log, 5);
    assert_int_equal(log->last_index, 4);
    assert_int_equal(raft_log_last_term(log), 1);
    assert_null(raft_log_get(log, 5));
}

static void a_reset_leaves_the_snapshot_position_alone(void **state)
{
    struct raft_log *log = *state;
    fill(log, 8, 2);
    raft_log_reset(log, 100, 7);
    assert_int_equal(log->first_index, 101);
    assert_int_equal(raft_log_last_term(log), 7);
    assert_int_equal(raft_log_room(log), RAFT_LOG_CAPACITY);
    fill(log, 101, 7);
    assert_int_equal(log->last_index, 101);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(before_the_first_entry_the_term_is_zero, setup, teardown),
        cmocka_unit_test_setup_teardown(a_full_log_takes_nothing_until_it_is_compacted, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(entries_behind_a_snapshot_stay_until_they_are_compacted,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(truncation_forgets_the_tail_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(a_reset_leaves_the_snapshot_position_alone, setup,
                                        teardown),
    };
    return cmocka_run_group_tests_name("raft_log", tests, NULL, NULL);
}
