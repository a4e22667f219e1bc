/* The simulator's faults, one by one. */
#include "tests/lab/test/assert.h"
#include "tests/lab/test/sim_fixture.h"

#include <string.h>
#include <unistd.h>

/* A PATCH that is answered with no word; its journal line tells what became of it. */
static void patch_is_unanswered(const struct sim *sim, const char *fault, int applied)
{
    struct client_reply reply = {0};
    cJSON *line;

    sim_patch(sim, SIM_PLAN_1, SIM_TO_STANDBY, 0, &reply);
    assert_int_equal(reply.code, CURLE_GOT_NOTHING);
    client_reply_free(&reply);
    line = sim_journal_last(sim);
    assert_int_equal((int)client_number(line, "status"), 0);
    assert_string_equal(client_text(line, "fault"), fault);
    assert_int_equal(client_truth(line, "applied"), applied);
    cJSON_Delete(line);
    assert_true(sim_state_is(sim, applied ? "standby" : "primary"));
}

static void patch_times_out(const struct sim *sim)
{
    struct client_reply reply = {0};

    sim_patch(sim, SIM_PLAN_1, SIM_TO_STANDBY, 200, &reply);
    assert_int_equal(reply.code, CURLE_OPERATION_TIMEDOUT);
    client_reply_free(&reply);
}

static void latency_applies_at_once_and_answers_late(void **state)
{
    struct client_reply reply = {0};

    sim_fault(*state, "{\"fault\":\"latency\",\"ms\":300,\"match\":{\"method\":\"GET\"}}");
    sim_get(*state, SIM_PLAN_1, &reply);
    assert_int_equal(reply.status, 200);
    assert_true(reply.total_ms >= 299);
    client_reply_free(&reply);
    sim_fault(*state, "{\"fault\":\"latency\",\"ms\":60000,\"match\":{\"method\":\"PATCH\"}}");
    patch_times_out(*state);
    assert_true(sim_state_is(*state, "standby"));
}

static void a_status_is_answered_with_its_code(void **state)
{
    static const struct {
        const char *json;
        long status;
        const char *code;
    } rows[] = {
        {"{\"fault\":\"status\",\"status\":401}", 401, "bad.credentials"},
        {"{\"fault\":\"status\",\"status\":403}", 403, "missing.any.permissions"},
        {"{\"fault\":\"status\",\"status\":404}", 404, "not.found"},
        {"{\"fault\":\"status\",\"status\":409}", 409, "general.conflict"},
        {"{\"fault\":\"status\",\"status\":500}", 500, "internal.server.error"},
        {"{\"fault\":\"status\",\"status\":502}", 502, "bad.gateway"},
        {"{\"fault\":\"status\",\"status\":503}", 503, "service.unavailable"},
        {"{\"fault\":\"status\",\"status\":504}", 504, "request.timeout"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct client_reply reply = {0};

        sim_fault(*state, rows[i].json);
        sim_patch(*state, SIM_PLAN_1, SIM_TO_STANDBY, 0, &reply);
        assert_int_equal(reply.status, rows[i].status);
        assert_non_null(strstr(reply.body, rows[i].code));
        client_reply_free(&reply);
    }
    assert_true(sim_state_is(*state, "primary"));
}

static void a_status_with_apply_has_an_unknown_outcome(void **state)
{
    sim_fault(*state, "{\"fault\":\"status\",\"status\":504,\"apply\":true}");
    sim_patch_wants(*state, SIM_TO_STANDBY, 504);
    assert_true(sim_state_is(*state, "standby"));
}

static void the_token_endpoint_can_fail_too(void **state)
{
    struct sim *sim = *state;
    struct client_request request = {.port = sim->port,
                                     .path = "/oauth/token",
                                     .user = "demo-client:demo-secret",
                                     .body = "grant_type=client_credentials"};
    struct client_reply reply = {0};

    sim_fault(sim, "{\"fault\":\"status\",\"status\":401,\"match\":{\"path\":\"/oauth\"}}");
    client_send(&request, &reply);
    assert_int_equal(reply.status, 401);
    assert_non_null(strstr(reply.body, "invalid_client"));
    client_reply_free(&reply);
}

static void a_rate_limit_says_how_long(void **state)
{
    struct client_reply reply = {0};
    char value[16];

    sim_fault(*state, "{\"fault\":\"rate-limit\",\"retry_after\":42}");
    sim_patch(*state, SIM_PLAN_1, SIM_TO_STANDBY, 0, &reply);
    assert_int_equal(reply.status, 429);
    assert_string_equal(client_header(&reply, "Retry-After", value, sizeof(value)), "42");
    assert_non_null(strstr(reply.body, "Retry the request in [42] seconds"));
    client_reply_free(&reply);
}

static void drop_before_changes_nothing(void **state)
{
    sim_fault(*state, "{\"fault\":\"drop-before\"}");
    patch_is_unanswered(*state, "drop-before", 0);
}

static void apply_then_drop_changes_without_a_word(void **state)
{
    sim_fault(*state, "{\"fault\":\"apply-then-drop\"}");
    patch_is_unanswered(*state, "apply-then-drop", 1);
}

static void hold_applies_after_the_client_left(void **state)
{
    cJSON *line;

    sim_fault(*state, "{\"fault\":\"hold-then-apply-late\",\"ms\":1500}");
    patch_times_out(*state);
    assert_true(sim_held_is(*state, 1));
    assert_true(sim_state_is(*state, "primary"));
    ASSERT_SOON(sim_state_is(*state, "standby"));
    assert_true(sim_held_is(*state, 0));
    line = sim_journal_last(*state);
    assert_true(client_truth(line, "applied"));
    assert_true(client_number(line, "done_ms") - client_number(line, "mono_ms") >= 1500);
    cJSON_Delete(line);
}

static void a_held_write_meets_the_version_of_its_late_day(void **state)
{
    struct sim *sim = *state;
    cJSON *line;

    sim_fault(sim, "{\"fault\":\"hold-then-apply-late\",\"ms\":1000}");
    patch_times_out(sim);
    cJSON_Delete(client_json(sim->port, "POST", "/sim/plans/plan-1", "{\"entries\":[]}", 200));
    ASSERT_SOON(sim_held_is(sim, 0));
    line = sim_journal_last(sim);
    assert_int_equal((int)client_number(line, "status"), 409);
    assert_false(client_truth(line, "applied"));
    cJSON_Delete(line);
    assert_true(sim_state_is(sim, "paused"));
}

static void a_held_write_keeps_the_token_of_its_arrival(void **state)
{
    struct sim *sim = *state;

    sim_fault(sim, "{\"fault\":\"hold-then-apply-late\",\"ms\":1000}");
    patch_times_out(sim);
    cJSON_Delete(client_json(sim->port, "POST", "/sim/tokens/expire", "", 200));
    ASSERT_SOON(sim_state_is(sim, "standby"));
}

static void token_expire_kills_before_the_request(void **state)
{
    sim_fault(*state, "{\"fault\":\"token-expire\"}");
    sim_patch_wants(*state, SIM_TO_STANDBY, 401);
    sim_patch_wants(*state, SIM_TO_STANDBY, 401);
    sim_mint(*state);
    sim_patch_wants(*state, SIM_TO_STANDBY, 200);
}

static void hang_never_answers_and_never_applies(void **state)
{
    sim_fault(*state, "{\"fault\":\"hang\"}");
    patch_times_out(*state);
    assert_true(sim_state_is(*state, "primary"));
    sim_patch_wants(*state, SIM_TO_STANDBY, 200);
}

static void faults_match_and_count_down(void **state)
{
    struct sim *sim = *state;
    struct client_reply reply = {0};
    cJSON *faults;

    sim_fault(sim, "{\"fault\":\"status\",\"status\":503,\"match\":"
                   "{\"method\":\"PATCH\",\"path\":\"/api/v2/routing\",\"count\":2}}");
    sim_get(sim, SIM_PLAN_1, &reply);
    assert_int_equal(reply.status, 200);
    client_reply_free(&reply);
    sim_patch_wants(sim, SIM_TO_STANDBY, 503);
    sim_patch_wants(sim, SIM_TO_STANDBY, 503);
    sim_patch_wants(sim, SIM_TO_STANDBY, 200);
    faults = client_json(sim->port, "GET", "/sim/faults", NULL, 200);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(faults, "faults")), 0);
    cJSON_Delete(faults);
}

static void an_endless_fault_ends_when_it_is_deleted(void **state)
{
    struct sim *sim = *state;

    sim_fault(sim, "{\"fault\":\"status\",\"match\":{\"count\":-1}}");
    for (int i = 0; i < 5; i++)
        sim_patch_wants(sim, SIM_TO_STANDBY, 500);
    cJSON_Delete(client_json(sim->port, "DELETE", "/sim/faults", NULL, 200));
    sim_patch_wants(sim, SIM_TO_STANDBY, 200);
}

static void a_fault_that_nobody_knows_is_refused(void **state)
{
    struct sim *sim = *state;
    cJSON *refusal =
        client_json(sim->port, "POST", "/sim/faults", "{\"fault\":\"apply-than-drop\"}", 400);

    assert_non_null(strstr(client_text(refusal, "error"), "apply-then-drop"));
    cJSON_Delete(refusal);
    cJSON_Delete(
        client_json(sim->port, "POST", "/sim/faults", "{\"fault\":\"hang\",\"mz\":1}", 400));
    cJSON_Delete(client_json(sim->port, "POST", "/sim/faults", "nonsense", 400));
}

static void a_stop_does_not_wait_for_held_requests(void **state)
{
    struct sim sim;
    time_ms took_ms = 0;

    (void)state;
    sim_start(&sim, NULL, NULL);
    sim_fault(&sim, "{\"fault\":\"hold-then-apply-late\",\"ms\":60000}");
    patch_times_out(&sim);
    assert_true(sim_held_is(&sim, 1));
    assert_int_equal(process_stop(&sim.process, &took_ms), 0);
    assert_true(took_ms < 1000);
    (void)unlink(sim.journal);
}

#define SIM_TEST(test) cmocka_unit_test_setup_teardown(test, sim_setup, sim_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SIM_TEST(latency_applies_at_once_and_answers_late),
        SIM_TEST(a_status_is_answered_with_its_code),
        SIM_TEST(a_status_with_apply_has_an_unknown_outcome),
        SIM_TEST(the_token_endpoint_can_fail_too),
        SIM_TEST(a_rate_limit_says_how_long),
        SIM_TEST(drop_before_changes_nothing),
        SIM_TEST(apply_then_drop_changes_without_a_word),
        SIM_TEST(hold_applies_after_the_client_left),
        SIM_TEST(a_held_write_meets_the_version_of_its_late_day),
        SIM_TEST(a_held_write_keeps_the_token_of_its_arrival),
        SIM_TEST(token_expire_kills_before_the_request),
        SIM_TEST(hang_never_answers_and_never_applies),
        SIM_TEST(faults_match_and_count_down),
        SIM_TEST(an_endless_fault_ends_when_it_is_deleted),
        SIM_TEST(a_fault_that_nobody_knows_is_refused),
        cmocka_unit_test(a_stop_does_not_wait_for_held_requests),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
