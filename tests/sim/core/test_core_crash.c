/* A leader that dies in the midst of a move: its successor ends the move, and the switch takes
 * effect once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/sim/core/stage.h"

struct crash {
    const char *name;
    enum mood mood; /* of the primary: SLOW drains first, HANGS is switched away from at once */
    enum trap trap;
    enum route_step step;
    enum move_state state;
    enum platform_fault fault; /* of the request under way */
    time_ms back_after_ms;     /* when the dead node comes back; 0: after the move */
};

static const struct crash crashes[] = {
    {"crash_pause_accepted", MOOD_SLOW, TRAP_ACCEPTED, ROUTE_PAUSE, MOVE_NONE, PLATFORM_WELL, 5000},
    {"crash_pause_sent", MOOD_SLOW, TRAP_SENT, ROUTE_PAUSE, MOVE_NONE, PLATFORM_WELL, 5000},
    {"crash_pause_lost", MOOD_SLOW, TRAP_LOST, ROUTE_PAUSE, MOVE_NONE, PLATFORM_WELL, 0},
    {"crash_draining", MOOD_SLOW, TRAP_STATE, ROUTE_STEP_N, MOVE_DRAINING, PLATFORM_WELL, 5000},
    {"crash_ready", MOOD_SLOW, TRAP_STATE, ROUTE_STEP_N, MOVE_READY, PLATFORM_WELL, 0},
    {"crash_switch_accepted", MOOD_HANGS, TRAP_ACCEPTED, ROUTE_SWITCH, MOVE_NONE, PLATFORM_WELL, 0},
    {"crash_switch_sent", MOOD_HANGS, TRAP_SENT, ROUTE_SWITCH, MOVE_NONE, PLATFORM_WELL, 0},
    {"crash_switch_lost", MOOD_HANGS, TRAP_LOST, ROUTE_SWITCH, MOVE_NONE, PLATFORM_WELL, 500},
    {"crash_switch_after_drain", MOOD_SLOW, TRAP_SENT, ROUTE_SWITCH, MOVE_NONE, PLATFORM_WELL, 0},
    {"crash_switch_conflict", MOOD_HANGS, TRAP_SENT, ROUTE_SWITCH, MOVE_NONE, PLATFORM_EDITED, 0},
    {"crash_switch_slow", MOOD_HANGS, TRAP_SENT, ROUTE_SWITCH, MOVE_NONE, PLATFORM_SLOW, 0},
    {"crash_verifying", MOOD_HANGS, TRAP_STATE, ROUTE_STEP_N, MOVE_VERIFYING, PLATFORM_WELL, 0},
};

static void the_next_leader_ends_the_move(void **state)
{
    const struct crash *crash = *state;
    struct service_settings settings = stage_settings();
    settings.drain_ms[DRAIN_SLOW] = 20000;
    struct stage *stage = stage_new(crash->name, 3, &settings);
    stage_to(stage, 40000);
    stage_trap(stage, crash->trap, crash->step, crash->state);
    if (crash->fault != PLATFORM_WELL)
        stage_fault(stage, crash->fault, 1);
    stage_bot(stage, 0, SIDE_PRIMARY, crash->mood);
    node_id dead = stage_expect_trap(stage, 90000);
    if (crash->back_after_ms > 0) {
        stage_to(stage, stage->now_ms + crash->back_after_ms);
        stage_restart(stage, dead);
    }
    stage_expect(stage, MOVE_DONE, 150000);
    assert_int_equal(stage_effective_writes(stage, ROUTE_SWITCH), 1);
    assert_true(stage_effective_writes(stage, ROUTE_PAUSE) <= 1);
    assert_int_equal(stage->services[0].platform.state, ROUTE_STANDBY);
    if (crash->back_after_ms == 0)
        stage_restart(stage, dead);
    stage_to(stage, stage->now_ms + 5000);
    assert_int_equal(stage->actors[dead].core->ledger.index,
                     stage->actors[stage_leader(stage)].core->ledger.index);
    stage_finish(&stage);
}

/* The old leader's request may be on its way for D, and its lease was given away, not lost. */
static void a_successor_by_transfer_waits_longer_before_it_repeats(void **state)
{
    (void)state;
    struct service_settings settings = stage_settings();
    struct stage *stage = stage_new("transfer_switching", 3, &settings);
    stage_to(stage, 40000);
    stage_fault(stage, PLATFORM_DROP, 1);
    stage_bot(stage, 0, SIDE_PRIMARY, MOOD_HANGS);
    stage_expect(stage, MOVE_SWITCHING, 60000);
    stage_to(stage, stage->now_ms + 100);
    time_ms transferred_ms = stage->now_ms;
    stage_transfer(stage);
    stage_expect(stage, MOVE_VERIFYING, 70000);
    assert_true(stage->now_ms >= transferred_ms + STAGE_DEADLINE_MS + STAGE_ELECTION_MS);
    stage_expect(stage, MOVE_DONE, 90000);
    assert_int_equal(stage_effective_writes(stage, ROUTE_SWITCH), 1);
    stage_finish(&stage);
}

/* It leads again in the same term, and no longer knows what it sent before. */
static void a_leader_whose_hand_over_fails_reads_before_it_repeats(void **state)
{
    (void)state;
    struct service_settings settings = stage_settings();
    struct stage *stage = stage_new("transfer_fails", 3, &settings);
    stage_to(stage, 40000);
    stage_fault(stage, PLATFORM_DROP, 1);
    stage_bot(stage, 0, SIDE_PRIMARY, MOOD_HANGS);
    stage_expect(stage, MOVE_SWITCHING, 60000);
    stage_to(stage, stage->now_ms + 100);
    node_id leader = stage_leader(stage);
    stage_transfer(stage);
    stage_isolate(stage, stage->actors[leader].core->raft.transfer.target);
    stage_to(stage, stage->now_ms + STAGE_ELECTION_MS + STAGE_HEARTBEAT_MS);
    assert_int_equal(stage_leader(stage), leader);
    stage_expect(stage, MOVE_DONE, 90000);
    assert_int_equal(stage_effective_writes(stage, ROUTE_SWITCH), 1);
    stage_finish(&stage);
}

int main(void)
{
    struct CMUnitTest tests[sizeof crashes / sizeof crashes[0] + 2] = {
        cmocka_unit_test(a_successor_by_transfer_waits_longer_before_it_repeats),
        cmocka_unit_test(a_leader_whose_hand_over_fails_reads_before_it_repeats)};
    for (size_t i = 0; i < sizeof crashes / sizeof crashes[0]; i++)
        tests[i + 2] = (struct CMUnitTest){.name = crashes[i].name,
                                           .test_func = the_next_leader_ends_the_move,
                                           .initial_state = (void *)(uintptr_t)&crashes[i]};
    return cmocka_run_group_tests_name("the next leader ends the move", tests, NULL, NULL);
}
