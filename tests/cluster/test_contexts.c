#include "tests/cluster/ask.h"
#include "tests/lab/test/assert.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define AS_WRITER "Authorization: Bearer " CLUSTER_CONTEXT_WRITE_TOKEN
#define AS_READER "Authorization: Bearer " CLUSTER_CONTEXT_READ_TOKEN

enum { PATH_SIZE = CLUSTER_PATH_SIZE + 32, NODES = CLUSTER_NODE_COUNT };

static const char body_7[] = "{\"seq\":7,\"step\":\"payment\",\"fields\":{\"account\":{\"value\":"
                             "\"12345678\",\"secret\":true},\"issue\":\"billing\",\"tries\":3,"
                             "\"known\":true},\"conversation\":\"c-1\"}";

/* Sends, demands the status (0: any) and gives the page, which the caller deletes. */
static cJSON *call(const struct cluster *cluster, size_t place, const char *method, const char *id,
                   const char *token, const char *body, long status)
{
    struct client_reply reply = {0};
    char path[256];
    (void)snprintf(path, sizeof path, "/v1/contexts/%s", id);
    ask_send(cluster, place, method, path, token, body, &reply);
    if (status != 0 && reply.status != status)
        fail_msg("%s %s: %ld, not %ld: %s", method, path, reply.status, status, reply.body);
    cJSON *page = cJSON_Parse(reply.body != NULL ? reply.body : "");
    client_reply_free(&reply);
    return page;
}

static void expect(const struct cluster *cluster, size_t place, const char *method, const char *id,
                   const char *token, const char *body, long status)
{
    cJSON_Delete(call(cluster, place, method, id, token, body, status));
}

static long status_of(const struct cluster *cluster, size_t place, const char *method,
                      const char *id, const char *token, const char *body)
{
    struct client_reply reply = {0};
    char path[256];
    (void)snprintf(path, sizeof path, "/v1/contexts/%s", id);
    ask_send(cluster, place, method, path, token, body, &reply);
    long status = reply.status;
    client_reply_free(&reply);
    return status;
}

static bool is_ready(const struct cluster *cluster, size_t place)
{
    cJSON *page = ask_get(cluster, place, "/v1/status");
    const cJSON *part = cJSON_GetObjectItemCaseSensitive(page, "contexts");
    bool ready = cJSON_IsObject(part) && strcmp(client_text(part, "state"), "ready") == 0;
    cJSON_Delete(page);
    return ready;
}

static void wait_ready(const struct cluster *cluster)
{
    for (size_t i = 0; i < cluster->node_count; i++)
        if (node_is_running(cluster, i))
            WAIT_UNTIL(is_ready(cluster, i));
}

static void put_number(const struct cluster *cluster, size_t place, int number, int seq)
{
    char id[32];
    char body[96];
    (void)snprintf(id, sizeof id, "n-%d", number);
    (void)snprintf(body, sizeof body, "{\"seq\":%d,\"fields\":{\"n\":\"%d-%d\"}}", seq, number,
                   seq);
    expect(cluster, place, "PUT", id, AS_WRITER, body, 200);
}

static bool has_number(const struct cluster *cluster, size_t place, int number, int seq)
{
    char id[32];
    char value[32];
    (void)snprintf(id, sizeof id, "n-%d", number);
    (void)snprintf(value, sizeof value, "%d-%d", number, seq);
    cJSON *page = call(cluster, place, "GET", id, AS_READER, NULL, 200);
    bool same = strcmp(client_text(cJSON_GetObjectItem(page, "fields"), "n"), value) == 0;
    cJSON_Delete(page);
    return same;
}

static void test_a_checkpoint_is_read_on_another_node(void **state)
{
    struct cluster *cluster = *state;
    wait_ready(cluster);
    cJSON *page = call(cluster, 0, "PUT", "anna", AS_WRITER, body_7, 200);
    assert_true(client_truth(page, "stored"));
    assert_true(client_number(page, "on_disk") >= 2);
    assert_int_equal((int)client_number(page, "of"), 3);
    cJSON_Delete(page);
    page = call(cluster, 1, "GET", "anna?has=account,colour", AS_READER, NULL, 200);
    const cJSON *fields = cJSON_GetObjectItem(page, "fields");
    assert_int_equal((int)client_number(page, "seq"), 7);
    assert_string_equal(client_text(page, "step"), "payment");
    assert_string_equal(client_text(page, "conversation"), "c-1");
    assert_string_equal(client_text(fields, "account"), "12345678");
    assert_string_equal(client_text(fields, "issue"), "billing");
    assert_int_equal((int)client_number(fields, "tries"), 3);
    assert_true(client_truth(fields, "known"));
    assert_true(client_number(page, "age_ms") < 10000);
    assert_true(client_truth(cJSON_GetObjectItem(page, "has"), "account"));
    assert_false(client_truth(cJSON_GetObjectItem(page, "has"), "colour"));
    cJSON_Delete(page);
    expect(cluster, 2, "GET", "nobody", AS_READER, NULL, 404);
    cluster_finish(cluster);
}

static void test_an_older_seq_is_told_so_and_a_repeat_is_taken(void **state)
{
    struct cluster *cluster = *state;
    wait_ready(cluster);
    expect(cluster, 0, "PUT", "ben", AS_WRITER, body_7, 200);
    cJSON *page = call(cluster, 1, "PUT", "ben", AS_WRITER, body_7, 200);
    assert_true(client_truth(page, "stored"));
    cJSON_Delete(page);
    expect(cluster, 2, "PUT", "ben", AS_WRITER, "{\"seq\":7,\"fields\":{\"a\":1}}", 409);
    page = call(cluster, 1, "PUT", "ben", AS_WRITER, "{\"seq\":6,\"fields\":{\"a\":1}}", 200);
    assert_false(client_truth(page, "stored"));
    assert_int_equal((int)client_number(page, "seq"), 7);
    cJSON_Delete(page);
    expect(cluster, 2, "DELETE", "ben", AS_WRITER, NULL, 200);
    expect(cluster, 0, "GET", "ben", AS_READER, NULL, 404);
    expect(cluster, 0, "DELETE", "ben", AS_WRITER, NULL, 404);
    page = call(cluster, 1, "PUT", "ben", AS_WRITER, body_7, 200);
    assert_false(client_truth(page, "stored"));
    cJSON_Delete(page);
    expect(cluster, 1, "PUT", "ben", AS_WRITER, "{\"seq\":8,\"fields\":{\"a\":1}}", 200);
    expect(cluster, 0, "GET", "ben", AS_READER, NULL, 200);
    cluster_finish(cluster);
}

/* Not in the file, its journal, or the log. */
static bool stands_in_files(const struct cluster *cluster, size_t place, const char *value)
{
    char command[2 * PATH_SIZE + 64];
    (void)snprintf(command, sizeof command, "grep -raq '%s' %s %s", value,
                   cluster->nodes[place].data, cluster->nodes[place].log);
    return system(command) == 0; /* NOLINT: a fixed command of a test */
}

static void test_secret_values_are_the_readers_alone(void **state)
{
    struct cluster *cluster = *state;
    wait_ready(cluster);
    expect(cluster, 0, "PUT", "cyd", AS_WRITER, body_7, 200);
    cJSON *page = call(cluster, 1, "GET", "cyd?has=account", AS_WRITER, NULL, 200);
    const cJSON *fields = cJSON_GetObjectItem(page, "fields");
    assert_null(cJSON_GetObjectItem(fields, "account"));
    assert_string_equal(client_text(fields, "issue"), "billing");
    assert_string_equal(
        cJSON_GetArrayItem(cJSON_GetObjectItem(page, "secret_fields"), 0)->valuestring, "account");
    assert_true(client_truth(cJSON_GetObjectItem(page, "has"), "account"));
    cJSON_Delete(page);
    expect(cluster, 0, "GET", "cyd", NULL, NULL, 401);
    expect(cluster, 0, "GET", "cyd", ASK_WRITE, NULL, 401);
    expect(cluster, 0, "PUT", "cyd", AS_READER, body_7, 403);
    expect(cluster, 0, "PUT", "cyd", NULL, body_7, 401);
    for (size_t i = 0; i < NODES; i++) {
        assert_true(stands_in_files(cluster, i, "cyd")); /* the search works */
        assert_false(stands_in_files(cluster, i, "12345678"));
        assert_false(stands_in_files(cluster, i, "billing"));
    }
    cluster_finish(cluster);
}

static void test_what_is_wrong_is_named(void **state)
{
    struct cluster *cluster = *state;
    static char large[70 * 1024];
    char value[512];
    wait_ready(cluster);
    (void)snprintf(value, sizeof value, "{\"seq\":1,\"fields\":{\"address\":\"%0257d\"}}", 7);
    cJSON *page = call(cluster, 0, "PUT", "dan", AS_WRITER, value, 413);
    assert_non_null(strstr(client_text(page, "why"), "address"));
    cJSON_Delete(page);
    page = call(cluster, 0, "PUT", "dan", AS_WRITER, "{\"seq\":1,\"feilds\":{}}", 400);
    assert_non_null(strstr(client_text(page, "why"), "fields"));
    cJSON_Delete(page);
    memset(large, ' ', sizeof large - 1);
    memcpy(large, "{\"seq\":1}", 9);
    expect(cluster, 0, "PUT", "dan", AS_WRITER, large, 413);
    expect(cluster, 0, "PATCH", "dan", AS_WRITER, "{}", 405);
    expect(cluster, 0, "POST", "dan", AS_WRITER,
           "{\"seq\":1,\"userProfile\":{\"fields\":[{\"id\":\"accountNumber\",\"value\":\"1\"},"
           "{\"id\":\"currentStep\",\"value\":\"payment_collection\"}]}}",
           200);
    page = call(cluster, 1, "GET", "dan", AS_READER, NULL, 200);
    assert_string_equal(client_text(page, "step"), "payment_collection");
    cJSON_Delete(page);
    cluster_finish(cluster);
}

static void test_the_leaders_death_costs_nothing(void **state)
{
    struct cluster *cluster = *state;
    wait_ready(cluster);
    size_t leader = ask_wait_leader(cluster);
    size_t other = (leader + 1) % NODES;
    size_t third = (leader + 2) % NODES;
    for (int i = 0; i < 20; i++)
        put_number(cluster, i % 2 == 0 ? leader : other, i, 1);
    node_kill(cluster, leader);
    for (int i = 0; i < 20; i++)
        put_number(cluster, third, i, 2); /* at once, without waiting for a new leader */
    for (int i = 0; i < 20; i++)
        assert_true(has_number(cluster, other, i, 2));
    node_start_and_wait(cluster, leader);
    WAIT_UNTIL(is_ready(cluster, leader));
    for (int i = 0; i < 20; i++)
        assert_true(has_number(cluster, leader, i, 2));
    WAIT_UNTIL(ask_settled(cluster));
    cluster_finish(cluster);
}

static void test_a_lost_database_learns_before_it_counts(void **state)
{
    struct cluster *cluster = *state;
    char path[PATH_SIZE];
    wait_ready(cluster);
    for (int i = 0; i < 50; i++)
        put_number(cluster, 0, i, 1);
    node_kill(cluster, 1);
    static const char *const names[] = {"contexts.db", "contexts.db-wal", "contexts.db-shm"};
    for (size_t i = 0; i < 3; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", cluster->nodes[1].data, names[i]);
        (void)unlink(path);
    }
    node_freeze(cluster, 2);
    node_start_and_wait(cluster, 1);
    /* One of the two others is not enough: what the lost disk acknowledged may be on the third. */
    STAYS_FOR(!is_ready(cluster, 1), 4000);
    cJSON *page = call(cluster, 1, "PUT", "late", AS_WRITER, body_7, 503);
    assert_string_equal(client_text(page, "code"), "new");
    cJSON_Delete(page);
    page = call(cluster, 0, "PUT", "late", AS_WRITER, body_7, 503);
    assert_string_equal(client_text(page, "code"), "no-quorum");
    cJSON_Delete(page);
    node_thaw(cluster, 2);
    WAIT_UNTIL(is_ready(cluster, 1));
    node_kill(cluster, 0);
    for (int i = 0; i < 50; i++)
        assert_true(has_number(cluster, 1, i, 1));
    node_start_and_wait(cluster, 0);
    WAIT_UNTIL(ask_settled(cluster));
    cluster_finish(cluster);
}

static void test_without_a_majority_nothing_is_acknowledged(void **state)
{
    struct cluster *cluster = *state;
    struct client_reply reply = {0};
    char seconds[16];
    wait_ready(cluster);
    node_kill(cluster, 1);
    node_kill(cluster, 2);
    ask_send(cluster, 0, "PUT", "/v1/contexts/eve", AS_WRITER, body_7, &reply);
    assert_int_equal(reply.status, 503);
    assert_string_equal(client_header(&reply, "Retry-After", seconds, sizeof seconds), "1");
    client_reply_free(&reply);
    node_start_and_wait(cluster, 1);
    WAIT_UNTIL(status_of(cluster, 0, "PUT", "eve", AS_WRITER, body_7) == 200);
    node_start_and_wait(cluster, 2);
    WAIT_UNTIL(ask_settled(cluster));
    cluster_finish(cluster);
}

static void test_over_a_cap_new_ones_are_refused_and_known_ones_go_on(void **state)
{
    struct cluster *cluster = *state;
    struct client_reply reply = {0};
    char seconds[16];
    wait_ready(cluster);
    for (int i = 0; i < 5; i++)
        put_number(cluster, 0, i, 1);
    ask_send(cluster, 1, "PUT", "/v1/contexts/one-more", AS_WRITER, body_7, &reply);
    assert_int_equal(reply.status, 503);
    assert_string_equal(client_header(&reply, "Retry-After", seconds, sizeof seconds), "30");
    client_reply_free(&reply);
    for (int i = 0; i < 5; i++)
        put_number(cluster, 2, i, 2);
    for (int i = 0; i < 5; i++)
        assert_true(has_number(cluster, 1, i, 2));
    /* Their time passes, and there is room again. */
    WAIT_UNTIL(status_of(cluster, 0, "GET", "n-0", AS_READER, NULL) == 404);
    WAIT_UNTIL(status_of(cluster, 1, "PUT", "one-more", AS_WRITER, body_7) == 200);
    cluster_finish(cluster);
}

static void test_the_ledger_carries_none_of_it(void **state)
{
    struct cluster *cluster = *state;
    wait_ready(cluster);
    WAIT_UNTIL(ask_ledgers_equal(cluster));
    double before = ask_count(cluster, 0, "ledger", "last");
    for (int i = 0; i < 100; i++)
        put_number(cluster, (size_t)i % NODES, i, 1);
    /* Readings and ticks of the cluster go on; a hundred checkpoints are none of them. */
    assert_true(ask_count(cluster, 0, "ledger", "last") < before + 50);
    assert_int_equal((int)ask_count(cluster, 0, "contexts", "held"), 100);
    cluster_finish(cluster);
}

static void test_a_cut_off_node_refuses_and_catches_up(void **state)
{
    struct cluster *cluster = cluster_of_networked(state);
    wait_ready(cluster);
    put_number(cluster, 0, 1, 1);
    network_partition(&cluster->network, 1U << 2);
    cJSON *page = call(cluster, 2, "PUT", "n-2", AS_WRITER, body_7, 503);
    assert_string_equal(client_text(page, "code"), "no-quorum");
    cJSON_Delete(page);
    expect(cluster, 2, "GET", "n-1", AS_READER, NULL, 503);
    for (int i = 1; i < 20; i++)
        put_number(cluster, 0, i, 2);
    assert_true(has_number(cluster, 1, 1, 2));
    network_heal(&cluster->network);
    WAIT_UNTIL(status_of(cluster, 2, "GET", "n-1", AS_READER, NULL) == 200);
    assert_true(has_number(cluster, 2, 1, 2));
    WAIT_UNTIL(ask_count(cluster, 2, "contexts", "held") >= 19); /* by its own repair */
    WAIT_UNTIL(ask_settled(cluster));
    cluster_finish(cluster);
}

static struct cluster_settings embedded = {.contexts = "store: embedded"};
static struct cluster_settings small = {.contexts =
                                            "store: embedded, ttl: 4s, count_max: 5, patience: 1s"};
static struct cluster_settings impatient = {.contexts = "store: embedded, patience: 800ms"};
static struct cluster_settings networked = {.contexts = "store: embedded, patience: 1s",
                                            .networked = true};

#define ON(test, setup, settings) \
    cmocka_unit_test_prestate_setup_teardown(test, setup, cluster_teardown, settings)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON(test_a_checkpoint_is_read_on_another_node, cluster_setup_started, &embedded),
        ON(test_an_older_seq_is_told_so_and_a_repeat_is_taken, cluster_setup_started, &embedded),
        ON(test_secret_values_are_the_readers_alone, cluster_setup_started, &embedded),
        ON(test_what_is_wrong_is_named, cluster_setup_started, &embedded),
        ON(test_the_leaders_death_costs_nothing, cluster_setup_started, &embedded),
        ON(test_a_lost_database_learns_before_it_counts, cluster_setup_started, &impatient),
        ON(test_without_a_majority_nothing_is_acknowledged, cluster_setup_started, &impatient),
        ON(test_over_a_cap_new_ones_are_refused_and_known_ones_go_on, cluster_setup_started,
           &small),
        ON(test_the_ledger_carries_none_of_it, cluster_setup_started, &embedded),
        ON(test_a_cut_off_node_refuses_and_catches_up, cluster_setup_networked, &networked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
