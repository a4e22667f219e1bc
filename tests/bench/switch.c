#include "tests/bench/bench.h"

#include "tests/lab/test/assert.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COMMAND "quorate-bench --only switch"
#define PLAN_2 "/api/v2/routing/plans/plan-2"
#define BODY                                                             \
    "{\"entries\":[{\"priority\":50,\"destination\":{\"type\":\"Flow\"," \
    "\"id\":\"PRIMARY_FLOW_ID\"},\"conditions\":[]}]}"

enum { BARE_COUNT = 50, GOAL_MS = 25 };

static const struct cluster_settings settings = {.log_level = "debug"};

struct switch_parts {
    double verify[RUNS_MAX];
    double commit[RUNS_MAX];
    double request[RUNS_MAX];
    double total[RUNS_MAX];
    size_t count;
};

/* When the API heard the switch of a move. Its stamp is in whole milliseconds: half of one is
 * added. */
static int64_t request_us_of(const cJSON *journal, int64_t move)
{
    char key[64];
    const cJSON *line;
    (void)snprintf(key, sizeof key, "test/%lld.switch.1", (long long)move);
    cJSON_ArrayForEach(line, journal)
    {
        const cJSON *item = cJSON_GetObjectItemCaseSensitive(line, "key");
        if (cJSON_IsString(item) && strcmp(item->valuestring, key) == 0)
            return (int64_t)client_number(line, "mono_ms") * 1000 + 500;
    }
    fail_msg("no request with the key %s", key);
    return 0;
}

static void collect(const struct cluster *cluster, struct switch_parts *parts)
{
    cJSON *journal = client_json(cluster->sim.port, "GET", "/sim/journal", NULL, 200);
    for (size_t i = 0; i < CLUSTER_NODE_COUNT; i++) {
        struct log_times times[RUNS_MAX];
        size_t count = log_times_read(cluster->nodes[i].log, times, RUNS_MAX);
        for (size_t j = 0; j < count && parts->count < RUNS_MAX; j++) {
            /* Followers apply the same entry, but proposed nothing. */
            if (times[j].proposed_us == 0)
                continue;
            int64_t request_us = request_us_of(journal, times[j].move);
            size_t place = parts->count++;
            parts->verify[place] = (double)(times[j].proposed_us - times[j].vote_us) / 1000;
            parts->commit[place] = (double)(times[j].applied_us - times[j].proposed_us) / 1000;
            parts->request[place] = (double)(request_us - times[j].applied_us) / 1000;
            parts->total[place] = (double)(request_us - times[j].vote_us) / 1000;
        }
    }
    cJSON_Delete(journal);
}

static double bare_patch_ms(const struct cluster *cluster)
{
    double values[BARE_COUNT];
    for (size_t i = 0; i < BARE_COUNT; i++) {
        struct client_reply reply = {0};
        sim_patch(&cluster->sim, PLAN_2, BODY, 0, &reply);
        assert_int_equal(reply.status, 200);
        values[i] = reply.total_ms;
        client_reply_free(&reply);
    }
    return figure_median(values, BARE_COUNT);
}

static void add_parts(struct report *report, struct switch_parts *parts, double bare_ms,
                      double disk_ms)
{
    size_t count = parts->count;
    double median_ms = figure_median(parts->total, count);
    const struct figure rows[] = {
        {"third FAIL's last vote to switch request, median", median_ms, "ms", GOAL_MS, COMMAND},
        {"... p95", figure_percentile(parts->total, count, 95), "ms", 0, COMMAND},
        {"... verify: frame in to close proposed, median", figure_median(parts->verify, count),
         "ms", 0, COMMAND},
        {"... commit: proposed to applied, median", figure_median(parts->commit, count), "ms", 0,
         COMMAND},
        {"... request: applied to the API's stamp, median", figure_median(parts->request, count),
         "ms", 0, COMMAND},
        {"a bare curl PATCH to the same API, median", bare_ms, "ms", 0, COMMAND},
        {"ratio of the two medians", median_ms / bare_ms, "x", 0, COMMAND},
        {"write and fdatasync of 4 KiB there, median", disk_ms, "ms", 0, COMMAND},
        {"switches measured", (double)count, "", 0, COMMAND},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        report_add(report, &rows[i]);
}

void bench_switch(struct report *report, unsigned runs)
{
    struct cluster *cluster = calloc(1, sizeof *cluster);
    struct switch_parts *parts = calloc(1, sizeof *parts);
    assert_true(cluster != NULL && parts != NULL);
    cluster_start(cluster, &settings);
    double bare_ms = bare_patch_ms(cluster);
    double disk_ms = disk_sync_measure(cluster).median_ms;
    for (unsigned i = 0; i < runs; i++)
        (void)fault_run(cluster, "error500");
    collect(cluster, parts);
    assert_true(parts->count >= runs);
    add_parts(report, parts, bare_ms, disk_ms);
    cluster_finish(cluster);
    cluster_abandon(cluster);
    free(parts);
    free(cluster);
}
