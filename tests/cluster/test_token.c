/* Refresh tokens on real nodes: one chain for all, exchanged by leaders, sealed in the ledger. */
#include "tests/cluster/ask.h"
#include "tests/lab/test/assert.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REFRESH_OPTION "--refresh=" CLUSTER_REFRESH_SEED
#define LONG_TIMING                                                                           \
    "{election: 600ms, heartbeat: 60ms, timer_late: 250ms,"                                   \
    " actuator: {deadline: 1s, proof: 1s, token_fresh: 60s}, reference_inflation: {minimum: " \
    "250ms}}"
#define SHORT_FRESH                                                                          \
    "{election: 600ms, heartbeat: 60ms, timer_late: 250ms,"                                  \
    " actuator: {deadline: 1s, proof: 1s, token_fresh: 1s}, reference_inflation: {minimum: " \
    "250ms}}"
#define ON_TOKEN "\"match\":{\"method\":\"POST\",\"path\":\"/oauth\",\"count\":1}}"
#define ON_TOKENS "\"match\":{\"method\":\"POST\",\"path\":\"/oauth\",\"count\":-1}}"

static const struct cluster_settings plain_settings = {
    .grant = "grant: refresh_token", .sim_option = REFRESH_OPTION, .timing = LONG_TIMING};
static const struct cluster_settings short_settings = {.grant = "grant: refresh_token",
                                                       .sim_option = REFRESH_OPTION,
                                                       .sim_option_2 = "--token-life=5s",
                                                       .timing = LONG_TIMING};
static const struct cluster_settings fresh_settings = {.grant = "grant: refresh_token",
                                                       .sim_option = REFRESH_OPTION,
                                                       .drain = "{slow: 4s, down: 4s, planned: 0s}",
                                                       .timing = SHORT_FRESH};
static const struct cluster_settings fallback_settings = {
    .grant = "grant: refresh_token, fallback: {client_id: demo-client,"
             " client_secret: {env: QUORATE_TEST_FALLBACK}}",
    .sim_option = REFRESH_OPTION,
    .sim_option_2 = "--token-life=8s",
    .timing = LONG_TIMING};

/* Token requests of a grant that gave a token (`ok`), or did not. */
static int token_requests(const struct cluster *cluster, const char *grant, bool ok)
{
    cJSON *journal = client_json(cluster->sim.port, "GET", "/sim/journal", NULL, 200);
    const cJSON *line;
    int count = 0;
    cJSON_ArrayForEach(line, journal)
    {
        const char *word = cJSON_GetStringValue(cJSON_GetObjectItem(line, "grant"));
        count += word != NULL && strcmp(word, grant) == 0 && client_truth(line, "token_ok") == ok;
    }
    cJSON_Delete(journal);
    return count;
}

/* The fixture's own mint is the first one of client credentials. */
static int own_mints(const struct cluster *cluster)
{
    return token_requests(cluster, "client_credentials", true) - 1;
}

static double token_number(const struct cluster *cluster, size_t place, const char *key)
{
    cJSON *status = ask_get(cluster, place, "/v1/status");
    const cJSON *row = cJSON_GetArrayItem(cJSON_GetObjectItem(status, "tokens"), 0);
    double number = row == NULL ? -1 : client_number(row, key);
    cJSON_Delete(status);
    return number;
}

static bool is_locked_out(const struct cluster *cluster, size_t place)
{
    cJSON *status = ask_get(cluster, place, "/v1/status");
    const cJSON *row = cJSON_GetArrayItem(cJSON_GetObjectItem(status, "tokens"), 0);
    bool locked_out = row != NULL && client_truth(row, "locked_out");
    cJSON_Delete(status);
    return locked_out;
}

static bool all_locked_out(const struct cluster *cluster)
{
    for (size_t i = 0; i < CLUSTER_NODE_COUNT; i++)
        if (node_is_running(cluster, i) && !is_locked_out(cluster, i))
            return false;
    return true;
}

static int times_logged(const struct cluster *cluster, const char *text)
{
    int count = 0;
    for (size_t i = 0; i < CLUSTER_NODE_COUNT; i++)
        count += node_log_count(cluster, i, text);
    return count;
}

static bool can_act(const struct cluster *cluster, size_t place)
{
    cJSON *status = ask_get(cluster, place, "/v1/status");
    bool ok = client_truth(cJSON_GetObjectItem(status, "proof"), "ok");
    cJSON_Delete(status);
    return ok;
}

static bool all_can_act(const struct cluster *cluster)
{
    for (size_t i = 0; i < CLUSTER_NODE_COUNT; i++)
        if (node_is_running(cluster, i) && !can_act(cluster, i))
            return false;
    return true;
}

/* Requests of plan-1 that were let in with the token of the hash, after a journal line. */
static int reads_with(const struct cluster *cluster, const char *token)
{
    cJSON *journal = client_json(cluster->sim.port, "GET", "/sim/journal", NULL, 200);
    const cJSON *line;
    int count = 0;
    cJSON_ArrayForEach(line, journal)
    {
        const char *used = cJSON_GetStringValue(cJSON_GetObjectItem(line, "token"));
        count += strcmp(client_text(line, "method"), "GET") == 0 && used != NULL &&
                 strcmp(used, token) == 0;
    }
    cJSON_Delete(journal);
    return count;
}

/* The hash of the token that the `nth` (from 0) exchange gave; "" where there was none. */
static void exchanged_token(const struct cluster *cluster, int nth, char *ret_hash, size_t size)
{
    cJSON *journal = client_json(cluster->sim.port, "GET", "/sim/journal", NULL, 200);
    const cJSON *line;
    ret_hash[0] = '\0';
    cJSON_ArrayForEach(line, journal)
    {
        const char *grant = cJSON_GetStringValue(cJSON_GetObjectItem(line, "grant"));
        if (grant == NULL || strcmp(grant, "refresh_token") != 0 ||
            !client_truth(line, "token_ok") || nth-- != 0)
            continue;
        (void)snprintf(ret_hash, size, "%s", client_text(line, "token"));
    }
    cJSON_Delete(journal);
}

static void make_primary_fail(const struct cluster *cluster)
{
    bot_mode(&cluster->primary, "{\"mode\":\"error500\"}");
}

/* Older than fresh_settings' token_fresh. Only the leader knows the time that no entry carried. */
static void wait_for_an_old_token(const struct cluster *cluster)
{
    WAIT_UNTIL(token_number(cluster, ask_wait_leader(cluster), "age_ms") > 1500);
}

static void wait_for_the_move(const struct cluster *cluster)
{
    WAIT_UNTIL(ask_all_say(cluster, "serving", "standby"));
    WAIT_UNTIL(ask_move_is(cluster, ask_wait_leader(cluster), "DONE"));
    assert_int_equal(ask_effective(cluster, "standby"), 1);
}

static void test_all_nodes_read_with_the_one_token_of_the_leader(void **state)
{
    struct cluster *cluster = *state;
    char hash[16];
    WAIT_UNTIL(all_can_act(cluster));
    exchanged_token(cluster, 0, hash, sizeof hash);
    WAIT_UNTIL(reads_with(cluster, hash) >= 3 * CLUSTER_NODE_COUNT);
    assert_int_equal(token_requests(cluster, "refresh_token", true), 1);
    assert_int_equal(token_requests(cluster, "refresh_token", false), 0);
    assert_int_equal(own_mints(cluster), 0);
    for (size_t i = 0; i < CLUSTER_NODE_COUNT; i++) {
        assert_true(node_logged(cluster, i, " token_taken "));
        assert_int_equal((int)token_number(cluster, i, "generation"), 1);
    }
    assert_int_equal(times_logged(cluster, " token_exchange "), 1);
    cluster_finish(cluster);
}

static void test_tokens_rotate_before_they_expire_under_changing_leaders(void **state)
{
    struct cluster *cluster = *state;
    WAIT_UNTIL(token_number(cluster, 0, "generation") >= 2);
    size_t leader = ask_wait_leader(cluster);
    node_stop(cluster, leader);
    size_t other = ask_wait_leader(cluster);
    double before = token_number(cluster, other, "generation");
    WAIT_UNTIL(token_number(cluster, other, "generation") >= before + 2);
    node_start_and_wait(cluster, leader);
    WAIT_UNTIL(all_can_act(cluster));
    assert_int_equal(times_logged(cluster, " token_expired "), 0);
    assert_int_equal(token_requests(cluster, "refresh_token", false), 0);
    assert_int_equal(own_mints(cluster), 0);
    WAIT_UNTIL(ask_ledgers_equal(cluster));
    cluster_finish(cluster);
}

static void test_a_token_rotates_while_a_move_is_open(void **state)
{
    struct cluster *cluster = *state;
    WAIT_UNTIL(all_can_act(cluster));
    wait_for_an_old_token(cluster);
    int before = token_requests(cluster, "refresh_token", true);
    make_primary_fail(cluster);
    wait_for_the_move(cluster);
    assert_true(token_requests(cluster, "refresh_token", true) > before);
    char first[16];
    cJSON *patch = ask_patch(cluster, 1); /* the switch, after the pause */
    exchanged_token(cluster, 0, first, sizeof first);
    assert_string_not_equal(client_text(patch, "token"), first);
    cJSON_Delete(patch);
    assert_int_equal(token_requests(cluster, "refresh_token", false), 0);
    cluster_finish(cluster);
}

static void test_a_leader_killed_before_the_commit_locks_out(void **state)
{
    struct cluster *cluster = *state;
    WAIT_UNTIL(all_can_act(cluster));
    int before = token_requests(cluster, "refresh_token", true);
    int mints = own_mints(cluster);
    /* rotated at once, answered too late for the leader's life */
    sim_fault(&cluster->sim, "{\"fault\":\"latency\",\"ms\":900," ON_TOKEN);
    WAIT_UNTIL(token_requests(cluster, "refresh_token", true) > before);
    node_kill(cluster, ask_wait_leader(cluster));
    WAIT_UNTIL(all_locked_out(cluster));
    assert_int_equal(token_requests(cluster, "refresh_token", false), 1);
    size_t leader = ask_wait_leader(cluster);
    assert_true(node_logged(cluster, leader, "kind=locked-out"));
    WAIT_UNTIL(own_mints(cluster) >= mints + 2); /* each node that is left mints for itself */
    WAIT_UNTIL(all_can_act(cluster));
    make_primary_fail(cluster);
    wait_for_the_move(cluster);
    assert_int_equal(token_requests(cluster, "refresh_token", false), 1);
    cluster_finish(cluster);
}

static void rewrite_seed(const struct cluster *cluster, const char *seed)
{
    char path[CLUSTER_PATH_SIZE + 16];
    char body[128];
    (void)snprintf(path, sizeof path, "%s/refresh", cluster->folder);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_true(fputs(seed, file) >= 0);
    assert_int_equal(fclose(file), 0);
    (void)snprintf(body, sizeof body, "{\"token\":\"%s\"}", seed);
    cJSON_Delete(client_json(cluster->sim.port, "POST", "/sim/refresh", body, 200));
}

static void test_a_lock_out_is_explained_and_a_new_seed_ends_it(void **state)
{
    struct cluster *cluster = *state;
    WAIT_UNTIL(all_can_act(cluster));
    cJSON_Delete(client_json(cluster->sim.port, "POST", "/sim/refresh/revoke", "", 200));
    cJSON_Delete(client_json(cluster->sim.port, "POST", "/sim/tokens/expire", "", 200));
    WAIT_UNTIL(all_locked_out(cluster));
    size_t leader = ask_wait_leader(cluster);
    cJSON *explain = ask_get(cluster, leader, "/v1/services/" CLUSTER_SERVICE "/explain");
    assert_true(client_truth(explain, "locked_out"));
    cJSON_Delete(explain);
    WAIT_UNTIL(!can_act(cluster, leader));
    assert_true(node_logged(cluster, leader, "platform=lab reason=refused_by_api"));
    rewrite_seed(cluster, "a-second-seed");
    for (size_t i = 0; i < CLUSTER_NODE_COUNT; i++) {
        node_stop(cluster, i);
        node_start_and_wait(cluster, i);
    }
    WAIT_UNTIL(!is_locked_out(cluster, ask_wait_leader(cluster)));
    WAIT_UNTIL(all_can_act(cluster));
    cluster_finish(cluster);
}

static void test_an_outage_of_the_token_endpoint_does_not_stop_a_move(void **state)
{
    struct cluster *cluster = *state;
    WAIT_UNTIL(all_can_act(cluster));
    wait_for_an_old_token(cluster); /* an inquiry wants a fresh one */
    sim_fault(&cluster->sim, "{\"fault\":\"status\",\"status\":503," ON_TOKENS);
    make_primary_fail(cluster);
    wait_for_the_move(cluster);
    size_t leader = ask_wait_leader(cluster);
    assert_true(node_logged(cluster, leader, " auth_unreachable "));
    assert_true(node_logged(cluster, leader, " token_fallback "));
    assert_int_equal(times_logged(cluster, " api_unreachable "), 0);
    assert_int_equal(times_logged(cluster, " api_error "), 0);
    assert_int_equal(times_logged(cluster, " token_expired "), 0);
    assert_false(is_locked_out(cluster, leader));
    cluster_finish(cluster);
}

static void test_an_outage_of_the_api_is_another_class(void **state)
{
    struct cluster *cluster = *state;
    WAIT_UNTIL(all_can_act(cluster));
    sim_fault(&cluster->sim, "{\"fault\":\"status\",\"status\":503,"
                             "\"match\":{\"path\":\"/api\",\"count\":-1}}");
    for (size_t i = 0; i < CLUSTER_NODE_COUNT; i++)
        WAIT_UNTIL(node_logged(cluster, i, "platform=lab status=503"));
    cJSON_Delete(client_json(cluster->sim.port, "DELETE", "/sim/faults", NULL, 200));
    for (size_t i = 0; i < CLUSTER_NODE_COUNT; i++)
        WAIT_UNTIL(node_logged(cluster, i, "platform=lab was=api_error"));
    assert_int_equal(times_logged(cluster, " auth_"), 0);
    assert_int_equal(times_logged(cluster, " token_expired "), 0);
    struct client_reply reply = {0};
    ask_send(cluster, 0, "GET", "/metrics", ASK_READ, NULL, &reply);
    assert_non_null(strstr(reply.body, "quorate_auth_refused_total{platform=\"lab\"} 0\n"));
    assert_null(strstr(reply.body, "quorate_api_error_total{platform=\"lab\"} 0\n"));
    client_reply_free(&reply);
    cluster_finish(cluster);
}

/* What must not stand in any file of the nodes. */
struct hunt {
    char secrets[64][160];
    size_t count;
    int files;
    char found[512];
};

static struct hunt hunt; /* nftw gives its callback nothing else */

static int hunt_file(const char *path, const struct stat *info, int kind, struct FTW *ftw)
{
    static const char *const own[] = {"refresh", "seal", "secret", "read", "write"};
    (void)ftw;
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        if (strcmp(strrchr(path, '/') + 1, own[i]) == 0)
            return 0;
    if (kind != FTW_F || info->st_size == 0)
        return 0;
    char *bytes = malloc((size_t)info->st_size);
    FILE *file = fopen(path, "re");
    assert_non_null(bytes);
    assert_non_null(file);
    size_t length = fread(bytes, 1, (size_t)info->st_size, file);
    (void)fclose(file);
    hunt.files++;
    for (size_t i = 0; i < hunt.count; i++)
        if (memmem(bytes, length, hunt.secrets[i], strlen(hunt.secrets[i])) != NULL)
            (void)snprintf(hunt.found, sizeof hunt.found, "%s in %s", hunt.secrets[i], path);
    free(bytes);
    return 0;
}

static void hunt_add(const char *secret)
{
    (void)snprintf(hunt.secrets[hunt.count++], sizeof hunt.secrets[0], "%s", secret);
}

/* The simulator lists what it gave out, so that the test knows what to look for. */
static void hunt_add_given(const struct cluster *cluster)
{
    cJSON *given = client_json(cluster->sim.port, "GET", "/sim/tokens", NULL, 200);
    const cJSON *one;
    assert_true(cJSON_GetArraySize(given) >= 2);
    cJSON_ArrayForEach(one, given)
    {
        if (hunt.count < sizeof hunt.secrets / sizeof hunt.secrets[0])
            hunt_add(cJSON_GetStringValue(one));
    }
    cJSON_Delete(given);
}

static void test_no_secret_is_ever_written_or_shown(void **state)
{
    static const char *const pages[] = {"/v1/status", "/metrics",
                                        "/v1/services/" CLUSTER_SERVICE "/explain"};
    struct cluster *cluster = *state;
    WAIT_UNTIL(token_number(cluster, 0, "generation") >= 3);
    WAIT_UNTIL(all_can_act(cluster));
    hunt = (struct hunt){.count = 0};
    hunt_add(CLUSTER_REFRESH_SEED);
    hunt_add("demo-secret");
    hunt_add_given(cluster);
    for (size_t i = 0; i < CLUSTER_NODE_COUNT; i++) {
        for (size_t page = 0; page < sizeof pages / sizeof pages[0]; page++) {
            struct client_reply reply = {0};
            ask_send(cluster, i, "GET", pages[page], ASK_READ, NULL, &reply);
            for (size_t secret = 0; secret < hunt.count; secret++)
                assert_null(strstr(reply.body, hunt.secrets[secret]));
            client_reply_free(&reply);
        }
    }
    for (size_t i = 0; i < CLUSTER_NODE_COUNT; i++)
        node_stop(cluster, i);
    assert_int_equal(nftw(cluster->folder, hunt_file, 16, FTW_PHYS), 0);
    assert_string_equal(hunt.found, "");
    assert_true(hunt.files >= 4 * CLUSTER_NODE_COUNT);
    cluster_finish(cluster);
}

static int setup_fallback(void **state)
{
    assert_int_equal(setenv("QUORATE_TEST_FALLBACK", "demo-secret", 1), 0);
    return cluster_setup_started(state);
}

#define WITH(test, settings)                                                                \
    cmocka_unit_test_prestate_setup_teardown(test, cluster_setup_started, cluster_teardown, \
                                             (void *)(uintptr_t)(settings))

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH(test_all_nodes_read_with_the_one_token_of_the_leader, &plain_settings),
        WITH(test_tokens_rotate_before_they_expire_under_changing_leaders, &short_settings),
        WITH(test_a_token_rotates_while_a_move_is_open, &fresh_settings),
        cmocka_unit_test_prestate_setup_teardown(test_a_leader_killed_before_the_commit_locks_out,
                                                 setup_fallback, cluster_teardown,
                                                 (void *)(uintptr_t)&fallback_settings),
        WITH(test_a_lock_out_is_explained_and_a_new_seed_ends_it, &plain_settings),
        WITH(test_an_outage_of_the_token_endpoint_does_not_stop_a_move, &fresh_settings),
        WITH(test_an_outage_of_the_api_is_another_class, &plain_settings),
        WITH(test_no_secret_is_ever_written_or_shown, &short_settings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
