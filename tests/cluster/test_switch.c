#include "tests/cluster/ask.h"
#include "tests/lab/test/assert.h"

#include <stdio.h>
#include <string.h>

#define PLAN_PATH "/api/v2/routing/plans/plan-1"

static void make_primary_fail(const struct cluster *cluster)
{
    bot_mode(&cluster->primary, "{\"mode\":\"error500\"}");
}

static void wait_for_the_end(const struct cluster *cluster)
{
    WAIT_UNTIL(ask_all_say(cluster, "serving", "standby"));
    WAIT_UNTIL(ask_move_is(cluster, ask_wait_leader(cluster), "DONE"));
    WAIT_UNTIL(ask_ledgers_equal(cluster));
}

static bool key_is(const cJSON *line, const char *step, unsigned attempt)
{
    char end[32];
    (void)snprintf(end, sizeof end, ".%s.%u", step, attempt);
    const char *key = client_text(line, "key");
    const char *found = strstr(key, end);
    return strncmp(key, "test/", 5) == 0 && found != NULL && strcmp(found, end) == 0;
}

static void test_a_dead_primary_leads_to_one_patch(void **state)
{
    struct cluster *cluster = *state;
    make_primary_fail(cluster);
    wait_for_the_end(cluster);
    assert_int_equal(ask_requests(cluster, "PATCH", PLAN_PATH), 1);
    cJSON *patch = ask_patch(cluster, 0);
    assert_int_equal((int)client_number(patch, "version_sent"), 1);
    assert_true(client_number(patch, "term") >= 1);
    assert_true(key_is(patch, "switch", 1));
    assert_string_equal(client_text(patch, "state_after"), "standby");
    cJSON_Delete(patch);
    cJSON *told = bot_state(&cluster->primary);
    assert_true(client_truth(told, "degraded"));
    cJSON_Delete(told);
    for (size_t i = 0; i < CLUSTER_NODE_COUNT; i++)
        WAIT_UNTIL(ask_move_is(cluster, i, "DONE"));
    cluster_finish(cluster);
}

static void test_a_failure_shorter_than_three_ballots_moves_nothing(void **state)
{
    struct cluster *cluster = *state;
    double before = ask_count(cluster, 0, "ledger", "applied");
    make_primary_fail(cluster);
    WAIT_UNTIL(ask_count(cluster, 0, "ledger", "applied") > before);
    bot_mode(&cluster->primary, "{\"mode\":\"healthy\"}");
    WAIT_UNTIL(ask_all_say(cluster, "condition", "steady"));
    STAYS_FOR(ask_requests(cluster, "PATCH", PLAN_PATH) == 0, 1500);
    assert_true(ask_all_say(cluster, "serving", "primary"));
    cluster_finish(cluster);
}

static const struct cluster_settings one_way_settings = {.last_over_chaos = true};

static bool path_fault_is_shown(const struct cluster *cluster)
{
    cJSON *page =
        ask_get(cluster, ask_wait_leader(cluster), "/v1/services/" CLUSTER_SERVICE "/explain");
    const cJSON *vote =
        cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(page, "votes"), CLUSTER_NODE_COUNT - 1);
    const cJSON *side = cJSON_GetObjectItemCaseSensitive(vote, "primary");
    bool shown = cJSON_IsObject(side) && strcmp(client_text(side, "value"), "DOWN") == 0 &&
                 client_truth(side, "path_fault");
    cJSON_Delete(page);
    return shown;
}

static void test_one_voter_that_cannot_reach_the_primary_moves_nothing(void **state)
{
    struct cluster *cluster = *state;
    chaos_set(&cluster->chaos, "{\"refuse\":true}");
    WAIT_UNTIL(path_fault_is_shown(cluster));
    STAYS_FOR(ask_requests(cluster, "PATCH", PLAN_PATH) == 0, 1500);
    assert_true(ask_all_say(cluster, "serving", "primary"));
    cluster_finish(cluster);
}

static void test_an_answer_that_is_lost_is_read_and_not_repeated(void **state)
{
    struct cluster *cluster = *state;
    sim_fault(&cluster->sim, "{\"fault\":\"apply-then-drop\","
                             "\"match\":{\"method\":\"PATCH\",\"path\":\"/api\",\"count\":1}}");
    make_primary_fail(cluster);
    wait_for_the_end(cluster);
    assert_int_equal(ask_effective(cluster, NULL), 1);
    assert_int_equal(ask_requests(cluster, "PATCH", PLAN_PATH), 1);
    cluster_finish(cluster);
}

/* The leader dies while its request is applied and unanswered: its heir must not repeat it. */
static void test_a_leader_killed_in_its_request_leaves_one_switch(void **state)
{
    struct cluster *cluster = *state;
    sim_fault(&cluster->sim, "{\"fault\":\"latency\",\"ms\":900,"
                             "\"match\":{\"method\":\"PATCH\",\"path\":\"/api\",\"count\":1}}");
    size_t leader = ask_wait_leader(cluster);
    make_primary_fail(cluster);
    WAIT_UNTIL(sim_state_is(&cluster->sim, "standby"));
    node_kill(cluster, leader);
    wait_for_the_end(cluster);
    assert_int_equal(ask_effective(cluster, NULL), 1);
    node_start_and_wait(cluster, leader);
    wait_for_the_end(cluster);
    assert_int_equal(ask_effective(cluster, NULL), 1);
    cluster_finish(cluster);
}

static const struct cluster_settings slow_settings = {
    .patrol = "{interval: 1500ms, confirm_interval: 300ms}",
    .probe = "{connect_timeout: 300ms, timeout: 1s, latency: 200ms}",
    .drain = "{slow: 4s, down: 0s, planned: 4s}",
};

static void test_a_leader_killed_while_the_route_is_paused_is_succeeded(void **state)
{
    struct cluster *cluster = *state;
    size_t leader = ask_wait_leader(cluster);
    bot_mode(&cluster->primary, "{\"mode\":\"slow\",\"ms\":450}");
    WAIT_UNTIL(sim_state_is(&cluster->sim, "paused"));
    node_kill(cluster, leader);
    wait_for_the_end(cluster);
    assert_int_equal(ask_effective(cluster, "paused"), 1);
    assert_int_equal(ask_effective(cluster, "standby"), 1);
    assert_int_equal(ask_effective(cluster, NULL), 2);
    cluster_finish(cluster);
}

static void test_all_nodes_killed_while_the_route_is_paused_finish_the_move(void **state)
{
    struct cluster *cluster = *state;
    bot_mode(&cluster->primary, "{\"mode\":\"slow\",\"ms\":450}");
    WAIT_UNTIL(sim_state_is(&cluster->sim, "paused"));
    for (size_t i = 0; i < CLUSTER_NODE_COUNT; i++)
        node_kill(cluster, i);
    for (size_t i = 0; i < CLUSTER_NODE_COUNT; i++)
        node_start(cluster, i);
    ask_wait_leader(cluster);
    wait_for_the_end(cluster);
    assert_int_equal(ask_effective(cluster, "paused"), 1);
    assert_int_equal(ask_effective(cluster, "standby"), 1);
    assert_int_equal(ask_effective(cluster, NULL), 2);
    cluster_finish(cluster);
}

/* Three PASSes in a row before the switch: the pause is taken back. */
static void test_a_primary_that_recovers_in_the_drain_is_resumed(void **state)
{
    struct cluster *cluster = *state;
    bot_mode(&cluster->primary, "{\"mode\":\"slow\",\"ms\":450}");
    WAIT_UNTIL(sim_state_is(&cluster->sim, "paused"));
    bot_mode(&cluster->primary, "{\"mode\":\"healthy\"}");
    WAIT_UNTIL(sim_state_is(&cluster->sim, "primary"));
    WAIT_UNTIL(ask_move_is(cluster, ask_wait_leader(cluster), "ABORTED"));
    assert_true(ask_all_say(cluster, "serving", "primary"));
    assert_int_equal(ask_effective(cluster, "standby"), 0);
    assert_int_equal(ask_effective(cluster, NULL), 2);
    cluster_finish(cluster);
}

static const struct cluster_settings observe_settings = {.mode = "observe"};

static void test_observing_records_what_it_would_have_done(void **state)
{
    struct cluster *cluster = *state;
    make_primary_fail(cluster);
    WAIT_UNTIL(node_logged(cluster, ask_wait_leader(cluster), "kind=would-have-moved"));
    STAYS_FOR(ask_requests(cluster, "PATCH", PLAN_PATH) == 0, 1500);
    assert_true(ask_explains(cluster, ask_wait_leader(cluster), "detail", "observe-mode"));
    cluster_finish(cluster);
}

#define WITH(test, settings)                                                                \
    cmocka_unit_test_prestate_setup_teardown(test, cluster_setup_started, cluster_teardown, \
                                             (void *)(uintptr_t)(settings))

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH(test_a_dead_primary_leads_to_one_patch, NULL),
        WITH(test_a_failure_shorter_than_three_ballots_moves_nothing, NULL),
        WITH(test_one_voter_that_cannot_reach_the_primary_moves_nothing, &one_way_settings),
        WITH(test_an_answer_that_is_lost_is_read_and_not_repeated, NULL),
        WITH(test_a_leader_killed_in_its_request_leaves_one_switch, NULL),
        WITH(test_a_leader_killed_while_the_route_is_paused_is_succeeded, &slow_settings),
        WITH(test_all_nodes_killed_while_the_route_is_paused_finish_the_move, &slow_settings),
        WITH(test_a_primary_that_recovers_in_the_drain_is_resumed, &slow_settings),
        WITH(test_observing_records_what_it_would_have_done, &observe_settings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
