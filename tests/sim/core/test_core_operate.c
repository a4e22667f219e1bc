/* What operators and settings hold back or ask for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/sim/core/stage.h"

static void observe_mode_says_that_it_would_have_moved(void **state)
{
    (void)state;
    struct service_settings settings = stage_settings();
    settings.mode = MODE_OBSERVE;
    struct stage *stage = stage_new("observe", 3, &settings);
    stage_to(stage, 40000);
    stage_bot(stage, 0, SIDE_PRIMARY, MOOD_REFUSES);
    stage_to(stage, 57000);
    assert_true(stage_traced(stage, "notice would-have-moved"));
    assert_int_equal(stage->services[0].platform.write_count, 0);
    (void)stage_operate(stage, OPERATION_ARM, 0);
    stage_expect(stage, MOVE_DONE, 80000);
    stage_finish(&stage);
}

static void observe_mode_does_not_boast_where_it_could_not_have_moved(void **state)
{
    (void)state;
    struct service_settings settings = stage_settings();
    settings.mode = MODE_OBSERVE;
    struct stage *stage = stage_new("observe_both_down", 3, &settings);
    stage_to(stage, 40000);
    stage_bot(stage, 0, SIDE_PRIMARY, MOOD_REFUSES);
    stage_bot(stage, 0, SIDE_STANDBY, MOOD_REFUSES);
    stage_to(stage, 57000);
    assert_false(stage_traced(stage, "notice would-have-moved"));
    stage_bot(stage, 0, SIDE_STANDBY, MOOD_WELL);
    stage_to(stage, 62000);
    assert_true(stage_traced(stage, "notice would-have-moved"));
    stage_finish(&stage);
}

static void a_hold_keeps_the_route_until_it_expires(void **state)
{
    (void)state;
    struct service_settings settings = stage_settings();
    struct stage *stage = stage_new("hold", 3, &settings);
    stage_to(stage, 35000);
    (void)stage_operate(stage, OPERATION_HOLD, 30000);
    stage_to(stage, 40000);
    stage_bot(stage, 0, SIDE_PRIMARY, MOOD_REFUSES);
    stage_to(stage, 60000);
    assert_int_equal(stage_service(stage)->inquiry.gate, WHY_ON_HOLD);
    assert_int_equal(stage->services[0].platform.write_count, 0);
    stage_expect(stage, MOVE_SWITCHING, 71000);
    stage_expect(stage, MOVE_DONE, 90000);
    stage_finish(&stage);
}

static void a_hold_takes_an_open_move_back_before_its_switch(void **state)
{
    (void)state;
    struct service_settings settings = stage_settings();
    struct stage *stage = stage_new("hold_aborts", 3, &settings);
    stage_to(stage, 40000);
    stage_bot(stage, 0, SIDE_PRIMARY, MOOD_SLOW);
    stage_expect(stage, MOVE_DRAINING, 80000);
    (void)stage_operate(stage, OPERATION_HOLD, 600000);
    stage_expect(stage, MOVE_ABORTED, 81000);
    assert_int_equal(stage->services[0].platform.state, ROUTE_PRIMARY);
    stage_finish(&stage);
}

static void a_cooldown_delays_the_way_back(void **state)
{
    (void)state;
    struct service_settings settings = stage_settings();
    settings.cooldown_ms = 60000;
    struct stage *stage = stage_new("cooldown", 3, &settings);
    stage_to(stage, 40000);
    stage_bot(stage, 0, SIDE_PRIMARY, MOOD_REFUSES);
    stage_expect(stage, MOVE_DONE, 80000);
    time_ms done_ms = stage->now_ms;
    stage_bot(stage, 0, SIDE_PRIMARY, MOOD_WELL);
    stage_bot(stage, 0, SIDE_STANDBY, MOOD_REFUSES);
    stage_to(stage, done_ms + 50000);
    assert_int_equal(stage_service(stage)->inquiry.gate, WHY_COOLDOWN);
    stage_expect(stage, MOVE_SWITCHING, done_ms + 61000);
    assert_true(stage->now_ms >= done_ms + 60000);
    stage_expect(stage, MOVE_DONE, done_ms + 80000);
    assert_int_equal(stage->services[0].platform.state, ROUTE_PRIMARY);
    stage_finish(&stage);
}

static void an_operator_brings_the_service_back(void **state)
{
    (void)state;
    struct service_settings settings = stage_settings();
    settings.drain_ms[DRAIN_PLANNED] = 5000;
    struct stage *stage = stage_new("failback", 3, &settings);
    stage_to(stage, 40000);
    stage_bot(stage, 0, SIDE_PRIMARY, MOOD_REFUSES);
    stage_expect(stage, MOVE_DONE, 80000);
    stage_bot(stage, 0, SIDE_PRIMARY, MOOD_WELL);
    stage_to(stage, 130000);
    (void)stage_operate(stage, OPERATION_FAILBACK, 0); /* the last ballot of the primary is old */
    (void)stage_operate(stage, OPERATION_FAILBACK, 0);
    assert_true(stage_traced(stage, "answers no: a move of the service is open"));
    stage_expect(stage, MOVE_PAUSING, 131000);
    stage_expect(stage, MOVE_DONE, 160000);
    assert_int_equal(stage->services[0].platform.state, ROUTE_PRIMARY);
    assert_true(stage_traced(stage, "tells the primary: normal mode"));
    (void)stage_operate(stage, OPERATION_FAILBACK, 0);
    assert_true(stage_traced(stage, "answers no: that side serves already"));
    stage_finish(&stage);
}

static void a_route_that_a_human_has_moved_already_is_adopted_and_not_written(void **state)
{
    (void)state;
    struct service_settings settings = stage_settings();
    struct stage *stage = stage_new("there_already", 3, &settings);
    stage_to(stage, 60000);
    stage_edit(stage, ROUTE_STANDBY); /* by the platform's console, before any reading shows it */
    (void)stage_operate(stage, OPERATION_FAILOVER, 0);
    stage_to(stage, 70000);
    assert_true(stage_traced(stage, "answers no: that side serves already"));
    assert_false(stage_traced(stage, "API: switch"));
    assert_false(stage_traced(stage, "API: pause"));
    assert_int_equal(stage->services[0].platform.state, ROUTE_STANDBY);
    stage_finish(&stage);
}

static void an_operator_may_not_move_to_a_side_that_is_down(void **state)
{
    (void)state;
    struct service_settings settings = stage_settings();
    struct stage *stage = stage_new("failover_refused", 3, &settings);
    stage_to(stage, 40000);
    stage_bot(stage, 0, SIDE_STANDBY, MOOD_REFUSES);
    stage_to(stage, 60000);
    (void)stage_operate(stage, OPERATION_FAILOVER, 0);
    stage_to(stage, 70000);
    assert_int_equal(stage->services[0].platform.write_count, 0);
    assert_true(stage_traced(stage, "answers no: the other side is not better"));
    stage_finish(&stage);
}

static void a_doubt_about_time_costs_one_ballot(void **state)
{
    (void)state;
    struct service_settings settings = stage_settings();
    struct stage *stage = stage_new("time_doubt", 3, &settings);
    stage_to(stage, 40000);
    stage_bot(stage, 0, SIDE_PRIMARY, MOOD_REFUSES);
    stage_to(stage, 50140);
    stage_doubt_time(stage, stage_leader(stage));
    stage_expect(stage, MOVE_SWITCHING, 57000);
    stage_expect(stage, MOVE_DONE, 80000);
    stage_finish(&stage);
}

static void a_doubt_about_time_ends_without_an_inquiry(void **state)
{
    (void)state;
    struct service_settings settings = stage_settings();
    settings.drain_ms[DRAIN_PLANNED] = 0;
    struct stage *stage = stage_new("time_doubt_operator", 3, &settings);
    stage_to(stage, 40000);
    stage_doubt_time(stage, stage_leader(stage));
    stage_to(stage, 75000);
    (void)stage_operate(stage, OPERATION_FAILOVER, 0);
    stage_expect(stage, MOVE_DONE, 100000);
    stage_finish(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(observe_mode_says_that_it_would_have_moved),
        cmocka_unit_test(observe_mode_does_not_boast_where_it_could_not_have_moved),
        cmocka_unit_test(a_hold_keeps_the_route_until_it_expires),
        cmocka_unit_test(a_hold_takes_an_open_move_back_before_its_switch),
        cmocka_unit_test(a_cooldown_delays_the_way_back),
        cmocka_unit_test(an_operator_brings_the_service_back),
        cmocka_unit_test(a_route_that_a_human_has_moved_already_is_adopted_and_not_written),
        cmocka_unit_test(an_operator_may_not_move_to_a_side_that_is_down),
        cmocka_unit_test(a_doubt_about_time_costs_one_ballot),
        cmocka_unit_test(a_doubt_about_time_ends_without_an_inquiry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
