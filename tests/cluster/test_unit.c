/* A service with two routes that move as one unit: both move, a dead leader's half is finished, a
 * half that cannot be finished is taken back, and every place shows each of them. */
#include "tests/cluster/ask.h"
#include "tests/lab/test/assert.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define VOICE_PATH "/api/v2/routing/plans/plan-1"
#define CHAT_PATH "/api/v2/routing/plans/plan-2"
#define ROUTES                                                       \
    "routes:\n"                                                      \
    "      voice: {backend: routing-plan, plan: plan-1, via: lab}\n" \
    "      chat: {backend: routing-plan, plan: plan-2, via: lab}"
#define KINDS                                             \
    "routes:\n"                                           \
    "      voice: {backend: ivr, ivr: ivr-1, via: lab}\n" \
    "      chat: {backend: routing-plan, plan: plan-2, via: lab}"
#define IVR_PATH "/api/v2/architect/ivrs/ivr-1"
#define STANDBY_BY_HAND                                                \
    "{\"entries\":[{\"priority\":10,\"conditions\":[],"                \
    "\"destination\":{\"type\":\"Flow\",\"id\":\"STANDBY_FLOW_ID\"}}," \
    "{\"priority\":50,\"active\":false,\"conditions\":[],"             \
    "\"destination\":{\"type\":\"Flow\",\"id\":\"PRIMARY_FLOW_ID\"}}]}"

enum { OUTPUT_SIZE = 2048 };

static const struct cluster_settings unit_settings = {.route = ROUTES};

static void make_primary_fail(const struct cluster *cluster)
{
    bot_mode(&cluster->primary, "{\"mode\":\"error500\"}");
}

/* The simulator's plans, in their order: voice's and chat's. */
static bool plans_are(const struct cluster *cluster, const char *voice, const char *chat)
{
    cJSON *plans = client_json(cluster->sim.port, "GET", "/sim/plans", NULL, 200);
    bool are = strcmp(client_text(cJSON_GetArrayItem(plans, 0), "state"), voice) == 0 &&
               strcmp(client_text(cJSON_GetArrayItem(plans, 1), "state"), chat) == 0;
    cJSON_Delete(plans);
    return are;
}

/* Null until the ledger has learned it. */
static bool word_is(const cJSON *row, const char *key, const char *wanted)
{
    const char *word = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(row, key));
    return word != NULL && strcmp(word, wanted) == 0;
}

static bool page_shows(const cJSON *page, const char *voice, const char *chat)
{
    const cJSON *routes = cJSON_GetObjectItemCaseSensitive(page, "routes");
    const cJSON *first = cJSON_GetArrayItem(routes, 0);
    const cJSON *second = cJSON_GetArrayItem(routes, 1);
    return cJSON_GetArraySize(routes) == 2 && word_is(first, "name", "voice") &&
           word_is(first, "state", voice) && word_is(second, "state", chat);
}

static bool node_shows(const struct cluster *cluster, size_t place, const char *voice,
                       const char *chat)
{
    cJSON *page = ask_get(cluster, place, "/v1/services/" CLUSTER_SERVICE);
    bool shows = page_shows(page, voice, chat);
    cJSON_Delete(page);
    return shows;
}

static bool all_show(const struct cluster *cluster, const char *voice, const char *chat)
{
    bool show = true;
    for (size_t i = 0; i < cluster->node_count; i++)
        show = show && (!node_is_running(cluster, i) || node_shows(cluster, i, voice, chat));
    return show;
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text);
    size_t wanted = strlen(end);
    return length >= wanted && strcmp(text + length - wanted, end) == 0;
}

static int requests(const struct cluster *cluster, const char *path, const char *key_end)
{
    cJSON *journal = client_json(cluster->sim.port, "GET", "/sim/journal", NULL, 200);
    const cJSON *line;
    int count = 0;
    cJSON_ArrayForEach(line, journal)
    {
        count += strcmp(client_text(line, "method"), "PATCH") == 0 &&
                 strcmp(client_text(line, "path"), path) == 0 &&
                 ends_with(client_text(line, "key"), key_end);
    }
    cJSON_Delete(journal);
    return count;
}

static void wait_for_the_standby(const struct cluster *cluster)
{
    WAIT_UNTIL(ask_all_say(cluster, "serving", "standby"));
    WAIT_UNTIL(ask_move_is(cluster, ask_wait_leader(cluster), "DONE"));
    WAIT_UNTIL(ask_ledgers_equal(cluster));
    assert_true(plans_are(cluster, "standby", "standby"));
    WAIT_UNTIL(all_show(cluster, "standby", "standby"));
}

static void test_both_routes_move_with_one_request_each(void **state)
{
    struct cluster *cluster = *state;
    WAIT_UNTIL(all_show(cluster, "primary", "primary"));
    make_primary_fail(cluster);
    wait_for_the_standby(cluster);
    assert_int_equal(ask_requests(cluster, "PATCH", VOICE_PATH), 1);
    assert_int_equal(ask_requests(cluster, "PATCH", CHAT_PATH), 1);
    assert_int_equal(requests(cluster, VOICE_PATH, ".switch.1/voice"), 1);
    assert_int_equal(requests(cluster, CHAT_PATH, ".switch.1/chat"), 1);
    cluster_finish(cluster);
}

/* A call route cannot be paused: it is moved at once. */
static const struct cluster_settings kinds_settings = {
    .route = KINDS, .drain = "{slow: 0s, down: 0s, planned: 0s}"};

static bool call_route_is(const struct cluster *cluster, const char *state)
{
    cJSON *route = client_json(cluster->sim.port, "GET", "/sim/documents/ivr/ivr-1", NULL, 200);
    bool is = word_is(route, "state", state);
    cJSON_Delete(route);
    return is;
}

static void test_routes_of_two_kinds_move_and_come_back_as_one(void **state)
{
    struct cluster *cluster = *state;
    WAIT_UNTIL(all_show(cluster, "primary", "primary"));
    make_primary_fail(cluster);
    WAIT_UNTIL(all_show(cluster, "standby", "standby"));
    WAIT_UNTIL(ask_move_is(cluster, ask_wait_leader(cluster), "DONE"));
    assert_true(call_route_is(cluster, "standby"));
    assert_true(plans_are(cluster, "primary", "standby"));
    assert_int_equal(ask_requests(cluster, "PUT", IVR_PATH), 1);
    assert_int_equal(ask_requests(cluster, "PATCH", CHAT_PATH), 1);
    bot_mode(&cluster->primary, "{\"mode\":\"healthy\"}");
    sim_fault(&cluster->sim, "{\"fault\":\"status\",\"status\":403,\"match\":"
                             "{\"method\":\"PATCH\",\"path\":\"" CHAT_PATH "\",\"count\":1}}");
    ask_operate(cluster, ask_wait_leader(cluster), "failback",
                "{\"reason\":\"again\",\"force\":true}", 202);
    WAIT_UNTIL(ask_move_is(cluster, ask_wait_leader(cluster), "BLOCKED"));
    assert_true(call_route_is(cluster, "standby"));
    WAIT_UNTIL(all_show(cluster, "standby", "standby"));
    assert_int_equal(ask_requests(cluster, "PUT", IVR_PATH), 3);
    cluster_finish(cluster);
}

static char failpoint[CLUSTER_PATH_SIZE];
static struct cluster_settings failpoint_settings = {
    .route = ROUTES, .program = QUORATE_FAILPOINTS_PROGRAM, .failpoint = failpoint};

static void arm(const char *place)
{
    FILE *file = fopen(failpoint, "we");
    assert_non_null(file);
    (void)fprintf(file, "%s\n", place);
    assert_int_equal(fclose(file), 0);
}

static bool has_ended(const struct cluster *cluster, size_t *ret_place)
{
    for (size_t i = 0; i < cluster->node_count; i++) {
        if (cluster->nodes[i].process.pid == 0 || !node_has_ended(cluster, i))
            continue;
        *ret_place = i;
        return true;
    }
    return false;
}

static void test_a_leader_killed_between_the_two_requests_is_succeeded(void **state)
{
    struct cluster *cluster = *state;
    size_t dead = 0;
    arm("switch/part/1");
    make_primary_fail(cluster);
    WAIT_UNTIL(has_ended(cluster, &dead));
    assert_true(plans_are(cluster, "standby", "primary"));
    assert_int_equal(ask_requests(cluster, "PATCH", CHAT_PATH), 0);
    node_bury(cluster, dead);
    wait_for_the_standby(cluster);
    assert_int_equal(ask_requests(cluster, "PATCH", VOICE_PATH), 1);
    assert_int_equal(requests(cluster, VOICE_PATH, ".switch.1/voice"), 1);
    assert_int_equal(ask_requests(cluster, "PATCH", CHAT_PATH), 1);
    assert_int_equal(requests(cluster, CHAT_PATH, ".switch.2/chat"), 1);
    node_start_and_wait(cluster, dead);
    WAIT_UNTIL(ask_ledgers_equal(cluster));
    WAIT_UNTIL(all_show(cluster, "standby", "standby"));
    cluster_finish(cluster);
}

static void test_a_second_route_that_is_forbidden_takes_the_first_one_back(void **state)
{
    struct cluster *cluster = *state;
    sim_fault(&cluster->sim, "{\"fault\":\"status\",\"status\":403,\"match\":"
                             "{\"method\":\"PATCH\",\"path\":\"" CHAT_PATH "\",\"count\":-1}}");
    make_primary_fail(cluster);
    WAIT_UNTIL(ask_move_is(cluster, ask_wait_leader(cluster), "BLOCKED"));
    assert_true(plans_are(cluster, "primary", "primary"));
    assert_int_equal(requests(cluster, VOICE_PATH, ".switch.1/voice"), 1);
    assert_int_equal(requests(cluster, CHAT_PATH, ".switch.1/chat"), 1);
    assert_int_equal(requests(cluster, VOICE_PATH, ".resume.2/voice"), 1);
    assert_int_equal(ask_requests(cluster, "PATCH", CHAT_PATH), 1);
    WAIT_UNTIL(node_logged(cluster, ask_wait_leader(cluster), "kind=blocked"));
    WAIT_UNTIL(all_show(cluster, "primary", "primary"));
    assert_true(ask_all_say(cluster, "serving", "primary"));
    cluster_finish(cluster);
}

static void test_a_half_that_somebody_moved_is_told_and_mended(void **state)
{
    struct cluster *cluster = *state;
    WAIT_UNTIL(all_show(cluster, "primary", "primary"));
    cJSON_Delete(client_json(cluster->sim.port, "POST", "/sim/plans/plan-2", STANDBY_BY_HAND, 200));
    WAIT_UNTIL(all_show(cluster, "primary", "standby"));
    assert_true(ask_all_say(cluster, "route", "mixed"));
    assert_true(ask_all_say(cluster, "condition", "half-moved"));
    WAIT_UNTIL(node_logged(cluster, ask_wait_leader(cluster), "kind=half-moved"));
    assert_int_equal(ask_requests(cluster, "PATCH", CHAT_PATH), 0);
    ask_operate(cluster, ask_wait_leader(cluster), "failback", "{\"reason\":\"mend it\"}", 202);
    WAIT_UNTIL(plans_are(cluster, "primary", "primary"));
    WAIT_UNTIL(ask_move_is(cluster, ask_wait_leader(cluster), "DONE"));
    WAIT_UNTIL(all_show(cluster, "primary", "primary"));
    assert_int_equal(ask_requests(cluster, "PATCH", VOICE_PATH), 0);
    cluster_finish(cluster);
}

static int route_command(const struct cluster *cluster, const char *words, char output[OUTPUT_SIZE])
{
    char arguments[512];
    (void)snprintf(arguments, sizeof arguments,
                   "route " CLUSTER_SERVICE " %s --config %s --node %s", words, cluster->config,
                   cluster->nodes[0].name);
    return quorate_run(cluster, arguments, output, OUTPUT_SIZE);
}

static void test_the_glass_is_broken_for_all_routes(void **state)
{
    struct cluster *cluster = *state;
    char output[OUTPUT_SIZE];
    for (size_t i = 1; i < cluster->node_count; i++)
        node_kill(cluster, i);
    assert_int_equal(route_command(cluster, "set standby --break-glass --reason test", output), 0);
    assert_true(plans_are(cluster, "standby", "standby"));
    assert_int_equal(route_command(cluster, "show", output), 0);
    assert_non_null(strstr(output, "voice shows standby, version 2"));
    assert_non_null(strstr(output, "chat shows standby, version 2"));
    assert_int_equal(route_command(cluster, "curl standby", output), 0);
    assert_non_null(strstr(output, "# route chat of " CLUSTER_SERVICE));
    assert_non_null(strstr(output, VOICE_PATH));
    for (size_t i = 1; i < cluster->node_count; i++)
        node_start_and_wait(cluster, i);
    WAIT_UNTIL(ask_ledgers_equal(cluster));
    WAIT_UNTIL(ask_all_say(cluster, "serving", "standby"));
    WAIT_UNTIL(all_show(cluster, "standby", "standby"));
    cluster_finish(cluster);
}

#define WITH(test, settings)                                                                \
    cmocka_unit_test_prestate_setup_teardown(test, cluster_setup_started, cluster_teardown, \
                                             (void *)(uintptr_t)(settings))

int main(void)
{
    (void)snprintf(failpoint, sizeof failpoint, "/tmp/quorate-failpoint-unit-%d", (int)getpid());
    const struct CMUnitTest tests[] = {
        WITH(test_both_routes_move_with_one_request_each, &unit_settings),
        WITH(test_routes_of_two_kinds_move_and_come_back_as_one, &kinds_settings),
        WITH(test_a_leader_killed_between_the_two_requests_is_succeeded, &failpoint_settings),
        WITH(test_a_second_route_that_is_forbidden_takes_the_first_one_back, &unit_settings),
        WITH(test_a_half_that_somebody_moved_is_told_and_mended, &unit_settings),
        WITH(test_the_glass_is_broken_for_all_routes, &unit_settings),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    (void)unlink(failpoint);
    return failed;
}
