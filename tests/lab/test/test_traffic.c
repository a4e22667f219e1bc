/* The simulator's live conversations, as the flow observations query shows them. */
#include "tests/lab/test/assert.h"
#include "tests/lab/test/sim_fixture.h"

#include <stdio.h>
#include <string.h>

#define QUERY "/api/v2/analytics/flows/observations/query"
#define RECIPIENT_1 "/api/v2/routing/message/recipients/recipient-1"

/* The sum over media types, or -1 where the platform says nothing of the flow. */
static int live(const struct sim *sim, const char *flow)
{
    char query[256] = "";
    const cJSON *result = NULL;
    int count = -1;
    cJSON *answer;

    (void)snprintf(query, sizeof(query),
                   "{\"filter\":{\"type\":\"or\",\"predicates\":[{\"dimension\":\"flowId\","
                   "\"value\":\"%s\"}]},\"metrics\":[\"oFlow\"]}",
                   flow);
    answer = sim_call(sim, "POST", QUERY, query, 200);
    cJSON_ArrayForEach(result, cJSON_GetObjectItem(answer, "results"))
    {
        const cJSON *data = cJSON_GetArrayItem(cJSON_GetObjectItem(result, "data"), 0);

        assert_string_equal(client_text(cJSON_GetObjectItem(result, "group"), "flowId"), flow);
        assert_string_equal(client_text(data, "metric"), "oFlow");
        count = (count < 0 ? 0 : count) +
                (int)client_number(cJSON_GetObjectItem(data, "stats"), "count");
    }
    cJSON_Delete(answer);
    return count;
}

static void traffic_set(const struct sim *sim, const char *json)
{
    cJSON_Delete(client_json(sim->port, "POST", "/sim/traffic", json, 200));
}

static void a_crowd_is_counted_by_flow_and_media(void **state)
{
    struct sim *sim = *state;

    assert_int_equal(live(sim, "PRIMARY_FLOW_ID"), -1);
    traffic_set(sim, "{\"flow\":\"PRIMARY_FLOW_ID\",\"media\":\"voice\",\"count\":5}");
    traffic_set(sim, "{\"flow\":\"PRIMARY_FLOW_ID\",\"media\":\"message\",\"count\":7}");
    traffic_set(sim, "{\"flow\":\"STANDBY_FLOW_ID\",\"media\":\"voice\",\"count\":1}");
    assert_int_equal(live(sim, "PRIMARY_FLOW_ID"), 12);
    traffic_set(sim, "{\"flow\":\"PRIMARY_FLOW_ID\",\"media\":\"message\",\"count\":0}");
    assert_int_equal(live(sim, "PRIMARY_FLOW_ID"), 5);
    assert_int_equal(live(sim, "STANDBY_FLOW_ID"), 1);
}

static void filters_join_their_parts(void **state)
{
    struct sim *sim = *state;
    cJSON *answer;

    traffic_set(sim, "{\"flow\":\"PRIMARY_FLOW_ID\",\"media\":\"voice\",\"count\":5}");
    traffic_set(sim, "{\"flow\":\"PRIMARY_FLOW_ID\",\"media\":\"message\",\"count\":7}");
    answer = sim_call(sim, "POST", QUERY,
                      "{\"filter\":{\"type\":\"and\",\"clauses\":[{\"type\":\"or\",\"predicates\":["
                      "{\"dimension\":\"flowId\",\"value\":\"PRIMARY_FLOW_ID\"},"
                      "{\"dimension\":\"flowId\",\"value\":\"STANDBY_FLOW_ID\"}]}],"
                      "\"predicates\":[{\"dimension\":\"mediaType\",\"value\":\"voice\"}]},"
                      "\"metrics\":[\"oFlow\"]}",
                      200);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(answer, "results")), 1);
    cJSON_Delete(answer);
    cJSON_Delete(sim_call(sim, "POST", QUERY, "{\"metrics\":[\"oFlow\"]}", 400));
    cJSON_Delete(sim_call(sim, "POST", QUERY,
                          "{\"filter\":{\"type\":\"or\",\"predicates\":[{\"dimension\":\"queueId\","
                          "\"value\":\"x\"}]},\"metrics\":[\"oFlow\"]}",
                          400));
    cJSON_Delete(
        sim_call(sim, "POST", QUERY,
                 "{\"filter\":{\"type\":\"or\",\"predicates\":[]},\"metrics\":[\"nFlow\"]}", 400));
    cJSON_Delete(sim_call(sim, "GET", QUERY, NULL, 405));
}

static void a_crowd_ends_one_after_the_other(void **state)
{
    struct sim *sim = *state;

    traffic_set(sim, "{\"flow\":\"PRIMARY_FLOW_ID\",\"count\":4,\"end_every_ms\":150}");
    assert_true(live(sim, "PRIMARY_FLOW_ID") > 2);
    ASSERT_SOON(live(sim, "PRIMARY_FLOW_ID") == 2);
    ASSERT_SOON(live(sim, "PRIMARY_FLOW_ID") == 0);
    traffic_set(sim, "{\"flow\":\"PRIMARY_FLOW_ID\",\"count\":1,\"end_every_ms\":1}");
    ASSERT_SOON(live(sim, "PRIMARY_FLOW_ID") == 0);
    (void)poll(NULL, 0, 5);
    assert_int_equal(live(sim, "PRIMARY_FLOW_ID"), 0);
}

static void new_conversations_go_where_their_edge_sends_them(void **state)
{
    struct sim sim;
    int primary;

    (void)state;
    sim_start(&sim, "--edges=2", "--propagation=1s");
    traffic_set(&sim, "{\"entrance\":\"message-recipient/recipient-1\",\"media\":\"message\","
                      "\"every_ms\":20,\"lasts_ms\":60000}");
    ASSERT_SOON(live(&sim, "PRIMARY_FLOW_ID") > 5);
    assert_int_equal(live(&sim, "STANDBY_FLOW_ID"), -1);
    cJSON_Delete(
        sim_call(&sim, "PUT", RECIPIENT_1, "{\"flow\":{\"id\":\"STANDBY_FLOW_ID\"}}", 200));
    ASSERT_SOON(live(&sim, "STANDBY_FLOW_ID") > 2);
    primary = live(&sim, "PRIMARY_FLOW_ID");
    ASSERT_SOON(live(&sim, "PRIMARY_FLOW_ID") > primary);
    ASSERT_SOON(live(&sim, "STANDBY_FLOW_ID") > 60);
    primary = live(&sim, "PRIMARY_FLOW_ID");
    traffic_set(&sim, "{\"entrance\":\"message-recipient/recipient-1\",\"media\":\"message\","
                      "\"every_ms\":0}");
    assert_int_equal(live(&sim, "PRIMARY_FLOW_ID"), primary);
    sim_stop(&sim);
}

static void traffic_that_makes_no_sense_is_refused(void **state)
{
    static const char *const bodies[] = {
        "{\"flow\":\"x\",\"count\":-1}",
        "{\"flow\":\"x\",\"media\":\"phone\"}",
        "{\"flow\":\"x\",\"every_ms\":1}",
        "{\"entrance\":7}",
        "[]",
    };
    struct sim *sim = *state;

    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
        cJSON_Delete(client_json(sim->port, "POST", "/sim/traffic", bodies[i], 400));
}

#define SIM_TEST(test) cmocka_unit_test_setup_teardown(test, sim_setup, sim_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SIM_TEST(a_crowd_is_counted_by_flow_and_media),
        SIM_TEST(filters_join_their_parts),
        SIM_TEST(a_crowd_ends_one_after_the_other),
        cmocka_unit_test(new_conversations_go_where_their_edge_sends_them),
        SIM_TEST(traffic_that_makes_no_sense_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
