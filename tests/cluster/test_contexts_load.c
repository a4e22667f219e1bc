#include "tests/cluster/load/failover.h"

#include "tests/cluster/ask.h"
#include "tests/lab/test/assert.h"
#include "tests/lab/test/redis_fixture.h"

#include <stdio.h>
#include <stdlib.h>

enum { CONVERSATIONS = 400, PERIOD_MS = 2000, RUN_MS = 9000, CONTEXTS_SIZE = 128 };

static struct cluster *open_with(const char *contexts)
{
    struct cluster *cluster = calloc(1, sizeof(*cluster));
    const struct cluster_settings settings = {.contexts = contexts,
                                              .drain = "{slow: 2s, down: 3s, planned: 0s}"};
    assert_non_null(cluster);
    cluster_start(cluster, &settings);
    return cluster;
}

static void restart_redis(void *data)
{
    redis_kill(data);
    redis_restart(data);
}

/* All is acknowledged in the end, and all of that is there. */
static void run(struct cluster *cluster, struct redis_process *killed)
{
    const struct failover_plan plan = {.conversations = CONVERSATIONS,
                                       .period_ms = PERIOD_MS,
                                       .run_ms = RUN_MS,
                                       .happens = killed == NULL ? NULL : restart_redis,
                                       .data = killed};
    struct failover_result result;
    failover_run(cluster, &plan, &result);
    print_message("%llu of %llu acknowledged, %llu repeated, %llu unavailable, p50 %.1f p99 %.1f "
                  "max %.1f ms; heartbeats late %.0f, at most %.0f ms, terms %.0f\n",
                  (unsigned long long)result.put.answered, (unsigned long long)result.put.scheduled,
                  (unsigned long long)result.put.repeated,
                  (unsigned long long)result.put.unavailable, latency_ms(&result.put.latency, 500),
                  latency_ms(&result.put.latency, 990), latency_ms(&result.put.latency, 1000),
                  result.heartbeats_late, result.late_max_ms, result.terms);
    assert_true(result.moved || killed != NULL);
    assert_int_equal(result.put.scheduled, (uint64_t)CONVERSATIONS * RUN_MS / PERIOD_MS);
    assert_int_equal(result.put.given_up, 0);
    assert_int_equal(result.put.answered, result.put.scheduled);
    assert_int_equal(result.read.scheduled, CONVERSATIONS);
    assert_int_equal(result.read.given_up, 0);
    assert_int_equal(result.read.behind, 0);
    assert_int_equal(result.read.altered, 0);
    /* A split vote after the leader's death takes a second term. */
    assert_in_range(result.terms, killed == NULL ? 1 : 0, killed == NULL ? 3 : 0);
    failover_fini(&result);
}

static void
every_acknowledged_checkpoint_is_there_after_a_failover_with_a_killed_leader(void **state)
{
    (void)state;
    struct cluster *cluster = open_with("store: embedded");
    run(cluster, NULL);
    cluster_finish(cluster);
    cluster_abandon(cluster);
    free(cluster);
}

static void with_redis(bool killed)
{
    struct redis_process redis = {.port = 0};
    char contexts[CONTEXTS_SIZE];
    redis_start(&redis);
    (void)snprintf(contexts, sizeof(contexts), "store: redis, redis: {host: 127.0.0.1, port: %u}",
                   (unsigned)redis.port);
    struct cluster *cluster = open_with(contexts);
    run(cluster, killed ? &redis : NULL);
    cluster_finish(cluster);
    cluster_abandon(cluster);
    redis_finish(&redis);
    free(cluster);
}

static void the_same_with_one_redis(void **state)
{
    (void)state;
    with_redis(false);
}

static void a_redis_that_is_killed_and_comes_back_has_all_that_was_acknowledged(void **state)
{
    (void)state;
    with_redis(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            every_acknowledged_checkpoint_is_there_after_a_failover_with_a_killed_leader),
        cmocka_unit_test(the_same_with_one_redis),
        cmocka_unit_test(a_redis_that_is_killed_and_comes_back_has_all_that_was_acknowledged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
