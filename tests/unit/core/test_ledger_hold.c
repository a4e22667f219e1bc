/* The ledger's apply: holds of all services beside those of one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "node/core/guard.h"
#include "proto/level.h"
#include "tests/unit/core/ledger_rig.h"

static int setup(void **state)
{
    struct ledger_rig *rig = ledger_rig_new();
    rig->ledger.level = PROTO_LEVEL_HELLO;
    *state = rig;
    return 0;
}

static int teardown(void **state)
{
    struct ledger_rig *rig = *state;
    ledger_rig_free(&rig);
    return 0;
}

static struct command hold_all(time_ms for_ms)
{
    struct command command = ledger_rig_command(COMMAND_HOLD_ALL);
    command.service = SERVICE_SLOT_NONE;
    command.as.hold.for_ms = for_ms;
    command.as.hold.indefinite = for_ms == 0;
    return command;
}

static struct guard_answer ask_guard(struct ledger_rig *rig)
{
    const struct move_opening wanted = {.to = side_other(ledger_rig_service(rig)->serving)};
    return guard_open(&rig->ledger, ledger_rig_service(rig), &wanted);
}

static void a_hold_of_all_gates_a_conviction_until_it_expires(void **state)
{
    struct ledger_rig *rig = *state;
    struct command hold = hold_all(5000);
    ledger_rig_inquire(rig);
    ledger_rig_accept(rig, &hold);
    time_ms until_ms = rig->ledger.now_ms + 5000;
    ledger_rig_close_all(rig, "FP", 2);
    struct command third = ledger_rig_close_and_move(rig, "FP", ROUTE_SWITCH);
    ledger_rig_accept(rig, &third);
    assert_int_equal(ledger_rig_service(rig)->inquiry.gate, WHY_ON_HOLD);
    assert_false(move_is_open(&ledger_rig_service(rig)->move));
    assert_int_equal(ask_guard(rig).earliest_ms, until_ms);
    assert_int_equal(ledger_tick_every_ms(&rig->ledger), LEDGER_TICK_MS);
    ledger_rig_wait(rig, 5000);
    assert_false(rig->ledger.hold.active);
    assert_int_equal(ask_guard(rig).why, WHY_NONE);
}

static void a_hold_of_all_aborts_what_is_before_its_switch(void **state)
{
    struct ledger_rig *rig = *state;
    struct command hold = hold_all(0);
    ledger_rig_to_draining(rig);
    ledger_rig_accept(rig, &hold);
    ledger_rig_assert_state(rig, MOVE_RESUMING);
    assert_int_equal(ledger_rig_service(rig)->move.why, WHY_ON_HOLD);
}

static void a_hold_of_all_leaves_a_switch_alone(void **state)
{
    struct ledger_rig *rig = *state;
    struct command hold = hold_all(0);
    ledger_rig_to_switching(rig);
    ledger_rig_accept(rig, &hold);
    ledger_rig_assert_state(rig, MOVE_SWITCHING);
}

static void releasing_all_leaves_single_holds(void **state)
{
    struct ledger_rig *rig = *state;
    struct command all = hold_all(0);
    struct command one = ledger_rig_command(COMMAND_HOLD);
    struct command release = ledger_rig_command(COMMAND_RELEASE_ALL);
    release.service = SERVICE_SLOT_NONE;
    one.as.hold.indefinite = true;
    ledger_rig_accept(rig, &all);
    ledger_rig_accept(rig, &one);
    ledger_rig_accept(rig, &release);
    assert_false(rig->ledger.hold.active);
    assert_true(ledger_rig_service(rig)->hold.active);
}

static void releasing_one_leaves_the_hold_of_all(void **state)
{
    struct ledger_rig *rig = *state;
    struct command all = hold_all(0);
    struct command release = ledger_rig_command(COMMAND_RELEASE);
    ledger_rig_accept(rig, &all);
    ledger_rig_accept(rig, &release);
    assert_int_equal(ask_guard(rig).why, WHY_ON_HOLD);
}

static void an_operators_move_is_made_under_a_hold_of_all(void **state)
{
    struct ledger_rig *rig = *state;
    struct command all = hold_all(0);
    struct command move = ledger_rig_operator_move(SIDE_STANDBY, 9);
    ledger_rig_accept(rig, &all);
    ledger_rig_accept(rig, &move);
}

#define WITH_RIG(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_RIG(a_hold_of_all_gates_a_conviction_until_it_expires),
        WITH_RIG(a_hold_of_all_aborts_what_is_before_its_switch),
        WITH_RIG(a_hold_of_all_leaves_a_switch_alone),
        WITH_RIG(releasing_all_leaves_single_holds),
        WITH_RIG(releasing_one_leaves_the_hold_of_all),
        WITH_RIG(an_operators_move_is_made_under_a_hold_of_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
