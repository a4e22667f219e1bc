/* Faults of bots and networks: what moves the route, and what does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "node/core/explain.h"
#include "tests/sim/core/stage.h"

static void nothing_happens_while_all_is_well(void **state)
{
    (void)state;
    struct service_settings settings = stage_settings();
    struct stage *stage = stage_new("steady", 3, &settings);
    stage_to(stage, 600000);
    assert_int_equal(stage->services[0].platform.write_count, 0);
    assert_false(stage_traced(stage, "inquiry-open"));
    assert_false(stage_traced(stage, "notice"));
    stage_finish(&stage);
}

static void a_congested_node_says_that_it_cannot_tell(void **state)
{
    (void)state;
    struct service_settings settings = stage_settings();
    struct stage *stage = stage_new("one_node_congested", 3, &settings);
    stage_to(stage, 100000);
    stage_congest(stage, 3, true);
    stage_to(stage, 250000);
    assert_true(stage_traced(stage, "CANNOT_TELL (a majority of my references were slow"));
    assert_false(stage_traced(stage, "inquiry-open"));
    assert_int_equal(stage->services[0].platform.write_count, 0);
    stage_finish(&stage);
}

static void a_congested_leader_does_not_move_the_route_either(void **state)
{
    (void)state;
    struct service_settings settings = stage_settings();
    struct stage *stage = stage_new("leader_congested", 3, &settings);
    stage_to(stage, 100000);
    stage_congest(stage, stage_leader(stage), true);
    stage_to(stage, 250000);
    assert_int_equal(stage->services[0].platform.write_count, 0);
    stage_finish(&stage);
}

static void a_node_cut_from_the_primary_alone_is_outvoted(void **state)
{
    (void)state;
    struct service_settings settings = stage_settings();
    struct stage *stage = stage_new("one_node_cut_from_primary", 3, &settings);
    stage_to(stage, 40000);
    stage_bot(stage, 3, SIDE_PRIMARY, MOOD_HANGS);
    stage_to(stage, 300000);
    const struct core *leader = stage->actors[stage_leader(stage)].core;
    assert_true(leader->leads[0].complaint[3][SIDE_PRIMARY].path_fault);
    assert_int_equal(stage->services[0].platform.write_count, 0);
    assert_false(stage_traced(stage, "convicts"));
    stage_bot(stage, 3, SIDE_PRIMARY, MOOD_WELL);
    stage_to(stage, 340000);
    assert_false(leader->leads[0].complaint[3][SIDE_PRIMARY].path_fault);
    stage_finish(&stage);
}

static void a_dead_primary_is_switched_away_from_once(void **state)
{
    (void)state;
    struct service_settings settings = stage_settings();
    struct stage *stage = stage_new("primary_down", 3, &settings);
    stage_to(stage, 40000);
    stage_bot(stage, 0, SIDE_PRIMARY, MOOD_HANGS);
    stage_expect(stage, MOVE_DONE, 90000);
    assert_int_equal(stage->services[0].platform.write_count, 1);
    assert_int_equal(stage_service(stage)->serving, SIDE_STANDBY);
    stage_to(stage, 100000);
    stage_finish(&stage);
}

static void a_dead_primary_is_switched_away_from_by_five(void **state)
{
    (void)state;
    struct service_settings settings = stage_settings();
    struct stage *stage = stage_new("primary_down_five", 5, &settings);
    stage_to(stage, 40000);
    stage_bot(stage, 0, SIDE_PRIMARY, MOOD_REFUSES);
    stage_expect(stage, MOVE_DONE, 90000);
    assert_int_equal(stage->services[0].platform.write_count, 1);
    stage_finish(&stage);
}

static void two_of_five_that_lie_move_nothing(void **state)
{
    (void)state;
    struct service_settings settings = stage_settings();
    struct stage *stage = stage_new("two_of_five_lie", 5, &settings);
    stage_to(stage, 40000);
    stage_bot(stage, 1, SIDE_PRIMARY, MOOD_WRONG);
    stage_bot(stage, 4, SIDE_PRIMARY, MOOD_WRONG);
    stage_to(stage, 120000);
    assert_int_equal(stage->services[0].platform.write_count, 0);
    assert_false(stage_traced(stage, "convicts"));
    stage_finish(&stage);
}

static void a_slow_primary_is_drained_first(void **state)
{
    (void)state;
    struct service_settings settings = stage_settings();
    struct stage *stage = stage_new("primary_slow", 3, &settings);
    stage_to(stage, 40000);
    stage_bot(stage, 0, SIDE_PRIMARY, MOOD_SLOW);
    stage_expect(stage, MOVE_DRAINING, 80000);
    stage_expect(stage, MOVE_DONE, 200000);
    assert_int_equal(stage_effective_writes(stage, ROUTE_PAUSE), 1);
    assert_int_equal(stage_effective_writes(stage, ROUTE_SWITCH), 1);
    assert_int_equal(stage->services[0].platform.write_count, 2);
    stage_finish(&stage);
}

static void a_bare_quorum_does_not_pause(void **state)
{
    (void)state;
    struct service_settings settings = stage_settings();
    struct stage *stage = stage_new("bare_quorum_does_not_pause", 3, &settings);
    stage_to(stage, 40000);
    stage_crash(stage, stage_leader(stage) == 3 ? 1 : 3);
    stage_bot(stage, 0, SIDE_PRIMARY, MOOD_SLOW);
    stage_expect(stage, MOVE_DONE, 120000);
    assert_int_equal(stage_effective_writes(stage, ROUTE_PAUSE), 0);
    assert_int_equal(stage_effective_writes(stage, ROUTE_SWITCH), 1);
    stage_finish(&stage);
}

static void a_recovery_during_the_drain_aborts_and_resumes(void **state)
{
    (void)state;
    struct service_settings settings = stage_settings();
    struct stage *stage = stage_new("recovery_during_drain", 3, &settings);
    stage_to(stage, 40000);
    stage_bot(stage, 0, SIDE_PRIMARY, MOOD_SLOW);
    stage_expect(stage, MOVE_DRAINING, 80000);
    stage_bot(stage, 0, SIDE_PRIMARY, MOOD_WELL);
    stage_expect(stage, MOVE_ABORTED, 110000);
    assert_int_equal(stage_effective_writes(stage, ROUTE_RESUME), 1);
    assert_int_equal(stage_effective_writes(stage, ROUTE_SWITCH), 0);
    assert_int_equal(stage->services[0].platform.state, ROUTE_PRIMARY);
    (void)stage_operate(stage, OPERATION_HOLD, 1000);
    stage_to(stage, stage->now_ms + 100);
    assert_int_equal(stage_count(stage, "tells the primary: normal mode"), 1);
    stage_finish(&stage);
}

static void with_both_sides_down_the_move_waits_for_the_standby(void **state)
{
    (void)state;
    struct service_settings settings = stage_settings();
    struct stage *stage = stage_new("both_down", 3, &settings);
    stage_to(stage, 40000);
    stage_bot(stage, 0, SIDE_PRIMARY, MOOD_REFUSES);
    stage_bot(stage, 0, SIDE_STANDBY, MOOD_REFUSES);
    stage_to(stage, 80000);
    assert_int_equal(stage_service(stage)->inquiry.gate, WHY_DESTINATION_NOT_BETTER);
    assert_int_equal(stage->services[0].platform.write_count, 0);
    stage_bot(stage, 0, SIDE_STANDBY, MOOD_WELL);
    stage_expect(stage, MOVE_DONE, 120000);
    assert_int_equal(stage->services[0].platform.write_count, 1);
    stage_finish(&stage);
}

static void a_dead_standby_is_told_and_nothing_moves(void **state)
{
    (void)state;
    struct service_settings settings = stage_settings();
    struct stage *stage = stage_new("standby_down", 3, &settings);
    stage_to(stage, 40000);
    stage_bot(stage, 0, SIDE_STANDBY, MOOD_REFUSES);
    stage_to(stage, 140000);
    assert_true(stage_traced(stage, "notice standby-convicted"));
    assert_int_equal(stage->services[0].platform.write_count, 0);
    stage_finish(&stage);
}

static void dead_references_do_not_hide_a_dead_primary(void **state)
{
    (void)state;
    struct service_settings settings = stage_settings();
    struct stage *stage = stage_new("references_and_primary_down", 3, &settings);
    stage_to(stage, 40000);
    stage_reference(stage, 0, MOOD_REFUSES);
    stage_bot(stage, 0, SIDE_PRIMARY, MOOD_REFUSES);
    stage_expect(stage, MOVE_DONE, 120000);
    stage_finish(&stage);
}

static void nodes_that_cannot_tell_are_blind(void **state)
{
    (void)state;
    struct service_settings settings = stage_settings();
    struct stage *stage = stage_new("blind", 3, &settings);
    stage_to(stage, 70000);
    for (node_id node = 1; node <= 3; node++)
        stage_congest(stage, node, true);
    stage_to(stage, 420000);
    assert_true(stage_traced(stage, "notice blind"));
    const struct core *leader = stage->actors[stage_leader(stage)].core;
    assert_int_equal(explain_blind(leader, 0), WHY_NO_QUORUM);
    assert_int_equal(stage->services[0].platform.write_count, 0);
    stage_finish(&stage);
}

/* DESIGN's bound: interval/N + timeout + 2 x max(confirm, timeout) + timeout + 250 ms. */
static void conviction_comes_in_time_whenever_the_fault_comes(void **state)
{
    (void)state;
    struct service_settings settings = stage_settings();
    time_ms bound_ms =
        settings.interval_ms / 3 + 500 + 2 * settings.confirm_interval_ms + 500 + 250;
    for (time_ms phase_ms = 0; phase_ms < settings.interval_ms; phase_ms += 1900) {
        struct stage *stage = stage_new("no_trace", 3, &settings);
        stage->trace.on = false;
        stage_to(stage, 100000 + phase_ms);
        stage_bot(stage, 0, SIDE_PRIMARY, MOOD_HANGS);
        stage_expect(stage, MOVE_SWITCHING, 100000 + phase_ms + bound_ms);
        stage_free(&stage);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_happens_while_all_is_well),
        cmocka_unit_test(a_congested_node_says_that_it_cannot_tell),
        cmocka_unit_test(a_congested_leader_does_not_move_the_route_either),
        cmocka_unit_test(a_node_cut_from_the_primary_alone_is_outvoted),
        cmocka_unit_test(a_dead_primary_is_switched_away_from_once),
        cmocka_unit_test(a_dead_primary_is_switched_away_from_by_five),
        cmocka_unit_test(two_of_five_that_lie_move_nothing),
        cmocka_unit_test(a_slow_primary_is_drained_first),
        cmocka_unit_test(a_bare_quorum_does_not_pause),
        cmocka_unit_test(a_recovery_during_the_drain_aborts_and_resumes),
        cmocka_unit_test(with_both_sides_down_the_move_waits_for_the_standby),
        cmocka_unit_test(a_dead_standby_is_told_and_nothing_moves),
        cmocka_unit_test(dead_references_do_not_hide_a_dead_primary),
        cmocka_unit_test(nodes_that_cannot_tell_are_blind),
        cmocka_unit_test(conviction_comes_in_time_whenever_the_fault_comes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
