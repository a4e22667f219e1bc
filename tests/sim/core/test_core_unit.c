/* A service with two routes that move as one: what happens to the second one while the first one is
 * moved already. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/sim/core/stage.h"

enum { BOTH = 3, DOWN_MS = 60000, DONE_MS = 130000 };

static struct stage *begin(const char *name, uint32_t versioned)
{
    struct stage_setup setup = {.name = name, .node_count = 3};
    setup.settings[0] = stage_settings();
    setup.settings[0].versioned = versioned == BOTH;
    setup.part_count[0] = 2;
    setup.part_versioned[0] = versioned;
    struct stage *stage = stage_open(&setup);
    stage_to(stage, 40000);
    return stage;
}

static const struct platform *route_of(const struct stage *stage)
{
    return &stage->services[0].platform;
}

/* The request to the second route meets the fault. */
static void trouble_the_second(struct stage *stage, enum platform_fault fault)
{
    stage_fault(stage, PLATFORM_WELL, 1);
    stage_fault(stage, fault, 1);
}

static void assert_moved(const struct stage *stage, size_t writes)
{
    assert_int_equal(route_of(stage)->state, ROUTE_STANDBY);
    assert_int_equal(route_of(stage)->write_count, writes);
    assert_int_equal(stage_effective_writes(stage, ROUTE_SWITCH), 2);
    assert_int_equal(stage_service(stage)->serving, SIDE_STANDBY);
    assert_int_equal(stage_service(stage)->parts.count, 2);
    assert_int_equal(stage_service(stage)->parts.part[1].state, ROUTE_STANDBY);
}

static void both_routes_move(void **state)
{
    (void)state;
    struct stage *stage = begin("unit", BOTH);
    stage_bot(stage, 0, SIDE_PRIMARY, MOOD_REFUSES);
    stage_expect(stage, MOVE_DONE, DONE_MS);
    assert_moved(stage, 2);
    assert_int_equal(stage_count(stage, ".switch.1, on version"), 2); /* one attempt */
    stage_finish(&stage);
}

struct trouble {
    const char *name;
    enum platform_fault fault;
    size_t writes;
};

static const struct trouble troubles[] = {
    {"unit_unknown_applied", PLATFORM_APPLY_THEN_DROP, 2},
    {"unit_unknown", PLATFORM_DROP, 3},
    {"unit_conflict", PLATFORM_EDITED, 3},
    {"unit_server_error", PLATFORM_SERVER_ERROR, 3},
    {"unit_rate_limit", PLATFORM_RATE_LIMIT, 3},
    {"unit_late", PLATFORM_LATE, 3},
};

static void a_half_moved_unit_is_finished(void **state)
{
    const struct trouble *trouble = *state;
    struct stage *stage = begin(trouble->name, BOTH);
    trouble_the_second(stage, trouble->fault);
    stage_bot(stage, 0, SIDE_PRIMARY, MOOD_REFUSES);
    stage_expect(stage, MOVE_DONE, DONE_MS);
    assert_moved(stage, trouble->writes);
    stage_finish(&stage);
}

static void a_half_moved_unit_is_finished_by_the_next_leader(void **state)
{
    (void)state;
    struct stage *stage = begin("unit_crash", BOTH);
    stage_trap(stage, TRAP_SENT, ROUTE_SWITCH, 0);
    stage_bot(stage, 0, SIDE_PRIMARY, MOOD_REFUSES);
    (void)stage_expect_trap(stage, DOWN_MS);
    stage_expect(stage, MOVE_DONE, DONE_MS);
    assert_moved(stage, 2);
    assert_true(stage_traced(stage, "superseded"));
    stage_finish(&stage);
}

static void half_a_switch_that_is_forbidden_is_taken_back(void **state)
{
    (void)state;
    struct stage *stage = begin("unit_forbidden", BOTH);
    trouble_the_second(stage, PLATFORM_FORBIDDEN);
    stage_bot(stage, 0, SIDE_PRIMARY, MOOD_REFUSES);
    stage_expect(stage, MOVE_BLOCKED, DONE_MS);
    assert_int_equal(stage_service(stage)->move.why, WHY_FORBIDDEN);
    assert_int_equal(route_of(stage)->state, ROUTE_PRIMARY);
    assert_int_equal(route_of(stage)->write_count, 3);
    assert_true(stage_traced(stage, "notice blocked, standby (forbidden)"));
    stage_finish(&stage);
}

/* A given-up request to one part lands: it is nobody else's doing, and does not stay. */
static void a_part_that_is_written_late_is_taken_back(void **state)
{
    (void)state;
    struct stage *stage = begin("unit_late_part", BOTH);
    stage_fault(stage, PLATFORM_LATE, 1);
    stage_fault(stage, PLATFORM_FORBIDDEN, 1);
    stage_bot(stage, 0, SIDE_PRIMARY, MOOD_REFUSES);
    stage_expect(stage, MOVE_BLOCKED, DONE_MS);
    assert_int_equal(route_of(stage)->state, ROUTE_PRIMARY);
    stage_expect(stage, MOVE_RETREATING, stage->now_ms + 15000);
    assert_int_equal(stage_service(stage)->move.why, WHY_LATE_WRITE);
    assert_int_equal(route_of(stage)->state, ROUTE_MIXED);
    stage_expect(stage, MOVE_BLOCKED, stage->now_ms + 5000);
    assert_int_not_equal(route_of(stage)->state, ROUTE_MIXED);
    assert_false(stage_service(stage)->hold.active);
    stage_finish(&stage);
}

/* The second part is right already and is not written: what may still land there is waited for. */
static void a_unit_is_taken_back_once_nothing_can_land(void **state)
{
    (void)state;
    struct stage *stage = begin("unit_late_retreat", BOTH);
    trouble_the_second(stage, PLATFORM_LATE);
    stage_fault(stage, PLATFORM_FORBIDDEN, 1);
    stage_bot(stage, 0, SIDE_PRIMARY, MOOD_REFUSES);
    stage_expect(stage, MOVE_BLOCKED, DONE_MS);
    stage_to(stage, stage->now_ms + 20000);
    assert_int_equal(stage_count(stage, "-> BLOCKED"), 1);
    assert_int_equal(route_of(stage)->state, ROUTE_PRIMARY);
    assert_int_equal(stage_effective_writes(stage, ROUTE_RESUME), 2);
    stage_finish(&stage);
}

/* Nothing can be written any more: people are told while it is tried again and again. */
static void what_can_be_neither_finished_nor_taken_back_is_told(void **state)
{
    (void)state;
    struct stage *stage = begin("unit_stuck", BOTH);
    stage_fault(stage, PLATFORM_WELL, 1);
    stage_fault(stage, PLATFORM_FORBIDDEN, 3);
    stage_bot(stage, 0, SIDE_PRIMARY, MOOD_REFUSES);
    stage_expect(stage, MOVE_RETREATING, DONE_MS);
    assert_int_equal(stage_service(stage)->route, ROUTE_MIXED);
    stage_expect(stage, MOVE_BLOCKED, DONE_MS);
    assert_true(stage_traced(stage, "notice half-moved, primary (forbidden)"));
    assert_int_equal(route_of(stage)->state, ROUTE_PRIMARY);
    stage_finish(&stage);
}

/* The second route has no version: its late request has the same body, and the attempt goes on. */
static void a_unit_without_versions_is_finished_within_its_attempt(void **state)
{
    (void)state;
    struct stage *stage = begin("unit_unversioned", 0);
    trouble_the_second(stage, PLATFORM_DROP);
    stage_bot(stage, 0, SIDE_PRIMARY, MOOD_REFUSES);
    stage_expect(stage, MOVE_DONE, DONE_MS);
    assert_moved(stage, 3);
    assert_false(stage_traced(stage, "attempt 2"));
    stage_finish(&stage);
}

/* Its body is another one then: the attempt, which nobody could repeat, ends after its time. */
static void a_route_without_versions_that_is_edited_meanwhile_gets_a_new_attempt(void **state)
{
    (void)state;
    struct stage *stage = begin("unit_unversioned_edited", 0);
    trouble_the_second(stage, PLATFORM_DROP);
    stage_bot(stage, 0, SIDE_PRIMARY, MOOD_REFUSES);
    stage_expect(stage, MOVE_SWITCHING, DOWN_MS);
    stage_to(stage, stage->now_ms + 500);
    stage_edit_part(stage, 0, 1, ROUTE_PRIMARY);
    stage_expect(stage, MOVE_DONE, DONE_MS);
    assert_moved(stage, 3);
    assert_true(stage_traced(stage, "attempt 1: superseded"));
    stage_finish(&stage);
}

static void a_part_that_somebody_moved_is_told_and_mended_by_an_operator(void **state)
{
    (void)state;
    struct stage *stage = begin("unit_drift", BOTH);
    stage_edit_part(stage, 0, 1, ROUTE_STANDBY);
    stage_to(stage, stage->now_ms + 130000);
    assert_int_equal(stage_service(stage)->route, ROUTE_MIXED);
    assert_int_equal(stage_service(stage)->serving, SIDE_PRIMARY);
    assert_true(stage_traced(stage, "notice half-moved, primary (half-moved)"));
    assert_int_equal(route_of(stage)->write_count, 0);
    (void)stage_operate(stage, OPERATION_FAILBACK, 0);
    stage_expect(stage, MOVE_DONE, stage->now_ms + 130000);
    assert_int_equal(route_of(stage)->state, ROUTE_PRIMARY);
    assert_int_equal(stage_service(stage)->route, ROUTE_PRIMARY);
    stage_finish(&stage);
}

static void a_part_that_somebody_moved_does_not_stand_against_a_move(void **state)
{
    (void)state;
    struct stage *stage = begin("unit_drift_convicted", BOTH);
    stage_edit_part(stage, 0, 1, ROUTE_STANDBY);
    stage_to(stage, stage->now_ms + 130000);
    stage_bot(stage, 0, SIDE_PRIMARY, MOOD_REFUSES);
    stage_expect(stage, MOVE_DONE, stage->now_ms + 130000);
    assert_int_equal(route_of(stage)->state, ROUTE_STANDBY);
    assert_int_equal(route_of(stage)->write_count, 1);
    stage_finish(&stage);
}

#define TROUBLE(place)                                                                        \
    {                                                                                         \
        .name = "a half-moved unit is finished: " #place,                                     \
        .test_func = a_half_moved_unit_is_finished, .initial_state = (void *)&troubles[place] \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        TROUBLE(0),
        TROUBLE(1),
        TROUBLE(2),
        TROUBLE(3),
        TROUBLE(4),
        TROUBLE(5),
        cmocka_unit_test(both_routes_move),
        cmocka_unit_test(a_half_moved_unit_is_finished_by_the_next_leader),
        cmocka_unit_test(half_a_switch_that_is_forbidden_is_taken_back),
        cmocka_unit_test(a_part_that_is_written_late_is_taken_back),
        cmocka_unit_test(a_unit_is_taken_back_once_nothing_can_land),
        cmocka_unit_test(what_can_be_neither_finished_nor_taken_back_is_told),
        cmocka_unit_test(a_unit_without_versions_is_finished_within_its_attempt),
        cmocka_unit_test(a_route_without_versions_that_is_edited_meanwhile_gets_a_new_attempt),
        cmocka_unit_test(a_part_that_somebody_moved_is_told_and_mended_by_an_operator),
        cmocka_unit_test(a_part_that_somebody_moved_does_not_stand_against_a_move),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
