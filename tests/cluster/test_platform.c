#include "tests/cluster/ask.h"
#include "tests/lab/test/assert.h"

#include <stdio.h>
#include <string.h>

#define PLAN_PATH "/api/v2/routing/plans/plan-1"
#define ON_PATCH "\"match\":{\"method\":\"PATCH\",\"path\":\"/api\",\"count\":1}}"
#define EDIT_OURS                                                                \
    "{\"entries\":[{\"priority\":50,\"destination\":{\"type\":\"Flow\",\"id\":"  \
    "\"PRIMARY_FLOW_ID\"},\"conditions\":[]},{\"priority\":60,\"active\":false," \
    "\"destination\":{\"type\":\"Flow\",\"id\":\"STANDBY_FLOW_ID\"},\"conditions\":[]}]}"
#define EDIT_FOREIGN                                                           \
    "{\"entries\":[{\"priority\":5,\"destination\":{\"type\":\"Flow\",\"id\":" \
    "\"SOMEBODY_ELSES_FLOW\"},\"conditions\":[]}]}"

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

/* The PATCH requests in their order, applied or not; the caller deletes the journal. */
static size_t patches(const struct cluster *cluster, cJSON **ret_journal, const cJSON *ret_lines[],
                      size_t count_max)
{
    const cJSON *line;
    size_t count = 0;
    *ret_journal = client_json(cluster->sim.port, "GET", "/sim/journal", NULL, 200);
    cJSON_ArrayForEach(line, *ret_journal)
    {
        if (strcmp(client_text(line, "method"), "PATCH") == 0 && count < count_max)
            ret_lines[count++] = line;
    }
    return count;
}

static void human_edits(const struct cluster *cluster, const char *entries)
{
    cJSON_Delete(client_json(cluster->sim.port, "POST", "/sim/plans/plan-1", entries, 200));
}

static void test_expired_tokens_cost_one_replay(void **state)
{
    struct cluster *cluster = *state;
    const cJSON *lines[4];
    cJSON *journal;
    sim_fault(&cluster->sim, "{\"fault\":\"token-expire\"," ON_PATCH);
    make_primary_fail(cluster);
    wait_for_the_end(cluster);
    assert_int_equal(patches(cluster, &journal, lines, 4), 2);
    assert_int_equal((int)client_number(lines[0], "status"), 401);
    assert_int_equal((int)client_number(lines[1], "status"), 200);
    assert_string_equal(client_text(lines[0], "key"), client_text(lines[1], "key"));
    assert_string_equal(client_text(lines[0], "body_hash"), client_text(lines[1], "body_hash"));
    cJSON_Delete(journal);
    assert_int_equal(ask_effective(cluster, NULL), 1);
    cluster_finish(cluster);
}

/* The request is held back while somebody edits the plan, so that its version is old when it
 * counts. */
static void edit_under_the_request(const struct cluster *cluster, const char *entries)
{
    sim_fault(&cluster->sim, "{\"fault\":\"hold-then-apply-late\",\"ms\":600," ON_PATCH);
    make_primary_fail(cluster);
    WAIT_UNTIL(sim_held_is(&cluster->sim, 1));
    human_edits(cluster, entries);
}

static void test_a_conflict_is_read_again_and_gets_a_new_attempt(void **state)
{
    struct cluster *cluster = *state;
    const cJSON *lines[4];
    cJSON *journal;
    edit_under_the_request(cluster, EDIT_OURS);
    wait_for_the_end(cluster);
    assert_int_equal(patches(cluster, &journal, lines, 4), 2);
    assert_int_equal((int)client_number(lines[0], "status"), 409);
    assert_int_equal((int)client_number(lines[1], "version_sent"), 2);
    assert_string_not_equal(client_text(lines[0], "key"), client_text(lines[1], "key"));
    cJSON_Delete(journal);
    cluster_finish(cluster);
}

static void test_a_foreign_edit_is_not_overwritten(void **state)
{
    struct cluster *cluster = *state;
    edit_under_the_request(cluster, EDIT_FOREIGN);
    WAIT_UNTIL(ask_all_say(cluster, "route", "foreign"));
    STAYS_FOR(sim_state_is(&cluster->sim, "foreign"), 2000);
    assert_int_equal(ask_effective(cluster, NULL), 0);
    assert_true(ask_explains(cluster, ask_wait_leader(cluster), "detail", "route-foreign"));
    cluster_finish(cluster);
}

static void test_too_many_requests_are_waited_for(void **state)
{
    struct cluster *cluster = *state;
    const cJSON *lines[4];
    cJSON *journal;
    sim_fault(&cluster->sim, "{\"fault\":\"rate-limit\",\"retry_after\":2," ON_PATCH);
    make_primary_fail(cluster);
    wait_for_the_end(cluster);
    assert_int_equal(patches(cluster, &journal, lines, 4), 2);
    assert_int_equal((int)client_number(lines[0], "status"), 429);
    assert_true(client_number(lines[1], "mono_ms") - client_number(lines[0], "mono_ms") >= 2000);
    assert_string_equal(client_text(lines[0], "key"), client_text(lines[1], "key"));
    cJSON_Delete(journal);
    cluster_finish(cluster);
}

static void test_a_server_error_is_tried_again(void **state)
{
    struct cluster *cluster = *state;
    sim_fault(&cluster->sim, "{\"fault\":\"status\",\"status\":503," ON_PATCH);
    make_primary_fail(cluster);
    wait_for_the_end(cluster);
    assert_int_equal(ask_requests(cluster, "PATCH", PLAN_PATH), 2);
    assert_int_equal(ask_effective(cluster, NULL), 1);
    cluster_finish(cluster);
}

static void test_a_missing_permission_blocks_and_says_so(void **state)
{
    struct cluster *cluster = *state;
    sim_fault(&cluster->sim, "{\"fault\":\"status\",\"status\":403," ON_PATCH);
    make_primary_fail(cluster);
    WAIT_UNTIL(ask_all_say(cluster, "condition", "blocked"));
    STAYS_FOR(ask_requests(cluster, "PATCH", PLAN_PATH) == 1, 1500);
    assert_true(ask_explains(cluster, ask_wait_leader(cluster), "detail", "forbidden"));
    cluster_finish(cluster);
}

static const struct cluster_settings chaos_settings = {.api_over_chaos = true};

static void test_an_unreachable_api_is_explained_and_then_used(void **state)
{
    struct cluster *cluster = *state;
    chaos_set(&cluster->chaos, "{\"refuse\":true}");
    for (size_t i = 0; i < CLUSTER_NODE_COUNT; i++)
        WAIT_UNTIL(node_logged(cluster, i, "route_request kind=read") ||
                   node_logged(cluster, i, "kind=cannot-act"));
    make_primary_fail(cluster);
    WAIT_UNTIL(ask_explains(cluster, ask_wait_leader(cluster), "detail", "route-unread"));
    assert_int_equal(ask_requests(cluster, "PATCH", PLAN_PATH), 0);
    chaos_set(&cluster->chaos, "{\"refuse\":false}");
    wait_for_the_end(cluster);
    assert_int_equal(ask_effective(cluster, NULL), 1);
    cluster_finish(cluster);
}

#define WITH(test, settings)                                                                \
    cmocka_unit_test_prestate_setup_teardown(test, cluster_setup_started, cluster_teardown, \
                                             (void *)(uintptr_t)(settings))

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH(test_expired_tokens_cost_one_replay, NULL),
        WITH(test_a_conflict_is_read_again_and_gets_a_new_attempt, NULL),
        WITH(test_a_foreign_edit_is_not_overwritten, NULL),
        WITH(test_too_many_requests_are_waited_for, NULL),
        WITH(test_a_server_error_is_tried_again, NULL),
        WITH(test_a_missing_permission_blocks_and_says_so, NULL),
        WITH(test_an_unreachable_api_is_explained_and_then_used, &chaos_settings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
