/* The simulator's tokens, plans and journal, without faults. */
#include "tests/lab/test/assert.h"
#include "tests/lab/test/sim_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void mint_with(const struct sim *sim, const char *user, const char *body,
                      struct client_reply *ret_reply)
{
    struct client_request request = {
        .port = sim->port, .path = "/oauth/token", .user = user, .body = body};

    client_send(&request, ret_reply);
}

static void mint_is_refused(const struct sim *sim, const char *user, const char *body, long status,
                            const char *error)
{
    struct client_reply reply = {0};
    cJSON *json;

    mint_with(sim, user, body, &reply);
    assert_int_equal(reply.status, status);
    json = cJSON_Parse(reply.body);
    assert_string_equal(client_text(json, "error"), error);
    assert_string_equal(client_text(json, "description"), client_text(json, "error_description"));
    cJSON_Delete(json);
    client_reply_free(&reply);
}

static void error_is(const struct client_reply *reply, long status, const char *code)
{
    cJSON *json = cJSON_Parse(reply->body);
    char correlation[64];

    assert_int_equal(reply->status, status);
    assert_string_equal(client_text(json, "code"), code);
    assert_int_equal((long)client_number(json, "status"), status);
    assert_true(strlen(client_text(json, "message")) > 0);
    assert_string_equal(
        client_text(json, "contextId"),
        client_header(reply, "ININ-Correlation-Id", correlation, sizeof(correlation)));
    assert_true(cJSON_IsArray(cJSON_GetObjectItem(json, "details")));
    assert_true(cJSON_IsArray(cJSON_GetObjectItem(json, "errors")));
    cJSON_Delete(json);
}

static void a_good_client_gets_a_bearer_token(void **state)
{
    struct client_reply reply = {0};
    cJSON *json;

    mint_with(*state, "demo-client:demo-secret", "grant_type=client_credentials", &reply);
    assert_int_equal(reply.status, 200);
    json = cJSON_Parse(reply.body);
    assert_int_equal(strlen(client_text(json, "access_token")), 64);
    assert_string_equal(client_text(json, "token_type"), "bearer");
    assert_int_equal((int)client_number(json, "expires_in"), 7200);
    cJSON_Delete(json);
    client_reply_free(&reply);
}

static void a_bad_client_is_refused_in_the_words_of_oauth(void **state)
{
    const char *grant = "grant_type=client_credentials";

    mint_is_refused(*state, "demo-client:wrong", grant, 401, "invalid_client");
    mint_is_refused(*state, "nobody:demo-secret", grant, 400, "invalid_client");
    mint_is_refused(*state, NULL, grant, 400, "invalid_client");
    mint_is_refused(*state, "demo-client:demo-secret", "grant_type=password", 400,
                    "unsupported_grant_type");
}

static void a_client_of_the_command_line_may_mint(void **state)
{
    struct sim sim;
    struct client_reply reply = {0};

    (void)state;
    sim_start(&sim, "--client=second:a:b", NULL);
    mint_with(&sim, "second:a:b", "grant_type=client_credentials", &reply);
    assert_int_equal(reply.status, 200);
    client_reply_free(&reply);
    sim_stop(&sim);
}

static int plan_status_is(const struct sim *sim, long status, const char *code)
{
    struct client_reply reply = {0};
    int same;

    sim_get(sim, SIM_PLAN_1, &reply);
    same = reply.status == status;
    if (same && code != NULL)
        error_is(&reply, status, code);
    client_reply_free(&reply);
    return same;
}

static void a_token_dies_at_the_end_of_its_life(void **state)
{
    struct sim sim;

    (void)state;
    sim_start(&sim, "--token-life=1s", NULL);
    assert_true(plan_status_is(&sim, 200, NULL));
    ASSERT_SOON(plan_status_is(&sim, 401, "bad.credentials"));
    sim_mint(&sim);
    assert_true(plan_status_is(&sim, 200, NULL));
    sim_stop(&sim);
}

static void a_killed_token_and_none_have_different_codes(void **state)
{
    struct sim *sim = *state;
    cJSON *expired = client_json(sim->port, "POST", "/sim/tokens/expire", "", 200);

    assert_int_equal((int)client_number(expired, "expired"), 1);
    cJSON_Delete(expired);
    assert_true(plan_status_is(sim, 401, "bad.credentials"));
    sim->bearer[0] = '\0';
    assert_true(plan_status_is(sim, 401, "authentication.required"));
}

static void a_patch_replaces_the_entries_and_counts_the_version(void **state)
{
    struct client_reply reply = {0};
    cJSON *json;

    sim_patch(*state, SIM_PLAN_1, SIM_TO_STANDBY, 0, &reply);
    assert_int_equal(reply.status, 200);
    json = cJSON_Parse(reply.body);
    assert_int_equal((int)client_number(json, "version"), 2);
    assert_string_equal(client_text(json, "name"), "Customer Support Inbound");
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(json, "entries")), 2);
    cJSON_Delete(json);
    client_reply_free(&reply);
    assert_true(sim_state_is(*state, "standby"));
}

static void a_stale_version_conflicts_and_none_overwrites(void **state)
{
    struct client_reply reply = {0};

    sim_patch_wants(*state, SIM_TO_STANDBY, 200);
    sim_patch(*state, SIM_PLAN_1, SIM_TO_STANDBY, 0, &reply);
    error_is(&reply, 409, "general.conflict");
    client_reply_free(&reply);
    sim_patch_wants(*state, "{\"entries\":[]}", 200);
    assert_true(sim_state_is(*state, "paused"));
}

static void what_cannot_be_a_plan_is_refused(void **state)
{
    static const struct {
        const char *path;
        const char *body;
        long status;
        const char *code;
    } rows[] = {
        {SIM_PLAN_1, "{\"entries\":", 400, "bad.request"},
        {SIM_PLAN_1, "{} {}", 400, "bad.request"},
        {SIM_PLAN_1, "[]", 400, "bad.request"},
        {SIM_PLAN_1, "{\"version\":\"1\"}", 400, "invalid.value"},
        {SIM_PLAN_1, "{\"entries\":{}}", 400, "invalid.value"},
        {SIM_PLAN_1, "{\"entries\":[{\"priority\":1}]}", 400, "invalid.value"},
        {SIM_PLAN_1, "{\"entries\":[7]}", 400, "invalid.value"},
        {"/api/v2/routing/plans/plan-9", "{}", 404, "not.found"},
        {"/api/v2/other", "{}", 404, "not.found"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct client_reply reply = {0};

        sim_patch(*state, rows[i].path, rows[i].body, 0, &reply);
        error_is(&reply, rows[i].status, rows[i].code);
        client_reply_free(&reply);
    }
    assert_true(sim_state_is(*state, "primary"));
}

static void a_body_over_the_limit_is_refused(void **state)
{
    char *body = malloc(512002);
    struct client_reply reply = {0};

    assert_non_null(body);
    memset(body, ' ', 512001);
    body[512001] = '\0';
    sim_patch(*state, SIM_PLAN_1, body, 0, &reply);
    error_is(&reply, 413, "request.entity.too.large");
    client_reply_free(&reply);
    body[0] = '{';
    body[511999] = '}';
    body[512000] = '\0';
    sim_patch_wants(*state, body, 200);
    free(body);
}

static void another_content_type_is_refused(void **state)
{
    struct sim *sim = *state;
    struct client_request request = {.method = "PATCH",
                                     .port = sim->port,
                                     .path = SIM_PLAN_1,
                                     .headers = {sim->bearer},
                                     .body = SIM_TO_STANDBY};
    struct client_reply reply = {0};

    client_send(&request, &reply);
    error_is(&reply, 415, "unsupported.media.type");
    client_reply_free(&reply);
}

static void an_unversioned_plan_takes_any_version(void **state)
{
    struct sim sim;
    struct client_reply reply = {0};

    (void)state;
    sim_start(&sim, "--versioned=no", NULL);
    sim_patch_wants(&sim, "{\"version\":99,\"entries\":[]}", 200);
    sim_get(&sim, SIM_PLAN_1, &reply);
    assert_null(strstr(reply.body, "version"));
    assert_true(sim_state_is(&sim, "paused"));
    client_reply_free(&reply);
    sim_stop(&sim);
}

#define ENTRY(priority, active, id)                                                          \
    "{\"priority\":" #priority ",\"active\":" #active ",\"destination\":{\"type\":\"Flow\"," \
    "\"id\":\"" id "\"}}"

static void the_lowest_active_priority_decides_the_state(void **state)
{
    static const struct {
        const char *body;
        const char *state;
    } rows[] = {
        {"{\"entries\":[" ENTRY(50, true, "PRIMARY_FLOW_ID") "," ENTRY(10, true,
                                                                       "STANDBY_FLOW_ID") "]}",
         "standby"},
        {"{\"entries\":[" ENTRY(50, true, "PRIMARY_FLOW_ID") "," ENTRY(10, false,
                                                                       "STANDBY_FLOW_ID") "]}",
         "primary"},
        {"{\"entries\":[" ENTRY(50, false, "PRIMARY_FLOW_ID") "]}", "paused"},
        {"{\"entries\":[" ENTRY(1, true, "HOLD_FLOW_ID") "]}", "paused"},
        {"{\"entries\":[" ENTRY(1, true, "SOMEBODY") "]}", "foreign"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        sim_patch_wants(*state, rows[i].body, 200);
        assert_true(sim_state_is(*state, rows[i].state));
    }
}

static int read_shows(const struct sim *sim, const char *word)
{
    struct client_reply reply = {0};
    int shown;

    sim_get(sim, SIM_PLAN_1, &reply);
    shown = strstr(reply.body, word) != NULL;
    client_reply_free(&reply);
    return shown;
}

static void reads_lag_behind_by_the_propagation(void **state)
{
    struct sim sim;

    (void)state;
    sim_start(&sim, "--propagation=2s", NULL);
    sim_patch_wants(&sim, SIM_TO_STANDBY, 200);
    assert_true(sim_state_is(&sim, "standby"));
    assert_true(read_shows(&sim, "\"version\":1"));
    ASSERT_SOON(read_shows(&sim, "\"version\":2"));
    sim_stop(&sim);
}

static void a_human_edit_counts_the_version_and_is_journalled(void **state)
{
    struct sim *sim = *state;
    cJSON *line;

    cJSON_Delete(client_json(sim->port, "POST", "/sim/plans/plan-1", "{\"entries\":[]}", 200));
    cJSON_Delete(client_json(sim->port, "POST", "/sim/plans/plan-3", "{\"entries\":[]}", 404));
    cJSON_Delete(client_json(sim->port, "POST", "/sim/plans/plan-1", "{\"entires\":[]}", 400));
    line = sim_journal_last(sim);
    assert_string_equal(client_text(line, "method"), "HUMAN");
    assert_string_equal(client_text(line, "state_before"), "primary");
    assert_string_equal(client_text(line, "state_after"), "paused");
    assert_int_equal((int)client_number(line, "version_after"), 2);
    cJSON_Delete(line);
}

static void every_answer_carries_the_platforms_headers(void **state)
{
    struct client_reply reply = {0};
    char value[128];

    sim_get(*state, SIM_PLAN_1, &reply);
    assert_int_equal(strlen(client_header(&reply, "ININ-Correlation-Id", value, sizeof(value))),
                     36);
    assert_string_equal(client_header(&reply, "inin-ratelimit-count", value, sizeof(value)), "1");
    assert_string_equal(client_header(&reply, "inin-ratelimit-allowed", value, sizeof(value)),
                        "3000");
    assert_string_equal(client_header(&reply, "inin-ratelimit-reset", value, sizeof(value)), "60");
    assert_non_null(
        strstr(client_header(&reply, "Cache-Control", value, sizeof(value)), "no-cache"));
    client_reply_free(&reply);
}

static void a_token_over_its_rate_is_told_when_to_come_back(void **state)
{
    struct sim sim;
    struct client_reply reply = {0};
    char value[32];

    (void)state;
    sim_start(&sim, "--rate=2", NULL);
    assert_true(plan_status_is(&sim, 200, NULL));
    assert_true(plan_status_is(&sim, 200, NULL));
    sim_get(&sim, SIM_PLAN_1, &reply);
    error_is(&reply, 429, "too.many.requests.retry.after");
    assert_true(strtol(client_header(&reply, "Retry-After", value, sizeof(value)), NULL, 10) > 0);
    client_reply_free(&reply);
    sim_mint(&sim);
    assert_true(plan_status_is(&sim, 200, NULL));
    sim_stop(&sim);
}

static void the_journal_tells_a_patch_completely(void **state)
{
    cJSON *line;

    sim_patch_wants(*state, SIM_TO_STANDBY, 200);
    line = sim_journal_last(*state);
    assert_int_equal((int)client_number(line, "seq"), 2);
    assert_string_equal(client_text(line, "method"), "PATCH");
    assert_string_equal(client_text(line, "path"), SIM_PLAN_1);
    assert_string_equal(client_text(line, "plan"), "plan-1");
    assert_int_equal((int)client_number(line, "status"), 200);
    assert_string_equal(client_text(line, "key"), "support/1.switch.1");
    assert_int_equal((int)client_number(line, "term"), 7);
    assert_true(client_number(line, "peer_port") > 0);
    assert_true(client_truth(line, "token_ok"));
    assert_int_equal((int)client_number(line, "version_sent"), 1);
    assert_int_equal((int)client_number(line, "version_after"), 2);
    assert_string_equal(client_text(line, "state_before"), "primary");
    assert_string_equal(client_text(line, "state_after"), "standby");
    assert_true(client_truth(line, "applied"));
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(line, "fault")));
    assert_int_equal(strlen(client_text(line, "body_hash")), 16);
    assert_true(cJSON_IsObject(cJSON_GetObjectItem(line, "body")));
    assert_true(client_number(line, "wall_ms") > 1e12);
    assert_true(client_number(line, "mono_ms") <= (double)clock_boot_ms());
    cJSON_Delete(line);
}

static int file_line_count(const char *path)
{
    FILE *file = fopen(path, "re");
    int count = 0;
    int letter;

    assert_non_null(file);
    while ((letter = fgetc(file)) != EOF)
        count += letter == '\n';
    (void)fclose(file);
    return count;
}

static void the_line_is_in_the_file_before_the_answer(void **state)
{
    struct sim *sim = *state;

    for (int i = 0; i < 20; i++) {
        assert_int_equal(file_line_count(sim->journal), 1 + i);
        assert_true(plan_status_is(sim, 200, NULL));
    }
}

static void the_journal_goes_on_after_a_restart(void **state)
{
    struct sim *sim = *state;
    cJSON *line;

    sim_patch_wants(sim, SIM_TO_STANDBY, 200);
    assert_int_equal(process_stop(&sim->process, NULL), 0);
    sim_start_again(sim);
    line = sim_journal_last(sim);
    assert_int_equal((int)client_number(line, "seq"), 3);
    cJSON_Delete(line);
}

static void the_journal_answers_after_a_number(void **state)
{
    struct sim *sim = *state;
    cJSON *lines;

    assert_true(plan_status_is(sim, 200, NULL));
    lines = client_json(sim->port, "GET", "/sim/journal?after=1", NULL, 200);
    assert_int_equal(cJSON_GetArraySize(lines), 1);
    assert_int_equal((int)client_number(cJSON_GetArrayItem(lines, 0), "seq"), 2);
    cJSON_Delete(lines);
    lines = client_json(sim->port, "GET", "/sim/journal?after=2", NULL, 200);
    assert_int_equal(cJSON_GetArraySize(lines), 0);
    cJSON_Delete(lines);
}

#define SIM_TEST(test) cmocka_unit_test_setup_teardown(test, sim_setup, sim_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SIM_TEST(a_good_client_gets_a_bearer_token),
        SIM_TEST(a_bad_client_is_refused_in_the_words_of_oauth),
        cmocka_unit_test(a_client_of_the_command_line_may_mint),
        cmocka_unit_test(a_token_dies_at_the_end_of_its_life),
        SIM_TEST(a_killed_token_and_none_have_different_codes),
        SIM_TEST(a_patch_replaces_the_entries_and_counts_the_version),
        SIM_TEST(a_stale_version_conflicts_and_none_overwrites),
        SIM_TEST(what_cannot_be_a_plan_is_refused),
        SIM_TEST(a_body_over_the_limit_is_refused),
        SIM_TEST(another_content_type_is_refused),
        cmocka_unit_test(an_unversioned_plan_takes_any_version),
        SIM_TEST(the_lowest_active_priority_decides_the_state),
        cmocka_unit_test(reads_lag_behind_by_the_propagation),
        SIM_TEST(a_human_edit_counts_the_version_and_is_journalled),
        SIM_TEST(every_answer_carries_the_platforms_headers),
        cmocka_unit_test(a_token_over_its_rate_is_told_when_to_come_back),
        SIM_TEST(the_journal_tells_a_patch_completely),
        SIM_TEST(the_line_is_in_the_file_before_the_answer),
        SIM_TEST(the_journal_goes_on_after_a_restart),
        SIM_TEST(the_journal_answers_after_a_number),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
