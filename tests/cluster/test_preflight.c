#include "tests/cluster/ask.h"
#include "tests/cluster/check.h"
#include "tests/lab/test/assert.h"

#include "common/check.h"

#include <stdio.h>
#include <string.h>

enum { OUTPUT_SIZE = 64 * 1024, EXIT_PREFLIGHT_FAILED = 15 };

#define STANDBY "flow/STANDBY_FLOW_ID"

static void human_edits(const struct cluster *cluster, const char *document, const char *change)
{
    char path[256];
    (void)snprintf(path, sizeof path, "/sim/documents/%s", document);
    cJSON_Delete(client_json(cluster->sim.port, "POST", path, change, 200));
}

static void deny(const struct cluster *cluster, const char *permissions)
{
    char body[256];
    (void)snprintf(body, sizeof body, "{\"deny\":[%s]}", permissions);
    cJSON_Delete(client_json(cluster->sim.port, "POST", "/sim/permissions/demo-client", body, 200));
}

/* The service's report as the command prints it; the caller deletes it. */
static cJSON *check_online(const struct cluster *cluster, int *ret_code)
{
    static char output[OUTPUT_SIZE];
    char arguments[CLUSTER_PATH_SIZE + 64];
    (void)snprintf(arguments, sizeof arguments, "check %s --online --json --node %s",
                   cluster->config, cluster->nodes[0].name);
    *ret_code = quorate_run(cluster, arguments, output, sizeof output);
    const char *begin = output[0] == '[' ? output : strstr(output, "\n[");
    cJSON *list = begin != NULL ? cJSON_Parse(begin) : NULL;
    if (cJSON_GetArraySize(list) != 1)
        fail_msg("no list of one service: %s", output);
    cJSON *report = cJSON_DetachItemFromArray(list, 0);
    cJSON_Delete(list);
    return report;
}

/* The row of the check; `about` may be NULL. */
static const cJSON *find_row(const cJSON *report, const char *check, const char *about)
{
    const cJSON *row;
    cJSON_ArrayForEach(row, cJSON_GetObjectItem(report, "rows"))
    {
        if (strcmp(client_text(row, "check"), check) == 0 &&
            (about == NULL || strcmp(client_text(row, "about"), about) == 0))
            return row;
    }
    return NULL;
}

/* Runs it, and demands the row's result and, where something failed, the exit code for that. */
static void expect(const struct cluster *cluster, const char *check, const char *result)
{
    int code = -1;
    cJSON *report = check_online(cluster, &code);
    const cJSON *row = find_row(report, check, NULL);
    bool failed = client_number(report, "failed") > 0;
    assert_non_null(row);
    if (strcmp(client_text(row, "result"), result) != 0)
        fail_msg("%s: %s, not %s: %s", check, client_text(row, "result"), result,
                 client_text(row, "found"));
    if (strcmp(result, "fail") == 0)
        assert_true(strlen(client_text(row, "todo")) > 0);
    assert_int_equal(code, failed ? EXIT_PREFLIGHT_FAILED : 0);
    cJSON_Delete(report);
}

/* What somebody changes on the platform, and the check that must say so. */
struct fault {
    const char *document;
    const char *change;
    const char *undo;
    const char *check;
    const char *result;
};

static const struct fault faults[] = {
    {STANDBY, "{\"deleted\":true}", "{\"deleted\":false}", "standby-exists", "fail"},
    {STANDBY, "{\"publishedVersion\":null}", "{\"publishedVersion\":{\"id\":\"27.0\"}}",
     "standby-published", "fail"},
    {STANDBY, "{\"active\":false}", "{\"active\":true}", "standby-published", "fail"},
    {STANDBY, "{\"publishedVersion\":{\"id\":\"1.0.4\"}}",
     "{\"publishedVersion\":{\"id\":\"27.0\"}}", "standby-version", "fail"},
    {STANDBY, "{\"description\":\"a clone\"}", "{\"description\":\"env:standby\"}", "standby-tag",
     "warn"},
    {STANDBY, "{\"lockedUser\":{\"id\":\"u\",\"name\":\"Ada\"}}", "{\"lockedUser\":null}",
     "standby-quiet", "warn"},
    {STANDBY, "{\"type\":\"INBOUNDEMAIL\"}", "{\"type\":\"INBOUNDCALL\"}", "same-type", "fail"},
    {STANDBY, "{\"division\":{\"id\":\"division-2\"}}", "{\"division\":{\"id\":\"division-1\"}}",
     "same-division", "warn"},
    {STANDBY, "{\"supportedLanguages\":[{\"language\":\"en-us\"}]}",
     "{\"supportedLanguages\":[{\"language\":\"en-us\"},{\"language\":\"de-de\"}]}", "languages",
     "fail"},
    {STANDBY, "{\"inputSchema\":{\"required\":[\"Flow.pin\"]}}",
     "{\"inputSchema\":{\"required\":null}}", "inputs", "fail"},
    {STANDBY, "{\"outputSchema\":{\"properties\":{\"Flow.outcome\":null}}}",
     "{\"outputSchema\":{\"properties\":{\"Flow.outcome\":{\"type\":\"string\"}}}}", "outputs",
     "fail"},
    {"dependency/STANDBY_FLOW_ID",
     "{\"resources\":[{\"id\":\"action-primary\",\"name\":\"Look up\",\"type\":\"DATAACTION\"}]}",
     "{\"resources\":[{\"id\":\"action-standby\",\"name\":\"Replica\",\"type\":\"DATAACTION\"}]}",
     "isolation", "fail"},
    {"action/action-standby",
     "{\"config\":{\"request\":{\"requestUrlTemplate\":\"https://accounts.example.com/x\"}}}",
     "{\"config\":{\"request\":{\"requestUrlTemplate\":\"https://replica.example.net/x\"}}}",
     "isolation", "warn"},
};

static void test_each_fault_on_the_platform_is_found_and_its_end_as_well(void **state)
{
    struct cluster *cluster = *state;
    for (size_t i = 0; i < ARRAY_COUNT(faults); i++) {
        expect(cluster, faults[i].check, "pass");
        human_edits(cluster, faults[i].document, faults[i].change);
        expect(cluster, faults[i].check, faults[i].result);
        human_edits(cluster, faults[i].document, faults[i].undo);
    }
    expect(cluster, faults[0].check, "pass");
    cluster->passed = true;
}

static void test_permissions_that_are_missing_are_named(void **state)
{
    struct cluster *cluster = *state;
    deny(cluster, "\"architect:dependencyTracking:view\"");
    expect(cluster, "isolation", "warn");
    expect(cluster, "permissions", "warn");
    deny(cluster, "\"architect:flow:view\",\"routing:callRoute:view\"");
    expect(cluster, "standby-exists", "warn");
    int code = -1;
    cJSON *report = check_online(cluster, &code);
    assert_non_null(strstr(client_text(find_row(report, "entrances", NULL), "found"), "ivr (forb"));
    assert_non_null(
        strstr(client_text(find_row(report, "permissions", NULL), "found"), "architect:flow:view"));
    cJSON_Delete(report);
    cluster->passed = true;
}

static void test_what_still_points_at_the_primary_is_named(void **state)
{
    struct cluster *cluster = *state;
    int code = -1;
    human_edits(cluster, "ivr/ivr-9",
                "{\"name\":\"Night line\",\"closedHoursFlow\":{\"id\":\"PRIMARY_FLOW_ID\"}}");
    cJSON *report = check_online(cluster, &code);
    static const char *const abouts[] = {
        "ivr ivr-9",     "emergency-group group-2",           "message-recipient recipient-1",
        "queue queue-1", "web-deployment deployment-2",       "email-route example.com/route-2",
        "ivr ivr-1",     "datatable-row table-1/support line"};
    for (size_t i = 0; i < ARRAY_COUNT(abouts); i++)
        if (find_row(report, "entrances", abouts[i]) == NULL)
            fail_msg("%s is not named", abouts[i]);
    assert_null(find_row(report, "entrances", "ivr ivr-5"));
    cJSON_Delete(report);
    cluster->passed = true;
}

/* Each kind of route that the platform has, as one service. */
#define EVERY_KIND                                                                         \
    "routes:\n"                                                                            \
    "      voice: {backend: ivr, ivr: ivr-1, via: lab}\n"                                  \
    "      claims: {backend: emergency-group, group: group-1, via: lab}\n"                 \
    "      table: {backend: datatable-row, table: table-1, row: support line, via: lab}\n" \
    "      sms: {backend: message-recipient, recipient: recipient-1, via: lab}\n"          \
    "      shop: {backend: web-deployment, deployment: deployment-1, via: lab}\n"          \
    "      mail: {backend: email-route, domain: example.com, email_route: route-1, via: lab}"

static const struct cluster_settings every_kind = {.route = EVERY_KIND, .drain = "0s"};

static void expect_routes_pass(const cJSON *report)
{
    static const char *const names[] = {"voice", "claims", "table", "sms", "shop", "mail"};
    for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
        const cJSON *readable = find_row(report, "route-readable", names[i]);
        const cJSON *at = find_row(report, "route-at-primary", names[i]);
        assert_true(readable != NULL && at != NULL);
        if (strcmp(client_text(readable, "result"), "pass") != 0 ||
            strcmp(client_text(at, "result"), "pass") != 0)
            fail_msg("%s: %s; %s", names[i], client_text(readable, "found"),
                     client_text(at, "found"));
    }
}

static void expect_found(const cJSON *report, const char *check, const char *about,
                         const char *result, const char *words)
{
    const cJSON *row = find_row(report, check, about);
    assert_non_null(row);
    if (strcmp(client_text(row, "result"), result) != 0 ||
        strstr(client_text(row, "found"), words) == NULL)
        fail_msg("%s is %s: %s", check, client_text(row, "result"), client_text(row, "found"));
}

static void test_every_kind_of_route_is_read_and_is_no_open_entrance(void **state)
{
    struct cluster *cluster = *state;
    int code = -1;
    cJSON *report = check_online(cluster, &code);
    expect_routes_pass(report);
    expect_found(report, "permissions", NULL, "pass", "all that moves and checks need");
    static const char *const switched[] = {"ivr ivr-1",
                                           "ivr ivr-3",
                                           "ivr ivr-4",
                                           "datatable-row table-1/support line",
                                           "message-recipient recipient-1",
                                           "email-route example.com/route-1"};
    for (size_t i = 0; i < ARRAY_COUNT(switched); i++)
        assert_null(find_row(report, "entrances", switched[i]));
    assert_non_null(find_row(report, "entrances", "ivr ivr-2"));
    assert_non_null(find_row(report, "entrances", "datatable-row table-1/claims line"));
    cJSON_Delete(report);
    assert_int_equal(code, 0);
    cluster->passed = true;
}

static void test_what_a_move_needs_and_lacks_fails(void **state)
{
    struct cluster *cluster = *state;
    int code = -1;
    deny(cluster, "\"routing:callRoute:edit\",\"webDeployments:deployment:edit\"");
    cJSON *report = check_online(cluster, &code);
    expect_found(report, "permissions", NULL, "fail", "routing:callRoute:edit");
    expect_found(report, "permissions", NULL, "fail", "webDeployments:deployment:edit");
    expect_routes_pass(report);
    cJSON_Delete(report);
    assert_int_equal(code, EXIT_PREFLIGHT_FAILED);
    deny(cluster, "");
    human_edits(cluster, "ivr/ivr-1", "{\"state\":\"deleted\"}");
    human_edits(cluster, "message-recipient/recipient-1", "{\"flow\":{\"id\":\"OTHER_FLOW_ID\"}}");
    report = check_online(cluster, &code);
    expect_found(report, "route-readable", "voice", "fail", "deleted");
    expect_found(report, "route-at-primary", "sms", "fail", "foreign");
    expect_found(report, "permissions", NULL, "pass", "all that moves and checks need");
    cJSON_Delete(report);
    cluster->passed = true;
}

static void test_a_route_elsewhere_and_a_wrong_secret_are_found(void **state)
{
    struct cluster *cluster = *state;
    char path[CLUSTER_PATH_SIZE + 16];
    cJSON_Delete(client_json(
        cluster->sim.port, "POST", "/sim/plans/plan-1",
        "{\"entries\":[{\"priority\":5,\"destination\":{\"type\":\"Flow\",\"id\":\"X\"}}]}", 200));
    expect(cluster, "route-at-primary", "fail");
    (void)snprintf(path, sizeof path, "%s/secret", cluster->folder);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    (void)fputs("no such secret", file);
    assert_int_equal(fclose(file), 0);
    expect(cluster, "credentials", "fail");
    expect(cluster, "standby-exists", "skip");
    cluster->passed = true;
}

static void test_the_table_is_for_people(void **state)
{
    struct cluster *cluster = *state;
    static char output[OUTPUT_SIZE];
    char arguments[CLUSTER_PATH_SIZE + 64];
    human_edits(cluster, STANDBY, "{\"publishedVersion\":null}");
    (void)snprintf(arguments, sizeof arguments, "check %s --online --node %s --service %s",
                   cluster->config, cluster->nodes[0].name, CLUSTER_SERVICE);
    assert_int_equal(quorate_run(cluster, arguments, output, sizeof output), EXIT_PREFLIGHT_FAILED);
    assert_non_null(strstr(output, "standby-published fail  STANDBY_FLOW_ID: it has no published"));
    assert_non_null(strstr(output, "-> publish the flow in Architect"));
    assert_null(strstr(output, "\033["));
    (void)snprintf(arguments, sizeof arguments, "check %s --online --node %s --service lin",
                   cluster->config, cluster->nodes[0].name);
    assert_int_equal(quorate_run(cluster, arguments, output, sizeof output), 4);
    assert_non_null(strstr(output, "nearest: line"));
    cluster->passed = true;
}

static bool shows(const struct cluster *cluster, size_t place, const char *result,
                  const char *failing)
{
    cJSON *page = ask_get(cluster, place, "/v1/services/" CLUSTER_SERVICE);
    const cJSON *preflight = cJSON_GetObjectItem(page, "preflight");
    bool there = cJSON_IsObject(preflight) &&
                 strcmp(client_text(preflight, "result"), result) == 0 &&
                 strcmp(client_text(preflight, "failing"), failing) == 0 &&
                 cJSON_GetArraySize(cJSON_GetObjectItem(preflight, "rows")) > 15;
    cJSON_Delete(page);
    return there;
}

static bool has_metric(const struct cluster *cluster, size_t place, const char *line)
{
    struct client_reply reply;
    ask_send(cluster, place, "GET", "/metrics", ASK_READ, NULL, &reply);
    bool there = reply.status == 200 && strstr(reply.body, line) != NULL;
    client_reply_free(&reply);
    return there;
}

static void expect_status(const struct cluster *cluster, size_t place, const char *words)
{
    static char output[OUTPUT_SIZE];
    char arguments[256];
    (void)snprintf(arguments, sizeof arguments,
                   "status --api http://127.0.0.1:%u --token-file %s/read",
                   (unsigned)cluster->nodes[place].api_port, cluster->folder);
    assert_int_equal(quorate_run(cluster, arguments, output, sizeof output), 0);
    if (strstr(output, words) == NULL)
        fail_msg("'%s' does not stand in: %s", words, output);
}

static const struct cluster_settings daily = {
    .preflight = "{every: 1s, pace: 0s}",
    .standby = ", min_version: v1.0.5",
};

static void test_the_leader_repeats_it_shows_it_and_tells_once(void **state)
{
    struct cluster *cluster = *state;
    size_t leader = ask_wait_leader(cluster);
    WAIT_UNTIL(shows(cluster, leader, "warn", ""));
    assert_int_equal(check_event_count(cluster, leader, "preflight-failed"), 0);
    human_edits(cluster, STANDBY, "{\"active\":false,\"type\":\"INBOUNDEMAIL\"}");
    WAIT_UNTIL(shows(cluster, leader, "fail", "standby-published, same-type"));
    assert_true(has_metric(cluster, leader, "quorate_preflight_failed{service=\"line\"} 2\n"));
    expect_status(cluster, leader,
                  "preflight line: fail, 2 failed (standby-published, same-type), ");
    for (size_t i = 0; i < CLUSTER_NODE_COUNT; i++)
        if (i != leader)
            assert_false(has_metric(cluster, i, "quorate_preflight_failed{"));
    int runs = check_event_count(cluster, leader, "preflight");
    WAIT_UNTIL(check_event_count(cluster, leader, "preflight") >= runs + 2);
    assert_int_equal(check_event_count(cluster, leader, "preflight-failed"), 1);
    assert_int_equal(node_log_count(cluster, leader, " kind=preflight-failed"), 1);
    human_edits(cluster, STANDBY, "{\"active\":true,\"type\":\"INBOUNDCALL\"}");
    WAIT_UNTIL(shows(cluster, leader, "warn", ""));
    cluster_finish(cluster);
}

static void test_a_new_leader_runs_it_and_the_old_one_shows_it_no_more(void **state)
{
    struct cluster *cluster = *state;
    size_t old = ask_wait_leader(cluster);
    WAIT_UNTIL(shows(cluster, old, "warn", ""));
    node_freeze(cluster, old);
    WAIT_UNTIL(ask_leader(cluster) >= 0 && (size_t)ask_leader(cluster) != old);
    size_t leader = ask_wait_leader(cluster);
    node_thaw(cluster, old);
    WAIT_UNTIL(shows(cluster, leader, "warn", ""));
    WAIT_UNTIL(!has_metric(cluster, old, "quorate_preflight_failed{"));
    cluster_finish(cluster);
}

static bool shows_unread(const struct cluster *cluster, size_t place, const char *words)
{
    cJSON *page = ask_get(cluster, place, "/v1/services/" CLUSTER_SERVICE);
    const cJSON *row = find_row(cJSON_GetObjectItem(page, "preflight"), "entrances", NULL);
    bool there = row != NULL && strstr(client_text(row, "found"), words) != NULL;
    cJSON_Delete(page);
    return there;
}

/* The platform never answers a list: each run hangs in it for most of its time, and nothing else
 * does. */
static void test_a_move_waits_for_no_preflight(void **state)
{
    struct cluster *cluster = *state;
    size_t leader = ask_wait_leader(cluster);
    WAIT_UNTIL(shows(cluster, leader, "warn", ""));
    sim_fault(&cluster->sim, "{\"fault\":\"hang\",\"match\":{\"method\":\"GET\",\"path\":"
                             "\"/api/v2/architect/ivrs\",\"count\":-1}}");
    WAIT_UNTIL(shows_unread(cluster, leader, "ivr (no answer)"));
    bot_mode(&cluster->primary, "{\"mode\":\"error500\"}");
    WAIT_UNTIL_MS(ask_all_say(cluster, "serving", "standby"), 6000);
    WAIT_UNTIL(ask_move_is(cluster, ask_wait_leader(cluster), "DONE"));
    assert_int_equal(ask_effective(cluster, NULL), 1);
    cluster_finish(cluster);
}

static const struct cluster_settings opened = {.standby = ", min_version: v1.0.5"};

#define OPENED(test)                                                                       \
    cmocka_unit_test_prestate_setup_teardown(test, cluster_setup_opened, cluster_teardown, \
                                             (void *)(uintptr_t)&opened)
#define STARTED(test)                                                                       \
    cmocka_unit_test_prestate_setup_teardown(test, cluster_setup_started, cluster_teardown, \
                                             (void *)(uintptr_t)&daily)

#define EVERY_KIND_OF(test)                                                                \
    cmocka_unit_test_prestate_setup_teardown(test, cluster_setup_opened, cluster_teardown, \
                                             (void *)(uintptr_t)&every_kind)

int main(void)
{
    const struct CMUnitTest tests[] = {
        OPENED(test_each_fault_on_the_platform_is_found_and_its_end_as_well),
        OPENED(test_permissions_that_are_missing_are_named),
        OPENED(test_what_still_points_at_the_primary_is_named),
        OPENED(test_a_route_elsewhere_and_a_wrong_secret_are_found),
        EVERY_KIND_OF(test_every_kind_of_route_is_read_and_is_no_open_entrance),
        EVERY_KIND_OF(test_what_a_move_needs_and_lacks_fails),
        OPENED(test_the_table_is_for_people),
        STARTED(test_the_leader_repeats_it_shows_it_and_tells_once),
        STARTED(test_a_new_leader_runs_it_and_the_old_one_shows_it_no_more),
        STARTED(test_a_move_waits_for_no_preflight),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
