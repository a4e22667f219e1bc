/* The ledger's apply: refused steps, retreats, blocked and unverified moves, and the route itself.
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

static void a_definite_no_blocks_where_the_route_is_not_paused(void **state)
{
    struct ledger_rig *rig = *state;
    ledger_rig_to_blocked(rig);
    assert_int_equal(ledger_rig_service(rig)->move.why, WHY_FORBIDDEN);
    assert_int_equal(ledger_rig_service(rig)->inquiry.index, 0);
    struct command open = ledger_rig_open(1, SIDE_PRIMARY);
    ledger_rig_refuse(rig, &open, WHY_MOVE_OPEN);
}

struct retreat_row {
    const char *last; /* ballots before the no: the primary's, the standby's */
    enum side resume_to;
};

static const struct retreat_row retreat_rows[] = {
    {"fP", SIDE_STANDBY}, {"FP", SIDE_STANDBY}, {"ff", SIDE_PRIMARY},
    {"fF", SIDE_PRIMARY}, {"PF", SIDE_PRIMARY}, {"PP", SIDE_PRIMARY},
};

static void a_definite_no_while_paused_retreats_to_the_better_side(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof retreat_rows / sizeof retreat_rows[0]; i++) {
        struct ledger_rig *rig = ledger_rig_new();
        ledger_rig_to_ready(rig);
        ledger_rig_accept_intent(rig, ROUTE_SWITCH);
        ledger_rig_close_all(rig, retreat_rows[i].last, 1);
        ledger_rig_settle(rig, OUTCOME_STUCK, WHY_FORBIDDEN, ROUTE_UNKNOWN);
        ledger_rig_assert_state(rig, MOVE_RETREATING);
        assert_int_equal(ledger_rig_service(rig)->move.resume_to, retreat_rows[i].resume_to);
        ledger_rig_accept_intent(rig, ROUTE_RESUME);
        ledger_rig_settle(rig, OUTCOME_APPLIED, WHY_NONE,
                          route_state_of(retreat_rows[i].resume_to));
        ledger_rig_assert_state(rig, MOVE_BLOCKED);
        assert_int_equal(ledger_rig_service(rig)->serving, retreat_rows[i].resume_to);
        assert_int_equal(ledger_rig_service(rig)->move.why, WHY_FORBIDDEN);
        ledger_rig_free(&rig);
    }
}

static void a_resume_that_is_refused_is_tried_again(void **state)
{
    struct ledger_rig *rig = *state;
    ledger_rig_to_draining(rig);
    ledger_rig_close_all(rig, "PP", 3);
    for (int i = 0; i < 3; i++) {
        ledger_rig_accept_intent(rig, ROUTE_RESUME);
        ledger_rig_settle(rig, OUTCOME_STUCK, WHY_FORBIDDEN, ROUTE_UNKNOWN);
        ledger_rig_assert_state(rig, MOVE_RESUMING);
        assert_int_equal(ledger_rig_service(rig)->move.why, WHY_FORBIDDEN);
    }
    ledger_rig_accept_intent(rig, ROUTE_RESUME);
    ledger_rig_settle(rig, OUTCOME_APPLIED, WHY_NONE, ROUTE_PRIMARY);
    ledger_rig_assert_state(rig, MOVE_ABORTED);
}

static void a_route_that_is_gone_is_not_paused_any_more(void **state)
{
    struct ledger_rig *rig = *state;
    ledger_rig_to_draining(rig);
    ledger_rig_close_all(rig, "PP", 3);
    ledger_rig_accept_intent(rig, ROUTE_RESUME);
    ledger_rig_settle(rig, OUTCOME_STUCK, WHY_NOT_FOUND, ROUTE_UNKNOWN);
    ledger_rig_assert_state(rig, MOVE_BLOCKED);
}

static void a_pause_that_lasts_too_long_is_ended(void **state)
{
    struct ledger_rig *rig = *state;
    ledger_rig_to_ready(rig);
    ledger_rig_wait(rig, 30000);
    ledger_rig_accept_input(rig, MOVE_IN_PAUSED_TOO_LONG);
    ledger_rig_assert_state(rig, MOVE_RETREATING);
}

/* The switch ends the pause as well as a retreat would. */
static void a_drain_that_is_cut_short_may_still_switch(void **state)
{
    struct ledger_rig *rig = *state;
    ledger_rig_to_draining(rig);
    struct service_record *service = ledger_rig_service(rig);
    service->settings.actuator_deadline_ms = 2000;
    ledger_rig_wait(rig, 30000);
    struct command cut = ledger_rig_input(rig, MOVE_IN_PAUSED_TOO_LONG);
    cut.as.move_input.why = WHY_PAUSED_TOO_LONG;
    ledger_rig_accept(rig, &cut);
    ledger_rig_assert_state(rig, MOVE_READY);
    struct command again = ledger_rig_input(rig, MOVE_IN_PAUSED_TOO_LONG);
    ledger_rig_wait(rig, 1900);
    ledger_rig_refuse(rig, &again, WHY_TOO_EARLY);
    ledger_rig_wait(rig, 100);
    ledger_rig_accept(rig, &again);
    ledger_rig_assert_state(rig, MOVE_RETREATING);
}

static void only_a_human_ends_a_blocked_move(void **state)
{
    struct ledger_rig *rig = *state;
    struct command release = ledger_rig_command(COMMAND_RELEASE);
    ledger_rig_to_blocked(rig);
    assert_true(move_is_open(&ledger_rig_service(rig)->move));
    ledger_rig_accept(rig, &release);
    ledger_rig_assert_state(rig, MOVE_ABORTED);
    assert_int_equal(ledger_rig_service(rig)->cooldown_until_ms, rig->ledger.now_ms + 600000);
}

static void an_ack_ends_a_blocked_move_and_leaves_the_hold(void **state)
{
    struct ledger_rig *rig = *state;
    struct command hold = ledger_rig_command(COMMAND_HOLD);
    struct command ack = ledger_rig_command(COMMAND_ACK);
    hold.as.hold.indefinite = true;
    ledger_rig_to_blocked(rig);
    ledger_rig_accept(rig, &hold);
    ledger_rig_accept(rig, &ack);
    ledger_rig_assert_state(rig, MOVE_ABORTED);
    assert_int_equal(ledger_rig_service(rig)->cooldown_until_ms, rig->ledger.now_ms + 600000);
    assert_true(ledger_rig_service(rig)->hold.active);
}

static void an_ack_is_refused_where_no_move_is_blocked(void **state)
{
    struct ledger_rig *rig = *state;
    struct command ack = ledger_rig_command(COMMAND_ACK);
    ledger_rig_refuse(rig, &ack, WHY_NO_MOVE);
    ledger_rig_to_switching(rig);
    ledger_rig_refuse(rig, &ack, WHY_NO_MOVE);
    ledger_rig_settle(rig, OUTCOME_STUCK, WHY_FORBIDDEN, ROUTE_UNKNOWN);
    ledger_rig_accept(rig, &ack);
    ledger_rig_refuse(rig, &ack, WHY_NO_MOVE);
}

static void an_unverified_switch_may_be_reversed_once_in_the_cooldown(void **state)
{
    struct ledger_rig *rig = *state;
    ledger_rig_to_verifying(rig);
    ledger_rig_close_all(rig, "PF", 3);
    ledger_rig_wait(rig, 60000);
    ledger_rig_accept_input(rig, MOVE_IN_VERIFY_EXPIRED);
    ledger_rig_assert_state(rig, MOVE_UNVERIFIED);
    assert_true(ledger_rig_service(rig)->reverse_exempt);
    assert_true(ledger_rig_service(rig)->inquiry.convicted[SIDE_STANDBY]);
    struct command move = ledger_rig_operator_move(SIDE_PRIMARY, 0);
    move.as.move_open.move.cause = CAUSE_CONVICTION;
    ledger_rig_accept(rig, &move);
    ledger_rig_assert_state(rig, MOVE_SWITCHING);
    assert_false(ledger_rig_service(rig)->reverse_exempt);
}

static void an_unverified_switch_from_a_dead_side_is_not_reversed(void **state)
{
    struct ledger_rig *rig = *state;
    ledger_rig_to_verifying(rig);
    ledger_rig_close_all(rig, "FV", 1);
    ledger_rig_wait(rig, 60000);
    ledger_rig_accept_input(rig, MOVE_IN_VERIFY_EXPIRED);
    assert_false(ledger_rig_service(rig)->reverse_exempt);
    assert_int_equal(ledger_rig_service(rig)->inquiry.index, 0);
}

static void a_first_reading_is_taken_over_without_a_hold(void **state)
{
    struct ledger_rig *rig = *state;
    ledger_rig_service(rig)->route = ROUTE_UNKNOWN;
    struct command seen = ledger_rig_seen(ROUTE_STANDBY);
    ledger_rig_accept(rig, &seen);
    assert_int_equal(ledger_rig_service(rig)->serving, SIDE_STANDBY);
    assert_false(ledger_rig_service(rig)->hold.active);
}

static void a_drift_to_our_other_side_is_adopted_and_held(void **state)
{
    struct ledger_rig *rig = *state;
    struct command seen = ledger_rig_seen(ROUTE_STANDBY);
    ledger_rig_accept(rig, &seen);
    assert_int_equal(ledger_rig_service(rig)->serving, SIDE_STANDBY);
    assert_int_equal(ledger_rig_service(rig)->route_version, 3);
    assert_true(ledger_rig_service(rig)->hold.indefinite);
}

static void a_foreign_route_is_noted_and_changes_no_side(void **state)
{
    struct ledger_rig *rig = *state;
    struct command seen = ledger_rig_seen(ROUTE_FOREIGN);
    ledger_rig_accept(rig, &seen);
    assert_int_equal(ledger_rig_service(rig)->serving, SIDE_PRIMARY);
    assert_int_equal(ledger_rig_service(rig)->route, ROUTE_FOREIGN);
    seen = ledger_rig_seen(ROUTE_UNKNOWN);
    ledger_rig_refuse(rig, &seen, WHY_ILLEGAL);
}

static void a_route_is_not_judged_while_an_intent_is_open(void **state)
{
    struct ledger_rig *rig = *state;
    struct command seen = ledger_rig_seen(ROUTE_STANDBY);
    ledger_rig_to_switching(rig);
    ledger_rig_refuse(rig, &seen, WHY_INTENT_OPEN);
}

static void a_foreign_route_under_a_move_makes_it_stuck(void **state)
{
    struct ledger_rig *rig = *state;
    struct command seen = ledger_rig_seen(ROUTE_FOREIGN);
    ledger_rig_to_ready(rig);
    ledger_rig_accept(rig, &seen);
    struct command intent = ledger_rig_intent(rig, ROUTE_SWITCH);
    ledger_rig_refuse(rig, &intent, WHY_ROUTE_FOREIGN);
    ledger_rig_accept_input(rig, MOVE_IN_STUCK);
    ledger_rig_assert_state(rig, MOVE_BLOCKED);
}

static void nothing_rests_while_an_intent_is_open(void **state)
{
    struct ledger_rig *rig = *state;
    ledger_rig_to_switching(rig);
    ledger_rig_service(rig)->route = ROUTE_FOREIGN;
    struct command stuck = ledger_rig_input(rig, MOVE_IN_STUCK);
    ledger_rig_refuse(rig, &stuck, WHY_INTENT_OPEN);
}

#define RIG_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIG_TEST(a_definite_no_blocks_where_the_route_is_not_paused),
        RIG_TEST(a_definite_no_while_paused_retreats_to_the_better_side),
        RIG_TEST(a_resume_that_is_refused_is_tried_again),
        RIG_TEST(a_route_that_is_gone_is_not_paused_any_more),
        RIG_TEST(a_pause_that_lasts_too_long_is_ended),
        RIG_TEST(a_drain_that_is_cut_short_may_still_switch),
        RIG_TEST(only_a_human_ends_a_blocked_move),
        RIG_TEST(an_ack_ends_a_blocked_move_and_leaves_the_hold),
        RIG_TEST(an_ack_is_refused_where_no_move_is_blocked),
        RIG_TEST(an_unverified_switch_may_be_reversed_once_in_the_cooldown),
        RIG_TEST(an_unverified_switch_from_a_dead_side_is_not_reversed),
        RIG_TEST(a_first_reading_is_taken_over_without_a_hold),
        RIG_TEST(a_drift_to_our_other_side_is_adopted_and_held),
        RIG_TEST(a_foreign_route_is_noted_and_changes_no_side),
        RIG_TEST(a_route_is_not_judged_while_an_intent_is_open),
        RIG_TEST(a_foreign_route_under_a_move_makes_it_stuck),
        RIG_TEST(nothing_rests_while_an_intent_is_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
