/* Failback: its hold time, and what else stands against a return that nobody asked for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "node/core/failback.h"
#include "node/core/guard.h"
#include "proto/level.h"
#include "tests/unit/core/ledger_rig.h"

enum { AFTER_MS = 1800000, LONGEST_MS = 7200000 };

static int setup(void **state)
{
    struct ledger_rig *rig = ledger_rig_new();
    struct service_settings *settings = &ledger_rig_service(rig)->settings;
    rig->ledger.level = PROTO_LEVEL_HELLO;
    settings->failback_auto = true;
    settings->failback_after_ms = AFTER_MS;
    settings->failback_longest_ms = LONGEST_MS;
    *state = rig;
    return 0;
}

static int teardown(void **state)
{
    struct ledger_rig *rig = *state;
    ledger_rig_free(&rig);
    return 0;
}

static void end_verified(struct ledger_rig *rig, const char *letters)
{
    ledger_rig_close_all(rig, letters, 2);
    ledger_rig_accept_input(rig, MOVE_IN_VERIFIED);
    ledger_rig_assert_state(rig, MOVE_DONE);
}

static void fail_over(struct ledger_rig *rig)
{
    ledger_rig_to_verifying(rig);
    end_verified(rig, "FP");
}

/* Ballots of an inquiry that nobody's complaint opened. */
static void ask(struct ledger_rig *rig, const char *letters, int count)
{
    ledger_rig_inquire(rig);
    ledger_rig_close_all(rig, letters, count);
}

static struct command returning(void)
{
    struct command command = ledger_rig_command(COMMAND_MOVE_OPEN);
    command.as.move_open.move = (struct move_opening){
        .present = true, .to = SIDE_PRIMARY, .cause = CAUSE_FAILBACK, .first_step = ROUTE_SWITCH};
    return command;
}

static void go_back(struct ledger_rig *rig)
{
    struct command open = returning();
    ledger_rig_accept(rig, &open);
    ledger_rig_settle(rig, OUTCOME_APPLIED, WHY_NONE, ROUTE_PRIMARY);
    end_verified(rig, "PP");
}

static void a_well_primary_is_returned_to_after_the_hold_time(void **state)
{
    struct ledger_rig *rig = *state;
    struct command open = returning();
    fail_over(rig);
    assert_int_equal(failback_due_ms(ledger_rig_service(rig)), rig->ledger.now_ms + AFTER_MS);
    ledger_rig_wait(rig, AFTER_MS - 100);
    ask(rig, "PP", 3);
    ledger_rig_refuse(rig, &open, WHY_TOO_EARLY);
    ledger_rig_wait(rig, 100);
    ledger_rig_accept(rig, &open);
    ledger_rig_assert_state(rig, MOVE_SWITCHING);
    assert_int_equal(ledger_rig_service(rig)->move.why, WHY_FAILBACK);
    ledger_rig_settle(rig, OUTCOME_APPLIED, WHY_NONE, ROUTE_PRIMARY);
    end_verified(rig, "PP");
    assert_int_equal(failback_due_ms(ledger_rig_service(rig)), TIME_UNKNOWN);
}

struct refusal {
    const char *ballots;
    int count;
    enum why why;
};

static const struct refusal refusals[] = {
    {"PP", 2, WHY_DESTINATION_NOT_BETTER}, /* three in a row */
    {"FP", 3, WHY_DESTINATION_NOT_BETTER},
    {"-P", 3, WHY_DESTINATION_UNKNOWN},
};

static void three_young_ballots_of_the_primary_must_pass(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        void *one = NULL;
        struct command open = returning();
        (void)setup(&one);
        fail_over(one);
        ledger_rig_wait(one, AFTER_MS);
        ask(one, refusals[i].ballots, refusals[i].count);
        ledger_rig_refuse(one, &open, refusals[i].why);
        (void)teardown(&one);
    }
}

static void an_ill_standby_does_not_matter(void **state)
{
    struct ledger_rig *rig = *state;
    struct command open = returning();
    fail_over(rig);
    ledger_rig_wait(rig, AFTER_MS);
    ask(rig, "Pf", 1);
    ledger_rig_close_all(rig, "PP", 2);
    ledger_rig_accept(rig, &open);
}

static void manual_failback_returns_by_no_time(void **state)
{
    struct ledger_rig *rig = *state;
    struct command open = returning();
    ledger_rig_service(rig)->settings.failback_auto = false;
    fail_over(rig);
    ledger_rig_wait(rig, AFTER_MS);
    ask(rig, "PP", 3);
    ledger_rig_refuse(rig, &open, WHY_ILLEGAL);
}

static void an_operators_move_to_the_standby_is_not_undone(void **state)
{
    struct ledger_rig *rig = *state;
    struct command move = ledger_rig_operator_move(SIDE_STANDBY, 5);
    ledger_rig_accept(rig, &move);
    ledger_rig_settle(rig, OUTCOME_APPLIED, WHY_NONE, ROUTE_STANDBY);
    rig->ballot = 0;
    end_verified(rig, "PP");
    assert_int_equal(failback_due_ms(ledger_rig_service(rig)), TIME_UNKNOWN);
}

static void a_hold_and_observe_stand_against_a_return(void **state)
{
    struct ledger_rig *rig = *state;
    struct command hold = ledger_rig_command(COMMAND_HOLD);
    struct command release = ledger_rig_command(COMMAND_RELEASE);
    struct command disarm = ledger_rig_command(COMMAND_DISARM);
    struct command open = returning();
    fail_over(rig);
    ledger_rig_wait(rig, AFTER_MS);
    ask(rig, "PP", 3);
    hold.as.hold.indefinite = true;
    ledger_rig_accept(rig, &hold);
    ledger_rig_refuse(rig, &open, WHY_ON_HOLD);
    ledger_rig_accept(rig, &release);
    ledger_rig_accept(rig, &disarm);
    ledger_rig_refuse(rig, &open, WHY_OBSERVE_MODE);
}

/* DESIGN 2.8: it doubles with each recent failover. */
static void the_hold_time_doubles_up_to_the_longest(void **state)
{
    static const time_ms holds_ms[] = {AFTER_MS, 2 * AFTER_MS, 4 * AFTER_MS, LONGEST_MS};
    struct ledger_rig *rig = *state;
    ledger_rig_service(rig)->settings.budget_moves = MOVE_TIME_COUNT_MAX;
    for (size_t i = 0; i < sizeof holds_ms / sizeof holds_ms[0]; i++) {
        fail_over(rig);
        assert_int_equal(failback_hold_ms(ledger_rig_service(rig)), holds_ms[i]);
        ledger_rig_wait(rig, holds_ms[i]);
        ask(rig, "PP", 3);
        go_back(rig);
        ledger_rig_wait(rig, 600000);
    }
    ledger_rig_wait(rig, 86400000);
    fail_over(rig);
    assert_int_equal(failback_hold_ms(ledger_rig_service(rig)), AFTER_MS);
}

static void the_budgets_last_move_is_for_the_next_failure(void **state)
{
    struct ledger_rig *rig = *state;
    struct command open = returning();
    ledger_rig_service(rig)->settings.budget_moves = 4;
    fail_over(rig);
    ledger_rig_wait(rig, AFTER_MS);
    ask(rig, "PP", 3);
    go_back(rig); /* the second of four */
    ledger_rig_wait(rig, 600000);
    fail_over(rig);
    ledger_rig_wait(rig, 2 * AFTER_MS);
    ask(rig, "PP", 3);
    ledger_rig_refuse(rig, &open, WHY_BUDGET);
}

/* Whatever their priorities: nothing presses a return. */
static void a_return_goes_after_every_conviction_that_waits_for_a_place(void **state)
{
    struct ledger_rig *rig = *state;
    struct command open = returning();
    fail_over(rig);
    ledger_rig_wait(rig, AFTER_MS);
    ask(rig, "PP", 3);
    ledger_rig_service(rig)->settings.max_concurrent = 1;
    struct service_record *waiting = &rig->ledger.services[rig->ledger.service_count++];
    waiting->settings.priority = UINT8_MAX;
    waiting->inquiry.convicted[SIDE_PRIMARY] = true;
    waiting->inquiry.gate = WHY_CONCURRENT;
    ledger_rig_refuse(rig, &open, WHY_CONCURRENT);
    waiting->inquiry.gate = WHY_DESTINATION_NOT_BETTER;
    ledger_rig_accept(rig, &open);
}

static void a_return_that_is_aborted_waits_again(void **state)
{
    struct ledger_rig *rig = *state;
    struct command hold = ledger_rig_command(COMMAND_HOLD);
    struct command open = returning();
    fail_over(rig);
    ledger_rig_wait(rig, AFTER_MS);
    ask(rig, "PP", 3);
    open.as.move_open.move.first_step = ROUTE_PAUSE;
    ledger_rig_accept(rig, &open);
    ledger_rig_accept(rig, &hold);
    ledger_rig_settle(rig, OUTCOME_APPLIED, WHY_NONE, ROUTE_PAUSED);
    ledger_rig_accept_intent(rig, ROUTE_RESUME);
    ledger_rig_settle(rig, OUTCOME_APPLIED, WHY_NONE, ROUTE_STANDBY);
    ledger_rig_assert_state(rig, MOVE_ABORTED);
    assert_int_equal(ledger_rig_service(rig)->aborts.count, 0);
    assert_int_equal(failback_due_ms(ledger_rig_service(rig)), rig->ledger.now_ms + AFTER_MS);
}

static void a_primary_that_fails_before_the_switch_takes_the_return_back(void **state)
{
    struct ledger_rig *rig = *state;
    struct command open = returning();
    fail_over(rig);
    ledger_rig_wait(rig, AFTER_MS);
    ask(rig, "PP", 3);
    open.as.move_open.move.first_step = ROUTE_PAUSE;
    ledger_rig_accept(rig, &open);
    ledger_rig_settle(rig, OUTCOME_APPLIED, WHY_NONE, ROUTE_PAUSED);
    ledger_rig_wait(rig, 10000);
    ledger_rig_accept_input(rig, MOVE_IN_DRAINED);
    rig->ballot = 0;
    ledger_rig_close_all(rig, "FP", 1);
    struct command intent = ledger_rig_intent(rig, ROUTE_SWITCH);
    ledger_rig_refuse(rig, &intent, WHY_DESTINATION_NOT_BETTER);
    ledger_rig_accept_input(rig, MOVE_IN_ABORT);
    ledger_rig_assert_state(rig, MOVE_RESUMING);
}

static void ledger_time_goes_on_while_a_return_is_awaited(void **state)
{
    struct ledger_rig *rig = *state;
    ledger_rig_service(rig)->settings.budget_window_ms = 1;
    fail_over(rig);
    ledger_rig_wait(rig, 700000);
    assert_int_equal(ledger_tick_every_ms(&rig->ledger), LEDGER_SLOW_TICK_MS);
    ledger_rig_wait(rig, AFTER_MS);
    assert_int_equal(ledger_tick_every_ms(&rig->ledger), 0);
}

static void below_level_2_no_return_is_opened(void **state)
{
    struct ledger_rig *rig = *state;
    struct command open = returning();
    rig->ledger.level = PROTO_LEVEL_FIRST;
    fail_over(rig);
    assert_int_equal(ledger_rig_service(rig)->failback_from_ms, 0);
    ledger_rig_wait(rig, AFTER_MS);
    ask(rig, "PP", 3);
    ledger_rig_refuse(rig, &open, WHY_ILLEGAL);
}

#define WITH_RIG(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_RIG(a_well_primary_is_returned_to_after_the_hold_time),
        cmocka_unit_test(three_young_ballots_of_the_primary_must_pass),
        WITH_RIG(an_ill_standby_does_not_matter),
        WITH_RIG(manual_failback_returns_by_no_time),
        WITH_RIG(an_operators_move_to_the_standby_is_not_undone),
        WITH_RIG(a_hold_and_observe_stand_against_a_return),
        WITH_RIG(the_hold_time_doubles_up_to_the_longest),
        WITH_RIG(the_budgets_last_move_is_for_the_next_failure),
        WITH_RIG(a_return_goes_after_every_conviction_that_waits_for_a_place),
        WITH_RIG(a_return_that_is_aborted_waits_again),
        WITH_RIG(a_primary_that_fails_before_the_switch_takes_the_return_back),
        WITH_RIG(ledger_time_goes_on_while_a_return_is_awaited),
        WITH_RIG(below_level_2_no_return_is_opened),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
