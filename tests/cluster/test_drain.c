/* Drains that a count of the conversations ends: by the platform's flow observations, and by any
 * URL that knows the number; and what people are shown of it. */
#include "tests/cluster/ask.h"
#include "tests/lab/test/assert.h"

#include <stdio.h>
#include <string.h>

enum { LONGEST_MS = 15000, SOON_MS = 9000 };

static const struct cluster_settings by_flow = {
    .drain = "{slow: 15s, down: 0s, planned: 15s, every: 200ms, count: flow}"};
static const struct cluster_settings by_url = {
    .drain = "{slow: 15s, down: 0s, planned: 15s, every: 200ms, count: {url: "
             "\"http://127.0.0.1:%u/sim/traffic\", pointer: /crowds/0/count}}"};
static const struct cluster_settings by_flow_short = {
    .drain = "{slow: 4s, down: 0s, planned: 4s, every: 200ms, count: flow}"};

/* Counts that come so often use up the minute's limit, but for what is kept for the move. */
static const struct cluster_settings near_the_limit = {
    .drain = "{slow: 16s, down: 0s, planned: 16s, every: 100ms, count: flow}",
    .timing = "{election: 600ms, heartbeat: 60ms, timer_late: 250ms,"
              " actuator: {deadline: 1s, proof: 30s, token_fresh: 60s},"
              " reference_inflation: {minimum: 250ms}}",
    .sim_option = "--rate=80"};

static void set_live(const struct cluster *cluster, int count)
{
    char body[128];
    (void)snprintf(body, sizeof body,
                   "{\"flow\":\"PRIMARY_FLOW_ID\",\"media\":\"voice\",\"count\":%d,"
                   "\"end_every_ms\":0}",
                   count);
    cJSON_Delete(sim_call(&cluster->sim, "POST", "/sim/traffic", body, 200));
}

/* What the ledger has of the service: settings of the newest level stand there once all nodes said
 * that they speak it. */
static bool drains_by_count(const struct cluster *cluster)
{
    cJSON *page = ask_get(cluster, ask_wait_leader(cluster), "/v1/services/" CLUSTER_SERVICE);
    const cJSON *settings = cJSON_GetObjectItemCaseSensitive(page, "settings");
    bool counts = cJSON_IsNumber(cJSON_GetObjectItemCaseSensitive(settings, "drain_every_ms"));
    cJSON_Delete(page);
    return counts;
}

static bool explains(const struct cluster *cluster, const char *phrase)
{
    cJSON *page =
        ask_get(cluster, ask_wait_leader(cluster), "/v1/services/" CLUSTER_SERVICE "/explain");
    char *text = cJSON_PrintUnformatted(cJSON_GetObjectItemCaseSensitive(page, "sentences"));
    bool said = text != NULL && strstr(text, phrase) != NULL;
    cJSON_free(text);
    cJSON_Delete(page);
    return said;
}

static void begin(const struct cluster *cluster, int live)
{
    WAIT_UNTIL(drains_by_count(cluster));
    set_live(cluster, live);
    ask_operate(cluster, ask_wait_leader(cluster), "failover", "{\"reason\":\"planned\"}", 202);
    WAIT_UNTIL(ask_move_is(cluster, ask_wait_leader(cluster), "DRAINING"));
}

static bool is_moved(const struct cluster *cluster)
{
    return ask_all_say(cluster, "serving", "standby") &&
           ask_move_is(cluster, ask_wait_leader(cluster), "DONE");
}

/* Between the two requests, by the simulator's clock. */
static double paused_ms(const struct cluster *cluster)
{
    cJSON *pause = ask_patch(cluster, 0);
    cJSON *change = ask_patch(cluster, 1);
    assert_string_equal(client_text(pause, "state_after"), "paused");
    assert_string_equal(client_text(change, "state_after"), "standby");
    double between_ms = client_number(change, "mono_ms") - client_number(pause, "mono_ms");
    cJSON_Delete(pause);
    cJSON_Delete(change);
    return between_ms;
}

/* The history is written by a thread of its own. */
static bool has_steps(const struct cluster *cluster, size_t place)
{
    cJSON *list = ask_get(cluster, place, "/v1/incidents");
    const cJSON *incident =
        cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(list, "incidents"), 0);
    bool both = cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(incident, "steps")) == 2;
    cJSON_Delete(list);
    return both;
}

/* The step's correlation id in the incident is the one that the platform answered with. */
static void check_steps(const struct cluster *cluster, size_t place)
{
    static const char *const names[] = {"pause", "switch"};
    WAIT_UNTIL(has_steps(cluster, place));
    cJSON *list = ask_get(cluster, place, "/v1/incidents");
    const cJSON *incident =
        cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(list, "incidents"), 0);
    const cJSON *steps = cJSON_GetObjectItemCaseSensitive(incident, "steps");
    for (int i = 0; i < 2; i++) {
        const cJSON *step = cJSON_GetArrayItem(steps, i);
        cJSON *patch = ask_patch(cluster, i);
        assert_string_equal(client_text(step, "step"), names[i]);
        assert_string_equal(client_text(step, "outcome"), "applied");
        assert_true(client_text(patch, "correlation")[0] != '\0');
        assert_string_equal(client_text(step, "correlation"), client_text(patch, "correlation"));
        assert_true(explains(cluster, client_text(patch, "correlation")));
        cJSON_Delete(patch);
    }
    cJSON_Delete(list);
}

static bool rate_is_shown(const struct cluster *cluster, size_t place)
{
    cJSON *page = ask_get(cluster, place, "/v1/status");
    const cJSON *platform =
        cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(page, "platforms"), 0);
    const cJSON *rate = cJSON_GetObjectItemCaseSensitive(platform, "rate");
    bool shown = client_number(rate, "allowed") > 0 && client_number(rate, "used") > 0;
    cJSON_Delete(page);
    return shown;
}

static void test_a_drain_ends_when_nobody_is_left(void **state)
{
    struct cluster *cluster = *state;
    begin(cluster, 3);
    WAIT_UNTIL(explains(cluster, "draining: 3 live, at most "));
    STAYS_FOR(ask_move_is(cluster, ask_wait_leader(cluster), "DRAINING"), 1500);
    set_live(cluster, 0);
    WAIT_UNTIL_MS(is_moved(cluster), SOON_MS);
    assert_true(paused_ms(cluster) < LONGEST_MS - 4000);
    for (size_t i = 0; i < CLUSTER_NODE_COUNT; i++) {
        WAIT_UNTIL(ask_move_is(cluster, i, "DONE"));
        WAIT_UNTIL(rate_is_shown(cluster, i));
    }
    check_steps(cluster, ask_wait_leader(cluster));
    cluster_finish(cluster);
}

static void test_a_url_may_know_the_number(void **state)
{
    struct cluster *cluster = *state;
    begin(cluster, 2);
    WAIT_UNTIL(explains(cluster, "draining: 2 live, at most "));
    set_live(cluster, 0);
    WAIT_UNTIL_MS(is_moved(cluster), SOON_MS);
    assert_true(paused_ms(cluster) < LONGEST_MS - 4000);
    assert_int_equal(ask_requests(cluster, "POST", "/api/v2/analytics/flows/observations/query"),
                     0);
    cluster_finish(cluster);
}

/* A permission that is missing is told, and costs the time that the drain may last, no more. */
static void test_a_count_that_is_forbidden_leaves_the_drain_its_longest(void **state)
{
    struct cluster *cluster = *state;
    cJSON_Delete(sim_call(&cluster->sim, "POST", "/sim/permissions/demo-client",
                          "{\"deny\":[\"analytics:flowObservation:view\"]}", 200));
    begin(cluster, 0);
    WAIT_UNTIL(explains(cluster, "the last count ended as forbidden, at most "));
    WAIT_UNTIL(is_moved(cluster));
    assert_in_range((int)paused_ms(cluster), 4000, 9000);
    cluster_finish(cluster);
}

static void test_the_heir_of_a_leader_counts_anew(void **state)
{
    struct cluster *cluster = *state;
    begin(cluster, 3);
    size_t leader = ask_wait_leader(cluster);
    node_kill(cluster, leader);
    set_live(cluster, 0);
    WAIT_UNTIL_MS(is_moved(cluster), SOON_MS);
    assert_int_equal(ask_effective(cluster, NULL), 2);
    assert_true(paused_ms(cluster) < LONGEST_MS - 4000);
    cluster_finish(cluster);
}

static double rate_of(const struct cluster *cluster, size_t place, const char *key)
{
    cJSON *page = ask_get(cluster, place, "/v1/status");
    const cJSON *platform =
        cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(page, "platforms"), 0);
    double value = client_number(cJSON_GetObjectItemCaseSensitive(platform, "rate"), key);
    cJSON_Delete(page);
    return value;
}

static void test_what_is_routine_waits_near_the_limit_and_the_move_goes_on(void **state)
{
    struct cluster *cluster = *state;
    begin(cluster, 3);
    size_t leader = ask_wait_leader(cluster);
    WAIT_UNTIL(rate_of(cluster, leader, "held") > 0);
    assert_int_equal(rate_of(cluster, leader, "limited"), 0);
    set_live(cluster, 0);
    WAIT_UNTIL_MS(is_moved(cluster), 40000);
    assert_int_equal(rate_of(cluster, leader, "limited"), 0);
    assert_int_equal(ask_effective(cluster, NULL), 2);
    cluster_finish(cluster);
}

#define WITH(test, settings)                                                                \
    cmocka_unit_test_prestate_setup_teardown(test, cluster_setup_started, cluster_teardown, \
                                             (void *)(uintptr_t)(settings))

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH(test_a_drain_ends_when_nobody_is_left, &by_flow),
        WITH(test_a_url_may_know_the_number, &by_url),
        WITH(test_a_count_that_is_forbidden_leaves_the_drain_its_longest, &by_flow_short),
        WITH(test_the_heir_of_a_leader_counts_anew, &by_flow),
        WITH(test_what_is_routine_waits_near_the_limit_and_the_move_goes_on, &near_the_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
