/* The simulator's textbots API: sessions, turns, and the ways in which a flow fails with a 200. */
#include "tests/lab/test/assert.h"
#include "tests/lab/test/sim_fixture.h"

#include <stdio.h>
#include <string.h>

#define SESSIONS "/api/v2/textbots/botflows/sessions"
#define LAUNCH(FLOW)                                                                  \
    "{\"flow\":{\"id\":\"" FLOW "\"},\"externalSessionId\":\"probe-1\",\"channel\":{" \
    "\"name\":\"Messaging\",\"inputModes\":[\"Text\"],\"outputModes\":[\"Text\"],"    \
    "\"userAgent\":{\"name\":\"Quorate\"}}}"
#define NO_OP "{\"inputEventType\":\"NoOp\"}"
#define HELLO                                                                       \
    "{\"inputEventType\":\"UserInput\",\"inputEventUserInput\":{\"mode\":\"Text\"," \
    "\"alternatives\":[{\"transcript\":{\"text\":\"hello\"}}]}}"
#define GOODBYE "{\"inputEventType\":\"UserDisconnect\"}"

struct session {
    const struct sim *sim;
    char turns[128]; /* the path of its turns */
};

static struct session session_begin(const struct sim *sim)
{
    struct session session = {.sim = sim};
    cJSON *launched = sim_call(sim, "POST", SESSIONS, LAUNCH("PRIMARY_FLOW_ID"), 200);

    (void)snprintf(session.turns, sizeof(session.turns), SESSIONS "/%s/turns",
                   client_text(launched, "id"));
    cJSON_Delete(launched);
    return session;
}

/* Takes a turn; its action and reason must be these. */
static void turn_is(const struct session *session, const char *request, const char *action,
                    const char *reason)
{
    cJSON *turn = sim_call(session->sim, "POST", session->turns, request, 200);
    char key[64] = "";

    assert_int_equal(strlen(client_text(turn, "id")), 36);
    assert_string_equal(client_text(turn, "nextActionType"), action);
    (void)snprintf(key, sizeof(key), "nextAction%s", action);
    assert_true(cJSON_IsObject(cJSON_GetObjectItem(turn, key)));
    if (reason != NULL)
        assert_string_equal(client_text(cJSON_GetObjectItem(turn, key), "reason"), reason);
    cJSON_Delete(turn);
}

static void bot_set(const struct sim *sim, const char *json)
{
    cJSON_Delete(client_json(sim->port, "POST", "/sim/bots/PRIMARY_FLOW_ID", json, 200));
}

static void a_healthy_flow_waits_for_input_until_the_user_leaves(void **state)
{
    struct session session = session_begin(*state);
    cJSON *turn = sim_call(*state, "POST", session.turns, NO_OP, 200);
    const cJSON *prompts = cJSON_GetObjectItem(cJSON_GetObjectItem(turn, "prompts"), "textPrompts");
    char follow_up[256] = "";
    cJSON *bots;

    assert_string_equal(
        client_text(cJSON_GetArrayItem(cJSON_GetObjectItem(prompts, "segments"), 0), "text"),
        "How can I help you?");
    (void)snprintf(follow_up, sizeof(follow_up),
                   "{\"inputEventType\":\"NoInput\",\"previousTurn\":{\"id\":\"%s\"}}",
                   client_text(turn, "id"));
    cJSON_Delete(turn);
    turn_is(&session, follow_up, "WaitForInput", NULL);
    cJSON_Delete(sim_call(*state, "POST", session.turns, follow_up, 409));
    turn_is(&session, HELLO, "WaitForInput", NULL);
    turn_is(&session, GOODBYE, "Disconnect", "TriggeredByUser");
    cJSON_Delete(sim_call(*state, "POST", session.turns, NO_OP, 404));
    bots = client_json(session.sim->port, "GET", "/sim/bots", NULL, 200);
    assert_int_equal((int)client_number(cJSON_GetArrayItem(bots, 0), "sessions"), 1);
    assert_int_equal((int)client_number(cJSON_GetArrayItem(bots, 0), "turns"), 4);
    assert_int_equal((int)client_number(cJSON_GetArrayItem(bots, 0), "disconnects"), 1);
    cJSON_Delete(bots);
}

static void a_flow_fails_with_a_200(void **state)
{
    static const struct {
        const char *set;
        const char *action;
        const char *reason;
    } rows[] = {
        {"{\"mode\":\"error\"}", "Exit", "Error"},
        {"{\"mode\":\"disconnect-error\"}", "Disconnect", "Error"},
        {"{\"mode\":\"recognition-failure\"}", "Exit", "RecognitionFailure"},
        {"{\"mode\":\"exit\"}", "Exit", "TriggeredByFlow"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct session session = session_begin(*state);

        bot_set(*state, rows[i].set);
        turn_is(&session, NO_OP, rows[i].action, rows[i].reason);
        cJSON_Delete(sim_call(*state, "POST", session.turns, NO_OP, 404));
    }
}

static void a_flow_may_fail_at_a_later_turn(void **state)
{
    struct session session = session_begin(*state);

    bot_set(*state, "{\"mode\":\"error\",\"from_turn\":2,\"text\":\"Welcome\"}");
    turn_is(&session, NO_OP, "WaitForInput", NULL);
    turn_is(&session, HELLO, "Exit", "Error");
}

static void a_flow_may_be_slow_or_never_answer(void **state)
{
    struct session session = session_begin(*state);
    struct sim *sim = *state;
    struct client_request request = {
        .method = "POST",
        .port = sim->port,
        .path = session.turns,
        .headers = {sim->bearer, "Content-Type: application/json"},
        .body = NO_OP,
        .timeout_ms = 400,
    };
    struct client_reply reply = {0};

    bot_set(sim, "{\"mode\":\"slow\",\"ms\":250}");
    client_send(&request, &reply);
    assert_int_equal(reply.status, 200);
    assert_true(reply.total_ms >= 250);
    client_reply_free(&reply);
    bot_set(sim, "{\"mode\":\"hang\"}");
    client_send(&request, &reply);
    assert_int_equal(reply.code, CURLE_OPERATION_TIMEDOUT);
    client_reply_free(&reply);
}

static void what_cannot_be_a_session_or_a_turn_is_refused(void **state)
{
    struct sim *sim = *state;
    struct session session = session_begin(sim);

    cJSON_Delete(sim_call(sim, "POST", SESSIONS, LAUNCH("NO_SUCH_FLOW"), 404));
    cJSON_Delete(sim_call(sim, "POST", SESSIONS, "{\"flow\":{\"id\":\"PRIMARY_FLOW_ID\"}}", 400));
    cJSON_Delete(sim_call(sim, "POST", session.turns, "{\"inputEventType\":\"Hello\"}", 400));
    cJSON_Delete(sim_call(sim, "POST", session.turns, "{\"inputEventType\":\"UserInput\"}", 400));
    cJSON_Delete(sim_call(sim, "POST", SESSIONS "/nobody/turns", NO_OP, 404));
    cJSON_Delete(client_json(sim->port, "POST", "/sim/documents/flow/PRIMARY_FLOW_ID",
                             "{\"publishedVersion\":null}", 200));
    cJSON_Delete(sim_call(sim, "POST", SESSIONS, LAUNCH("PRIMARY_FLOW_ID"), 404));
    cJSON_Delete(client_json(sim->port, "POST", "/sim/bots/x", "{\"mode\":\"ill\"}", 400));
}

#define SIM_TEST(test) cmocka_unit_test_setup_teardown(test, sim_setup, sim_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SIM_TEST(a_healthy_flow_waits_for_input_until_the_user_leaves),
        SIM_TEST(a_flow_fails_with_a_200),
        SIM_TEST(a_flow_may_fail_at_a_later_turn),
        SIM_TEST(a_flow_may_be_slow_or_never_answer),
        SIM_TEST(what_cannot_be_a_session_or_a_turn_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
