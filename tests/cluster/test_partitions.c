#include "tests/cluster/ask.h"
#include "tests/cluster/check.h"
#include "tests/lab/test/assert.h"

#include <stdio.h>
#include <string.h>

#define PLAN_PATH "/api/v2/routing/plans/plan-1"

enum { LOSS_PERCENT = 30, QUIET_MS = 1500, LONG_QUIET_MS = 4000 };

static void fail_primary(const struct cluster *cluster)
{
    bot_mode(&cluster->primary, "{\"mode\":\"error500\"}");
}

static bool leads(const struct cluster *cluster, size_t place)
{
    return ask_status_code(cluster, place, "/v1/leader?self") == 200;
}

/* A leader among the nodes of the mask; -1 where there is none. */
static int leader_in(const struct cluster *cluster, unsigned mask)
{
    for (size_t i = 0; i < cluster->node_count; i++)
        if ((mask >> i & 1u) != 0 && leads(cluster, i))
            return (int)i;
    return -1;
}

static bool has_quorum(const struct cluster *cluster, size_t place)
{
    return ask_status_code(cluster, place, "/readyz") == 200;
}

static unsigned everybody(const struct cluster *cluster)
{
    return (1u << cluster->node_count) - 1;
}

/* `count` nodes, with the one at `place` among them. */
static unsigned group_with(const struct cluster *cluster, size_t place, size_t count)
{
    unsigned mask = 0;
    for (size_t i = 0; i < count; i++)
        mask |= 1u << (place + i) % cluster->node_count;
    return mask;
}

/* Healed: all agree on a leader, a route and a ledger, and the route was switched so often. */
static void heal_and_settle(struct cluster *cluster, int switches)
{
    network_heal(&cluster->network);
    WAIT_UNTIL(ask_settled(cluster));
    if (switches > 0) {
        WAIT_UNTIL(ask_all_say(cluster, "serving", "standby"));
        WAIT_UNTIL(ask_move_is(cluster, ask_wait_leader(cluster), "DONE"));
    }
    WAIT_UNTIL(ask_ledgers_equal(cluster));
    STAYS_FOR(ask_effective(cluster, NULL) == switches, QUIET_MS);
    cluster_finish(cluster);
}

/* The history is the proof: the old leader lost its term and asked for nothing in it afterwards. */
static void assert_stepped_down(const struct cluster *cluster, size_t place, double term)
{
    cJSON *down = NULL;
    WAIT_UNTIL((down = check_event(cluster, place, "not-leading", "term", term)) != NULL);
    cJSON *asked = check_event(cluster, place, "write-asked", "term", term);
    if (asked != NULL)
        assert_true(client_number(asked, "at_ms") <= client_number(down, "at_ms"));
    cJSON_Delete(asked);
    cJSON_Delete(down);
}

static void test_an_isolated_leader_steps_down_and_writes_nothing(void **state)
{
    struct cluster *cluster = cluster_of_networked(state);
    size_t old = ask_wait_leader(cluster);
    double term = ask_count(cluster, old, NULL, "term");
    unsigned alone = 1u << old;
    network_partition(&cluster->network, alone);
    fail_primary(cluster);
    WAIT_UNTIL(!leads(cluster, old) && leader_in(cluster, everybody(cluster) & ~alone) >= 0);
    WAIT_UNTIL(sim_state_is(&cluster->sim, "standby"));
    cJSON *patch = ask_patch(cluster, 0);
    assert_true(client_number(patch, "term") > term);
    cJSON_Delete(patch);
    STAYS_FOR(!leads(cluster, old), QUIET_MS);
    assert_stepped_down(cluster, old, term);
    heal_and_settle(cluster, 1);
}

/* The answer to its request is on the way when the leader is cut off from its peers. */
static void test_a_move_of_an_isolated_leader_is_finished_once(void **state)
{
    struct cluster *cluster = cluster_of_networked(state);
    size_t old = ask_wait_leader(cluster);
    double term = ask_count(cluster, old, NULL, "term");
    sim_fault(&cluster->sim, "{\"fault\":\"latency\",\"ms\":700,"
                             "\"match\":{\"method\":\"PATCH\",\"path\":\"/api\",\"count\":1}}");
    fail_primary(cluster);
    WAIT_UNTIL(sim_state_is(&cluster->sim, "standby"));
    network_partition(&cluster->network, 1u << old);
    WAIT_UNTIL(leader_in(cluster, everybody(cluster) & ~(1u << old)) >= 0);
    size_t heir = (size_t)leader_in(cluster, everybody(cluster) & ~(1u << old));
    WAIT_UNTIL(ask_move_is(cluster, heir, "DONE"));
    WAIT_UNTIL(!leads(cluster, old));
    assert_stepped_down(cluster, old, term);
    heal_and_settle(cluster, 1);
}

/* A majority that the leader belongs to goes on; the minority neither leads nor writes. */
static void test_a_majority_moves_and_a_minority_does_not(void **state)
{
    struct cluster *cluster = cluster_of_networked(state);
    size_t leader = ask_wait_leader(cluster);
    unsigned majority = group_with(cluster, leader, cluster->node_count / 2 + 1);
    network_partition(&cluster->network, majority);
    for (size_t i = 0; i < cluster->node_count; i++)
        if ((majority >> i & 1u) == 0)
            WAIT_UNTIL(!has_quorum(cluster, i));
    assert_int_equal(leader_in(cluster, majority), leader);
    fail_primary(cluster);
    WAIT_UNTIL(sim_state_is(&cluster->sim, "standby"));
    assert_int_equal(leader_in(cluster, everybody(cluster) & ~majority), -1);
    heal_and_settle(cluster, 1);
}

/* The leader is in the smaller part, which must let go; the larger elects another. */
static void test_a_leader_in_the_minority_is_replaced(void **state)
{
    struct cluster *cluster = cluster_of_networked(state);
    size_t leader = ask_wait_leader(cluster);
    unsigned minority = group_with(cluster, leader, cluster->node_count / 2);
    double term = ask_count(cluster, leader, NULL, "term");
    network_partition(&cluster->network, minority);
    WAIT_UNTIL(leader_in(cluster, minority) < 0);
    WAIT_UNTIL(leader_in(cluster, everybody(cluster) & ~minority) >= 0);
    fail_primary(cluster);
    WAIT_UNTIL(sim_state_is(&cluster->sim, "standby"));
    assert_stepped_down(cluster, leader, term);
    heal_and_settle(cluster, 1);
}

/* No part has a quorum: nothing moves before the heal, and once after it. */
static void test_without_a_majority_nothing_moves(void **state)
{
    struct cluster *cluster = cluster_of_networked(state);
    for (size_t i = 0; i + 1 < cluster->node_count; i++)
        for (size_t j = i + 1; j < cluster->node_count; j++)
            network_cut_both(&cluster->network, i, j);
    for (size_t i = 0; i < cluster->node_count; i++)
        WAIT_UNTIL(!has_quorum(cluster, i));
    fail_primary(cluster);
    STAYS_FOR(ask_requests(cluster, "PATCH", PLAN_PATH) == 0 &&
                  leader_in(cluster, everybody(cluster)) < 0,
              LONG_QUIET_MS);
    heal_and_settle(cluster, 1);
}

/* A follower does not hear the leader. With pre-votes it disturbs nobody, or it is succeeded. */
static void test_a_cut_from_the_leader_to_a_follower(void **state)
{
    struct cluster *cluster = cluster_of_networked(state);
    size_t leader = ask_wait_leader(cluster);
    network_cut(&cluster->network, leader, (leader + 1) % cluster->node_count);
    STAYS_FOR(ask_requests(cluster, "PATCH", PLAN_PATH) == 0, QUIET_MS);
    fail_primary(cluster);
    WAIT_UNTIL(sim_state_is(&cluster->sim, "standby"));
    heal_and_settle(cluster, 1);
}

static void test_a_cut_from_a_follower_to_the_leader(void **state)
{
    struct cluster *cluster = cluster_of_networked(state);
    size_t leader = ask_wait_leader(cluster);
    network_cut(&cluster->network, (leader + 1) % cluster->node_count, leader);
    STAYS_FOR(ask_requests(cluster, "PATCH", PLAN_PATH) == 0, QUIET_MS);
    fail_primary(cluster);
    WAIT_UNTIL(sim_state_is(&cluster->sim, "standby"));
    heal_and_settle(cluster, 1);
}

/* Nobody answers the leader, though all hear it: it may not write on. */
static void test_a_leader_that_hears_nobody_lets_go(void **state)
{
    struct cluster *cluster = cluster_of_networked(state);
    size_t old = ask_wait_leader(cluster);
    double term = ask_count(cluster, old, NULL, "term");
    for (size_t i = 0; i < cluster->node_count; i++)
        if (i != old)
            network_cut(&cluster->network, i, old);
    WAIT_UNTIL(leader_in(cluster, everybody(cluster) & ~(1u << old)) >= 0);
    fail_primary(cluster);
    WAIT_UNTIL(sim_state_is(&cluster->sim, "standby"));
    assert_stepped_down(cluster, old, term);
    heal_and_settle(cluster, 1);
}

/* The routing API does not hear one follower: that is no reason to move, nor against it. */
static void test_a_follower_that_the_api_does_not_hear(void **state)
{
    struct cluster *cluster = cluster_of_networked(state);
    size_t follower = (ask_wait_leader(cluster) + 1) % cluster->node_count;
    network_cut_address(&cluster->network, NETWORK_API, follower);
    STAYS_FOR(ask_requests(cluster, "PATCH", PLAN_PATH) == 0, QUIET_MS);
    fail_primary(cluster);
    WAIT_UNTIL(sim_state_is(&cluster->sim, "standby"));
    heal_and_settle(cluster, 1);
}

/* The API does not answer the leader alone: it hands over to one that could act, and the move is
 * made once. */
static void test_a_leader_that_the_api_does_not_answer_hands_over(void **state)
{
    struct cluster *cluster = cluster_of_networked(state);
    size_t old = ask_wait_leader(cluster);
    network_cut_address(&cluster->network, NETWORK_API, old);
    WAIT_UNTIL(leader_in(cluster, everybody(cluster) & ~(1u << old)) >= 0);
    fail_primary(cluster);
    WAIT_UNTIL(sim_state_is(&cluster->sim, "standby"));
    heal_and_settle(cluster, 1);
}

/* Two parts do not hear each other; the node in the middle hears both. */
static void test_a_bridge_partition_moves_once(void **state)
{
    struct cluster *cluster = cluster_of_networked(state);
    size_t middle = (ask_wait_leader(cluster) + 1) % cluster->node_count;
    size_t half = cluster->node_count / 2;
    for (size_t i = 1; i <= half; i++)
        for (size_t j = half + 1; j < cluster->node_count; j++)
            network_cut_both(&cluster->network, (middle + i) % cluster->node_count,
                             (middle + j) % cluster->node_count);
    STAYS_FOR(ask_requests(cluster, "PATCH", PLAN_PATH) == 0, QUIET_MS);
    fail_primary(cluster);
    WAIT_UNTIL(sim_state_is(&cluster->sim, "standby"));
    heal_and_settle(cluster, 1);
}

/* Three of ten packets between the nodes are lost: leaders may come and go, the move is one. */
static void test_loss_between_all_nodes_moves_once(void **state)
{
    struct cluster *cluster = cluster_of_networked(state);
    for (size_t i = 0; i < cluster->node_count; i++)
        for (size_t j = 0; j < cluster->node_count; j++)
            if (i != j)
                network_lose(&cluster->network, i, j, LOSS_PERCENT);
    STAYS_FOR(ask_requests(cluster, "PATCH", PLAN_PATH) == 0, LONG_QUIET_MS);
    fail_primary(cluster);
    WAIT_UNTIL_MS(sim_state_is(&cluster->sim, "standby"), 60000);
    heal_and_settle(cluster, 1);
}

static bool tells_nothing(const struct cluster *cluster, size_t place)
{
    size_t asked = (place + 1) % cluster->node_count;
    cJSON *page = ask_get(cluster, asked, "/v1/services/" CLUSTER_SERVICE "/explain");
    const cJSON *vote =
        cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(page, "votes"), (int)place);
    const cJSON *side = cJSON_GetObjectItemCaseSensitive(vote, "primary");
    bool shown = cJSON_IsObject(side) && strcmp(client_text(side, "value"), "CANNOT_TELL") == 0;
    cJSON_Delete(page);
    return shown;
}

/* One node's whole network is congested: it says that it cannot tell, and nothing moves. */
static void test_a_congested_node_cannot_tell_and_nothing_moves(void **state)
{
    struct cluster *cluster = cluster_of_networked(state);
    size_t congested = (ask_wait_leader(cluster) + 1) % cluster->node_count;
    network_lose(&cluster->network, NETWORK_PLACE_N, congested, 2 * LOSS_PERCENT);
    /* Its votes go through the same loss: one may take many retransmissions, or a new handshake. */
    WAIT_UNTIL_MS(tells_nothing(cluster, congested), 60000);
    STAYS_FOR(ask_requests(cluster, "PATCH", PLAN_PATH) == 0, LONG_QUIET_MS);
    heal_and_settle(cluster, 0);
}

/* The path to the primary alone is cut for a minority: path faults, no move. */
static void test_a_minority_without_its_path_to_the_primary_moves_nothing(void **state)
{
    struct cluster *cluster = cluster_of_networked(state);
    size_t first = ask_wait_leader(cluster);
    for (size_t i = 0; i < cluster->node_count / 2; i++)
        network_cut_address(&cluster->network, NETWORK_PRIMARY, (first + i) % cluster->node_count);
    STAYS_FOR(ask_requests(cluster, "PATCH", PLAN_PATH) == 0, LONG_QUIET_MS);
    assert_true(ask_all_say(cluster, "serving", "primary"));
    heal_and_settle(cluster, 0);
}

static const struct cluster_settings three = {.networked = true};
static const struct cluster_settings five = {.networked = true, .node_count = 5};

#define WITH(test, settings)                                                                  \
    cmocka_unit_test_prestate_setup_teardown(test, cluster_setup_networked, cluster_teardown, \
                                             (void *)(uintptr_t)(settings))

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH(test_a_leader_that_the_api_does_not_answer_hands_over, &three),
        WITH(test_an_isolated_leader_steps_down_and_writes_nothing, &three),
        WITH(test_an_isolated_leader_steps_down_and_writes_nothing, &five),
        WITH(test_a_move_of_an_isolated_leader_is_finished_once, &three),
        WITH(test_a_majority_moves_and_a_minority_does_not, &three),
        WITH(test_a_majority_moves_and_a_minority_does_not, &five),
        WITH(test_a_leader_in_the_minority_is_replaced, &five),
        WITH(test_without_a_majority_nothing_moves, &three),
        WITH(test_without_a_majority_nothing_moves, &five),
        WITH(test_a_cut_from_the_leader_to_a_follower, &three),
        WITH(test_a_cut_from_a_follower_to_the_leader, &three),
        WITH(test_a_leader_that_hears_nobody_lets_go, &five),
        WITH(test_a_follower_that_the_api_does_not_hear, &three),
        WITH(test_a_bridge_partition_moves_once, &three),
        WITH(test_a_bridge_partition_moves_once, &five),
        WITH(test_loss_between_all_nodes_moves_once, &three),
        WITH(test_loss_between_all_nodes_moves_once, &five),
        WITH(test_a_congested_node_cannot_tell_and_nothing_moves, &three),
        WITH(test_a_congested_node_cannot_tell_and_nothing_moves, &five),
        WITH(test_a_minority_without_its_path_to_the_primary_moves_nothing, &three),
        WITH(test_a_minority_without_its_path_to_the_primary_moves_nothing, &five),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
