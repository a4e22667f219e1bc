#include "tests/cluster/ask.h"
#include "tests/lab/test/assert.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#define PLAN_PATH "/api/v2/routing/plans/plan-1"

static void test_a_node_without_quorum_shows_status_and_never_writes(void **state)
{
    struct cluster *cluster = *state;
    size_t survivor = ask_wait_leader(cluster);
    for (size_t i = 0; i < CLUSTER_NODE_COUNT; i++)
        if (i != survivor)
            node_kill(cluster, i);
    bot_mode(&cluster->primary, "{\"mode\":\"error500\"}");
    WAIT_UNTIL(ask_status_code(cluster, survivor, "/readyz") == 503);
    assert_int_equal(ask_leader(cluster), -1);
    ask_operate(cluster, survivor, "failover", "{\"reason\":\"try\"}", 503);
    STAYS_FOR(ask_status_code(cluster, survivor, "/v1/status") == 200, 2000);
    assert_int_equal(ask_requests(cluster, "PATCH", PLAN_PATH), 0);
    node_start_and_wait(cluster, (survivor + 1) % CLUSTER_NODE_COUNT);
    WAIT_UNTIL(ask_all_say(cluster, "serving", "standby"));
    WAIT_UNTIL(ask_move_is(cluster, survivor, "DONE"));
    assert_int_equal(ask_effective(cluster, NULL), 1);
    cluster_finish(cluster);
}

/* The stopped leader still believes in itself when it wakes up; its lease is over. */
static void test_a_leader_that_was_stopped_does_not_write_when_it_wakes(void **state)
{
    struct cluster *cluster = *state;
    size_t old = ask_wait_leader(cluster);
    size_t other = (old + 1) % CLUSTER_NODE_COUNT;
    size_t third = (old + 2) % CLUSTER_NODE_COUNT;
    double term = ask_count(cluster, old, NULL, "term");
    node_freeze(cluster, old);
    time_ms until_ms = clock_boot_ms() + 3000;
    bot_mode(&cluster->primary, "{\"mode\":\"error500\"}");
    ask_wait_leader(cluster);
    while (clock_boot_ms() < until_ms)
        (void)poll(NULL, 0, 20);
    node_thaw(cluster, old);
    WAIT_UNTIL(node_logged(cluster, old, "time_in_doubt"));
    WAIT_UNTIL(ask_all_say(cluster, "serving", "standby"));
    WAIT_UNTIL(ask_move_is(cluster, other, "DONE") && ask_move_is(cluster, third, "DONE"));
    assert_int_equal(ask_effective(cluster, NULL), 1);
    cJSON *patch = ask_patch(cluster, 0);
    assert_true(client_number(patch, "term") > term);
    cJSON_Delete(patch);
    WAIT_UNTIL(ask_ledgers_equal(cluster));
    cluster_finish(cluster);
}

static void test_a_leader_that_is_asked_to_stop_hands_over(void **state)
{
    struct cluster *cluster = *state;
    size_t old = ask_wait_leader(cluster);
    time_ms start_ms = clock_boot_ms();
    node_stop(cluster, old);
    assert_int_not_equal(ask_wait_leader(cluster), old);
    assert_in_range(clock_boot_ms() - start_ms, 0, 3000);
    cluster_finish(cluster);
}

#define STARTED(test) cmocka_unit_test_setup_teardown(test, cluster_setup_started, cluster_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STARTED(test_a_node_without_quorum_shows_status_and_never_writes),
        STARTED(test_a_leader_that_was_stopped_does_not_write_when_it_wakes),
        STARTED(test_a_leader_that_is_asked_to_stop_hands_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
