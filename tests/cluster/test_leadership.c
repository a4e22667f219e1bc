/* A leader without a way to the routing API gives leadership to a node that has one. */
#include "tests/cluster/ask.h"
#include "tests/lab/test/assert.h"

#include <string.h>

enum { PROOF_MS = 5000 };

#define TIMING                                                \
    "{election: 600ms, heartbeat: 60ms, timer_late: 250ms,"   \
    " actuator: {deadline: 1s, proof: 5s, token_fresh: 60s}," \
    " reference_inflation: {minimum: 250ms}}"

static bool leads(const struct cluster *cluster, size_t place)
{
    return ask_status_code(cluster, place, "/v1/leader?self") == 200;
}

static size_t other_leader(const struct cluster *cluster, size_t place)
{
    for (size_t i = 0; i < cluster->node_count; i++)
        if (i != place && leads(cluster, i))
            return i;
    return cluster->node_count;
}

/* Whether the node at `place` says of the other that it could act. */
static bool says_can_act(const struct cluster *cluster, size_t place, const char *name)
{
    cJSON *page = ask_get(cluster, place, "/v1/status");
    const cJSON *peer = NULL;
    bool can = false;
    cJSON_ArrayForEach(peer, cJSON_GetObjectItemCaseSensitive(page, "peers"))
    {
        const cJSON *node = cJSON_GetObjectItemCaseSensitive(peer, "node");
        if (strcmp(node->valuestring, name) == 0)
            can = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(peer, "can_act"));
    }
    cJSON_Delete(page);
    return can;
}

static bool all_can_act(const struct cluster *cluster, size_t place)
{
    for (size_t i = 0; i < cluster->node_count; i++)
        if (i != place && !says_can_act(cluster, place, cluster->nodes[i].name))
            return false;
    return true;
}

static void leadership_leaves_a_node_without_the_api(void **state)
{
    struct cluster *cluster = cluster_of_networked(state);
    size_t first = ask_wait_leader(cluster);
    WAIT_UNTIL(all_can_act(cluster, first));
    time_ms cut_ms = clock_boot_ms();
    network_cut_address(&cluster->network, NETWORK_API, first);
    WAIT_UNTIL_MS(other_leader(cluster, first) < cluster->node_count, 2 * PROOF_MS);
    size_t second = other_leader(cluster, first);
    print_message("leadership moved %lld ms after the API was gone; two proof intervals are %d\n",
                  (long long)(clock_boot_ms() - cut_ms), 2 * PROOF_MS);
    assert_true(node_logged(cluster, first, "kind=cannot-act"));
    assert_int_equal(ask_count(cluster, first, "handover", "count"), 1);
    WAIT_UNTIL(!says_can_act(cluster, second, cluster->nodes[first].name));
    bot_mode(&cluster->primary, "{\"mode\":\"error500\"}");
    WAIT_UNTIL(ask_effective(cluster, "standby") == 1);
    network_heal(&cluster->network);
    WAIT_UNTIL(all_can_act(cluster, second));
    STAYS_FOR(leads(cluster, second), PROOF_MS);
    cluster_finish(cluster);
}

int main(void)
{
    static const struct cluster_settings networked = {.networked = true, .timing = TIMING};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate_setup_teardown(leadership_leaves_a_node_without_the_api,
                                                 cluster_setup_networked, cluster_teardown,
                                                 (void *)&networked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
