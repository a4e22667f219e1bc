/* The ledger's apply: requests that land after their intent was given up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "proto/level.h"
#include "tests/unit/core/ledger_rig.h"

enum { DEADLINE_MS = 2000, PROPAGATION_MS = 10000, BASE_VERSION = 7 };

static int setup(void **state)
{
    struct ledger_rig *rig = ledger_rig_new();
    rig->ledger.level = PROTO_LEVEL_HELLO;
    ledger_rig_service(rig)->settings.actuator_deadline_ms = DEADLINE_MS;
    ledger_rig_service(rig)->settings.propagation_ms = PROPAGATION_MS;
    *state = rig;
    return 0;
}

static int teardown(void **state)
{
    struct ledger_rig *rig = *state;
    ledger_rig_free(&rig);
    return 0;
}

/* The pause's first request got no answer, its repeat a definite no. */
static void give_up_pause(struct ledger_rig *rig, bool may_land)
{
    ledger_rig_to_pausing(rig);
    struct command stuck = ledger_rig_outcome(rig, OUTCOME_STUCK, WHY_FORBIDDEN, ROUTE_UNKNOWN);
    stuck.as.outcome.version = BASE_VERSION;
    stuck.as.outcome.may_land = may_land;
    ledger_rig_accept(rig, &stuck);
    ledger_rig_assert_state(rig, MOVE_BLOCKED);
}

static void see(struct ledger_rig *rig, enum route_state state, uint64_t version)
{
    struct command seen = ledger_rig_seen(state);
    seen.as.route_seen.version = version;
    ledger_rig_accept(rig, &seen);
}

static void a_pause_that_lands_late_is_taken_back(void **state)
{
    struct ledger_rig *rig = *state;
    give_up_pause(rig, true);
    ledger_rig_wait(rig, 3000);
    see(rig, ROUTE_PAUSED, BASE_VERSION + 1);
    ledger_rig_assert_state(rig, MOVE_RETREATING);
    assert_int_equal(ledger_rig_service(rig)->move.why, WHY_LATE_WRITE);
    assert_int_equal(ledger_rig_service(rig)->route, ROUTE_PAUSED);
    assert_false(ledger_rig_service(rig)->hold.active);
    ledger_rig_accept_intent(rig, ROUTE_RESUME);
    ledger_rig_settle(rig, OUTCOME_APPLIED, WHY_NONE, ROUTE_STANDBY);
    ledger_rig_assert_state(rig, MOVE_BLOCKED);
}

/* The retreat goes to the better side while ballots tell which that is, and else stays. */
static void old_ballots_leave_the_serving_side_where_it_is(void **state)
{
    struct ledger_rig *rig = *state;
    ledger_rig_service(rig)->settings.propagation_ms = 200000;
    give_up_pause(rig, true);
    ledger_rig_wait(rig, 150000);
    see(rig, ROUTE_PAUSED, BASE_VERSION + 1);
    ledger_rig_assert_state(rig, MOVE_RETREATING);
    assert_int_equal(ledger_rig_service(rig)->move.resume_to, SIDE_PRIMARY);
}

static void a_switch_that_lands_late_is_no_humans_change(void **state)
{
    struct ledger_rig *rig = *state;
    ledger_rig_to_switching(rig);
    struct command stuck = ledger_rig_outcome(rig, OUTCOME_STUCK, WHY_FORBIDDEN, ROUTE_UNKNOWN);
    stuck.as.outcome.may_land = true;
    ledger_rig_accept(rig, &stuck);
    see(rig, ROUTE_STANDBY, BASE_VERSION + 1);
    ledger_rig_assert_state(rig, MOVE_RETREATING);
    assert_false(ledger_rig_service(rig)->hold.active);
    assert_int_equal(ledger_rig_service(rig)->move.resume_to, SIDE_STANDBY); /* the better one */
}

static void a_definite_no_to_the_only_request_leaves_nothing_to_land(void **state)
{
    struct ledger_rig *rig = *state;
    give_up_pause(rig, false);
    see(rig, ROUTE_PAUSED, BASE_VERSION + 1);
    ledger_rig_assert_state(rig, MOVE_BLOCKED);
}

static void what_we_never_intended_is_somebody_elses(void **state)
{
    struct ledger_rig *rig = *state;
    give_up_pause(rig, true);
    see(rig, ROUTE_STANDBY, BASE_VERSION + 1);
    ledger_rig_assert_state(rig, MOVE_BLOCKED);
    assert_true(ledger_rig_service(rig)->hold.active);
    see(rig, ROUTE_PAUSED, BASE_VERSION + 2); /* its version was taken: it can land no more */
    ledger_rig_assert_state(rig, MOVE_BLOCKED);
}

static void a_version_that_is_not_consumed_is_no_write_of_ours(void **state)
{
    struct ledger_rig *rig = *state;
    give_up_pause(rig, true);
    see(rig, ROUTE_PAUSED, BASE_VERSION);
    ledger_rig_assert_state(rig, MOVE_BLOCKED);
}

static void a_humans_later_pause_wins(void **state)
{
    struct ledger_rig *rig = *state;
    give_up_pause(rig, true);
    ledger_rig_wait(rig, DEADLINE_MS + PROPAGATION_MS);
    see(rig, ROUTE_PRIMARY, BASE_VERSION); /* the reading that ends the waiting */
    assert_int_equal(ledger_rig_service(rig)->late.count, 0);
    see(rig, ROUTE_PAUSED, BASE_VERSION + 1);
    ledger_rig_assert_state(rig, MOVE_BLOCKED);
}

static void a_reading_that_comes_too_late_settles_nothing(void **state)
{
    struct ledger_rig *rig = *state;
    give_up_pause(rig, true);
    ledger_rig_wait(rig, 2 * (DEADLINE_MS + PROPAGATION_MS) + 1);
    see(rig, ROUTE_PAUSED, BASE_VERSION + 1);
    ledger_rig_assert_state(rig, MOVE_BLOCKED);
}

static void a_blocked_move_is_not_released_while_a_request_may_land(void **state)
{
    struct ledger_rig *rig = *state;
    struct command ack = ledger_rig_command(COMMAND_ACK);
    give_up_pause(rig, true);
    ledger_rig_refuse(rig, &ack, WHY_INTENT_OPEN);
    ledger_rig_wait(rig, DEADLINE_MS + PROPAGATION_MS);
    ledger_rig_accept(rig, &ack);
    ledger_rig_assert_state(rig, MOVE_ABORTED);
    assert_int_equal(ledger_rig_service(rig)->late.count, 0);
}

static void below_level_2_nothing_is_remembered(void **state)
{
    struct ledger_rig *rig = *state;
    rig->ledger.level = PROTO_LEVEL_FIRST;
    give_up_pause(rig, true);
    assert_int_equal(ledger_rig_service(rig)->late.count, 0);
    see(rig, ROUTE_PAUSED, BASE_VERSION + 1);
    ledger_rig_assert_state(rig, MOVE_BLOCKED);
}

#define WITH_RIG(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_RIG(a_pause_that_lands_late_is_taken_back),
        WITH_RIG(old_ballots_leave_the_serving_side_where_it_is),
        WITH_RIG(a_switch_that_lands_late_is_no_humans_change),
        WITH_RIG(a_definite_no_to_the_only_request_leaves_nothing_to_land),
        WITH_RIG(what_we_never_intended_is_somebody_elses),
        WITH_RIG(a_version_that_is_not_consumed_is_no_write_of_ours),
        WITH_RIG(a_humans_later_pause_wins),
        WITH_RIG(a_reading_that_comes_too_late_settles_nothing),
        WITH_RIG(a_blocked_move_is_not_released_while_a_request_may_land),
        WITH_RIG(below_level_2_nothing_is_remembered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
