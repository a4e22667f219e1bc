/* What the routing API does to a move: answers, silence, refusals, and other people's hands. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/sim/core/stage.h"

static struct stage *begin(const char *name, time_ms drain_ms)
{
    struct service_settings settings = stage_settings();
    settings.drain_ms[DRAIN_SLOW] = drain_ms;
    struct stage *stage = stage_new(name, 3, &settings);
    stage_to(stage, 40000);
    return stage;
}

struct trouble {
    const char *name;
    enum platform_fault fault;
    size_t count;
    size_t writes; /* that reach the API until the switch has taken effect */
};

static const struct trouble troubles[] = {
    {"unknown_applied", PLATFORM_APPLY_THEN_DROP, 1, 1},
    {"unknown_not_applied", PLATFORM_DROP, 1, 2},
    {"conflict", PLATFORM_EDITED, 1, 2},
    {"rate_limited", PLATFORM_RATE_LIMIT, 2, 3},
    {"server_error", PLATFORM_SERVER_ERROR, 2, 3},
};

static void the_switch_takes_effect_once(void **state)
{
    const struct trouble *trouble = *state;
    struct stage *stage = begin(trouble->name, 0);
    stage_fault(stage, trouble->fault, trouble->count);
    stage_bot(stage, 0, SIDE_PRIMARY, MOOD_REFUSES);
    stage_expect(stage, MOVE_DONE, 110000);
    assert_int_equal(stage_effective_writes(stage, ROUTE_SWITCH), 1);
    assert_int_equal(stage->services[0].platform.write_count, trouble->writes);
    stage_finish(&stage);
}

static void a_switch_that_is_forbidden_is_blocked_unpaused(void **state)
{
    (void)state;
    struct stage *stage = begin("forbidden", 10000);
    stage_bot(stage, 0, SIDE_PRIMARY, MOOD_SLOW);
    stage_expect(stage, MOVE_DRAINING, 80000);
    stage_fault(stage, PLATFORM_FORBIDDEN, 1);
    stage_expect(stage, MOVE_BLOCKED, 100000);
    assert_int_equal(stage_service(stage)->move.why, WHY_FORBIDDEN);
    assert_int_not_equal(stage->services[0].platform.state, ROUTE_PAUSED);
    assert_true(stage_traced(stage, "notice blocked"));
    stage_bot(stage, 0, SIDE_PRIMARY, MOOD_WELL);
    (void)stage_operate(stage, OPERATION_RELEASE, 0);
    stage_expect(stage, MOVE_ABORTED, 101000);
    stage_finish(&stage);
}

static void a_pause_that_is_forbidden_is_blocked_at_once(void **state)
{
    (void)state;
    struct stage *stage = begin("pause_forbidden", 10000);
    stage_fault(stage, PLATFORM_FORBIDDEN, 1);
    stage_bot(stage, 0, SIDE_PRIMARY, MOOD_SLOW);
    stage_expect(stage, MOVE_BLOCKED, 80000);
    assert_int_equal(stage->services[0].platform.state, ROUTE_PRIMARY);
    stage_finish(&stage);
}

static void a_resume_that_is_forbidden_is_told_and_tried_again(void **state)
{
    (void)state;
    struct stage *stage = begin("resume_forbidden", 10000);
    stage_bot(stage, 0, SIDE_PRIMARY, MOOD_SLOW);
    stage_expect(stage, MOVE_DRAINING, 80000);
    stage_fault(stage, PLATFORM_FORBIDDEN, 2);
    (void)stage_operate(stage, OPERATION_HOLD, 600000);
    stage_expect(stage, MOVE_ABORTED, 80000);
    assert_int_equal(stage->services[0].platform.state, ROUTE_PRIMARY);
    assert_int_equal(stage_effective_writes(stage, ROUTE_RESUME), 1);
    assert_true(stage_traced(stage, "notice paused-too-long, primary (forbidden)"));
    stage_finish(&stage);
}

static void an_api_that_is_out_of_reach_delays_the_switch(void **state)
{
    (void)state;
    struct stage *stage = begin("api_unreachable", 0);
    stage_bot(stage, 0, SIDE_PRIMARY, MOOD_REFUSES);
    stage_to(stage, 49000);
    stage_cut_api(stage, 0, true);
    stage_to(stage, 75000);
    assert_int_equal(stage->services[0].platform.write_count, 0);
    stage_cut_api(stage, 0, false);
    stage_expect(stage, MOVE_DONE, 110000);
    assert_int_equal(stage->services[0].platform.write_count, 1);
    stage_finish(&stage);
}

static void a_pause_that_no_switch_follows_is_ended(void **state)
{
    (void)state;
    struct stage *stage = begin("paused_too_long", 10000);
    stage_bot(stage, 0, SIDE_PRIMARY, MOOD_SLOW);
    stage_expect(stage, MOVE_DRAINING, 80000);
    stage_cut_api(stage, 0, true);
    stage_expect(stage, MOVE_RETREATING, 160000);
    stage_cut_api(stage, 0, false);
    stage_expect(stage, MOVE_BLOCKED, 170000);
    assert_int_equal(stage_service(stage)->move.why, WHY_PAUSED_TOO_LONG);
    assert_int_equal(stage->services[0].platform.state, ROUTE_STANDBY); /* the better side */
    assert_true(stage_traced(stage, "notice paused-too-long"));
    stage_finish(&stage);
}

static void a_foreign_route_is_never_overwritten(void **state)
{
    (void)state;
    struct stage *stage = begin("foreign", 0);
    stage_edit(stage, ROUTE_FOREIGN);
    stage_bot(stage, 0, SIDE_PRIMARY, MOOD_REFUSES);
    stage_to(stage, 75000);
    assert_int_equal(stage->services[0].platform.write_count, 0);
    assert_int_equal(stage_service(stage)->inquiry.gate, WHY_ROUTE_FOREIGN);
    assert_true(stage_traced(stage, "notice route-foreign"));
    stage_edit(stage, ROUTE_PRIMARY);
    stage_expect(stage, MOVE_DONE, 120000);
    stage_finish(&stage);
}

static void a_route_that_turns_foreign_under_a_move_blocks_it(void **state)
{
    (void)state;
    struct stage *stage = begin("foreign_under_move", 10000);
    stage_bot(stage, 0, SIDE_PRIMARY, MOOD_SLOW);
    stage_expect(stage, MOVE_DRAINING, 80000);
    stage_edit(stage, ROUTE_FOREIGN);
    stage_expect(stage, MOVE_BLOCKED, 100000);
    assert_int_equal(stage_service(stage)->move.why, WHY_ROUTE_FOREIGN);
    assert_int_equal(stage_effective_writes(stage, ROUTE_SWITCH), 0);
    stage_finish(&stage);
}

static void a_switch_by_hand_is_adopted_and_held(void **state)
{
    (void)state;
    struct stage *stage = begin("adopted", 0);
    stage_edit(stage, ROUTE_STANDBY);
    stage_to(stage, 130000);
    assert_int_equal(stage_service(stage)->serving, SIDE_STANDBY);
    assert_true(stage_service(stage)->hold.active && stage_service(stage)->hold.indefinite);
    stage_bot(stage, 0, SIDE_STANDBY, MOOD_REFUSES);
    stage_to(stage, 170000);
    assert_int_equal(stage_service(stage)->inquiry.gate, WHY_ON_HOLD);
    (void)stage_operate(stage, OPERATION_RELEASE, 0);
    stage_expect(stage, MOVE_DONE, 200000);
    assert_int_equal(stage->services[0].platform.state, ROUTE_PRIMARY);
    stage_finish(&stage);
}

static void a_switch_that_is_not_seen_to_work_is_told(void **state)
{
    (void)state;
    struct stage *stage = begin("unverified", 0);
    stage_bot(stage, 0, SIDE_PRIMARY, MOOD_REFUSES);
    stage_expect(stage, MOVE_VERIFYING, 80000);
    stage_bot(stage, 0, SIDE_STANDBY, MOOD_REFUSES);
    stage_bot(stage, 0, SIDE_PRIMARY, MOOD_WELL);
    stage_expect(stage, MOVE_UNVERIFIED, 130000);
    assert_true(stage_traced(stage, "notice move-unverified"));
    assert_true(stage_service(stage)->reverse_exempt);
    stage_to(stage, stage->now_ms + 1000);
    stage_expect(stage, MOVE_DONE, 220000);
    assert_int_equal(stage->services[0].platform.state, ROUTE_PRIMARY);
    stage_finish(&stage);
}

#define TROUBLE(place)                                       \
    {                                                        \
        .name = "the_switch_takes_effect_once: " #place,     \
        .test_func = the_switch_takes_effect_once,           \
        .initial_state = (void *)(uintptr_t)&troubles[place] \
    }

/* The outcome takes its time, and another command of the service is applied before it. */
static void a_refused_request_is_not_made_again_while_its_outcome_is_on_its_way(void **state)
{
    (void)state;
    struct stage *stage = begin("refused_once", 10000);
    stage_fault(stage, PLATFORM_FORBIDDEN, 1);
    stage_bot(stage, 0, SIDE_PRIMARY, MOOD_SLOW);
    stage_expect(stage, MOVE_PAUSING, 80000);
    for (node_id node = 1; node <= stage->node_count; node++)
        stage->actors[node].persist_ms = 400;
    (void)stage_operate(stage, OPERATION_ARM, 0);
    stage_expect(stage, MOVE_BLOCKED, 90000);
    assert_int_equal(stage->services[0].platform.write_count, 1);
    assert_int_equal(stage->services[0].platform.state, ROUTE_PRIMARY);
    stage_finish(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TROUBLE(0),
        TROUBLE(1),
        TROUBLE(2),
        TROUBLE(3),
        TROUBLE(4),
        cmocka_unit_test(a_switch_that_is_forbidden_is_blocked_unpaused),
        cmocka_unit_test(a_pause_that_is_forbidden_is_blocked_at_once),
        cmocka_unit_test(a_resume_that_is_forbidden_is_told_and_tried_again),
        cmocka_unit_test(an_api_that_is_out_of_reach_delays_the_switch),
        cmocka_unit_test(a_pause_that_no_switch_follows_is_ended),
        cmocka_unit_test(a_foreign_route_is_never_overwritten),
        cmocka_unit_test(a_route_that_turns_foreign_under_a_move_blocks_it),
        cmocka_unit_test(a_switch_by_hand_is_adopted_and_held),
        cmocka_unit_test(a_switch_that_is_not_seen_to_work_is_told),
        cmocka_unit_test(a_refused_request_is_not_made_again_while_its_outcome_is_on_its_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
