/* What a reading says of an open intent: of one route, of a unit, with versions and without. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "node/core/judge.h"

enum { BASE = 7, BODY = 70, QUIET_MS = 2000 };

struct bench {
    struct runner runner;
    struct service_record service;
};

/* A switch to the standby, on version 7; a request of it may be under way until 2 s. */
static struct bench bench_of(bool versioned)
{
    struct bench bench = {.runner = {.unsure = true, .quiet_ms = QUIET_MS}};
    bench.service.settings.versioned = versioned;
    bench.service.move.intent =
        (struct intent_record){.index = 3,
                               .step = ROUTE_SWITCH,
                               .to = SIDE_STANDBY,
                               .base = {.version = versioned ? BASE : 0, .body_hash = BODY}};
    return bench;
}

static struct route_view single(enum route_state state, uint64_t version, uint64_t body)
{
    struct route_view view = {.state = state, .version = version};
    view.body_hash[ROUTE_SWITCH][SIDE_STANDBY] = body;
    return view;
}

static struct route_view unit(enum route_state first, enum route_state second, uint64_t version,
                              uint64_t body)
{
    struct route_view view = single(first == second ? first : ROUTE_MIXED, version, body);
    view.parts = (struct route_parts){2, {{first, version}, {second, version}}};
    return view;
}

static enum judgement judge_at(struct bench *bench, time_ms now_ms, struct route_view view)
{
    return judge_reading(&bench->runner, &bench->service, &view, now_ms);
}

static void one_versioned_route_is_judged_by_its_version(void **state)
{
    (void)state;
    struct bench bench = bench_of(true);
    assert_int_equal(judge_at(&bench, 0, single(ROUTE_UNKNOWN, BASE, BODY)), JUDGEMENT_READ_AGAIN);
    assert_int_equal(judge_at(&bench, 0, single(ROUTE_PRIMARY, BASE, BODY)), JUDGEMENT_REPEAT);
    assert_int_equal(judge_at(&bench, 0, single(ROUTE_STANDBY, BASE, BODY)), JUDGEMENT_REPEAT);
    assert_int_equal(judge_at(&bench, 0, single(ROUTE_PRIMARY, BASE, 71)), JUDGEMENT_SUPERSEDED);
    assert_true(bench.runner.unsure);
    assert_int_equal(judge_at(&bench, 0, single(ROUTE_STANDBY, 8, 71)), JUDGEMENT_APPLIED);
    assert_false(bench.runner.unsure);
    assert_int_equal(judge_at(&bench, 0, single(ROUTE_PRIMARY, 8, 71)), JUDGEMENT_SUPERSEDED);
    assert_int_equal(judge_at(&bench, 0, single(ROUTE_FOREIGN, 8, 71)), JUDGEMENT_FOREIGN);
}

static void half_of_a_unit_is_superseded_where_nothing_is_under_way(void **state)
{
    (void)state;
    struct bench bench = bench_of(true);
    bench.runner.unsure = false;
    assert_int_equal(judge_at(&bench, 0, unit(ROUTE_STANDBY, ROUTE_PRIMARY, 8, 71)),
                     JUDGEMENT_SUPERSEDED);
    assert_int_equal(judge_at(&bench, 0, unit(ROUTE_STANDBY, ROUTE_STANDBY, 8, 71)),
                     JUDGEMENT_APPLIED);
}

/* One part's version is consumed, the other part's request may still come. */
static void half_of_a_unit_waits_for_what_is_under_way_and_for_readings_that_agree(void **state)
{
    (void)state;
    struct bench bench = bench_of(true);
    struct route_view half = unit(ROUTE_STANDBY, ROUTE_PRIMARY, 8, 71);
    assert_int_equal(judge_at(&bench, 0, half), JUDGEMENT_WAIT);
    assert_int_equal(judge_at(&bench, QUIET_MS - 1, half), JUDGEMENT_WAIT);
    assert_int_equal(judge_at(&bench, QUIET_MS, half), JUDGEMENT_READ_AGAIN);
    assert_int_equal(judge_at(&bench, QUIET_MS + 1, unit(ROUTE_STANDBY, ROUTE_PAUSED, 9, 72)),
                     JUDGEMENT_READ_AGAIN);
    assert_int_equal(judge_at(&bench, QUIET_MS + 2, unit(ROUTE_STANDBY, ROUTE_PAUSED, 9, 72)),
                     JUDGEMENT_SUPERSEDED);
    assert_true(bench.runner.unsure);
}

static void a_unit_that_needs_nothing_is_done_without_a_new_version(void **state)
{
    (void)state;
    struct bench bench = bench_of(true);
    struct route_view there = unit(ROUTE_STANDBY, ROUTE_STANDBY, BASE, BODY);
    assert_int_equal(judge_at(&bench, 0, there), JUDGEMENT_REPEAT); /* something may come yet */
    bench.runner.unsure = false;
    assert_int_equal(judge_at(&bench, 0, there), JUDGEMENT_APPLIED);
}

static void a_refusal_is_told_with_what_it_left_behind(void **state)
{
    (void)state;
    struct bench bench = bench_of(true);
    bench.runner.refused = WHY_FORBIDDEN;
    assert_int_equal(judge_at(&bench, 0, unit(ROUTE_STANDBY, ROUTE_PRIMARY, 8, 71)),
                     JUDGEMENT_REFUSED);
    assert_int_equal(judge_at(&bench, 0, unit(ROUTE_PRIMARY, ROUTE_PRIMARY, BASE, BODY)),
                     JUDGEMENT_REFUSED);
    assert_int_equal(judge_at(&bench, 0, unit(ROUTE_STANDBY, ROUTE_STANDBY, 9, 72)),
                     JUDGEMENT_APPLIED); /* somebody else was quicker */
}

static void without_versions_the_same_body_is_repeated(void **state)
{
    (void)state;
    struct bench bench = bench_of(false);
    assert_int_equal(judge_at(&bench, 9000, single(ROUTE_PRIMARY, 0, BODY)), JUDGEMENT_REPEAT);
    assert_int_equal(judge_at(&bench, 9000, unit(ROUTE_STANDBY, ROUTE_PRIMARY, 0, BODY)),
                     JUDGEMENT_REPEAT);
    assert_int_equal(judge_at(&bench, 9000, single(ROUTE_STANDBY, 0, BODY)), JUDGEMENT_READ_AGAIN);
    assert_int_equal(judge_at(&bench, 9000, single(ROUTE_STANDBY, 0, BODY)), JUDGEMENT_APPLIED);
}

/* Otherwise the attempt, whose body nobody can make any more, would never end. */
static void without_versions_another_body_supersedes_in_time(void **state)
{
    (void)state;
    struct bench bench = bench_of(false);
    struct route_view edited = single(ROUTE_PRIMARY, 0, 71);
    assert_int_equal(judge_at(&bench, QUIET_MS - 1, edited), JUDGEMENT_WAIT);
    assert_int_equal(judge_at(&bench, QUIET_MS, edited), JUDGEMENT_READ_AGAIN);
    assert_int_equal(judge_at(&bench, QUIET_MS + 1, edited), JUDGEMENT_SUPERSEDED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_versioned_route_is_judged_by_its_version),
        cmocka_unit_test(half_of_a_unit_is_superseded_where_nothing_is_under_way),
        cmocka_unit_test(half_of_a_unit_waits_for_what_is_under_way_and_for_readings_that_agree),
        cmocka_unit_test(a_unit_that_needs_nothing_is_done_without_a_new_version),
        cmocka_unit_test(a_refusal_is_told_with_what_it_left_behind),
        cmocka_unit_test(without_versions_the_same_body_is_repeated),
        cmocka_unit_test(without_versions_another_body_supersedes_in_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
