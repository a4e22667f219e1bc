/* Credentials, permissions and the route, where the platform is whole, ill, or no Genesys Cloud. */
#include "tests/unit/preflight/fake.h"

#include <stdio.h>
#include <string.h>

#include "common/check.h"
#include "node/io/preflight/permission.h"

#define ME "/api/v2/tokens/me"
#define SUBJECT "/api/v2/authorization/subjects/me"
#define PLAN "/api/v2/routing/plans/plan-1"

static void the_client_and_its_organisation_are_named(void **state)
{
    struct fake *fake = *state;
    fake_expect(fake, "credentials", PREFLIGHT_PASS, "the OAuth client mover of Example");
}

static void refused_credentials_fail_and_nothing_else_is_asked(void **state)
{
    struct fake *fake = *state;
    fake_refuse(fake, "/", ROUTE_RESULT_UNAUTHORIZED);
    fake_expect(fake, "credentials", PREFLIGHT_FAIL, NULL);
    assert_non_null(strstr(fake_row(fake, "credentials")->todo.bytes, "region"));
    assert_int_equal(fake->asked_count, 1);
    assert_int_equal(preflight_report_count(fake->report, PREFLIGHT_FAIL), 1);
    assert_int_equal(preflight_report_count(fake->report, PREFLIGHT_WARN), 0);
}

static void a_platform_that_is_away_fails_the_credentials(void **state)
{
    struct fake *fake = *state;
    fake_refuse(fake, "/", ROUTE_RESULT_NOT_SENT);
    fake_expect(fake, "credentials", PREFLIGHT_FAIL, NULL);
    assert_non_null(strstr(fake_row(fake, "credentials")->todo.bytes, "reach"));
}

static void a_gateway_has_no_flows_to_ask_about(void **state)
{
    struct fake *fake = *state;
    fake_refuse(fake, "/api/v2/flows", ROUTE_RESULT_NOT_FOUND);
    fake_refuse(fake, ME, ROUTE_RESULT_NOT_FOUND);
    fake_expect(fake, "credentials", PREFLIGHT_PASS, "no Genesys Cloud");
    assert_int_equal(fake_row(fake, "route-at-primary")->result, PREFLIGHT_PASS);
    assert_int_equal(fake_row(fake, "permissions")->result, PREFLIGHT_SKIP);
    assert_int_equal(fake_row(fake, "standby-exists")->result, PREFLIGHT_SKIP);
    assert_non_null(strstr(fake_row(fake, "standby-exists")->found.bytes, "genesys is no Genesys"));
    assert_int_equal(fake_row(fake, "entrances")->result, PREFLIGHT_SKIP);
    assert_int_equal(preflight_report_worst(fake->report), PREFLIGHT_PASS);
    assert_int_equal(fake->asked_count, 2);
}

static void a_missing_permission_that_a_move_needs_fails(void **state)
{
    struct fake *fake = *state;
    struct route_config *route = fake_route(fake, "ivr");
    (void)snprintf(route->ivr, NAME_SIZE, "ivr-1");
    fake_answer(fake, SUBJECT,
                "{'grants':[{'role':{'id':'r','policies':[{'domain':'routing','entityName':"
                "'callRoute','actions':['view']}]}}]}");
    fake_expect(fake, "permissions", PREFLIGHT_FAIL, "routing:callRoute:edit");
    assert_null(strstr(fake_row(fake, "permissions")->found.bytes, "callRoute:view"));
    fake_answer(fake, SUBJECT,
                "{'grants':[{'role':{'id':'r','policies':[{'domain':'routing','entityName':"
                "'callRoute','actions':['view','edit']}]}}]}");
    fake_expect(fake, "permissions", PREFLIGHT_WARN, "architect:flow:view");
}

static void what_probes_and_drains_ask_needs_permissions_as_well(void **state)
{
    struct fake *fake = *state;
    struct service_config *service = &fake->config->services[0];
    fake_expect(fake, "permissions", PREFLIGHT_PASS, NULL);
    service->drain_count.of = COUNT_FLOW;
    fake_expect(fake, "permissions", PREFLIGHT_WARN, "analytics:flowObservation:view");
    service->side[SIDE_STANDBY].probe.kind = PROBE_BOT;
    (void)snprintf(service->side[SIDE_STANDBY].probe.via, NAME_SIZE, "elsewhere");
    fake_expect(fake, "permissions", PREFLIGHT_WARN, NULL);
    (void)snprintf(service->side[SIDE_STANDBY].probe.via, NAME_SIZE, "genesys");
    fake_expect(fake, "permissions", PREFLIGHT_FAIL, "textbots:botFlowSession:execute");
}

static void a_role_without_policies_is_asked_itself(void **state)
{
    struct fake *fake = *state;
    fake_answer(fake, SUBJECT, "{'grants':[{'role':{'id':'r/1','name':'Mover'}}]}");
    fake_answer(fake, "/api/v2/authorization/roles/r%2F1",
                "{'id':'r/1','permissionPolicies':[{'domain':'*','entityName':'*','actionSet':['*']"
                "}]}");
    fake_expect(fake, "permissions", PREFLIGHT_PASS, NULL);
}

static void without_roles_to_read_writing_stays_unproved(void **state)
{
    struct fake *fake = *state;
    struct route_config *route = fake_route(fake, "ivr");
    (void)snprintf(route->ivr, NAME_SIZE, "ivr-1");
    fake_refuse(fake, SUBJECT, ROUTE_RESULT_FORBIDDEN);
    fake_expect(fake, "permissions", PREFLIGHT_WARN,
                "routing:callRoute:edit cannot be proved without writing");
    fake_answer(fake, SUBJECT, "{'grants':[]}");
    fake_expect(fake, "permissions", PREFLIGHT_WARN, "cannot be proved without writing");
    fake_answer(fake, SUBJECT, "{'grants':[{'role':{'id':'hidden'}}]}");
    fake_expect(fake, "permissions", PREFLIGHT_WARN, "cannot be proved without writing");
}

static void wildcards_of_policies_are_understood(void **state)
{
    (void)state;
    static const struct {
        const char *policy;
        bool allows; /* routing:callRoute:edit */
    } cases[] = {
        {"[{\"domain\":\"routing\",\"entityName\":\"callRoute\",\"actions\":[\"edit\"]}]", true},
        {"[{\"domain\":\"Routing\",\"entityName\":\"callroute\",\"actions\":[\"EDIT\"]}]", true},
        {"[{\"domain\":\"routing\",\"entityName\":\"*\",\"actionSet\":[\"*\"]}]", true},
        {"[{\"domain\":\"*\",\"entityName\":\"\",\"actions\":[\"*\"]}]", true},
        {"[{\"domain\":\"routing\",\"actions\":[\"edit\"]}]", true},
        {"[{\"domain\":\"routing\",\"entityName\":\"callRoute\",\"actions\":[\"view\"]}]", false},
        {"[{\"domain\":\"routing\",\"entityName\":\"callRout\",\"actions\":[\"edit\"]}]", false},
        {"[{\"domain\":\"routing\",\"entityName\":\"callRouteX\",\"actions\":[\"edit\"]}]", false},
        {"[{\"domain\":\"routing\",\"entityName\":\"*\",\"actions\":[\"edits\"]}]", false},
        {"[{\"domain\":\"\",\"entityName\":\"*\",\"actions\":[\"*\"]}]", false},
        {"[{\"domain\":\"routin\",\"entityName\":\"*\",\"actions\":[\"*\"]}]", false},
        {"[{\"domain\":\"routing\",\"entityName\":\"queue\",\"actions\":[\"*\"]}]", false},
        {"[{\"domain\":\"routing\",\"entityName\":\"callRoute\",\"actions\":[]}]", false},
        {"[{\"domain\":\"routing\",\"entityName\":\"callRoute\",\"actions\":[\"\",7]}]", false},
        {"[{\"entityName\":\"*\",\"actions\":[\"*\"]}]", false},
        {"[7,\"x\",[]]", false},
        {"{}", false},
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        cJSON *policies = cJSON_Parse(cases[i].policy);
        assert_non_null(policies);
        if (permission_allows(policies, "routing:callRoute:edit") != cases[i].allows)
            fail_msg("%s", cases[i].policy);
        cJSON_Delete(policies);
    }
}

static void a_route_that_cannot_be_read_fails(void **state)
{
    struct fake *fake = *state;
    fake_refuse(fake, PLAN, ROUTE_RESULT_NOT_FOUND);
    fake_expect(fake, "route-readable", PREFLIGHT_FAIL, NULL);
    assert_int_equal(fake_row(fake, "route-at-primary")->result, PREFLIGHT_SKIP);
    fake_refuse(fake, PLAN, ROUTE_RESULT_FORBIDDEN);
    fake_expect(fake, "route-readable", PREFLIGHT_FAIL, NULL);
    assert_non_null(strstr(fake_row(fake, "route-readable")->todo.bytes, "permission"));
    fake_answer(fake, PLAN, "{'entries':7}");
    fake_expect(fake, "route-readable", PREFLIGHT_FAIL, NULL);
}

#define PLAN_OF(primary, standby)                                                           \
    "{'version':1,'entries':[{'priority':50,'active':" primary                              \
    ",'destination':{'type':'Flow','id':'flow-p'},'conditions':[]},{'priority':60,'active'" \
    ":" standby ",'destination':{'type':'Flow','id':'flow-s'},'conditions':[]}]}"

static void where_the_route_points_is_told(void **state)
{
    struct fake *fake = *state;
    fake_answer(fake, PLAN, PLAN_OF("false", "true"));
    fake_expect(fake, "route-at-primary", PREFLIGHT_WARN, "at the standby");
    assert_non_null(strstr(fake_row(fake, "route-at-primary")->todo.bytes, "failback support"));
    fake_answer(fake, PLAN, PLAN_OF("false", "false"));
    fake_expect(fake, "route-at-primary", PREFLIGHT_FAIL, "paused");
    fake_answer(fake, PLAN,
                "{'version':1,'entries':[{'priority':1,'destination':{'type':'Flow','id':'flow-x'}"
                "}]}");
    fake_expect(fake, "route-at-primary", PREFLIGHT_FAIL, "foreign");
    assert_int_equal(fake_row(fake, "route-readable")->result, PREFLIGHT_PASS);
}

static void a_route_that_is_deleted_fails_though_it_can_be_read(void **state)
{
    struct fake *fake = *state;
    fake_answer(fake, PLAN,
                "{'state':'Deleted','version':1,'entries':[{'priority':1,'destination':{'type':"
                "'Flow','id':'flow-p'}}]}");
    fake_expect(fake, "route-readable", PREFLIGHT_FAIL, "deleted");
}

static void a_refresh_token_is_the_cluster_s_to_ask_with(void **state)
{
    struct fake *fake = *state;
    struct preflight_run *run = NULL;
    fake->config->platforms[0].grant = GRANT_REFRESH_TOKEN;
    fake_refuse(fake, "/", ROUTE_RESULT_NOT_SENT);
    assert_int_equal(preflight_run_new(fake->config, &fake->port, true, &run), 0);
    assert_int_equal(preflight_run_service(run, 0, &fake->report), 0);
    preflight_run_free(&run);
    assert_int_equal(fake_row(fake, "credentials")->result, PREFLIGHT_SKIP);
    assert_int_equal(preflight_report_worst(fake->report), PREFLIGHT_SKIP);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_setup, fake_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_client_and_its_organisation_are_named),
        TEST(refused_credentials_fail_and_nothing_else_is_asked),
        TEST(a_platform_that_is_away_fails_the_credentials),
        TEST(a_gateway_has_no_flows_to_ask_about),
        TEST(a_missing_permission_that_a_move_needs_fails),
        TEST(what_probes_and_drains_ask_needs_permissions_as_well),
        TEST(a_role_without_policies_is_asked_itself),
        TEST(without_roles_to_read_writing_stays_unproved),
        cmocka_unit_test(wildcards_of_policies_are_understood),
        TEST(a_route_that_cannot_be_read_fails),
        TEST(where_the_route_points_is_told),
        TEST(a_route_that_is_deleted_fails_though_it_can_be_read),
        TEST(a_refresh_token_is_the_cluster_s_to_ask_with),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
