/* What the simulator lets a client do: its permissions, its rates, and what it says about them. */
#include "tests/lab/test/assert.h"
#include "tests/lab/test/sim_fixture.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define RECIPIENT_1 "/api/v2/routing/message/recipients/recipient-1"
#define TO_STANDBY "{\"flow\":{\"id\":\"STANDBY_FLOW_ID\"}}"

static void code_is(const struct sim *sim, const char *method, const char *path, const char *body,
                    long status, const char *code)
{
    cJSON *json = sim_call(sim, method, path, body, status);

    assert_string_equal(client_text(json, "code"), code);
    cJSON_Delete(json);
}

static int grants_have(const struct sim *sim, const char *domain, const char *entity,
                       const char *action)
{
    cJSON *subject = sim_call(sim, "GET", "/api/v2/authorization/subjects/me", NULL, 200);
    const cJSON *grant = cJSON_GetArrayItem(cJSON_GetObjectItem(subject, "grants"), 0);
    const cJSON *policy = NULL;
    const cJSON *item = NULL;
    int found = 0;

    cJSON_ArrayForEach(policy, cJSON_GetObjectItem(cJSON_GetObjectItem(grant, "role"), "policies"))
    {
        if (strcmp(client_text(policy, "domain"), domain) != 0 ||
            strcmp(client_text(policy, "entityName"), entity) != 0)
            continue;
        cJSON_ArrayForEach(item, cJSON_GetObjectItem(policy, "actions"))
        {
            found |= strcmp(item->valuestring, action) == 0;
        }
    }
    cJSON_Delete(subject);
    return found;
}

static void a_denied_permission_is_refused_and_not_granted(void **state)
{
    struct sim *sim = *state;
    const char *path = "/sim/permissions/demo-client";

    assert_true(grants_have(sim, "routing", "callRoute", "edit"));
    cJSON_Delete(
        client_json(sim->port, "POST", path, "{\"deny\":[\"routing:callRoute:edit\"]}", 200));
    assert_false(grants_have(sim, "routing", "callRoute", "edit"));
    assert_true(grants_have(sim, "routing", "callRoute", "view"));
    cJSON_Delete(sim_call(sim, "GET", "/api/v2/architect/ivrs/ivr-1", NULL, 200));
    code_is(sim, "PUT", "/api/v2/architect/ivrs/ivr-1", "{\"name\":\"x\"}", 403,
            "missing.any.permissions");
    cJSON_Delete(client_json(sim->port, "POST", path,
                             "{\"deny\":[\"architect:dependencyTracking:view\"]}", 200));
    cJSON_Delete(sim_call(sim, "PUT", "/api/v2/architect/ivrs/ivr-1", "{\"name\":\"x\"}", 200));
    code_is(sim, "GET",
            "/api/v2/architect/dependencytracking/"
            "consumedresources?id=PRIMARY_FLOW_ID&version=27.0&objectType=INBOUNDCALLFLOW",
            NULL, 403, "missing.any.permissions");
    cJSON_Delete(client_json(sim->port, "POST", path, "{\"deny\":[\"routing:call:edit\"]}", 400));
    cJSON_Delete(client_json(sim->port, "GET", "/sim/permissions/nobody", NULL, 404));
}

static void a_client_learns_about_itself(void **state)
{
    struct client_reply reply = {0};
    cJSON *me = sim_call(*state, "GET", "/api/v2/tokens/me", NULL, 200);

    assert_string_equal(client_text(cJSON_GetObjectItem(me, "OAuthClient"), "id"), "demo-client");
    assert_string_equal(client_text(cJSON_GetObjectItem(me, "OAuthClient"), "authorizedGrantType"),
                        "CLIENT_CREDENTIALS");
    cJSON_Delete(me);
    me = sim_call(*state, "GET", "/api/v2/oauth/clients/demo-client", NULL, 200);
    assert_int_equal((int)client_number(me, "accessTokenValiditySeconds"), 7200);
    cJSON_Delete(me);
    code_is(*state, "GET", "/api/v2/oauth/clients/nobody", NULL, 404, "not.found");
    sim_send(*state, "POST", "/api/v2/tokens/me", "{}", &reply);
    assert_int_equal(reply.status, 405);
    client_reply_free(&reply);
}

static void a_flow_uses_what_dependency_tracking_says(void **state)
{
    const char *path = "/api/v2/architect/dependencytracking/"
                       "consumedresources?id=STANDBY_FLOW_ID&version=27.0&objectType=BOTFLOW";
    cJSON *list = sim_call(*state, "GET", path, NULL, 200);

    assert_string_equal(
        client_text(cJSON_GetArrayItem(cJSON_GetObjectItem(list, "entities"), 0), "id"),
        "action-standby");
    assert_int_equal((int)client_number(list, "total"), 2);
    cJSON_Delete(list);
    code_is(*state, "GET", "/api/v2/architect/dependencytracking/consumedresources?id=x", NULL, 400,
            "bad.request");
}

static void puts_are_counted_by_kind_and_token(void **state)
{
    struct sim sim;
    struct client_reply reply = {0};
    char value[32];

    (void)state;
    sim_start(&sim, "--put-rate=2", NULL);
    cJSON_Delete(sim_call(&sim, "PUT", RECIPIENT_1, TO_STANDBY, 200));
    cJSON_Delete(sim_call(&sim, "PUT", RECIPIENT_1, TO_STANDBY, 200));
    sim_send(&sim, "PUT", RECIPIENT_1, TO_STANDBY, &reply);
    assert_int_equal(reply.status, 429);
    assert_true(strtol(client_header(&reply, "Retry-After", value, sizeof(value)), NULL, 10) > 0);
    client_reply_free(&reply);
    cJSON_Delete(sim_call(&sim, "GET", RECIPIENT_1, NULL, 200));
    cJSON_Delete(sim_call(&sim, "PUT", "/api/v2/architect/ivrs/ivr-1", "{\"name\":\"x\"}", 200));
    sim_mint(&sim);
    cJSON_Delete(sim_call(&sim, "PUT", RECIPIENT_1, TO_STANDBY, 200));
    sim_stop(&sim);
}

struct writer {
    const struct sim *sim;
    long status;
    pthread_t thread;
};

static void *writer_run(void *data)
{
    struct writer *writer = data;
    struct client_reply reply = {0};

    sim_send(writer->sim, "PUT", RECIPIENT_1, TO_STANDBY, &reply);
    writer->status = reply.status;
    client_reply_free(&reply);
    return NULL;
}

static void parallel_puts_of_a_token_are_too_many(void **state)
{
    struct sim sim;
    struct writer writers[3] = {0};
    int refused = 0;

    (void)state;
    sim_start(&sim, "--put-parallel=2", "--put-takes=1s");
    for (size_t i = 0; i < 3; i++) {
        writers[i].sim = &sim;
        assert_int_equal(pthread_create(&writers[i].thread, NULL, writer_run, &writers[i]), 0);
    }
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(pthread_join(writers[i].thread, NULL), 0);
        refused += writers[i].status == 429;
    }
    assert_int_equal(refused, 1);
    cJSON_Delete(sim_call(&sim, "PUT", RECIPIENT_1, TO_STANDBY, 200));
    sim_stop(&sim);
}

#define SIM_TEST(test) cmocka_unit_test_setup_teardown(test, sim_setup, sim_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SIM_TEST(a_denied_permission_is_refused_and_not_granted),
        SIM_TEST(a_client_learns_about_itself),
        SIM_TEST(a_flow_uses_what_dependency_tracking_says),
        cmocka_unit_test(puts_are_counted_by_kind_and_token),
        cmocka_unit_test(parallel_puts_of_a_token_are_too_many),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
