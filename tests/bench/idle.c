#include "tests/bench/bench.h"

#include "tests/lab/test/assert.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COMMAND "quorate-bench --only idle"

enum { SETTLE_MS = 5000, GOAL_PERCENT = 1 };

/* The defaults, as `quorate check --defaults` prints them. */
static const struct cluster_settings settings = {
    .rule = "{fail: 3, of: 5, within: 2m}",
    .patrol = "{interval: 30s, confirm_interval: 5s}",
    .probe = "{connect_timeout: 2s, timeout: 500ms, latency: 200ms}",
    .verify = "{reads: 3, every: 2s, canaries: 2, within: 60s}",
    .timing = "{election: 1s, heartbeat: 100ms,"
              " actuator: {deadline: 2s, proof: 60s, token_fresh: 60s}}",
    .limits = "{cooldown: 10m, moves: 3/24h, max_concurrent: 4}",
};

static const char *const cpu_names[CLUSTER_NODE_COUNT] = {
    "idle CPU of the first node", "idle CPU of the second node", "idle CPU of the third node"};
static const char *const memory_names[CLUSTER_NODE_COUNT] = {"private memory of the first node",
                                                             "private memory of the second node",
                                                             "private memory of the third node"};

static double cpu_ms(pid_t pid)
{
    char path[64];
    char line[1024] = "";
    unsigned long user;
    unsigned long kernel;
    (void)snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof line, file));
    (void)fclose(file);
    const char *rest = strrchr(line, ')'); /* the name may hold anything */
    assert_non_null(rest);
    assert_int_equal(
        sscanf(rest + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &kernel),
        2);
    return (double)(user + kernel) * 1000 / (double)sysconf(_SC_CLK_TCK);
}

static double private_mib(pid_t pid)
{
    char path[64];
    char line[256];
    unsigned long sum_kib = 0;
    (void)snprintf(path, sizeof path, "/proc/%d/smaps_rollup", (int)pid);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL) {
        unsigned long kib = 0;
        if (sscanf(line, "Private_Clean: %lu", &kib) == 1 ||
            sscanf(line, "Private_Dirty: %lu", &kib) == 1)
            sum_kib += kib;
    }
    (void)fclose(file);
    return (double)sum_kib / 1024;
}

void bench_idle(struct report *report, unsigned seconds)
{
    struct cluster *cluster = calloc(1, sizeof *cluster);
    double before[CLUSTER_NODE_COUNT];
    assert_non_null(cluster);
    cluster_start(cluster, &settings);
    (void)poll(NULL, 0, SETTLE_MS);
    for (size_t i = 0; i < CLUSTER_NODE_COUNT; i++)
        before[i] = cpu_ms(cluster->nodes[i].process.pid);
    time_ms start_ms = clock_boot_ms();
    (void)poll(NULL, 0, (int)seconds * 1000);
    for (size_t i = 0; i < CLUSTER_NODE_COUNT; i++) {
        double used_ms = cpu_ms(cluster->nodes[i].process.pid) - before[i];
        double percent = used_ms * 100 / (double)(clock_boot_ms() - start_ms);
        report_add(report, &(struct figure){cpu_names[i], percent, "%", GOAL_PERCENT, COMMAND});
    }
    for (size_t i = 0; i < CLUSTER_NODE_COUNT; i++)
        report_add(report,
                   &(struct figure){memory_names[i], private_mib(cluster->nodes[i].process.pid),
                                    "MiB", 0, COMMAND});
    cluster_finish(cluster);
    cluster_abandon(cluster);
    free(cluster);
}
