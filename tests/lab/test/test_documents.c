/* The simulator's resources that a PUT replaces: what is erased, what conflicts, what shows when.
 */
#include "tests/lab/test/assert.h"
#include "tests/lab/test/sim_fixture.h"

#include <string.h>

#define IVR_1 "/api/v2/architect/ivrs/ivr-1"
#define GROUP_1 "/api/v2/architect/emergencygroups/group-1"
#define ROW "/api/v2/flows/datatables/table-1/rows/support%20line"
#define RECIPIENT_1 "/api/v2/routing/message/recipients/recipient-1"
#define DEPLOYMENT_1 "/api/v2/webdeployments/deployments/deployment-1"
#define ROUTE_1 "/api/v2/routing/email/domains/example.com/routes/route-1"

static const char *reference(const cJSON *object, const char *key)
{
    return client_text(cJSON_GetObjectItem(object, key), "id");
}

static void reference_set(cJSON *object, const char *key, const char *id)
{
    cJSON *made = cJSON_CreateObject();

    (void)cJSON_AddStringToObject(made, "id", id);
    cJSON_DeleteItemFromObject(object, key);
    (void)cJSON_AddItemToObject(object, key, made);
}

static void error_is(const struct sim *sim, const char *method, const char *path, const char *body,
                     long status, const char *code)
{
    cJSON *json = sim_call(sim, method, path, body, status);

    assert_string_equal(client_text(json, "code"), code);
    assert_int_equal((long)client_number(json, "status"), status);
    assert_true(strlen(client_text(json, "contextId")) == 36);
    assert_true(cJSON_IsArray(cJSON_GetObjectItem(json, "details")));
    assert_true(cJSON_IsObject(cJSON_GetObjectItem(json, "messageParams")));
    cJSON_Delete(json);
}

static int entrance_is(const struct sim *sim, const char *path, const char *state)
{
    cJSON *entrance = client_json(sim->port, "GET", path, NULL, 200);
    int same = strcmp(client_text(entrance, "state"), state) == 0;

    cJSON_Delete(entrance);
    return same;
}

static void line_is(const struct sim *sim, const char *resource, const char *before,
                    const char *after, int applied)
{
    cJSON *line = sim_journal_last(sim);

    assert_string_equal(client_text(line, "resource"), resource);
    assert_string_equal(client_text(line, "state_before"), before);
    assert_string_equal(client_text(line, "state_after"), after);
    assert_int_equal(client_truth(line, "applied"), applied);
    cJSON_Delete(line);
}

static void a_put_of_what_was_read_with_other_flows_switches_an_ivr(void **state)
{
    cJSON *ivr = sim_call(*state, "GET", IVR_1, NULL, 200);
    cJSON *line;

    reference_set(ivr, "openHoursFlow", "STANDBY_FLOW_ID");
    reference_set(ivr, "closedHoursFlow", "STANDBY_FLOW_ID");
    ivr = sim_call_json(*state, "PUT", IVR_1, ivr, 200);
    assert_int_equal((int)client_number(ivr, "version"), 2);
    assert_string_equal(reference(ivr, "openHoursFlow"), "STANDBY_FLOW_ID");
    assert_string_equal(client_text(cJSON_GetObjectItem(ivr, "openHoursFlow"), "name"),
                        "Support bot, standby");
    assert_string_equal(reference(ivr, "holidayHoursFlow"), "HOLIDAY_FLOW_ID");
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(ivr, "dnis")), 1);
    cJSON_Delete(ivr);
    line = sim_journal_last(*state);
    assert_string_equal(client_text(line, "key"), "support/1.switch.1");
    assert_int_equal((int)client_number(line, "term"), 7);
    assert_int_equal((int)client_number(line, "version_sent"), 1);
    assert_int_equal((int)client_number(line, "version_after"), 2);
    assert_int_equal(strlen(client_text(line, "body_hash")), 16);
    assert_int_equal(strlen(client_text(line, "correlation")), 36);
    cJSON_Delete(line);
    line_is(*state, "ivr/ivr-1", "primary", "standby", 1);
}

static void a_slot_that_was_forgotten_is_a_mixed_ivr(void **state)
{
    cJSON *ivr = sim_call(*state, "GET", IVR_1, NULL, 200);

    reference_set(ivr, "openHoursFlow", "STANDBY_FLOW_ID");
    cJSON_Delete(sim_call_json(*state, "PUT", IVR_1, ivr, 200));
    line_is(*state, "ivr/ivr-1", "primary", "mixed", 1);
}

static void what_a_put_leaves_out_is_erased(void **state)
{
    cJSON *ivr;

    cJSON_Delete(sim_call(*state, "PUT", IVR_1, "{\"name\":\"Support line\"}", 200));
    ivr = sim_call(*state, "GET", IVR_1, NULL, 200);
    assert_null(cJSON_GetObjectItem(ivr, "openHoursFlow"));
    assert_null(cJSON_GetObjectItem(ivr, "scheduleGroup"));
    assert_null(cJSON_GetObjectItem(ivr, "dnis"));
    assert_null(cJSON_GetObjectItem(ivr, "description"));
    assert_string_equal(client_text(ivr, "state"), "active");
    assert_non_null(cJSON_GetObjectItem(ivr, "division"));
    cJSON_Delete(ivr);
    cJSON_Delete(sim_call(*state, "PUT", IVR_1, "{\"name\":\"Support line\",\"dnis\":null}", 200));
    line_is(*state, "ivr/ivr-1", "none", "none", 1);
}

static void fields_that_the_simulator_does_not_know_live_as_long_as_they_are_sent(void **state)
{
    struct sim *sim = *state;
    cJSON *ivr;

    cJSON_Delete(client_json(sim->port, "POST", "/sim/documents/ivr/ivr-1",
                             "{\"newSince2027\":{\"a\":[1,2.5]}}", 200));
    ivr = sim_call(sim, "GET", IVR_1, NULL, 200);
    ivr = sim_call_json(sim, "PUT", IVR_1, ivr, 200);
    assert_non_null(cJSON_GetObjectItem(ivr, "newSince2027"));
    cJSON_DeleteItemFromObject(ivr, "newSince2027");
    ivr = sim_call_json(sim, "PUT", IVR_1, ivr, 200);
    assert_null(cJSON_GetObjectItem(ivr, "newSince2027"));
    cJSON_Delete(ivr);
}

static void a_stale_version_conflicts_and_none_overwrites(void **state)
{
    cJSON *ivr = sim_call(*state, "GET", IVR_1, NULL, 200);
    char *text = cJSON_PrintUnformatted(ivr);

    cJSON_Delete(sim_call(*state, "PUT", IVR_1, text, 200));
    error_is(*state, "PUT", IVR_1, text, 409, "general.conflict");
    line_is(*state, "ivr/ivr-1", "primary", "primary", 0);
    cJSON_DeleteItemFromObject(ivr, "version");
    cJSON_Delete(sim_call_json(*state, "PUT", IVR_1, ivr, 200));
    cJSON_free(text);
}

static void bodies_that_cannot_be_are_refused_by_field(void **state)
{
    static const struct {
        const char *path;
        const char *body;
        const char *code;
        const char *field;
    } rows[] = {
        {IVR_1, "{\"openHoursFlow\":{\"id\":\"x\"}}", "invalid.value", "name"},
        {IVR_1, "{\"name\":\"x\",\"openHoursFlow\":\"x\"}", "invalid.value", "openHoursFlow"},
        {IVR_1, "{\"name\":\"x\",\"scheduleGroup\":{\"id\":\"s\"}}", "invalid.value",
         "openHoursFlow"},
        {GROUP_1, "{\"enabled\":true}", "invalid.value", "name"},
        {GROUP_1, "{\"name\":\"x\",\"enabled\":\"true\"}", "invalid.value", "enabled"},
        {ROW, "{\"activeFlow\":\"x\"}", "flows.datatables.schema.exception", "key"},
        {ROW, "{\"key\":\"other line\"}", "flows.datatables.schema.exception", "key"},
        {ROW, "{\"key\":\"support line\",\"flow\":\"x\"}", "flows.datatables.schema.exception",
         "flow"},
        {ROW, "{\"key\":\"support line\",\"priority\":\"1\"}", "flows.datatables.schema.exception",
         "priority"},
        {RECIPIENT_1, "{\"flow\":{}}", "invalid.value", "flow"},
        {DEPLOYMENT_1, "{\"name\":\"x\"}", "bad.request", "configuration"},
        {DEPLOYMENT_1, "{\"name\":\"x\",\"configuration\":{\"id\":\"c\"}}", "bad.request",
         "configuration"},
        {ROUTE_1, "{\"fromName\":\"x\",\"flow\":{\"id\":\"x\"}}", "invalid.value", "pattern"},
        {ROUTE_1, "{\"pattern\":\"x\",\"fromName\":\"x\"}", "invalid.value", "flow"},
        {ROUTE_1,
         "{\"pattern\":\"x\",\"fromName\":\"x\",\"flow\":{\"id\":\"x\"},\"queue\":{\"id\":\"x\"}}",
         "invalid.value", "flow"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        cJSON *json;

        error_is(*state, "PUT", rows[i].path, rows[i].body, 400, rows[i].code);
        json = sim_call(*state, "PUT", rows[i].path, rows[i].body, 400);
        assert_string_equal(
            client_text(cJSON_GetArrayItem(cJSON_GetObjectItem(json, "details"), 0), "fieldName"),
            rows[i].field);
        cJSON_Delete(json);
    }
    error_is(*state, "PUT", IVR_1, "{", 400, "bad.request");
    error_is(*state, "PUT", "/api/v2/architect/ivrs/ivr-9", "{}", 404, "not.found");
    error_is(*state, "PATCH", IVR_1, "{}", 405, "method.not.allowed");
    error_is(*state, "PUT", "/api/v2/flows/datatables/table-1/rows/other", "{}", 404,
             "flows.datatables.row.not.found");
}

static void an_enabled_emergency_group_takes_the_callers_of_its_ivrs(void **state)
{
    struct sim *sim = *state;
    cJSON *group = sim_call(sim, "GET", GROUP_1, NULL, 200);

    assert_true(entrance_is(sim, "/sim/entrances/emergency-group/group-1?edge=1", "primary"));
    cJSON_ReplaceItemInObject(group, "enabled", cJSON_CreateTrue());
    cJSON_Delete(sim_call_json(sim, "PUT", GROUP_1, group, 200));
    line_is(sim, "emergency-group/group-1", "primary", "standby", 1);
    assert_true(entrance_is(sim, "/sim/entrances/emergency-group/group-1?edge=1", "standby"));
    assert_true(entrance_is(sim, "/sim/entrances/ivr/ivr-3?edge=1", "standby"));
    assert_true(entrance_is(sim, "/sim/entrances/ivr/ivr-1?edge=1", "primary"));
    cJSON_Delete(
        sim_call(sim, "PUT", GROUP_1, "{\"name\":\"Claims emergency\",\"enabled\":true}", 200));
    line_is(sim, "emergency-group/group-1", "standby", "none", 1);
    assert_true(entrance_is(sim, "/sim/entrances/ivr/ivr-3?edge=1", "primary"));
}

static void a_row_shows_its_key_alone_unless_asked_for_more(void **state)
{
    cJSON *row = sim_call(*state, "GET", ROW, NULL, 200);

    assert_string_equal(client_text(row, "key"), "support line");
    assert_int_equal(cJSON_GetArraySize(row), 1);
    cJSON_Delete(row);
    row = sim_call(*state, "GET", ROW "?showbrief=false", NULL, 200);
    assert_string_equal(client_text(row, "activeFlow"), "PRIMARY_FLOW_ID");
    cJSON_ReplaceItemInObject(row, "activeFlow", cJSON_CreateString("STANDBY_FLOW_ID"));
    row = sim_call_json(*state, "PUT", ROW, row, 200);
    assert_string_equal(client_text(row, "note"), "24 hours");
    cJSON_Delete(row);
    line_is(*state, "datatable-row/table-1/support line", "primary", "standby", 1);
    cJSON_Delete(sim_call(*state, "PUT", ROW, "{\"key\":\"support line\"}", 200));
    row = sim_call(*state, "GET", ROW "?showbrief=false", NULL, 200);
    assert_null(cJSON_GetObjectItem(row, "activeFlow"));
    assert_string_equal(client_text(row, "mode"), "normal");
    cJSON_Delete(row);
}

static void a_recipient_takes_a_flow_and_keeps_the_rest(void **state)
{
    cJSON *recipient =
        sim_call(*state, "PUT", RECIPIENT_1, "{\"flow\":{\"id\":\"STANDBY_FLOW_ID\"}}", 200);

    assert_string_equal(client_text(recipient, "messengerType"), "sms");
    assert_string_equal(reference(recipient, "flow"), "STANDBY_FLOW_ID");
    cJSON_Delete(recipient);
    line_is(*state, "message-recipient/recipient-1", "primary", "standby", 1);
    cJSON_Delete(sim_call(*state, "PUT", RECIPIENT_1, "{}", 200));
    line_is(*state, "message-recipient/recipient-1", "standby", "none", 1);
}

static int status_is(const struct sim *sim, const char *path, const char *status)
{
    cJSON *json = sim_call(sim, "GET", path, NULL, 200);
    int same = strcmp(client_text(json, "status"), status) == 0;

    cJSON_Delete(json);
    return same;
}

static void a_deployment_is_pending_before_it_is_active(void **state)
{
    struct sim sim;
    cJSON *deployment;

    (void)state;
    sim_start(&sim, "--deploy=500ms", NULL);
    deployment = sim_call(&sim, "GET", DEPLOYMENT_1, NULL, 200);
    assert_string_equal(client_text(deployment, "status"), "Active");
    reference_set(deployment, "flow", "STANDBY_FLOW_ID");
    deployment = sim_call_json(&sim, "PUT", DEPLOYMENT_1, deployment, 200);
    assert_string_equal(client_text(deployment, "status"), "Pending");
    cJSON_Delete(deployment);
    assert_true(entrance_is(&sim, "/sim/entrances/web-deployment/deployment-1?edge=1", "primary"));
    ASSERT_SOON(status_is(&sim, DEPLOYMENT_1, "Active"));
    assert_true(entrance_is(&sim, "/sim/entrances/web-deployment/deployment-1?edge=1", "standby"));
    line_is(&sim, "web-deployment/deployment-1", "standby", "standby", 0);
    sim_stop(&sim);
}

static void an_email_route_is_answered_before_it_is_done(void **state)
{
    struct sim *sim = *state;
    cJSON *route = sim_call(sim, "GET", ROUTE_1, NULL, 200);

    reference_set(route, "flow", "STANDBY_FLOW_ID");
    route = sim_call_json(sim, "PUT", ROUTE_1, route, 202);
    assert_string_equal(client_text(route, "status"), "Pending");
    cJSON_Delete(route);
    line_is(sim, "email-route/example.com/route-1", "primary", "standby", 1);
    ASSERT_SOON(status_is(sim, ROUTE_1, "Active"));
}

static void a_change_reaches_the_edges_one_after_the_other(void **state)
{
    struct sim sim;

    (void)state;
    sim_start(&sim, "--edges=3", "--propagation=1500ms");
    cJSON_Delete(
        sim_call(&sim, "PUT", RECIPIENT_1, "{\"flow\":{\"id\":\"STANDBY_FLOW_ID\"}}", 200));
    assert_true(
        entrance_is(&sim, "/sim/entrances/message-recipient/recipient-1?edge=3", "primary"));
    ASSERT_SOON(
        entrance_is(&sim, "/sim/entrances/message-recipient/recipient-1?edge=1", "standby"));
    assert_true(
        entrance_is(&sim, "/sim/entrances/message-recipient/recipient-1?edge=3", "primary"));
    ASSERT_SOON(
        entrance_is(&sim, "/sim/entrances/message-recipient/recipient-1?edge=2", "standby"));
    ASSERT_SOON(
        entrance_is(&sim, "/sim/entrances/message-recipient/recipient-1?edge=3", "standby"));
    cJSON_Delete(client_json(sim.port, "GET", "/sim/entrances/routing-plan/plan-1", NULL, 200));
    cJSON_Delete(
        client_json(sim.port, "GET", "/sim/entrances/routing-plan/plan-1?edge=4", NULL, 400));
    cJSON_Delete(client_json(sim.port, "GET", "/sim/entrances/queue/queue-1", NULL, 404));
    sim_stop(&sim);
}

static int recipient_flow_is(const struct sim *sim, const char *flow)
{
    cJSON *json = sim_call(sim, "GET", RECIPIENT_1, NULL, 200);
    int same = strcmp(reference(json, "flow"), flow) == 0;

    cJSON_Delete(json);
    return same;
}

static void reads_lag_where_they_are_told_to(void **state)
{
    struct sim sim;

    (void)state;
    sim_start(&sim, "--read-lag=700ms", NULL);
    cJSON_Delete(
        sim_call(&sim, "PUT", RECIPIENT_1, "{\"flow\":{\"id\":\"STANDBY_FLOW_ID\"}}", 200));
    assert_true(recipient_flow_is(&sim, "PRIMARY_FLOW_ID"));
    ASSERT_SOON(recipient_flow_is(&sim, "STANDBY_FLOW_ID"));
    sim_stop(&sim);
}

static void a_humans_edit_is_merged_versioned_and_journalled(void **state)
{
    struct sim *sim = *state;
    cJSON *line;
    cJSON *edited = client_json(sim->port, "POST", "/sim/documents/ivr/ivr-1",
                                "{\"openHoursFlow\":{\"id\":\"SOMEBODYS_FLOW\"},"
                                "\"closedHoursFlow\":null,\"scheduleGroup\":null}",
                                200);

    assert_string_equal(client_text(edited, "state"), "foreign");
    cJSON_Delete(edited);
    line = sim_journal_last(sim);
    assert_string_equal(client_text(line, "method"), "HUMAN");
    assert_int_equal((int)client_number(line, "version_after"), 2);
    cJSON_Delete(line);
    line_is(sim, "ivr/ivr-1", "primary", "foreign", 1);
    edited = sim_call(sim, "GET", IVR_1, NULL, 200);
    assert_null(cJSON_GetObjectItem(edited, "closedHoursFlow"));
    assert_string_equal(client_text(edited, "name"), "Support line");
    cJSON_Delete(edited);
    cJSON_Delete(client_json(sim->port, "POST", "/sim/documents/irv/ivr-9", "{}", 404));
    cJSON_Delete(client_json(sim->port, "POST", "/sim/documents/ivr/ivr-1", "[]", 400));
}

static void a_human_makes_what_was_not_there(void **state)
{
    struct sim *sim = *state;
    cJSON *made;

    cJSON_Delete(client_json(sim->port, "POST", "/sim/documents/ivr/ivr-9",
                             "{\"name\":\"New\",\"openHoursFlow\":{\"id\":\"STANDBY_FLOW_ID\"}}",
                             200));
    made = sim_call(sim, "GET", "/api/v2/architect/ivrs/ivr-9", NULL, 200);
    assert_string_equal(client_text(made, "selfUri"), "/api/v2/architect/ivrs/ivr-9");
    assert_int_equal((int)client_number(made, "version"), 1);
    cJSON_Delete(made);
    assert_true(entrance_is(sim, "/sim/entrances/ivr/ivr-9?edge=1", "standby"));
    cJSON_Delete(client_json(sim->port, "POST", "/sim/documents/datatable-row/table-1/new%20line",
                             "{\"activeFlow\":\"PRIMARY_FLOW_ID\"}", 200));
    made = sim_call(sim, "GET", "/api/v2/flows/datatables/table-1/rows/new%20line", NULL, 200);
    assert_string_equal(client_text(made, "key"), "new line");
    cJSON_Delete(made);
    cJSON_Delete(client_json(sim->port, "POST", "/sim/documents/datatable-row/table-1", "{}", 404));
    cJSON_Delete(client_json(sim->port, "POST", "/sim/documents/ivr/ivr/9", "{}", 404));
}

static void faults_hit_a_put_as_they_hit_a_plan(void **state)
{
    struct sim *sim = *state;
    struct client_reply reply = {0};
    cJSON *line;

    sim_fault(sim, "{\"fault\":\"apply-then-drop\",\"match\":{\"method\":\"PUT\"}}");
    sim_send(sim, "PUT", RECIPIENT_1, "{\"flow\":{\"id\":\"STANDBY_FLOW_ID\"}}", &reply);
    assert_int_equal(reply.status, 0);
    client_reply_free(&reply);
    line = sim_journal_last(sim);
    assert_string_equal(client_text(line, "fault"), "apply-then-drop");
    assert_int_equal((int)client_number(line, "status"), 0);
    cJSON_Delete(line);
    line_is(sim, "message-recipient/recipient-1", "primary", "standby", 1);
    sim_fault(sim, "{\"fault\":\"status\",\"status\":503,\"match\":{\"method\":\"PUT\"}}");
    error_is(sim, "PUT", RECIPIENT_1, "{}", 503, "service.unavailable");
    line_is(sim, "message-recipient/recipient-1", "standby", "standby", 0);
    sim_fault(sim, "{\"fault\":\"status\",\"status\":400,\"code\":\"general.bad.request\","
                   "\"message\":\"version 1 does not match the current version\"}");
    error_is(sim, "PUT", IVR_1, "{}", 400, "general.bad.request");
}

#define SIM_TEST(test) cmocka_unit_test_setup_teardown(test, sim_setup, sim_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SIM_TEST(a_put_of_what_was_read_with_other_flows_switches_an_ivr),
        SIM_TEST(a_slot_that_was_forgotten_is_a_mixed_ivr),
        SIM_TEST(what_a_put_leaves_out_is_erased),
        SIM_TEST(fields_that_the_simulator_does_not_know_live_as_long_as_they_are_sent),
        SIM_TEST(a_stale_version_conflicts_and_none_overwrites),
        SIM_TEST(bodies_that_cannot_be_are_refused_by_field),
        SIM_TEST(an_enabled_emergency_group_takes_the_callers_of_its_ivrs),
        SIM_TEST(a_row_shows_its_key_alone_unless_asked_for_more),
        SIM_TEST(a_recipient_takes_a_flow_and_keeps_the_rest),
        cmocka_unit_test(a_deployment_is_pending_before_it_is_active),
        SIM_TEST(an_email_route_is_answered_before_it_is_done),
        cmocka_unit_test(a_change_reaches_the_edges_one_after_the_other),
        cmocka_unit_test(reads_lag_where_they_are_told_to),
        SIM_TEST(a_humans_edit_is_merged_versioned_and_journalled),
        SIM_TEST(a_human_makes_what_was_not_there),
        SIM_TEST(faults_hit_a_put_as_they_hit_a_plan),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
