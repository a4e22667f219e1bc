#include "tests/bench/bench.h"

#include "tests/lab/test/assert.h"

#include <stdlib.h>
#include <sys/random.h>

#define COMMAND "quorate-bench --only conviction"

enum {
    INTERVAL_MS = 3000,
    CONFIRM_MS = 700,
    TIMEOUT_MS = 500,
    SLACK_MS = 250,
    LONGER_MS = CONFIRM_MS > TIMEOUT_MS ? CONFIRM_MS : TIMEOUT_MS,
    BOUND_MS =
        INTERVAL_MS / CLUSTER_NODE_COUNT + TIMEOUT_MS + 2 * LONGER_MS + TIMEOUT_MS + SLACK_MS,
};

static const struct cluster_settings settings = {
    .log_level = "debug",
    .rule = "{fail: 3, of: 5, within: 60s}",
    .patrol = "{interval: 3s, confirm_interval: 700ms}",
    .probe = "{connect_timeout: 500ms, timeout: 500ms, latency: 200ms}",
};

/* The fault falls anywhere into the patrol's interval. */
static void wait_at_random(void)
{
    uint16_t random = 0;
    assert_int_equal(getrandom(&random, sizeof random, 0), sizeof random);
    (void)poll(NULL, 0, random % INTERVAL_MS);
}

static int64_t conviction_us_after(const struct cluster *cluster, int64_t fault_us)
{
    struct log_times times[RUNS_MAX];
    size_t count = log_times_read(cluster->nodes[ask_wait_leader(cluster)].log, times, RUNS_MAX);
    for (size_t i = 0; i < count; i++)
        if (times[i].applied_us > fault_us)
            return times[i].applied_us;
    fail_msg("the leader's log has no conviction");
    return 0;
}

void bench_conviction(struct report *report, unsigned runs)
{
    struct cluster *cluster = calloc(1, sizeof *cluster);
    double values[RUNS_MAX];
    assert_non_null(cluster);
    cluster_start(cluster, &settings);
    for (unsigned i = 0; i < runs; i++) {
        wait_at_random();
        int64_t fault_us = fault_run(cluster, "hang");
        values[i] = (double)(conviction_us_after(cluster, fault_us) - fault_us) / 1000;
    }
    double median_ms = figure_median(values, runs);
    const struct figure rows[] = {
        {"a hanging side to its conviction, worst run", values[runs - 1], "ms", BOUND_MS, COMMAND},
        {"... median", median_ms, "ms", 0, COMMAND},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        report_add(report, &rows[i]);
    cluster_finish(cluster);
    cluster_abandon(cluster);
    free(cluster);
}
