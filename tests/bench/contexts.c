#include "tests/bench/bench.h"

#include "tests/cluster/load/failover.h"
#include "tests/lab/test/assert.h"
#include "tests/lab/test/redis_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PERIOD_MS = 30000, GOAL_MS = 50, CONTEXTS_SIZE = 192 };

/* The defaults of elections and heartbeats; a drain in which the leader can be killed. */
static const struct cluster_settings base = {
    .timing = "{election: 1s, heartbeat: 100ms,"
              " actuator: {deadline: 2s, proof: 60s, token_fresh: 60s}}",
    .drain = "{slow: 2s, down: 5s, planned: 0s}",
};

static double share(const struct load *load, uint64_t count)
{
    return load->scheduled == 0 ? 0 : 100.0 * (double)count / (double)load->scheduled;
}

static void add_counts(struct report *report, const struct failover_result *result,
                       const char *command)
{
    const struct figure rows[] = {
        {"contexts: PUTs scheduled", (double)result->put.scheduled, "", 0, command},
        {"... never acknowledged", (double)result->put.given_up, "", 0, command},
        {"... sent once more, of all", share(&result->put, result->put.repeated), "%", 0, command},
        {"... answered 503, of all", share(&result->put, result->put.unavailable), "%", 0, command},
        {"contexts read back from the two nodes left", (double)result->read.scheduled, "", 0,
         command},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        report_add(report, &rows[i]);
}

/* A goal of 0 is no goal to the report: what must not happen at all is counted with 0.5 allowed. */
static void add_judged(struct report *report, struct failover_result *result,
                       const struct disk_sync *disk, const char *command)
{
    const struct figure rows[] = {
        {"... acknowledged, but older or gone",
         (double)(result->read.behind + result->read.given_up), "", 0.5, command},
        {"... acknowledged, but altered", (double)result->read.altered, "", 0.5, command},
        {"PUT from its moment to its 200, p50", latency_ms(&result->put.latency, 500), "ms", 0,
         command},
        {"... p99", latency_ms(&result->put.latency, 990), "ms", GOAL_MS, command},
        {"... p99.9", latency_ms(&result->put.latency, 999), "ms", 0, command},
        {"... max", latency_ms(&result->put.latency, 1000), "ms", 0, command},
        {"write and fdatasync of 4 KiB there, median", disk->median_ms, "ms", 0, command},
        {"... p99", disk->p99_ms, "ms", 0, command},
        {"ratio of the two medians", latency_ms(&result->put.latency, 500) / disk->median_ms, "x",
         0, command},
        {"ratio of the two p99", latency_ms(&result->put.latency, 990) / disk->p99_ms, "x", 0,
         command},
        {"heartbeats and votes over a heartbeat late", result->heartbeats_late, "", 0.5, command},
        {"latest turn of a control loop", result->late_max_ms, "ms", 0, command},
        {"terms of elections (the leader was killed once)", result->terms, "", 0, command},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        report_add(report, &rows[i]);
}

static void measure(struct report *report, const struct cluster_settings *settings,
                    const struct contexts_options *options, const char *command)
{
    struct cluster *cluster = calloc(1, sizeof *cluster);
    struct failover_result result;
    const struct failover_plan plan = {.conversations = options->conversations,
                                       .period_ms = PERIOD_MS,
                                       .run_ms = options->seconds * 1000};
    assert_non_null(cluster);
    cluster_start(cluster, settings);
    const struct disk_sync disk = disk_sync_measure(cluster);
    failover_run(cluster, &plan, &result);
    assert_true(result.moved);
    add_counts(report, &result, command);
    add_judged(report, &result, &disk, command);
    failover_fini(&result);
    cluster_finish(cluster);
    cluster_abandon(cluster);
    free(cluster);
}

void bench_contexts(struct report *report, const struct contexts_options *options)
{
    static char command[CONTEXTS_SIZE];
    char contexts[CONTEXTS_SIZE];
    struct redis_process redis = {.options = {"--auto-aof-rewrite-percentage", "0"}};
    struct cluster_settings settings = base;
    if (options->redis)
        redis_start(&redis);
    (void)snprintf(contexts, sizeof contexts,
                   options->redis
                       ? "store: redis, count_max: %u, redis: {host: 127.0.0.1, port: %u}"
                       : "store: embedded, count_max: %u",
                   2 * options->conversations, (unsigned)redis.port);
    (void)snprintf(
        command, sizeof command, "quorate-bench --only contexts%s --conversations %u --seconds %u",
        options->redis ? " --store redis" : "", options->conversations, options->seconds);
    settings.contexts = contexts;
    measure(report, &settings, options, command);
    if (options->redis)
        redis_finish(&redis);
}
