/* The ledger's apply: how moves open and go on. How they get stuck and end is in test_ledger_end.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/unit/core/ledger_rig.h"

static int setup(void **state)
{
    *state = ledger_rig_new();
    return 0;
}

static int teardown(void **state)
{
    struct ledger_rig *rig = *state;
    ledger_rig_free(&rig);
    return 0;
}

static void the_third_fail_the_move_and_its_first_intent_are_one_entry(void **state)
{
    struct ledger_rig *rig = *state;
    ledger_rig_to_switching(rig);
    const struct move_record *move = &ledger_rig_service(rig)->move;
    assert_int_equal(move->id, rig->ledger.index);
    assert_int_equal(move->intent.index, rig->ledger.index);
    assert_int_equal(move->intent.step, ROUTE_SWITCH);
    assert_int_equal(move->intent.to, SIDE_STANDBY);
    assert_int_equal(move->intent.base.version, 7);
    assert_int_equal(move->severity, SEVERITY_DOWN);
    assert_int_equal(move->why, WHY_FAIL_QUORUM);
    assert_true(rig->applied.convicted);
    assert_int_equal(rig->applied.move_before, MOVE_NONE);
    assert_int_equal(rig->applied.move_after, MOVE_SWITCHING);
}

static void a_move_runs_through_all_its_steps(void **state)
{
    struct ledger_rig *rig = *state;
    ledger_rig_to_ready(rig);
    ledger_rig_accept_intent(rig, ROUTE_SWITCH);
    ledger_rig_assert_state(rig, MOVE_SWITCHING);
    ledger_rig_settle(rig, OUTCOME_APPLIED, WHY_NONE, ROUTE_STANDBY);
    assert_int_equal(ledger_rig_service(rig)->serving, SIDE_STANDBY);
    ledger_rig_close_all(rig, "fP", 2);
    ledger_rig_accept_input(rig, MOVE_IN_VERIFIED);
    ledger_rig_assert_state(rig, MOVE_DONE);
    assert_int_equal(ledger_rig_service(rig)->inquiry.index, 0);
    assert_int_equal(ledger_rig_service(rig)->cooldown_until_ms, rig->ledger.now_ms + 600000);
    assert_int_equal(ledger_rig_service(rig)->moves.count, 1);
}

static void a_conviction_that_is_gated_says_why(void **state)
{
    struct ledger_rig *rig = *state;
    struct command hold = ledger_rig_command(COMMAND_HOLD);
    hold.as.hold.for_ms = 60000;
    ledger_rig_accept(rig, &hold);
    ledger_rig_inquire(rig);
    ledger_rig_close_all(rig, "FP", 2);
    struct command close = ledger_rig_close_and_move(rig, "FP", ROUTE_SWITCH);
    ledger_rig_accept(rig, &close);
    ledger_rig_assert_state(rig, MOVE_NONE);
    assert_true(rig->applied.convicted);
    assert_int_equal(ledger_rig_service(rig)->inquiry.gate, WHY_ON_HOLD);
}

static void a_gated_conviction_moves_later(void **state)
{
    struct ledger_rig *rig = *state;
    struct command move = ledger_rig_operator_move(SIDE_STANDBY, 0);
    move.as.move_open.move.cause = CAUSE_CONVICTION;
    ledger_rig_refuse(rig, &move, WHY_HEALTHY);
    ledger_rig_inquire(rig);
    ledger_rig_close_all(rig, "FP", 2);
    ledger_rig_refuse(rig, &move, WHY_HEALTHY);
    ledger_rig_close_all(rig, "FP", 1);
    assert_int_equal(ledger_rig_service(rig)->inquiry.gate, WHY_ROUTE_UNREAD);
    ledger_rig_accept(rig, &move);
    ledger_rig_assert_state(rig, MOVE_SWITCHING);
    assert_int_equal(ledger_rig_service(rig)->move.severity, SEVERITY_DOWN);
}

static void a_pause_needs_something_to_drain(void **state)
{
    struct ledger_rig *rig = *state;
    ledger_rig_inquire(rig);
    ledger_rig_close_all(rig, "FP", 2);
    struct command close = ledger_rig_close_and_move(rig, "FP", ROUTE_PAUSE);
    ledger_rig_accept(rig, &close);
    ledger_rig_assert_state(rig, MOVE_NONE);
    assert_int_equal(ledger_rig_service(rig)->inquiry.gate, WHY_ILLEGAL);
    struct command move = ledger_rig_operator_move(SIDE_STANDBY, 1);
    move.as.move_open.move.first_step = ROUTE_RESUME;
    ledger_rig_refuse(rig, &move, WHY_ILLEGAL);
}

static void an_operators_move_carries_the_name_and_the_expectation(void **state)
{
    struct ledger_rig *rig = *state;
    struct command move = ledger_rig_operator_move(SIDE_STANDBY, 1);
    move.as.move_open.expects = true;
    move.as.move_open.expected = SIDE_STANDBY;
    ledger_rig_refuse(rig, &move, WHY_EXPECTATION);
    move.request_id = 2;
    move.as.move_open.expected = SIDE_PRIMARY;
    ledger_rig_accept(rig, &move);
    assert_string_equal(ledger_rig_service(rig)->move.actor.text, "ada");
    assert_int_equal(ledger_rig_service(rig)->move.why, WHY_OPERATOR);
    assert_int_equal(ledger_rig_service(rig)->moves.count, 0); /* budgets are for automatic moves */
    assert_true(ledger_rig_service(rig)->inquiry.index != 0);  /* canaries need ballots */
    move.request_id = 3;
    ledger_rig_refuse(rig, &move, WHY_MOVE_OPEN);
}

static void an_intent_needs_its_move_its_turn_and_its_number(void **state)
{
    struct ledger_rig *rig = *state;
    struct command intent = ledger_rig_intent(rig, ROUTE_SWITCH);
    ledger_rig_refuse(rig, &intent, WHY_NO_MOVE);
    ledger_rig_to_pausing(rig);
    intent = ledger_rig_intent(rig, ROUTE_PAUSE);
    ledger_rig_refuse(rig, &intent, WHY_INTENT_OPEN);
    ledger_rig_settle(rig, OUTCOME_SUPERSEDED, WHY_NONE, ROUTE_PRIMARY);
    ledger_rig_assert_state(rig, MOVE_PAUSING);
    intent.as.intent.attempt = 1;
    ledger_rig_refuse(rig, &intent, WHY_STALE);
    intent = ledger_rig_intent(rig, ROUTE_SWITCH);
    ledger_rig_refuse(rig, &intent, WHY_ILLEGAL);
    intent = ledger_rig_intent(rig, ROUTE_PAUSE);
    ledger_rig_accept(rig, &intent);
    assert_int_equal(ledger_rig_service(rig)->move.intent.attempt, 2);
    intent.as.intent.move--;
    ledger_rig_refuse(rig, &intent, WHY_NO_MOVE);
}

static void the_guard_is_asked_again_before_the_switch(void **state)
{
    struct ledger_rig *rig = *state;
    ledger_rig_to_ready(rig);
    ledger_rig_close_all(rig, "ff", 1);
    struct command intent = ledger_rig_intent(rig, ROUTE_SWITCH);
    ledger_rig_refuse(rig, &intent, WHY_DESTINATION_NOT_BETTER);
    ledger_rig_accept_input(rig, MOVE_IN_ABORT);
    ledger_rig_assert_state(rig, MOVE_RESUMING);
}

static void a_switch_that_surely_did_not_happen_is_guarded_again(void **state)
{
    struct ledger_rig *rig = *state;
    ledger_rig_to_switching(rig);
    ledger_rig_settle(rig, OUTCOME_SUPERSEDED, WHY_NONE, ROUTE_PRIMARY);
    ledger_rig_assert_state(rig, MOVE_READY);
    ledger_rig_close_all(rig, "FF", 1);
    struct command intent = ledger_rig_intent(rig, ROUTE_SWITCH);
    ledger_rig_refuse(rig, &intent, WHY_DESTINATION_NOT_BETTER);
    ledger_rig_close_all(rig, "FP", 1);
    ledger_rig_accept(rig, &intent);
    ledger_rig_assert_state(rig, MOVE_SWITCHING);
    assert_int_equal(ledger_rig_service(rig)->move.attempt, 2);
}

static void a_switch_whose_version_still_stands_goes_only_forward(void **state)
{
    struct ledger_rig *rig = *state;
    ledger_rig_to_switching(rig);
    struct command outcome = ledger_rig_outcome(rig, OUTCOME_SUPERSEDED, WHY_NONE, ROUTE_PRIMARY);
    outcome.as.outcome.version = ledger_rig_service(rig)->move.intent.base.version;
    ledger_rig_accept(rig, &outcome);
    ledger_rig_assert_state(rig, MOVE_SWITCHING);
}

static void an_outcome_needs_its_move_and_its_intent(void **state)
{
    struct ledger_rig *rig = *state;
    struct command outcome = ledger_rig_outcome(rig, OUTCOME_APPLIED, WHY_NONE, ROUTE_STANDBY);
    ledger_rig_refuse(rig, &outcome, WHY_NO_MOVE);
    ledger_rig_to_switching(rig);
    outcome = ledger_rig_outcome(rig, OUTCOME_APPLIED, WHY_NONE, ROUTE_STANDBY);
    outcome.as.outcome.attempt = 2;
    ledger_rig_refuse(rig, &outcome, WHY_NO_INTENT);
    outcome.as.outcome.attempt = 1;
    outcome.as.outcome.step = ROUTE_PAUSE;
    ledger_rig_refuse(rig, &outcome, WHY_NO_INTENT);
    outcome.as.outcome.step = ROUTE_SWITCH;
    ledger_rig_accept(rig, &outcome);
    ledger_rig_refuse(rig, &outcome, WHY_NO_INTENT);
    assert_int_equal(ledger_rig_service(rig)->route_version, 9);
}

struct early_row {
    void (*begin)(struct ledger_rig *rig);
    enum move_input input;
    time_ms after_ms;
    enum move_state state;
};

static const struct early_row early_rows[] = {
    {ledger_rig_to_draining, MOVE_IN_DRAINED, 10000, MOVE_READY},
    {ledger_rig_to_draining, MOVE_IN_PAUSED_TOO_LONG, 30000, MOVE_READY},
    {ledger_rig_to_verifying, MOVE_IN_VERIFY_EXPIRED, 60000, MOVE_UNVERIFIED},
};

static void what_needs_time_is_refused_before_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof early_rows / sizeof early_rows[0]; i++) {
        struct ledger_rig *rig = ledger_rig_new();
        early_rows[i].begin(rig);
        ledger_rig_wait(rig, early_rows[i].after_ms - 100);
        struct command input = ledger_rig_input(rig, early_rows[i].input);
        ledger_rig_refuse(rig, &input, WHY_TOO_EARLY);
        ledger_rig_wait(rig, 100);
        ledger_rig_accept(rig, &input);
        ledger_rig_assert_state(rig, early_rows[i].state);
        ledger_rig_free(&rig);
    }
}

static void inputs_that_only_the_ledger_makes_are_refused_from_outside(void **state)
{
    struct ledger_rig *rig = *state;
    static const enum move_input inputs[] = {
        MOVE_IN_OPEN_WITH_PAUSE, MOVE_IN_OPEN_DIRECT, MOVE_IN_PAUSED,
        MOVE_IN_SWITCH_INTENT,   MOVE_IN_SWITCHED,    MOVE_IN_RESUMED,
        MOVE_IN_RELEASE,         MOVE_IN_ABORT,       MOVE_IN_STUCK};
    struct command input = ledger_rig_input(rig, MOVE_IN_DRAINED);
    ledger_rig_refuse(rig, &input, WHY_NO_MOVE);
    ledger_rig_to_ready(rig);
    for (size_t i = 0; i < sizeof inputs / sizeof inputs[0]; i++) {
        input = ledger_rig_input(rig, inputs[i]);
        ledger_rig_refuse(rig, &input, WHY_ILLEGAL);
    }
}

static void canaries_are_passes_in_a_row_of_the_new_side(void **state)
{
    struct ledger_rig *rig = *state;
    struct command verified;
    ledger_rig_to_verifying(rig);
    verified = ledger_rig_input(rig, MOVE_IN_VERIFIED);
    ledger_rig_refuse(rig, &verified, WHY_TOO_EARLY);
    ledger_rig_close_all(rig, "PP", 1);
    ledger_rig_close_all(rig, "PF", 1);
    ledger_rig_close_all(rig, "FP", 1);
    ledger_rig_close_all(rig, "FV", 1);
    assert_int_equal(ledger_rig_service(rig)->move.canaries, 1);
    ledger_rig_refuse(rig, &verified, WHY_TOO_EARLY);
    ledger_rig_close_all(rig, "FP", 1);
    ledger_rig_accept(rig, &verified);
    ledger_rig_assert_state(rig, MOVE_DONE);
}

static void three_passes_in_a_row_abort_before_the_switch_intent(void **state)
{
    struct ledger_rig *rig = *state;
    ledger_rig_to_draining(rig);
    ledger_rig_close_all(rig, "PP", 2);
    ledger_rig_assert_state(rig, MOVE_DRAINING);
    ledger_rig_close_all(rig, "PP", 1);
    ledger_rig_assert_state(rig, MOVE_RESUMING);
    assert_int_equal(ledger_rig_service(rig)->move.resume_to, SIDE_PRIMARY);
    ledger_rig_accept_intent(rig, ROUTE_RESUME);
    ledger_rig_settle(rig, OUTCOME_APPLIED, WHY_NONE, ROUTE_PRIMARY);
    ledger_rig_assert_state(rig, MOVE_ABORTED);
    assert_int_equal(ledger_rig_service(rig)->aborts.count, 1);
    assert_int_equal(ledger_rig_service(rig)->serving, SIDE_PRIMARY);
    assert_int_equal(ledger_rig_service(rig)->cooldown_until_ms, 0);
}

static void nothing_aborts_after_the_switch_intent(void **state)
{
    struct ledger_rig *rig = *state;
    ledger_rig_to_switching(rig);
    ledger_rig_close_all(rig, "PP", 3);
    ledger_rig_assert_state(rig, MOVE_SWITCHING);
    struct command hold = ledger_rig_command(COMMAND_HOLD);
    hold.as.hold.indefinite = true;
    ledger_rig_accept(rig, &hold);
    ledger_rig_assert_state(rig, MOVE_SWITCHING);
}

static void a_hold_aborts_a_move_before_its_switch(void **state)
{
    struct ledger_rig *rig = *state;
    struct command hold = ledger_rig_command(COMMAND_HOLD);
    hold.as.hold.indefinite = true;
    ledger_rig_to_draining(rig);
    ledger_rig_accept(rig, &hold);
    ledger_rig_assert_state(rig, MOVE_RESUMING);
    assert_int_equal(ledger_rig_service(rig)->move.why, WHY_ON_HOLD);
}

static void disarming_aborts_an_automatic_move_before_its_switch(void **state)
{
    struct ledger_rig *rig = *state;
    struct command disarm = ledger_rig_command(COMMAND_DISARM);
    ledger_rig_to_ready(rig);
    ledger_rig_accept(rig, &disarm);
    ledger_rig_assert_state(rig, MOVE_RESUMING);
    assert_int_equal(ledger_rig_service(rig)->move.why, WHY_OBSERVE_MODE);
}

static void a_pause_that_is_under_way_at_an_abort_is_settled_first(void **state)
{
    struct ledger_rig *rig = *state;
    ledger_rig_to_pausing(rig);
    ledger_rig_close_all(rig, "PP", 3);
    ledger_rig_assert_state(rig, MOVE_RESUMING);
    struct command resume = ledger_rig_intent(rig, ROUTE_RESUME);
    ledger_rig_refuse(rig, &resume, WHY_INTENT_OPEN);
    ledger_rig_settle(rig, OUTCOME_APPLIED, WHY_NONE, ROUTE_PAUSED);
    ledger_rig_assert_state(rig, MOVE_RESUMING);
    ledger_rig_accept(rig, &resume);
    ledger_rig_settle(rig, OUTCOME_APPLIED, WHY_NONE, ROUTE_PRIMARY);
    ledger_rig_assert_state(rig, MOVE_ABORTED);
}

static void a_pause_refused_after_an_abort_does_not_block(void **state)
{
    struct ledger_rig *rig = *state;
    ledger_rig_to_pausing(rig);
    ledger_rig_close_all(rig, "PP", 3);
    ledger_rig_settle(rig, OUTCOME_STUCK, WHY_FORBIDDEN, ROUTE_UNKNOWN);
    ledger_rig_assert_state(rig, MOVE_RESUMING);
}

static void a_lapse_waits_for_an_open_move(void **state)
{
    struct ledger_rig *rig = *state;
    ledger_rig_to_draining(rig);
    struct command lapse = ledger_rig_command(COMMAND_INQUIRY_LAPSE);
    lapse.as.lapse.inquiry = ledger_rig_service(rig)->inquiry.index;
    ledger_rig_wait(rig, 120000);
    ledger_rig_refuse(rig, &lapse, WHY_MOVE_OPEN);
}

static void the_lists_of_moves_keep_the_newest(void **state)
{
    struct ledger_rig *rig = *state;
    ledger_rig_service(rig)->settings.budget_moves = UINT8_MAX;
    ledger_rig_service(rig)->settings.cooldown_ms = 0;
    time_ms first_ms = 0;
    for (int i = 0; i <= MOVE_TIME_COUNT_MAX; i++) {
        ledger_rig_to_verifying(rig);
        ledger_rig_close_all(rig, "FP", 2);
        ledger_rig_accept_input(rig, MOVE_IN_VERIFIED);
        first_ms = i == 1 ? ledger_rig_service(rig)->moves.at_ms[1] : first_ms;
        ledger_rig_service(rig)->serving = SIDE_PRIMARY;
        ledger_rig_service(rig)->route = ROUTE_PRIMARY;
    }
    assert_int_equal(ledger_rig_service(rig)->moves.count, MOVE_TIME_COUNT_MAX);
    assert_int_equal(ledger_rig_service(rig)->moves.at_ms[0], first_ms);
}

#define RIG_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIG_TEST(the_third_fail_the_move_and_its_first_intent_are_one_entry),
        RIG_TEST(a_move_runs_through_all_its_steps),
        RIG_TEST(a_conviction_that_is_gated_says_why),
        RIG_TEST(a_gated_conviction_moves_later),
        RIG_TEST(a_pause_needs_something_to_drain),
        RIG_TEST(an_operators_move_carries_the_name_and_the_expectation),
        RIG_TEST(an_intent_needs_its_move_its_turn_and_its_number),
        RIG_TEST(the_guard_is_asked_again_before_the_switch),
        RIG_TEST(a_switch_that_surely_did_not_happen_is_guarded_again),
        RIG_TEST(a_switch_whose_version_still_stands_goes_only_forward),
        RIG_TEST(an_outcome_needs_its_move_and_its_intent),
        RIG_TEST(what_needs_time_is_refused_before_it),
        RIG_TEST(inputs_that_only_the_ledger_makes_are_refused_from_outside),
        RIG_TEST(canaries_are_passes_in_a_row_of_the_new_side),
        RIG_TEST(three_passes_in_a_row_abort_before_the_switch_intent),
        RIG_TEST(nothing_aborts_after_the_switch_intent),
        RIG_TEST(a_hold_aborts_a_move_before_its_switch),
        RIG_TEST(disarming_aborts_an_automatic_move_before_its_switch),
        RIG_TEST(a_pause_that_is_under_way_at_an_abort_is_settled_first),
        RIG_TEST(a_pause_refused_after_an_abort_does_not_block),
        RIG_TEST(a_lapse_waits_for_an_open_move),
        RIG_TEST(the_lists_of_moves_keep_the_newest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
