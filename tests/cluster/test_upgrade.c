/* A roll-out, node by node: QUORATE_PREVIOUS in the environment names the older program, else it is
 * this build held to the wire level before the newest. */
#include "tests/cluster/ask.h"
#include "tests/lab/test/assert.h"

#include <stdlib.h>
#include <string.h>

#include "proto/level.h"

static const char *previous_program(void)
{
    const char *named = getenv("QUORATE_PREVIOUS");
    return named != NULL ? named : QUORATE_PREVIOUS;
}

static void start_previous(struct cluster *cluster, size_t place)
{
    cluster->nodes[place].program = previous_program();
    node_start_and_wait(cluster, place);
}

static void start_all_previous(struct cluster *cluster)
{
    for (size_t i = 0; i < CLUSTER_NODE_COUNT; i++)
        start_previous(cluster, i);
    ask_init(cluster, 0, 200);
    ask_wait_leader(cluster);
    WAIT_UNTIL(ask_settled(cluster));
}

static void upgrade(struct cluster *cluster, size_t place)
{
    node_stop(cluster, place);
    cluster->nodes[place].program = NULL;
    node_start_and_wait(cluster, place);
    ask_wait_leader(cluster);
    WAIT_UNTIL(ask_settled(cluster));
}

static bool all_ledgers_speak(const struct cluster *cluster, double level)
{
    for (size_t i = 0; i < CLUSTER_NODE_COUNT; i++)
        if (node_is_running(cluster, i) && ask_count(cluster, i, "ledger", "level") != level)
            return false;
    return true;
}

static void wait_until_serving(const struct cluster *cluster, const char *side)
{
    WAIT_UNTIL(ask_all_say(cluster, "serving", side));
    WAIT_UNTIL(ask_move_is(cluster, ask_wait_leader(cluster), "DONE"));
    WAIT_UNTIL(ask_ledgers_equal(cluster));
}

static void test_a_roll_out_moves_once_and_ends_in_the_newest_level(void **state)
{
    struct cluster *cluster = *state;
    start_all_previous(cluster);
    upgrade(cluster, 0);
    upgrade(cluster, 1);
    bot_mode(&cluster->primary, "{\"mode\":\"error500\"}");
    wait_until_serving(cluster, "standby");
    assert_int_equal(ask_effective(cluster, NULL), 1);
    assert_true(ask_count(cluster, 0, "ledger", "level") < PROTO_LEVEL_NEWEST);
    upgrade(cluster, 2);
    WAIT_UNTIL(all_ledgers_speak(cluster, PROTO_LEVEL_NEWEST));
    bot_mode(&cluster->primary, "{\"mode\":\"healthy\"}");
    ask_operate(cluster, 0, "failback", "{\"reason\":\"upgraded\"}", 202);
    wait_until_serving(cluster, "primary");
    assert_int_equal(ask_effective(cluster, NULL), 2);
    cluster_finish(cluster);
}

static void test_a_build_that_is_too_old_says_so_and_changes_nothing(void **state)
{
    struct cluster *cluster = *state;
    for (size_t i = 0; i < CLUSTER_NODE_COUNT; i++)
        node_start_and_wait(cluster, i);
    ask_init(cluster, 0, 200);
    WAIT_UNTIL(all_ledgers_speak(cluster, PROTO_LEVEL_NEWEST));
    WAIT_UNTIL(ask_settled(cluster));
    node_stop(cluster, 2);
    cluster->nodes[2].program = previous_program();
    node_start(cluster, 2);
    WAIT_UNTIL(node_logged(cluster, 2, "this build cannot read; update it"));
    bot_mode(&cluster->primary, "{\"mode\":\"error500\"}");
    WAIT_UNTIL(ask_service_is(cluster, ask_wait_leader(cluster), "serving", "standby"));
    assert_int_equal(ask_effective(cluster, NULL), 1);
    cluster->passed = true;
}

#define OPENED(test) \
    cmocka_unit_test_prestate_setup_teardown(test, cluster_setup_opened, cluster_teardown, NULL)

int main(void)
{
    const struct CMUnitTest tests[] = {
        OPENED(test_a_roll_out_moves_once_and_ends_in_the_newest_level),
        OPENED(test_a_build_that_is_too_old_says_so_and_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
