/* The platform's own kinds of route in a real cluster: a conviction moves each of them, with one
 * request each; a conflict, a lost answer and what others wrote are dealt with; and back again. */
#include "tests/cluster/ask.h"
#include "tests/lab/test/assert.h"

#include <stdio.h>
#include <string.h>

#define ON_PUT "\"match\":{\"method\":\"PUT\",\"path\":\"/api\",\"count\":1}}"
#define IVR "route: {backend: ivr, ivr: ivr-1, via: lab}"
#define RECIPIENT "route: {backend: message-recipient, recipient: recipient-1, via: lab}"

enum { PATH_BYTES = 192 };

static const struct cluster_service services[] = {
    {"calls", IVR},
    {"claims", "route: {backend: emergency-group, group: group-1, via: lab}"},
    {"dispatch", "route: {backend: datatable-row, table: table-1, row: support line,"
                 " announce_column: mode, via: lab}"},
    {"messages", RECIPIENT},
    {"shop", "route: {backend: web-deployment, deployment: deployment-1, via: lab}"},
    {"mail", "route: {backend: email-route, domain: example.com, email_route: route-1, via: lab}"},
    {"gateway", "route: {backend: http, via: lab, value: /flow/id,"
                " read: {url: /api/v2/routing/message/recipients/recipient-2},"
                " write: {url: /api/v2/routing/message/recipients/recipient-2}}"},
    {NULL, NULL},
};

/* As the journal and the simulator's documents name them, in the order of the services. */
static const char *const resources[] = {
    "ivr/ivr-1",
    "emergency-group/group-1",
    "datatable-row/table-1/support%20line",
    "message-recipient/recipient-1",
    "web-deployment/deployment-1",
    "email-route/example.com/route-1",
    "message-recipient/recipient-2",
};

enum { KIND_COUNT = sizeof resources / sizeof resources[0] };

static const struct cluster_settings all_settings = {
    .route = "route: {backend: routing-plan, plan: plan-1, via: lab}",
    .services = services,
    .sim_option = "--deploy=500ms",
    .limits = "{cooldown: 0s, moves: 16/5s, max_aborts: 16, max_concurrent: 8}",
};
/* Only the plan can be paused, and a drain is for the first service alone. */
static const struct cluster_settings ivr_settings = {.route = IVR, .drain = "0s"};
static const struct cluster_settings recipient_settings = {.route = RECIPIENT, .drain = "0s"};

static void make_primary_fail(const struct cluster *cluster)
{
    bot_mode(&cluster->primary, "{\"mode\":\"error500\"}");
}

static cJSON *document(const struct cluster *cluster, const char *resource)
{
    char path[PATH_BYTES];
    (void)snprintf(path, sizeof path, "/sim/documents/%s", resource);
    return client_json(cluster->sim.port, "GET", path, NULL, 200);
}

static bool resource_is(const struct cluster *cluster, const char *resource, const char *state)
{
    cJSON *json = document(cluster, resource);
    bool is = strcmp(client_text(json, "state"), state) == 0;
    cJSON_Delete(json);
    return is;
}

static bool resource_holds(const struct cluster *cluster, const char *resource, const char *words)
{
    cJSON *json = document(cluster, resource);
    char *text = cJSON_PrintUnformatted(json);
    bool holds = strstr(text, words) != NULL;
    cJSON_free(text);
    cJSON_Delete(json);
    return holds;
}

static bool serves(const struct cluster *cluster, size_t place, const char *service,
                   const char *side)
{
    char path[PATH_BYTES];
    (void)snprintf(path, sizeof path, "/v1/services/%s", service);
    cJSON *page = ask_get(cluster, place, path);
    const cJSON *move = cJSON_GetObjectItemCaseSensitive(page, "move");
    const char *state = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(move, "state"));
    bool done = strcmp(client_text(page, "serving"), side) == 0 &&
                (state == NULL || strcmp(state, "DONE") == 0);
    cJSON_Delete(page);
    return done;
}

static bool all_serve(const struct cluster *cluster, const char *side)
{
    bool all = serves(cluster, 0, CLUSTER_SERVICE, side);
    for (size_t i = 0; i < KIND_COUNT && all; i++)
        all =
            serves(cluster, 0, services[i].name, side) && resource_is(cluster, resources[i], side);
    return all;
}

/* Requests of nodes that were carried out and left the resource in the state. */
static int effective(const struct cluster *cluster, const char *resource, const char *state)
{
    cJSON *journal = client_json(cluster->sim.port, "GET", "/sim/journal", NULL, 200);
    const cJSON *line;
    int count = 0;
    cJSON_ArrayForEach(line, journal)
    {
        const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(line, "resource"));
        count += name != NULL && strcmp(client_text(line, "method"), "PUT") == 0 &&
                 client_truth(line, "applied") && strcmp(name, resource) == 0 &&
                 strcmp(client_text(line, "state_after"), state) == 0;
    }
    cJSON_Delete(journal);
    return count;
}

/* The journal writes a blank where a URL has %20. */
static const char *journal_name(const char *resource)
{
    return strstr(resource, "%20") != NULL ? "datatable-row/table-1/support line" : resource;
}

static void test_a_conviction_moves_each_kind_of_route(void **state)
{
    struct cluster *cluster = *state;
    make_primary_fail(cluster);
    WAIT_UNTIL_MS(all_serve(cluster, "standby"), 40000);
    for (size_t i = 0; i < KIND_COUNT; i++)
        assert_int_equal(effective(cluster, journal_name(resources[i]), "standby"), 1);
    assert_true(resource_holds(cluster, resources[2], "\"mode\":\"degraded\""));
    assert_true(resource_holds(cluster, resources[0], "\"dnis\":[\"+4930111\"]"));
    bot_mode(&cluster->primary, "{\"mode\":\"healthy\"}");
    for (size_t i = 0; services[i].name != NULL; i++) {
        char path[PATH_BYTES];
        (void)snprintf(path, sizeof path, "/v1/services/%s/failback", services[i].name);
        cJSON_Delete(
            ask_post(cluster, ask_wait_leader(cluster), path, "{\"reason\":\"well again\"}", 202));
    }
    ask_operate(cluster, ask_wait_leader(cluster), "failback", "{\"reason\":\"well again\"}", 202);
    WAIT_UNTIL_MS(all_serve(cluster, "primary"), 40000);
    assert_true(resource_holds(cluster, resources[2], "\"mode\":\"normal\""));
    WAIT_UNTIL(ask_ledgers_equal(cluster));
    cluster_finish(cluster);
}

/* The request is held back while somebody edits the IVR, so that its version is old when it counts.
 */
static void test_what_a_human_wrote_into_an_ivr_stays(void **state)
{
    struct cluster *cluster = *state;
    sim_fault(&cluster->sim, "{\"fault\":\"hold-then-apply-late\",\"ms\":600," ON_PUT);
    make_primary_fail(cluster);
    WAIT_UNTIL(sim_held_is(&cluster->sim, 1));
    cJSON_Delete(client_json(cluster->sim.port, "POST", "/sim/documents/ivr/ivr-1",
                             "{\"description\":\"by hand\"}", 200));
    WAIT_UNTIL(ask_all_say(cluster, "serving", "standby"));
    WAIT_UNTIL(ask_move_is(cluster, ask_wait_leader(cluster), "DONE"));
    assert_true(resource_is(cluster, "ivr/ivr-1", "standby"));
    assert_true(resource_holds(cluster, "ivr/ivr-1", "by hand"));
    assert_int_equal(effective(cluster, "ivr/ivr-1", "standby"), 1);
    cluster_finish(cluster);
}

/* Without a version only time and agreeing readings tell that it was carried out. */
static void test_a_lost_answer_of_an_unversioned_route_is_read(void **state)
{
    struct cluster *cluster = *state;
    sim_fault(&cluster->sim, "{\"fault\":\"apply-then-drop\"," ON_PUT);
    make_primary_fail(cluster);
    WAIT_UNTIL(ask_all_say(cluster, "serving", "standby"));
    WAIT_UNTIL(ask_move_is(cluster, ask_wait_leader(cluster), "DONE"));
    assert_true(resource_is(cluster, "message-recipient/recipient-1", "standby"));
    assert_int_equal(effective(cluster, "message-recipient/recipient-1", "standby"), 1);
    cluster_finish(cluster);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        {"a conviction moves each kind of route", test_a_conviction_moves_each_kind_of_route,
         cluster_setup_started, cluster_teardown, (void *)&all_settings},
        {"what a human wrote into an ivr stays", test_what_a_human_wrote_into_an_ivr_stays,
         cluster_setup_started, cluster_teardown, (void *)&ivr_settings},
        {"a lost answer of an unversioned route is read",
         test_a_lost_answer_of_an_unversioned_route_is_read, cluster_setup_started,
         cluster_teardown, (void *)&recipient_settings},
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
