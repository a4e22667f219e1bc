#include "tests/cluster/ask.h"
#include "tests/lab/test/assert.h"

#include <stdio.h>
#include <string.h>

#define FAILOVER "/v1/services/" CLUSTER_SERVICE "/failover"
#define REASON "{\"reason\":\"a drill\"}"

static size_t follower_of(size_t leader)
{
    return (leader + 1) % CLUSTER_NODE_COUNT;
}

static void test_a_follower_passes_an_operators_request_on(void **state)
{
    struct cluster *cluster = *state;
    size_t follower = follower_of(ask_wait_leader(cluster));
    cJSON *answer = ask_post(cluster, follower, FAILOVER, REASON, 202);
    assert_true(client_number(answer, "move") >= 1);
    cJSON_Delete(answer);
    WAIT_UNTIL(ask_all_say(cluster, "serving", "standby"));
    WAIT_UNTIL(ask_move_is(cluster, follower, "DONE"));
    assert_int_equal(ask_effective(cluster, NULL), 1);
    ask_operate(cluster, follower, "failback", REASON, 202);
    WAIT_UNTIL(ask_all_say(cluster, "serving", "primary"));
    WAIT_UNTIL(sim_state_is(&cluster->sim, "primary"));
    cluster_finish(cluster);
}

static void test_a_request_that_is_sent_twice_counts_once(void **state)
{
    struct cluster *cluster = *state;
    static const char body[] = "{\"reason\":\"a drill\",\"request_id\":4711}";
    cJSON *first = ask_post(cluster, 0, FAILOVER, body, 202);
    double move = client_number(first, "move");
    cJSON_Delete(first);
    WAIT_UNTIL(ask_move_is(cluster, 0, "DONE"));
    cJSON *second = ask_post(cluster, 1, FAILOVER, body, 202);
    assert_true(client_number(second, "move") == move);
    cJSON_Delete(second);
    assert_int_equal(ask_effective(cluster, NULL), 1);
    cluster_finish(cluster);
}

static void test_a_hold_keeps_a_dead_primary_in_service(void **state)
{
    struct cluster *cluster = *state;
    ask_operate(cluster, 0, "hold", "{\"reason\":\"maintenance\",\"for\":\"1h\"}", 200);
    bot_mode(&cluster->primary, "{\"mode\":\"error500\"}");
    WAIT_UNTIL(ask_explains(cluster, ask_wait_leader(cluster), "detail", "on-hold"));
    STAYS_FOR(ask_effective(cluster, NULL) == 0, 2500);
    ask_operate(cluster, 2, "release", REASON, 200);
    WAIT_UNTIL(ask_all_say(cluster, "serving", "standby"));
    cluster_finish(cluster);
}

static long post_status(const struct cluster *cluster, const char *path, const char *header)
{
    struct client_reply reply = {0};
    ask_send(cluster, 0, "POST", path, header, REASON, &reply);
    long status = reply.status;
    client_reply_free(&reply);
    return status;
}

static void test_a_hold_of_all_is_every_services(void **state)
{
    struct cluster *cluster = *state;
    size_t leader = ask_wait_leader(cluster);
    size_t follower = (leader + 1) % CLUSTER_NODE_COUNT;
    WAIT_UNTIL(ask_count(cluster, leader, "ledger", "level") >= 2);
    cJSON_Delete(ask_post(cluster, follower, "/v1/hold", "{\"for\":\"1h\",\"reason\":\"x\"}", 200));
    bot_mode(&cluster->primary, "{\"mode\":\"error500\"}");
    WAIT_UNTIL(ask_explains(cluster, ask_wait_leader(cluster), "why", "fail-quorum"));
    assert_true(ask_explains(cluster, ask_wait_leader(cluster), "detail", "on-hold"));
    STAYS_FOR(ask_effective(cluster, NULL) == 0, 2000);
    WAIT_UNTIL(node_logged(cluster, ask_wait_leader(cluster), "kind=gated"));
    cJSON_Delete(ask_post(cluster, follower, "/v1/release", "{}", 200));
    WAIT_UNTIL(ask_all_say(cluster, "serving", "standby"));
    cluster_finish(cluster);
}

static void test_tokens_and_names_are_checked(void **state)
{
    struct cluster *cluster = *state;
    struct client_reply reply = {0};
    assert_int_equal(post_status(cluster, FAILOVER, NULL), 401);
    assert_int_equal(post_status(cluster, FAILOVER, "Authorization: Bearer guess"), 401);
    assert_int_equal(post_status(cluster, FAILOVER, ASK_READ), 403);
    assert_int_equal(post_status(cluster, "/v1/services/lime/hold", ASK_WRITE), 404);
    assert_int_equal(post_status(cluster, "/v1/init", NULL), 401);
    ask_send(cluster, 0, "GET", "/v1/status", NULL, NULL, &reply);
    assert_int_equal(reply.status, 401);
    client_reply_free(&reply);
    assert_int_equal(ask_effective(cluster, NULL), 0);
    for (size_t i = 0; i < CLUSTER_NODE_COUNT; i++) {
        assert_false(node_logged(cluster, i, CLUSTER_WRITE_TOKEN));
        assert_false(node_logged(cluster, i, CLUSTER_READ_TOKEN));
        assert_false(node_logged(cluster, i, "demo-secret"));
    }
    cluster_finish(cluster);
}

static const struct cluster_settings no_token_settings = {.no_tokens = true};

static void test_without_a_write_token_nothing_is_taken(void **state)
{
    struct cluster *cluster = *state;
    for (size_t i = 0; i < CLUSTER_NODE_COUNT; i++)
        node_start_and_wait(cluster, i);
    assert_int_equal(post_status(cluster, "/v1/init", ASK_WRITE), 403);
    cluster_finish(cluster);
}

#define STARTED(test) cmocka_unit_test_setup_teardown(test, cluster_setup_started, cluster_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STARTED(test_a_follower_passes_an_operators_request_on),
        STARTED(test_a_request_that_is_sent_twice_counts_once),
        STARTED(test_a_hold_keeps_a_dead_primary_in_service),
        STARTED(test_a_hold_of_all_is_every_services),
        STARTED(test_tokens_and_names_are_checked),
        cmocka_unit_test_prestate_setup_teardown(test_without_a_write_token_nothing_is_taken,
                                                 cluster_setup_opened, cluster_teardown,
                                                 (void *)(uintptr_t)&no_token_settings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
