/* Services whose probes are conversations with their flows, through the platform's API. */
#include "tests/cluster/ask.h"
#include "tests/lab/test/assert.h"

#include <string.h>

#define PLAN_PATH "/api/v2/routing/plans/plan-1"
#define TEXTBOTS "\"match\":{\"path\":\"/api/v2/textbots\",\"count\":-1}"

static const struct cluster_settings bot_settings = {
    .side_probe = "{kind: bot, turns: [\"\", hello]}",
    .probe = "{connect_timeout: 300ms, timeout: 500ms, latency: 400ms}",
    .patrol = "{interval: 2s, confirm_interval: 400ms}",
};

static void flow_is(const struct cluster *cluster, const char *flow, const char *json)
{
    char path[64];
    (void)snprintf(path, sizeof path, "/sim/bots/%s", flow);
    cJSON_Delete(client_json(cluster->sim.port, "POST", path, json, 200));
}

/* What the node at the place shows of every voter's word on the primary. */
static bool all_votes_are(const struct cluster *cluster, size_t place, const char *value,
                          const char *result, const char *detail)
{
    cJSON *page = ask_get(cluster, place, "/v1/services/" CLUSTER_SERVICE "/explain");
    const cJSON *vote = NULL;
    bool all = true;
    cJSON_ArrayForEach(vote, cJSON_GetObjectItemCaseSensitive(page, "votes"))
    {
        const cJSON *side = cJSON_GetObjectItemCaseSensitive(vote, "primary");
        all = all && cJSON_IsObject(side) && strcmp(client_text(side, "value"), value) == 0 &&
              strcmp(client_text(side, "result"), result) == 0 &&
              (detail == NULL || (cJSON_IsString(cJSON_GetObjectItem(side, "detail")) &&
                                  strcmp(client_text(side, "detail"), detail) == 0));
    }
    cJSON_Delete(page);
    return all;
}

static bool all_are_up(const struct cluster *cluster)
{
    return all_votes_are(cluster, ask_wait_leader(cluster), "UP", "ok", NULL);
}

static void test_a_flow_that_ends_in_an_error_is_moved_away_from(void **state)
{
    struct cluster *cluster = *state;
    WAIT_UNTIL(all_are_up(cluster));
    flow_is(cluster, "PRIMARY_FLOW_ID", "{\"mode\":\"error\",\"from_turn\":2}");
    WAIT_UNTIL(all_votes_are(cluster, ask_wait_leader(cluster), "DOWN", "bot", "Exit Error"));
    WAIT_UNTIL(ask_all_say(cluster, "serving", "standby"));
    WAIT_UNTIL(ask_move_is(cluster, ask_wait_leader(cluster), "DONE"));
    assert_int_equal(ask_effective(cluster, NULL), 1);
    cluster_finish(cluster);
}

/* The quota of our token is used up: nobody can tell, and nothing is moved. */
static void test_a_platform_that_refuses_the_question_moves_nothing(void **state)
{
    struct cluster *cluster = *state;
    WAIT_UNTIL(all_are_up(cluster));
    sim_fault(&cluster->sim, "{\"fault\":\"rate-limit\",\"retry_after\":1," TEXTBOTS "}");
    WAIT_UNTIL(
        all_votes_are(cluster, ask_wait_leader(cluster), "CANNOT_TELL", "platform", "session 429"));
    STAYS_FOR(ask_requests(cluster, "PATCH", PLAN_PATH) == 0, 4000);
    assert_true(ask_all_say(cluster, "serving", "primary"));
    cJSON_Delete(client_json(cluster->sim.port, "DELETE", "/sim/faults", NULL, 200));
    WAIT_UNTIL(all_are_up(cluster));
    assert_int_equal(ask_requests(cluster, "PATCH", PLAN_PATH), 0);
    cluster_finish(cluster);
}

static void test_a_platform_that_is_gone_is_no_dead_bot(void **state)
{
    struct cluster *cluster = *state;
    WAIT_UNTIL(all_are_up(cluster));
    sim_fault(&cluster->sim, "{\"fault\":\"hang\"," TEXTBOTS "}");
    WAIT_UNTIL(all_votes_are(cluster, ask_wait_leader(cluster), "CANNOT_TELL", "platform",
                             "session: no answer"));
    STAYS_FOR(ask_requests(cluster, "PATCH", PLAN_PATH) == 0, 4000);
    cluster_finish(cluster);
}

/* No reading of the route comes in between: the probes themselves find out. */
static const struct cluster_settings rare_proofs = {
    .side_probe = "{kind: bot}",
    .patrol = "{interval: 2s, confirm_interval: 400ms}",
    .probe = "{connect_timeout: 300ms, timeout: 500ms, latency: 400ms}",
    .timing = "{election: 600ms, heartbeat: 60ms, timer_late: 250ms,"
              " actuator: {deadline: 1s, proof: 1h, token_fresh: 60s},"
              " reference_inflation: {minimum: 250ms}}",
};

static int sessions_of(const struct cluster *cluster, const char *flow)
{
    cJSON *bots = client_json(cluster->sim.port, "GET", "/sim/bots", NULL, 200);
    const cJSON *bot = NULL;
    int count = 0;
    cJSON_ArrayForEach(bot, bots)
    {
        if (strcmp(client_text(bot, "flow"), flow) == 0)
            count = (int)client_number(bot, "sessions");
    }
    cJSON_Delete(bots);
    return count;
}

static void test_tokens_that_die_are_fetched_anew(void **state)
{
    struct cluster *cluster = *state;
    WAIT_UNTIL(all_are_up(cluster));
    cJSON_Delete(client_json(cluster->sim.port, "POST", "/sim/tokens/expire", "{}", 200));
    int before = sessions_of(cluster, "PRIMARY_FLOW_ID");
    WAIT_UNTIL(sessions_of(cluster, "PRIMARY_FLOW_ID") > before + 2 * CLUSTER_NODE_COUNT);
    WAIT_UNTIL(all_are_up(cluster));
    assert_int_equal(ask_requests(cluster, "PATCH", PLAN_PATH), 0);
    cluster_finish(cluster);
}

#define WITH(test, settings)                                                                \
    cmocka_unit_test_prestate_setup_teardown(test, cluster_setup_started, cluster_teardown, \
                                             (void *)(uintptr_t)(settings))

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH(test_a_flow_that_ends_in_an_error_is_moved_away_from, &bot_settings),
        WITH(test_a_platform_that_refuses_the_question_moves_nothing, &bot_settings),
        WITH(test_a_platform_that_is_gone_is_no_dead_bot, &bot_settings),
        WITH(test_tokens_that_die_are_fetched_anew, &rare_proofs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
