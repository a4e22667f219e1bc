/* context-load [--conversations N] [--every SECONDS] [--seconds S] [--goal]: conversations that
 * checkpoint on three nodes with fsync while the leader is killed and comes back; then everything
 * that was acknowledged is read back. --goal demands the times as well, which belong to a machine.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/cluster/ask.h"
#include "tests/cluster/context_load/load.h"
#include "tests/lab/base/clock.h"
#include "tests/lab/test/assert.h"

enum { GOAL_P99_MS = 50 };

struct plan {
    size_t conversations;
    time_ms every_ms;
    time_ms for_ms;
    bool goal;
    struct cluster *cluster;
};

static bool is_ready(const struct cluster *cluster, size_t place)
{
    cJSON *page = ask_get(cluster, place, "/v1/status");
    const cJSON *part = cJSON_GetObjectItemCaseSensitive(page, "contexts");
    bool ready = cJSON_IsObject(part) && strcmp(client_text(part, "state"), "ready") == 0;
    cJSON_Delete(page);
    return ready;
}

static double term(const struct cluster *cluster)
{
    return ask_count(cluster, ask_wait_leader(cluster), NULL, "term");
}

static void say_times(const char *name, const uint64_t times[LOAD_TOOK_MAX_MS + 1])
{
    (void)printf("%-34s p50 %lld ms, p99 %lld ms, p99.9 %lld ms, longest %lld ms\n", name,
                 (long long)load_percentile(times, 50), (long long)load_percentile(times, 99),
                 (long long)load_percentile(times, 99.9), (long long)load_percentile(times, 100));
}

static uint64_t late_turns(const struct cluster *cluster)
{
    uint64_t late = 0;
    for (size_t i = 0; i < cluster->node_count; i++)
        if (node_is_running(cluster, i))
            late += (uint64_t)ask_count(cluster, i, NULL, "loop_late");
    return late;
}

/* A third of the time with all nodes, one with a killed leader, one with it back. */
static void storm(struct plan *plan, struct load *load)
{
    struct cluster *cluster = plan->cluster;
    time_ms part_ms = plan->for_ms / 3;
    time_ms begun_ms = clock_boot_ms();
    size_t leader = ask_wait_leader(cluster);
    double before = term(cluster);
    uint64_t late = late_turns(cluster);
    load_run_until(load, begun_ms + part_ms);
    (void)printf("late turns of the loops in %lld s: %llu\n", (long long)part_ms / 1000,
                 (unsigned long long)(late_turns(cluster) - late));
    double calm = term(cluster);
    node_kill(cluster, leader);
    load_run_until(load, begun_ms + 2 * part_ms);
    double killed = term(cluster);
    node_start(cluster, leader);
    load_run_until(load, begun_ms + plan->for_ms);
    load_settle(load);
    (void)printf("terms: %.0f at the start, %.0f before the kill, %.0f after it, %.0f at the end\n",
                 before, calm, killed, term(cluster));
    if (calm != before || term(cluster) != killed)
        fail_msg("an election that nobody called for: votes or heartbeats came late");
}

static void test_what_was_acknowledged_is_read_back(void **state)
{
    struct plan *plan = *state;
    struct cluster *cluster = plan->cluster;
    struct load *load = calloc(1, sizeof *load);
    assert_non_null(load);
    for (size_t i = 0; i < cluster->node_count; i++)
        WAIT_UNTIL(is_ready(cluster, i));
    load_open(load, cluster, plan->conversations, plan->every_ms);
    storm(plan, load);
    (void)printf(
        "%llu checkpoints of %zu conversations acknowledged in %lld s (%.0f a second), "
        "%llu sent again\n",
        (unsigned long long)load->acknowledged, plan->conversations, (long long)plan->for_ms / 1000,
        (double)load->acknowledged * 1000 / (double)plan->for_ms, (unsigned long long)load->again);
    say_times("a PUT that was acknowledged", load->took);
    say_times("a checkpoint with its repeats", load->waited);
    for (size_t i = 0; i < cluster->node_count; i++) {
        size_t lost = load_count_lost(load, i);
        (void)printf("lost, as node %s reads: %zu\n", cluster->nodes[i].name, lost);
        assert_int_equal(lost, 0);
    }
    if (plan->goal && load_percentile(load->took, 99) >= GOAL_P99_MS)
        fail_msg("the goal is a p99 under %d ms", GOAL_P99_MS);
    load_close(load);
    free(load);
    WAIT_UNTIL(ask_settled(cluster));
    cluster_finish(cluster);
}

static int setup(void **state)
{
    static const struct cluster_settings settings = {.contexts = "store: embedded"};
    struct plan *plan = *state;
    plan->cluster = calloc(1, sizeof *plan->cluster);
    if (plan->cluster == NULL)
        return -1;
    cluster_start(plan->cluster, &settings);
    return 0;
}

static int teardown(void **state)
{
    struct plan *plan = *state;
    cluster_abandon(plan->cluster);
    free(plan->cluster);
    return 0;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {{"conversations", required_argument, NULL, 'c'},
                                            {"every", required_argument, NULL, 'e'},
                                            {"seconds", required_argument, NULL, 's'},
                                            {"goal", no_argument, NULL, 'g'},
                                            {NULL, 0, NULL, 0}};
    static struct plan plan = {.conversations = 10000, .every_ms = 30000, .for_ms = 90000};
    int option = 0;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 'c')
            plan.conversations = strtoull(optarg, NULL, 10);
        else if (option == 'e')
            plan.every_ms = 1000 * (time_ms)strtoull(optarg, NULL, 10);
        else if (option == 's')
            plan.for_ms = 1000 * (time_ms)strtoull(optarg, NULL, 10);
        else if (option == 'g')
            plan.goal = true;
        else
            return 2;
    }
    const struct CMUnitTest tests[] = {cmocka_unit_test_prestate_setup_teardown(
        test_what_was_acknowledged_is_read_back, setup, teardown, &plan)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
