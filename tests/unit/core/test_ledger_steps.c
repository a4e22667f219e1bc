/* What a move keeps of its steps' requests, and when a count may end its drain. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "tests/unit/core/ledger_rig.h"

static const struct step_record *step_of(struct ledger_rig *rig, enum route_step step)
{
    return &ledger_rig_service(rig)->move.steps[step];
}

static struct command named_outcome(const struct ledger_rig *rig, enum outcome outcome,
                                    enum why why, enum route_state state, const char *correlation)
{
    struct command command = ledger_rig_outcome(rig, outcome, why, state);
    (void)memcpy(command.as.outcome.correlation, correlation, strlen(correlation));
    return command;
}

static void each_step_keeps_its_last_outcome(void **state)
{
    (void)state;
    struct ledger_rig *rig = ledger_rig_new();
    rig->ledger.level = PROTO_LEVEL_STEPS;
    ledger_rig_to_pausing(rig);
    assert_int_equal(step_of(rig, ROUTE_PAUSE)->attempt, 0);
    struct command taken = named_outcome(rig, OUTCOME_SUPERSEDED, WHY_NONE, ROUTE_PRIMARY, "first");
    ledger_rig_accept(rig, &taken);
    assert_int_equal(step_of(rig, ROUTE_PAUSE)->outcome, OUTCOME_SUPERSEDED);
    ledger_rig_accept_intent(rig, ROUTE_PAUSE);
    struct command done = named_outcome(rig, OUTCOME_APPLIED, WHY_NONE, ROUTE_PAUSED, "second");
    ledger_rig_accept(rig, &done);
    assert_int_equal(rig->applied.step, ROUTE_PAUSE);
    assert_int_equal(step_of(rig, ROUTE_PAUSE)->attempt, 2);
    assert_int_equal(step_of(rig, ROUTE_PAUSE)->outcome, OUTCOME_APPLIED);
    assert_string_equal(step_of(rig, ROUTE_PAUSE)->correlation, "second");
    assert_int_equal(step_of(rig, ROUTE_SWITCH)->attempt, 0);
    ledger_rig_free(&rig);
}

static void a_definite_no_keeps_its_reason(void **state)
{
    (void)state;
    struct ledger_rig *rig = ledger_rig_new();
    rig->ledger.level = PROTO_LEVEL_STEPS;
    ledger_rig_to_switching(rig);
    struct command refused =
        named_outcome(rig, OUTCOME_STUCK, WHY_FORBIDDEN, ROUTE_UNKNOWN, "denied");
    ledger_rig_accept(rig, &refused);
    assert_int_equal(step_of(rig, ROUTE_SWITCH)->why, WHY_FORBIDDEN);
    assert_string_equal(step_of(rig, ROUTE_SWITCH)->correlation, "denied");
    ledger_rig_free(&rig);
}

/* A snapshot of that level has no place for it: nodes would differ. */
static void below_level_3_nothing_is_kept(void **state)
{
    (void)state;
    struct ledger_rig *rig = ledger_rig_new();
    rig->ledger.level = PROTO_LEVEL_HELLO;
    ledger_rig_to_pausing(rig);
    struct command done = named_outcome(rig, OUTCOME_APPLIED, WHY_NONE, ROUTE_PAUSED, "lost");
    ledger_rig_accept(rig, &done);
    assert_int_equal(step_of(rig, ROUTE_PAUSE)->attempt, 0);
    assert_string_equal(step_of(rig, ROUTE_PAUSE)->correlation, "");
    ledger_rig_free(&rig);
}

static void a_new_move_begins_without_steps(void **state)
{
    (void)state;
    struct ledger_rig *rig = ledger_rig_new();
    rig->ledger.level = PROTO_LEVEL_STEPS;
    ledger_rig_to_blocked(rig);
    assert_int_equal(step_of(rig, ROUTE_SWITCH)->attempt, 1);
    struct command release = ledger_rig_command(COMMAND_RELEASE);
    ledger_rig_accept(rig, &release);
    ledger_rig_service(rig)->cooldown_until_ms = 0;
    struct command open = ledger_rig_operator_move(SIDE_STANDBY, 77);
    ledger_rig_accept(rig, &open);
    assert_int_equal(step_of(rig, ROUTE_SWITCH)->attempt, 0);
    ledger_rig_free(&rig);
}

static void a_count_ends_a_drain_from_the_propagation_on(void **state)
{
    (void)state;
    struct ledger_rig *rig = ledger_rig_new();
    ledger_rig_service(rig)->settings.propagation_ms = 3000;
    ledger_rig_service(rig)->settings.drain_every_ms = 500;
    ledger_rig_to_draining(rig);
    struct command emptied = ledger_rig_input(rig, MOVE_IN_EMPTIED);
    ledger_rig_wait(rig, 2900);
    ledger_rig_refuse(rig, &emptied, WHY_TOO_EARLY);
    ledger_rig_wait(rig, 100);
    ledger_rig_accept(rig, &emptied);
    ledger_rig_assert_state(rig, MOVE_READY);
    ledger_rig_free(&rig);
}

static void nothing_is_counted_where_the_service_goes_by_time(void **state)
{
    (void)state;
    struct ledger_rig *rig = ledger_rig_new();
    ledger_rig_to_draining(rig);
    ledger_rig_wait(rig, 5000);
    struct command emptied = ledger_rig_input(rig, MOVE_IN_EMPTIED);
    ledger_rig_refuse(rig, &emptied, WHY_ILLEGAL);
    ledger_rig_assert_state(rig, MOVE_DRAINING);
    ledger_rig_free(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_step_keeps_its_last_outcome),
        cmocka_unit_test(a_definite_no_keeps_its_reason),
        cmocka_unit_test(below_level_3_nothing_is_kept),
        cmocka_unit_test(a_new_move_begins_without_steps),
        cmocka_unit_test(a_count_ends_a_drain_from_the_propagation_on),
        cmocka_unit_test(nothing_is_counted_where_the_service_goes_by_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
