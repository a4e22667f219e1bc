/* What keeps a route from flapping and people from being surprised: limits, late requests, returns,
 * holds, gates, and a leader that can act. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/sim/core/stage.h"

enum { PROOF_MS = 60000 };

static struct stage *begin(const char *name, time_ms drain_ms)
{
    struct service_settings settings = stage_settings();
    settings.drain_ms[DRAIN_SLOW] = drain_ms;
    struct stage *stage = stage_new(name, 3, &settings);
    stage_to(stage, 40000);
    return stage;
}

static enum route_state route_of(const struct stage *stage)
{
    return stage->services[0].platform.state;
}

static void a_rate_limit_is_waited_for_up_to_a_limit(void **state)
{
    (void)state;
    struct stage *stage = begin("rate_limit_blocks", 0);
    stage_fault(stage, PLATFORM_RATE_LIMIT, PLATFORM_FAULTS_MAX);
    stage_bot(stage, 0, SIDE_PRIMARY, MOOD_REFUSES);
    stage_expect(stage, MOVE_SWITCHING, 60000);
    time_ms began_ms = stage->now_ms;
    stage_expect(stage, MOVE_BLOCKED, 130000);
    assert_in_range(stage->now_ms - began_ms, 50000, 62000);
    assert_int_equal(stage_service(stage)->move.why, WHY_RATE_LIMITED);
    assert_int_equal(route_of(stage), ROUTE_PRIMARY);
    assert_true(stage_traced(stage, "notice blocked, standby (rate-limited)"));
    stage_finish(&stage);
}

static void a_rate_limit_never_leaves_the_route_paused(void **state)
{
    (void)state;
    struct stage *stage = begin("rate_limit_paused", 10000);
    stage_bot(stage, 0, SIDE_PRIMARY, MOOD_SLOW);
    stage_expect(stage, MOVE_DRAINING, 80000);
    stage_fault(stage, PLATFORM_RATE_LIMIT, PLATFORM_FAULTS_MAX);
    stage_expect(stage, MOVE_RETREATING, 150000);
    stage_expect(stage, MOVE_BLOCKED, 250000);
    assert_int_equal(stage_service(stage)->move.why, WHY_RATE_LIMITED);
    assert_int_not_equal(route_of(stage), ROUTE_PAUSED);
    stage_finish(&stage);
}

static void give_up_a_pause_that_lands(struct stage *stage)
{
    stage_fault(stage, PLATFORM_LATE, 1);
    stage_fault(stage, PLATFORM_FORBIDDEN, 1);
    stage_bot(stage, 0, SIDE_PRIMARY, MOOD_SLOW);
    stage_expect(stage, MOVE_BLOCKED, 80000);
    assert_int_equal(route_of(stage), ROUTE_PRIMARY);
}

static void a_pause_that_lands_late_is_taken_back(void **state)
{
    (void)state;
    struct stage *stage = begin("late_pause", 10000);
    give_up_a_pause_that_lands(stage);
    time_ms blocked_ms = stage->now_ms;
    stage_expect(stage, MOVE_RETREATING, blocked_ms + 15000);
    assert_int_equal(route_of(stage), ROUTE_PAUSED);
    stage_expect(stage, MOVE_BLOCKED, stage->now_ms + 1000);
    assert_int_not_equal(route_of(stage), ROUTE_PAUSED);
    assert_int_equal(stage_service(stage)->move.why, WHY_LATE_WRITE);
    assert_false(stage_service(stage)->hold.active);
    stage_finish(&stage);
}

static void a_pause_that_lands_late_is_taken_back_by_the_next_leader(void **state)
{
    (void)state;
    struct stage *stage = begin("late_pause_next_leader", 10000);
    give_up_a_pause_that_lands(stage);
    stage_crash(stage, stage_leader(stage));
    stage_expect(stage, MOVE_RETREATING, stage->now_ms + 25000);
    stage_expect(stage, MOVE_BLOCKED, stage->now_ms + 1000);
    assert_int_not_equal(route_of(stage), ROUTE_PAUSED);
    stage_finish(&stage);
}

static void a_humans_pause_stays(void **state)
{
    (void)state;
    struct stage *stage = begin("humans_pause", 10000);
    stage_fault(stage, PLATFORM_FORBIDDEN, 1);
    stage_bot(stage, 0, SIDE_PRIMARY, MOOD_SLOW);
    stage_expect(stage, MOVE_BLOCKED, 80000);
    stage_edit(stage, ROUTE_PAUSED);
    stage_to(stage, stage->now_ms + 130000);
    assert_int_equal(route_of(stage), ROUTE_PAUSED);
    assert_int_equal(stage_service(stage)->route, ROUTE_PAUSED);
    assert_true(stage_traced(stage, "notice paused-too-long, primary (adopted)"));
    stage_edit(stage, ROUTE_PRIMARY);
    stage_to(stage, stage->now_ms + 130000);
    stage_finish(&stage);
}

/* 409, and what is there now is a third party's. */
static void a_conflict_with_a_strangers_value_is_blocked_and_told(void **state)
{
    (void)state;
    struct stage *stage = begin("conflict_foreign", 0);
    stage_bot(stage, 0, SIDE_PRIMARY, MOOD_REFUSES);
    stage_expect(stage, MOVE_SWITCHING, 60000);
    stage_edit(stage, ROUTE_FOREIGN); /* the request is on its way */
    stage_expect(stage, MOVE_BLOCKED, 65000);
    assert_int_equal(stage_service(stage)->move.why, WHY_ROUTE_FOREIGN);
    assert_true(stage_traced(stage, "notice blocked, standby (route-foreign)"));
    stage_to(stage, stage->now_ms + 130000);
    assert_int_equal(route_of(stage), ROUTE_FOREIGN);
    assert_int_equal(stage_effective_writes(stage, ROUTE_SWITCH), 0);
    stage_finish(&stage);
}

/* Drift is judged `propagation` after the last outcome, and by readings that agree. */
static void a_route_that_is_set_back_after_a_move_is_adopted_and_held(void **state)
{
    (void)state;
    struct stage *stage = begin("set_back", 0);
    stage_bot(stage, 0, SIDE_PRIMARY, MOOD_REFUSES);
    stage_expect(stage, MOVE_DONE, 80000);
    stage_edit(stage, ROUTE_PRIMARY);
    stage_edit(stage, ROUTE_STANDBY); /* a moment that no reading sees is nothing */
    stage_to(stage, stage->now_ms + 70000);
    assert_false(stage_service(stage)->hold.active);
    stage_edit(stage, ROUTE_PRIMARY);
    stage_to(stage, stage->now_ms + 130000);
    assert_int_equal(stage_service(stage)->serving, SIDE_PRIMARY);
    assert_true(stage_service(stage)->hold.active);
    assert_true(stage_traced(stage, "notice route-foreign, primary (adopted)"));
    assert_int_equal(stage->services[0].platform.write_count, 1);
    stage_judge(stage);
    stage_free(&stage);
}

static void the_primary_gets_its_service_back_after_the_hold_time(void **state)
{
    (void)state;
    struct service_settings settings = stage_settings();
    settings.drain_ms[DRAIN_PLANNED] = 0;
    settings.failback_auto = true;
    settings.failback_after_ms = 900000;
    struct stage *stage = stage_new("failback_auto", 3, &settings);
    stage_to(stage, 40000);
    stage_bot(stage, 0, SIDE_PRIMARY, MOOD_REFUSES);
    stage_expect(stage, MOVE_DONE, 110000);
    time_ms done_ms = stage->now_ms;
    stage_bot(stage, 0, SIDE_PRIMARY, MOOD_WELL);
    stage_to(stage, done_ms + settings.failback_after_ms - 1000);
    assert_int_equal(stage_service(stage)->serving, SIDE_STANDBY);
    stage_expect(stage, MOVE_SWITCHING, done_ms + settings.failback_after_ms + 15000);
    assert_int_equal(stage_service(stage)->move.cause, CAUSE_FAILBACK);
    stage_expect(stage, MOVE_DONE, stage->now_ms + 30000);
    assert_int_equal(route_of(stage), ROUTE_PRIMARY);
    stage_finish(&stage);
}

static void a_primary_that_stays_down_gets_nothing_back(void **state)
{
    (void)state;
    struct service_settings settings = stage_settings();
    settings.failback_auto = true;
    settings.failback_after_ms = 700000;
    struct stage *stage = stage_new("failback_waits", 3, &settings);
    stage_to(stage, 40000);
    stage_bot(stage, 0, SIDE_PRIMARY, MOOD_REFUSES);
    stage_expect(stage, MOVE_DONE, 110000);
    stage_to(stage, stage->now_ms + 1500000);
    assert_int_equal(stage_service(stage)->serving, SIDE_STANDBY);
    assert_int_equal(stage->services[0].platform.write_count, 1);
    stage_judge(stage);
    stage_free(&stage);
}

/* Longer than `within`: the FAILs that convicted at first are old long since. */
static void a_gated_conviction_moves_as_soon_as_the_standby_is_well(void **state)
{
    (void)state;
    struct stage *stage = begin("gated", 0);
    stage_bot(stage, 0, SIDE_STANDBY, MOOD_REFUSES);
    stage_bot(stage, 0, SIDE_PRIMARY, MOOD_REFUSES);
    stage_to(stage, 400000);
    assert_int_equal(stage_count(stage, "notice gated, primary (destination-not-better)"), 1);
    assert_int_equal(stage->services[0].platform.write_count, 0);
    stage_bot(stage, 0, SIDE_STANDBY, MOOD_WELL);
    stage_expect(stage, MOVE_SWITCHING, 400000 + 6000);
    stage_expect(stage, MOVE_DONE, 430000);
    assert_int_equal(route_of(stage), ROUTE_STANDBY);
    stage_finish(&stage);
}

/* DESIGN 7: a leader that dies does not make the cooldown begin anew, or end. */
static void the_cooldown_runs_from_the_moves_end_whoever_leads(void **state)
{
    (void)state;
    struct stage *stage = begin("cooldown_crash", 0);
    stage_bot(stage, 0, SIDE_PRIMARY, MOOD_REFUSES);
    stage_expect(stage, MOVE_DONE, 80000);
    time_ms done_ms = stage->now_ms;
    stage_bot(stage, 0, SIDE_PRIMARY, MOOD_WELL);
    stage_bot(stage, 0, SIDE_STANDBY, MOOD_REFUSES);
    node_id first = stage_leader(stage);
    stage_to(stage, done_ms + 100000);
    stage_crash(stage, first);
    stage_to(stage, done_ms + 590000);
    assert_int_equal(stage_service(stage)->inquiry.gate, WHY_COOLDOWN);
    assert_int_equal(stage->services[0].platform.write_count, 1);
    stage_restart(stage, first);
    stage_expect(stage, MOVE_SWITCHING, done_ms + 600000 + 20000);
    assert_true(stage->now_ms >= done_ms + 600000);
    stage_expect(stage, MOVE_DONE, stage->now_ms + 30000);
    stage_judge(stage);
    stage_free(&stage);
}

static void a_hold_of_all_aborts_and_keeps_moves_back(void **state)
{
    (void)state;
    struct stage *stage = begin("hold_all", 10000);
    stage_bot(stage, 0, SIDE_PRIMARY, MOOD_SLOW);
    stage_expect(stage, MOVE_DRAINING, 80000);
    (void)stage_operate(stage, OPERATION_HOLD_ALL, 600000);
    stage_expect(stage, MOVE_ABORTED, 80000);
    stage_to(stage, stage->now_ms + 60000);
    assert_int_equal(stage_service(stage)->inquiry.gate, WHY_ON_HOLD);
    assert_true(stage_traced(stage, "notice gated, primary (on-hold)"));
    (void)stage_operate(stage, OPERATION_RELEASE_ALL, 0);
    stage_expect(stage, MOVE_DONE, stage->now_ms + 60000);
    assert_int_equal(route_of(stage), ROUTE_STANDBY);
    stage_finish(&stage);
}

static void leadership_goes_to_a_node_that_can_act(void **state)
{
    (void)state;
    struct stage *stage = begin("leader_cannot_act", 0);
    node_id first = stage_leader(stage);
    stage_cut_api(stage, first, true);
    time_ms cut_ms = stage->now_ms;
    while (stage_leader(stage) == first && stage->now_ms < cut_ms + 2 * PROOF_MS)
        stage_to(stage, stage->now_ms + 100);
    stage_to(stage, stage->now_ms + 100);
    node_id second = stage_leader(stage);
    assert_int_not_equal(second, 0);
    assert_int_not_equal(second, first);
    assert_true(stage_traced(stage, "notice cannot-act, primary (cannot-act)"));
    stage_cut_api(stage, first, false);
    stage_to(stage, stage->now_ms + 5 * PROOF_MS);
    assert_int_equal(stage_leader(stage), second); /* it can act: nothing to hand over */
    stage_finish(&stage);
}

static void where_nobody_can_act_leadership_rests(void **state)
{
    (void)state;
    struct stage *stage = begin("nobody_can_act", 0);
    stage_cut_api(stage, 0, true);
    stage_to(stage, stage->now_ms + 3 * PROOF_MS);
    size_t terms = stage_count(stage, "leads term");
    assert_in_range(terms, 1, 1 + 3);
    stage_to(stage, stage->now_ms + 20 * PROOF_MS);
    assert_int_equal(stage_count(stage, "leads term"), terms);
    stage_judge(stage);
    stage_free(&stage);
}

static void a_move_goes_on_under_a_leader_that_can_act(void **state)
{
    (void)state;
    struct stage *stage = begin("move_of_a_dark_leader", 0);
    stage_bot(stage, 0, SIDE_PRIMARY, MOOD_REFUSES);
    stage_to(stage, 49000);
    stage_cut_api(stage, stage_leader(stage), true);
    stage_expect(stage, MOVE_DONE, 85000);
    assert_int_equal(stage_effective_writes(stage, ROUTE_SWITCH), 1);
    stage_finish(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rate_limit_is_waited_for_up_to_a_limit),
        cmocka_unit_test(a_rate_limit_never_leaves_the_route_paused),
        cmocka_unit_test(a_pause_that_lands_late_is_taken_back),
        cmocka_unit_test(a_pause_that_lands_late_is_taken_back_by_the_next_leader),
        cmocka_unit_test(a_humans_pause_stays),
        cmocka_unit_test(a_conflict_with_a_strangers_value_is_blocked_and_told),
        cmocka_unit_test(a_route_that_is_set_back_after_a_move_is_adopted_and_held),
        cmocka_unit_test(the_primary_gets_its_service_back_after_the_hold_time),
        cmocka_unit_test(a_primary_that_stays_down_gets_nothing_back),
        cmocka_unit_test(a_gated_conviction_moves_as_soon_as_the_standby_is_well),
        cmocka_unit_test(the_cooldown_runs_from_the_moves_end_whoever_leads),
        cmocka_unit_test(a_hold_of_all_aborts_and_keeps_moves_back),
        cmocka_unit_test(leadership_goes_to_a_node_that_can_act),
        cmocka_unit_test(where_nobody_can_act_leadership_rests),
        cmocka_unit_test(a_move_goes_on_under_a_leader_that_can_act),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
