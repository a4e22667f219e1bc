/* Drains that a count of the conversations ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/sim/core/stage.h"

enum { LINGER_MS = 3000, STRAGGLE_MS = 8000 };

/* The primary is slow, and its service counts. */
static struct stage *begin(const char *name, node_id node_count)
{
    struct service_settings settings = stage_settings();
    settings.drain_every_ms = 5000;
    struct stage *stage = stage_new(name, node_count, &settings);
    stage->services[0].platform.linger_ms = LINGER_MS;
    stage->services[0].platform.straggle_ms = STRAGGLE_MS;
    stage_to(stage, 40000);
    stage_bot(stage, 0, SIDE_PRIMARY, MOOD_SLOW);
    stage_expect(stage, MOVE_DRAINING, 80000);
    return stage;
}

/* At 5 s nobody is there, at 8 s a conversation comes from an edge that heard of the pause late. */
static void whom_a_late_edge_lets_in_is_waited_for(void **state)
{
    (void)state;
    struct stage *stage = begin("drain_by_count", 3);
    time_ms paused_ms = stage->now_ms;
    stage_expect(stage, MOVE_SWITCHING, 110000);
    assert_in_range(stage->now_ms - paused_ms, STRAGGLE_MS + LINGER_MS, 20000);
    assert_true(stage_traced(stage, "move-input emptied"));
    stage_expect(stage, MOVE_DONE, 130000);
    stage_finish(&stage);
}

static void a_drain_that_cannot_be_counted_lasts_its_longest(void **state)
{
    (void)state;
    struct stage *stage = begin("drain_uncounted", 3);
    time_ms paused_ms = stage->now_ms;
    stage->services[0].platform.uncounted = true;
    stage_expect(stage, MOVE_SWITCHING, 150000);
    assert_in_range(stage->now_ms - paused_ms, 59000, 61000);
    stage_expect(stage, MOVE_DONE, 180000);
    assert_false(stage_traced(stage, "move-input emptied"));
    stage_finish(&stage);
}

static void a_new_leader_counts_anew(void **state)
{
    (void)state;
    struct stage *stage = begin("drain_crash", 5);
    stage_to(stage, stage->now_ms + 1000);
    stage_crash(stage, stage_leader(stage));
    stage_expect(stage, MOVE_DONE, 130000);
    assert_true(stage_traced(stage, "move-input emptied"));
    assert_int_equal(stage_effective_writes(stage, ROUTE_SWITCH), 1);
    stage_finish(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whom_a_late_edge_lets_in_is_waited_for),
        cmocka_unit_test(a_drain_that_cannot_be_counted_lasts_its_longest),
        cmocka_unit_test(a_new_leader_counts_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
