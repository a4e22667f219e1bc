#include "tests/cluster/cluster.h"

#include "tests/cluster/ask.h"
#include "tests/cluster/load/failover.h"
#include "tests/lab/test/assert.h"

#include <stdio.h>
#include <stdlib.h>

enum { COMMAND_SIZE = 512 };

static const struct cluster_settings settings = {.contexts = "store: embedded"};

/* What the platform would do with deploy/genesys: templates filled in, the request sent, the answer
 * translated, and held against the contract. */
static void the_data_actions_work_against_a_node(void **state)
{
    const struct cluster *cluster = *state;
    char command[COMMAND_SIZE];
    for (size_t i = 0; i < cluster->node_count; i++)
        WAIT_UNTIL(failover_metric(cluster, i, "quorate_contexts_ready") >= 1);
    (void)snprintf(command, sizeof(command), "%s -B %s http://127.0.0.1:%u %s %s", QUORATE_PYTHON3,
                   QUORATE_CHECK_ACTIONS, (unsigned)cluster->nodes[1].api_port,
                   CLUSTER_CONTEXT_WRITE_TOKEN, CLUSTER_CONTEXT_READ_TOKEN);
    /* Of this build's own constants and numbers. */
    assert_int_equal(system(command), 0);
    cluster_finish(*state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate_setup_teardown(the_data_actions_work_against_a_node,
                                                 cluster_setup_started, cluster_teardown,
                                                 (void *)(uintptr_t)&settings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
