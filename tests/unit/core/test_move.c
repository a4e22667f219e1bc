#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "common/errors.h"
#include "node/core/move.h"

static bool is_open(enum move_state state)
{
    struct move_record move = {.state = state};
    return move_is_open(&move);
}

static void every_state_can_be_reached(void **state)
{
    (void)state;
    bool reached[MOVE_STATE_N] = {[MOVE_NONE] = true};
    size_t count;
    const struct move_row *table = move_table(&count);
    for (size_t round = 0; round < MOVE_STATE_N; round++)
        for (size_t i = 0; i < count; i++)
            if (reached[table[i].from])
                reached[table[i].to] = true;
    for (int i = 0; i < MOVE_STATE_N; i++)
        if (!reached[i])
            fail_msg("%s cannot be reached", move_state_name((enum move_state)i));
}

static void every_open_state_leads_to_an_end(void **state)
{
    (void)state;
    bool ends[MOVE_STATE_N] = {false};
    size_t count;
    const struct move_row *table = move_table(&count);
    for (int i = 0; i < MOVE_STATE_N; i++)
        ends[i] = !is_open((enum move_state)i) && i != MOVE_NONE;
    for (size_t round = 0; round < MOVE_STATE_N; round++)
        for (size_t i = 0; i < count; i++)
            if (ends[table[i].to])
                ends[table[i].from] = true;
    for (int i = 0; i < MOVE_STATE_N; i++)
        if (!ends[i])
            fail_msg("%s never ends", move_state_name((enum move_state)i));
}

static void no_input_is_legal_in_an_ended_state(void **state)
{
    (void)state;
    const enum move_state ended[] = {MOVE_DONE, MOVE_UNVERIFIED, MOVE_ABORTED};
    for (size_t i = 0; i < sizeof ended / sizeof ended[0]; i++)
        for (int input = 0; input < MOVE_INPUT_N; input++)
            assert_null(move_find(ended[i], (enum move_input)input));
}

static void every_row_has_its_own_reason(void **state)
{
    (void)state;
    size_t count;
    const struct move_row *table = move_table(&count);
    for (size_t i = 0; i < count; i++) {
        assert_non_null(table[i].reason);
        assert_true(strlen(table[i].reason) > 0);
        assert_in_range(table[i].from, 0, MOVE_STATE_N - 1);
        assert_in_range(table[i].input, 0, MOVE_INPUT_N - 1);
        assert_in_range(table[i].to, 0, MOVE_STATE_N - 1);
    }
}

static void no_input_has_two_rows_in_a_state(void **state)
{
    (void)state;
    size_t count;
    const struct move_row *table = move_table(&count);
    for (size_t i = 0; i < count; i++)
        assert_ptr_equal(move_find(table[i].from, table[i].input), &table[i]);
}

static void every_input_is_legal_somewhere(void **state)
{
    (void)state;
    for (int input = 0; input < MOVE_INPUT_N; input++) {
        bool legal = false;
        for (int from = 0; from < MOVE_STATE_N; from++)
            legal = legal || move_find((enum move_state)from, (enum move_input)input) != NULL;
        if (!legal)
            fail_msg("%s is legal nowhere", move_input_name((enum move_input)input));
    }
}

/* DESIGN 2.7: after the switch intent, only forward. */
static void nothing_aborts_a_move_after_its_switch_intent(void **state)
{
    (void)state;
    assert_null(move_find(MOVE_SWITCHING, MOVE_IN_ABORT));
    assert_null(move_find(MOVE_VERIFYING, MOVE_IN_ABORT));
    assert_non_null(move_find(MOVE_PAUSING, MOVE_IN_ABORT));
    assert_non_null(move_find(MOVE_DRAINING, MOVE_IN_ABORT));
    assert_non_null(move_find(MOVE_READY, MOVE_IN_ABORT));
}

/* DESIGN 2.7: no move rests BLOCKED while paused; it resumes first. */
static void what_gets_stuck_while_paused_retreats_first(void **state)
{
    (void)state;
    const enum move_state paused[] = {MOVE_PAUSING, MOVE_DRAINING, MOVE_READY, MOVE_SWITCHING};
    for (size_t i = 0; i < sizeof paused / sizeof paused[0]; i++)
        assert_int_equal(move_find(paused[i], MOVE_IN_STUCK_PAUSED)->to, MOVE_RETREATING);
    for (int from = 0; from < MOVE_STATE_N; from++) {
        const struct move_row *row = move_find((enum move_state)from, MOVE_IN_STUCK_PAUSED);
        assert_true(row == NULL || row->to != MOVE_BLOCKED);
    }
}

static void advancing_notes_why_and_when(void **state)
{
    (void)state;
    struct move_record move = {.state = MOVE_NONE};
    assert_int_equal(move_advance(&move, MOVE_IN_OPEN_WITH_PAUSE, WHY_FAIL_QUORUM, 77), WHY_NONE);
    assert_int_equal(move.state, MOVE_PAUSING);
    assert_int_equal(move.why, WHY_FAIL_QUORUM);
    assert_int_equal(move.state_ms, 77);
}

static void an_illegal_input_changes_nothing(void **state)
{
    (void)state;
    struct move_record move = {.state = MOVE_DRAINING, .why = WHY_OPERATOR, .state_ms = 5};
    const struct move_record before = move;
    assert_int_equal(move_advance(&move, MOVE_IN_VERIFIED, WHY_NONE, 77), WHY_ILLEGAL);
    assert_memory_equal(&move, &before, sizeof move);
}

static void each_state_asks_for_its_step(void **state)
{
    (void)state;
    static const int steps[MOVE_STATE_N] = {
        [MOVE_NONE] = -1,
        [MOVE_PAUSING] = ROUTE_PAUSE,
        [MOVE_DRAINING] = -1,
        [MOVE_READY] = ROUTE_SWITCH,
        [MOVE_SWITCHING] = ROUTE_SWITCH,
        [MOVE_VERIFYING] = -1,
        [MOVE_RESUMING] = ROUTE_RESUME,
        [MOVE_RETREATING] = ROUTE_RESUME,
        [MOVE_BLOCKED] = -1,
        [MOVE_DONE] = -1,
        [MOVE_UNVERIFIED] = -1,
        [MOVE_ABORTED] = -1,
    };
    for (int i = 0; i < MOVE_STATE_N; i++) {
        enum route_step step = ROUTE_STEP_N;
        int code = move_step_due((enum move_state)i, &step);
        assert_int_equal(code, steps[i] < 0 ? ERR_NOT_FOUND : 0);
        if (steps[i] >= 0)
            assert_int_equal(step, steps[i]);
    }
}

static void a_resume_goes_where_the_move_decided(void **state)
{
    (void)state;
    struct move_record move = {.to = SIDE_STANDBY, .resume_to = SIDE_PRIMARY};
    assert_int_equal(move_step_side(&move, ROUTE_RESUME), SIDE_PRIMARY);
    assert_int_equal(move_step_side(&move, ROUTE_SWITCH), SIDE_STANDBY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_state_can_be_reached),
        cmocka_unit_test(every_open_state_leads_to_an_end),
        cmocka_unit_test(no_input_is_legal_in_an_ended_state),
        cmocka_unit_test(every_row_has_its_own_reason),
        cmocka_unit_test(no_input_has_two_rows_in_a_state),
        cmocka_unit_test(every_input_is_legal_somewhere),
        cmocka_unit_test(nothing_aborts_a_move_after_its_switch_intent),
        cmocka_unit_test(what_gets_stuck_while_paused_retreats_first),
        cmocka_unit_test(advancing_notes_why_and_when),
        cmocka_unit_test(an_illegal_input_changes_nothing),
        cmocka_unit_test(each_state_asks_for_its_step),
        cmocka_unit_test(a_resume_goes_where_the_move_decided),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
