/* The ledger's apply: a service whose routes move as one unit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "proto/level.h"
#include "tests/unit/core/ledger_rig.h"

enum { DEADLINE_MS = 2000, PROPAGATION_MS = 10000, PAUSED_MAX_MS = 90000 };

static void fill_parts(struct route_parts *parts, enum route_state first, enum route_state second)
{
    *parts = (struct route_parts){2, {{first, 4}, {second, 5}}};
}

static int setup(void **state)
{
    struct ledger_rig *rig = ledger_rig_new();
    rig->ledger.level = PROTO_LEVEL_STEPS;
    ledger_rig_service(rig)->settings.actuator_deadline_ms = DEADLINE_MS;
    ledger_rig_service(rig)->settings.propagation_ms = PROPAGATION_MS;
    ledger_rig_service(rig)->settings.paused_max_ms = PAUSED_MAX_MS;
    fill_parts(&ledger_rig_service(rig)->parts, ROUTE_PRIMARY, ROUTE_PRIMARY);
    *state = rig;
    return 0;
}

static int teardown(void **state)
{
    struct ledger_rig *rig = *state;
    ledger_rig_free(&rig);
    return 0;
}

/* The open intent's outcome; the first part was written, the second was not. */
static void settle_half(struct ledger_rig *rig, enum outcome outcome, enum why why, bool may_land)
{
    struct command command = ledger_rig_outcome(rig, outcome, why, ROUTE_MIXED);
    fill_parts(&command.as.outcome.parts, ROUTE_STANDBY, ROUTE_PRIMARY);
    command.as.outcome.may_land = may_land;
    ledger_rig_accept(rig, &command);
}

static void settle_whole(struct ledger_rig *rig, enum route_state state)
{
    struct command command = ledger_rig_outcome(rig, OUTCOME_APPLIED, WHY_NONE, state);
    fill_parts(&command.as.outcome.parts, state, state);
    ledger_rig_accept(rig, &command);
}

static void see(struct ledger_rig *rig, enum route_state first, enum route_state second)
{
    struct command seen = ledger_rig_seen(first == second ? first : ROUTE_MIXED);
    fill_parts(&seen.as.route_seen.parts, first, second);
    ledger_rig_accept(rig, &seen);
}

static void assert_parts(struct ledger_rig *rig, enum route_state first, enum route_state second)
{
    const struct route_parts *parts = &ledger_rig_service(rig)->parts;
    assert_int_equal(parts->count, 2);
    assert_int_equal(parts->part[0].state, first);
    assert_int_equal(parts->part[1].state, second);
}

static void a_half_moved_unit_asks_the_guard_again_and_is_finished(void **state)
{
    struct ledger_rig *rig = *state;
    ledger_rig_to_switching(rig);
    settle_half(rig, OUTCOME_SUPERSEDED, WHY_NONE, false);
    ledger_rig_assert_state(rig, MOVE_READY);
    assert_int_equal(ledger_rig_service(rig)->route, ROUTE_MIXED);
    assert_int_equal(ledger_rig_service(rig)->serving, SIDE_PRIMARY);
    assert_parts(rig, ROUTE_STANDBY, ROUTE_PRIMARY);
    ledger_rig_accept_intent(rig, ROUTE_SWITCH);
    settle_whole(rig, ROUTE_STANDBY);
    ledger_rig_assert_state(rig, MOVE_VERIFYING);
    assert_int_equal(ledger_rig_service(rig)->serving, SIDE_STANDBY);
    assert_parts(rig, ROUTE_STANDBY, ROUTE_STANDBY);
}

static void a_half_moved_unit_may_be_taken_back(void **state)
{
    struct ledger_rig *rig = *state;
    ledger_rig_to_switching(rig);
    settle_half(rig, OUTCOME_SUPERSEDED, WHY_NONE, false);
    struct command hold = ledger_rig_command(COMMAND_HOLD);
    hold.as.hold.indefinite = true;
    ledger_rig_accept(rig, &hold);
    ledger_rig_assert_state(rig, MOVE_RESUMING);
    assert_int_equal(ledger_rig_service(rig)->move.resume_to, SIDE_PRIMARY);
    ledger_rig_accept_intent(rig, ROUTE_RESUME);
    settle_whole(rig, ROUTE_PRIMARY);
    ledger_rig_assert_state(rig, MOVE_ABORTED);
    assert_parts(rig, ROUTE_PRIMARY, ROUTE_PRIMARY);
}

/* The standby is better by ballot, and yet: a unit that cannot be finished is taken back. */
static void half_a_switch_that_is_refused_goes_back_and_blocks(void **state)
{
    struct ledger_rig *rig = *state;
    ledger_rig_to_switching(rig);
    settle_half(rig, OUTCOME_STUCK, WHY_FORBIDDEN, false);
    ledger_rig_assert_state(rig, MOVE_RETREATING);
    assert_int_equal(ledger_rig_service(rig)->move.resume_to, SIDE_PRIMARY);
    ledger_rig_accept_intent(rig, ROUTE_RESUME);
    settle_whole(rig, ROUTE_PRIMARY);
    ledger_rig_assert_state(rig, MOVE_BLOCKED);
    assert_int_equal(ledger_rig_service(rig)->move.why, WHY_FORBIDDEN);
    assert_int_equal(ledger_rig_service(rig)->route, ROUTE_PRIMARY);
}

/* First to the better side; where one part refuses that, home. */
static void half_a_retreat_that_is_refused_turns_home(void **state)
{
    struct ledger_rig *rig = *state;
    ledger_rig_to_pausing(rig);
    struct command refused = ledger_rig_outcome(rig, OUTCOME_STUCK, WHY_FORBIDDEN, ROUTE_MIXED);
    fill_parts(&refused.as.outcome.parts, ROUTE_PAUSED, ROUTE_PRIMARY);
    ledger_rig_accept(rig, &refused);
    ledger_rig_assert_state(rig, MOVE_RETREATING);
    assert_int_equal(ledger_rig_service(rig)->move.resume_to, SIDE_STANDBY);
    ledger_rig_accept_intent(rig, ROUTE_RESUME);
    settle_half(rig, OUTCOME_STUCK, WHY_FORBIDDEN, false);
    ledger_rig_assert_state(rig, MOVE_RETREATING);
    assert_int_equal(ledger_rig_service(rig)->move.resume_to, SIDE_PRIMARY);
    ledger_rig_accept_intent(rig, ROUTE_RESUME);
    settle_half(rig, OUTCOME_STUCK, WHY_FORBIDDEN, false);
    ledger_rig_assert_state(rig, MOVE_RETREATING); /* it may not rest: tried again */
    assert_int_equal(ledger_rig_service(rig)->move.resume_to, SIDE_PRIMARY);
}

static void a_route_that_is_gone_blocks_the_half(void **state)
{
    struct ledger_rig *rig = *state;
    ledger_rig_to_switching(rig);
    settle_half(rig, OUTCOME_STUCK, WHY_NOT_FOUND, false);
    ledger_rig_assert_state(rig, MOVE_BLOCKED);
    assert_int_equal(ledger_rig_service(rig)->route, ROUTE_MIXED);
}

/* READY would wait for a ballot for ever. */
static void a_half_moved_unit_counts_as_paused(void **state)
{
    struct ledger_rig *rig = *state;
    ledger_rig_to_switching(rig);
    assert_int_equal(ledger_rig_service(rig)->move.paused_ms, 0);
    settle_half(rig, OUTCOME_SUPERSEDED, WHY_NONE, false);
    struct command over = ledger_rig_input(rig, MOVE_IN_PAUSED_TOO_LONG);
    ledger_rig_refuse(rig, &over, WHY_TOO_EARLY);
    ledger_rig_wait(rig, PAUSED_MAX_MS);
    ledger_rig_accept(rig, &over);
    ledger_rig_assert_state(rig, MOVE_RETREATING);
}

static void a_unit_that_differs_is_told_and_stands_against_nothing(void **state)
{
    struct ledger_rig *rig = *state;
    see(rig, ROUTE_STANDBY, ROUTE_PRIMARY);
    assert_true(rig->applied.route_changed);
    assert_int_equal(ledger_rig_service(rig)->route, ROUTE_MIXED);
    assert_int_equal(ledger_rig_service(rig)->serving, SIDE_PRIMARY);
    assert_false(ledger_rig_service(rig)->hold.active);
    see(rig, ROUTE_STANDBY, ROUTE_PRIMARY);
    assert_false(rig->applied.route_changed);
    see(rig, ROUTE_PAUSED, ROUTE_PRIMARY); /* in another way */
    assert_true(rig->applied.route_changed);
    ledger_rig_to_switching(rig);
}

/* The side that serves already is a destination like the other one, and the way home from there. */
static void an_operator_mends_it_also_towards_the_serving_side(void **state)
{
    struct ledger_rig *rig = *state;
    see(rig, ROUTE_STANDBY, ROUTE_PRIMARY);
    struct command back = ledger_rig_operator_move(SIDE_PRIMARY, 1);
    ledger_rig_accept(rig, &back);
    settle_half(rig, OUTCOME_SUPERSEDED, WHY_NONE, false);
    ledger_rig_assert_state(rig, MOVE_READY);
    struct command hold = ledger_rig_command(COMMAND_HOLD);
    hold.as.hold.indefinite = true;
    ledger_rig_accept(rig, &hold);
    assert_int_equal(ledger_rig_service(rig)->move.resume_to, SIDE_PRIMARY);
    ledger_rig_accept_intent(rig, ROUTE_RESUME);
    settle_whole(rig, ROUTE_PRIMARY);
    ledger_rig_assert_state(rig, MOVE_ABORTED);
    back = ledger_rig_operator_move(SIDE_PRIMARY, 2);
    ledger_rig_refuse(rig, &back, WHY_ALREADY_SERVING);
}

/* Until then the retreat waits, and a reading settles what it left. */
static void a_superseded_request_to_a_part_may_still_land(void **state)
{
    struct ledger_rig *rig = *state;
    ledger_rig_to_switching(rig);
    settle_half(rig, OUTCOME_SUPERSEDED, WHY_NONE, true);
    assert_int_equal(ledger_rig_service(rig)->late.count, 1);
    ledger_rig_accept_intent(rig, ROUTE_SWITCH);
    settle_half(rig, OUTCOME_STUCK, WHY_FORBIDDEN, false);
    assert_int_equal(ledger_rig_service(rig)->late.count, 1); /* no version rules it out */
}

static void block_with_a_late_switch(struct ledger_rig *rig)
{
    ledger_rig_to_switching(rig);
    struct command stuck = ledger_rig_outcome(rig, OUTCOME_STUCK, WHY_FORBIDDEN, ROUTE_PRIMARY);
    fill_parts(&stuck.as.outcome.parts, ROUTE_PRIMARY, ROUTE_PRIMARY);
    stuck.as.outcome.may_land = true;
    ledger_rig_accept(rig, &stuck);
    ledger_rig_assert_state(rig, MOVE_BLOCKED);
}

static void a_part_that_is_written_late_is_taken_back(void **state)
{
    struct ledger_rig *rig = *state;
    block_with_a_late_switch(rig);
    ledger_rig_wait(rig, 3000);
    see(rig, ROUTE_PRIMARY, ROUTE_STANDBY);
    ledger_rig_assert_state(rig, MOVE_RETREATING);
    assert_int_equal(ledger_rig_service(rig)->move.why, WHY_LATE_WRITE);
    assert_int_equal(ledger_rig_service(rig)->route, ROUTE_MIXED);
}

static void a_part_that_somebody_pauses_is_no_write_of_ours(void **state)
{
    struct ledger_rig *rig = *state;
    block_with_a_late_switch(rig);
    see(rig, ROUTE_STANDBY, ROUTE_PAUSED);
    ledger_rig_assert_state(rig, MOVE_BLOCKED);
}

#define WITH_RIG(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_RIG(a_half_moved_unit_asks_the_guard_again_and_is_finished),
        WITH_RIG(a_half_moved_unit_may_be_taken_back),
        WITH_RIG(half_a_switch_that_is_refused_goes_back_and_blocks),
        WITH_RIG(half_a_retreat_that_is_refused_turns_home),
        WITH_RIG(a_route_that_is_gone_blocks_the_half),
        WITH_RIG(a_half_moved_unit_counts_as_paused),
        WITH_RIG(a_unit_that_differs_is_told_and_stands_against_nothing),
        WITH_RIG(an_operator_mends_it_also_towards_the_serving_side),
        WITH_RIG(a_superseded_request_to_a_part_may_still_land),
        WITH_RIG(a_part_that_is_written_late_is_taken_back),
        WITH_RIG(a_part_that_somebody_pauses_is_no_write_of_ours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
