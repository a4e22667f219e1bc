#include "tests/cluster/ask.h"
#include "tests/lab/test/assert.h"

#include <string.h>

static void start_all(struct cluster *cluster)
{
    for (size_t i = 0; i < CLUSTER_NODE_COUNT; i++)
        node_start_and_wait(cluster, i);
}

static bool is_uninitialised(const struct cluster *cluster)
{
    for (size_t i = 0; i < CLUSTER_NODE_COUNT; i++) {
        cJSON *page = ask_get(cluster, i, "/v1/status");
        bool untouched = strcmp(client_text(page, "condition"), "uninitialised") == 0 &&
                         client_number(page, "term") == 0;
        cJSON_Delete(page);
        if (!untouched || ask_status_code(cluster, i, "/readyz") != 503)
            return false;
    }
    return ask_leader(cluster) < 0;
}

static void test_nobody_votes_before_init(void **state)
{
    struct cluster *cluster = *state;
    start_all(cluster);
    STAYS_FOR(is_uninitialised(cluster), 2000);
    cluster_finish(cluster);
}

static void test_init_names_the_node_that_does_not_answer(void **state)
{
    struct cluster *cluster = *state;
    node_start_and_wait(cluster, 0);
    node_start_and_wait(cluster, 1);
    cJSON *answer = ask_post(cluster, 0, "/v1/init", "{}", 503);
    const char *why = client_text(answer, "why");
    assert_non_null(strstr(why, cluster->nodes[2].name));
    assert_null(strstr(why, cluster->nodes[1].name));
    cJSON_Delete(answer);
    assert_int_equal(ask_leader(cluster), -1);
    cluster_finish(cluster);
}

static void test_init_makes_one_leader_and_is_refused_the_second_time(void **state)
{
    struct cluster *cluster = *state;
    start_all(cluster);
    time_ms start_ms = clock_boot_ms();
    ask_init(cluster, 1, 200);
    size_t leader = ask_wait_leader(cluster);
    assert_in_range(clock_boot_ms() - start_ms, 0, 8000);
    WAIT_UNTIL(ask_settled(cluster));
    for (size_t i = 0; i < CLUSTER_NODE_COUNT; i++)
        ask_init(cluster, i, 409);
    assert_int_equal(ask_leader(cluster), leader);
    cluster_finish(cluster);
}

/* Init was cut short on its way: whoever asks again gets one cluster, not two. */
static void test_init_can_be_repeated_after_it_failed(void **state)
{
    struct cluster *cluster = *state;
    node_start_and_wait(cluster, 0);
    ask_init(cluster, 0, 503);
    node_start_and_wait(cluster, 1);
    node_start_and_wait(cluster, 2);
    ask_init(cluster, 0, 200);
    WAIT_UNTIL(ask_settled(cluster));
    cluster_finish(cluster);
}

static void remember(const struct cluster *cluster, char id[64], double *ret_index)
{
    cJSON *page = ask_get(cluster, 0, "/v1/status");
    const cJSON *ledger = cJSON_GetObjectItemCaseSensitive(page, "ledger");
    (void)strncpy(id, client_text(page, "cluster_id"), 63);
    id[63] = '\0';
    *ret_index = client_number(ledger, "applied");
    cJSON_Delete(page);
}

static void test_a_restart_of_all_keeps_cluster_and_ledger(void **state)
{
    struct cluster *cluster = *state;
    char id[64];
    char id_after[64];
    double index;
    double index_after;
    ask_operate(cluster, 0, "hold", "{\"reason\":\"a night's work\",\"for\":\"1h\"}", 200);
    WAIT_UNTIL(ask_ledgers_equal(cluster));
    remember(cluster, id, &index);
    for (size_t i = 0; i < CLUSTER_NODE_COUNT; i++)
        node_stop(cluster, i);
    start_all(cluster);
    ask_wait_leader(cluster);
    WAIT_UNTIL(ask_settled(cluster));
    WAIT_UNTIL(ask_ledgers_equal(cluster));
    remember(cluster, id_after, &index_after);
    assert_string_equal(id, id_after);
    assert_true(index_after >= index);
    cJSON *page = ask_get(cluster, 1, "/v1/services/" CLUSTER_SERVICE);
    const cJSON *hold = cJSON_GetObjectItemCaseSensitive(page, "hold");
    assert_string_equal(client_text(hold, "reason"), "a night's work");
    cJSON_Delete(page);
    ask_init(cluster, 2, 409);
    cluster_finish(cluster);
}

#define OPENED(test) cmocka_unit_test_setup_teardown(test, cluster_setup_opened, cluster_teardown)
#define STARTED(test) cmocka_unit_test_setup_teardown(test, cluster_setup_started, cluster_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        OPENED(test_nobody_votes_before_init),
        OPENED(test_init_names_the_node_that_does_not_answer),
        OPENED(test_init_makes_one_leader_and_is_refused_the_second_time),
        OPENED(test_init_can_be_repeated_after_it_failed),
        STARTED(test_a_restart_of_all_keeps_cluster_and_ledger),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
