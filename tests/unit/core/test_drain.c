/* Drains that end by count: when the leader asks, which answers decide, and that nothing about
 * counting makes a drain longer. And what an outcome carries of its request. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/unit/core/core_rig.h"

enum { PROPAGATION_MS = 10000, DRAIN_MS = 60000, EVERY_MS = 5000 };

/* An operator's move that is just paused. A voter that is alone would not pause by itself. */
static struct core_rig *draining(time_ms every_ms)
{
    struct core_rig *rig = core_rig_new(1, 3);
    struct service_settings settings = core_rig_settings();
    settings.config_hash++;
    settings.drain_ms[DRAIN_PLANNED] = DRAIN_MS;
    settings.drain_every_ms = every_ms;
    rig->live = 12;
    core_rig_configure(rig, 0, &settings);
    core_rig_run(rig, 1000);
    time_ms ledger_ms = core_ledger_now(&rig->core, rig->now_ms);
    struct service_record *service = &rig->core.ledger.services[0];
    service->route = ROUTE_PAUSED;
    rig->route[0] = ROUTE_PAUSED;
    service->move = (struct move_record){.id = rig->core.ledger.index,
                                         .state = MOVE_DRAINING,
                                         .cause = CAUSE_OPERATOR,
                                         .from = SIDE_PRIMARY,
                                         .to = SIDE_STANDBY,
                                         .force = true,
                                         .attempt = 1,
                                         .opened_ms = ledger_ms,
                                         .state_ms = ledger_ms,
                                         .paused_ms = ledger_ms};
    struct event tick = {.kind = EVENT_TICK};
    core_rig_step(rig, &tick);
    return rig;
}

static const struct move_record *move_of(const struct core_rig *rig)
{
    return &rig->core.ledger.services[0].move;
}

static const struct live_count *live_of(const struct core_rig *rig)
{
    return &rig->core.leads[0].runner.live;
}

static void run_to_the_end(struct core_rig *rig, time_ms most_ms)
{
    time_ms until_ms = rig->now_ms + most_ms;
    while (move_of(rig)->state == MOVE_DRAINING && rig->now_ms < until_ms)
        core_rig_run(rig, 10);
    assert_int_not_equal(move_of(rig)->state, MOVE_DRAINING);
}

static void conversations_are_counted_at_once_and_then_each_time(void **state)
{
    (void)state;
    struct core_rig *rig = draining(EVERY_MS);
    core_rig_run(rig, 100);
    assert_int_equal(rig->counts, 1);
    assert_true(live_of(rig)->known);
    assert_int_equal(live_of(rig)->count, 12);
    core_rig_run(rig, 4 * EVERY_MS);
    assert_int_equal(rig->counts, 5);
    assert_int_equal(move_of(rig)->state, MOVE_DRAINING);
    core_rig_free(&rig);
}

static void a_service_without_it_is_not_counted(void **state)
{
    (void)state;
    struct core_rig *rig = draining(0);
    core_rig_run(rig, 30000);
    assert_int_equal(rig->counts, 0);
    assert_int_equal(move_of(rig)->state, MOVE_DRAINING);
    core_rig_free(&rig);
}

static void the_drain_ends_when_nobody_is_left(void **state)
{
    (void)state;
    struct core_rig *rig = draining(EVERY_MS);
    core_rig_run(rig, 20000);
    rig->live = 0;
    time_ms since_ms = rig->now_ms;
    run_to_the_end(rig, DRAIN_MS);
    assert_in_range(rig->now_ms - since_ms, 0, EVERY_MS + 100);
    assert_true(live_of(rig)->emptied);
    core_rig_free(&rig);
}

/* An edge that has not heard of the pause may let in one more: a count decides only from then on,
 * and one is made just then. */
static void none_left_counts_only_once_the_pause_has_spread(void **state)
{
    (void)state;
    struct core_rig *rig = draining(EVERY_MS - 1000);
    time_ms paused_ms = rig->now_ms;
    rig->live = 0;
    core_rig_run(rig, PROPAGATION_MS - 500);
    assert_int_equal(move_of(rig)->state, MOVE_DRAINING);
    assert_true(live_of(rig)->known);
    assert_false(live_of(rig)->emptied);
    run_to_the_end(rig, DRAIN_MS);
    assert_in_range(rig->counted_ms - paused_ms, PROPAGATION_MS - 50, PROPAGATION_MS + 50);
    core_rig_free(&rig);
}

static void counts_that_fail_neither_end_nor_prolong_it(void **state)
{
    (void)state;
    struct core_rig *rig = draining(EVERY_MS);
    time_ms paused_ms = rig->now_ms;
    rig->live = 0;
    rig->count_result = ROUTE_RESULT_FORBIDDEN;
    run_to_the_end(rig, 2 * DRAIN_MS);
    assert_in_range(rig->now_ms - paused_ms, DRAIN_MS - 100, DRAIN_MS + 100);
    assert_int_equal(live_of(rig)->trouble, ROUTE_RESULT_FORBIDDEN);
    core_rig_free(&rig);
}

static void a_count_that_hangs_does_not_prolong_it(void **state)
{
    (void)state;
    struct core_rig *rig = draining(EVERY_MS);
    time_ms paused_ms = rig->now_ms;
    core_rig_run(rig, 1000);
    rig->counts_hang = true;
    run_to_the_end(rig, 2 * DRAIN_MS);
    assert_in_range(rig->now_ms - paused_ms, DRAIN_MS - 100, DRAIN_MS + 100);
    assert_int_equal(rig->counts, 2); /* one at a time */
    core_rig_free(&rig);
}

static void it_ends_at_its_longest_while_conversations_go_on(void **state)
{
    (void)state;
    struct core_rig *rig = draining(EVERY_MS);
    time_ms paused_ms = rig->now_ms;
    run_to_the_end(rig, 2 * DRAIN_MS);
    assert_in_range(rig->now_ms - paused_ms, DRAIN_MS - 100, DRAIN_MS + 100);
    assert_int_equal(live_of(rig)->count, 12);
    core_rig_free(&rig);
}

/* The ledger keeps what the platform calls the request that showed the step's end. */
static void an_outcome_carries_the_write_s_correlation_id(void **state)
{
    (void)state;
    struct core_rig *rig = core_rig_new(1, 3);
    rig->core.ledger.level = PROTO_LEVEL_STEPS;
    core_rig_operate(rig, OPERATION_FAILOVER, 5);
    core_rig_run(rig, 3000);
    assert_int_equal(rig->writes, 1);
    assert_string_equal(move_of(rig)->steps[ROUTE_SWITCH].correlation, "write-1");
    core_rig_free(&rig);
}

static void a_lost_answer_s_outcome_carries_the_reading_s(void **state)
{
    (void)state;
    struct core_rig *rig = core_rig_new(1, 3);
    rig->core.ledger.level = PROTO_LEVEL_STEPS;
    rig->answers_lost = true;
    core_rig_operate(rig, OPERATION_FAILOVER, 5);
    core_rig_run(rig, 3000);
    assert_int_equal(rig->writes, 1);
    assert_string_equal(move_of(rig)->steps[ROUTE_SWITCH].correlation, "read-1");
    core_rig_free(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conversations_are_counted_at_once_and_then_each_time),
        cmocka_unit_test(a_service_without_it_is_not_counted),
        cmocka_unit_test(the_drain_ends_when_nobody_is_left),
        cmocka_unit_test(none_left_counts_only_once_the_pause_has_spread),
        cmocka_unit_test(counts_that_fail_neither_end_nor_prolong_it),
        cmocka_unit_test(a_count_that_hangs_does_not_prolong_it),
        cmocka_unit_test(it_ends_at_its_longest_while_conversations_go_on),
        cmocka_unit_test(an_outcome_carries_the_write_s_correlation_id),
        cmocka_unit_test(a_lost_answer_s_outcome_carries_the_reading_s),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
