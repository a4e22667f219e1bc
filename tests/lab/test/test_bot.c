/* The bot's modes and its memory of what it was told. */
#include "tests/lab/test/assert.h"
#include "tests/lab/test/bot_fixture.h"

#include <stdlib.h>
#include <string.h>

static int setup(void **state)
{
    struct bot_process *bot = calloc(1, sizeof(*bot));

    if (bot == NULL)
        return -1;
    *state = bot;
    bot_start(bot);
    return 0;
}

static int teardown(void **state)
{
    bot_stop(*state);
    free(*state);
    return 0;
}

static void canary_says(const struct bot_process *bot, long status, const char *body)
{
    struct client_reply reply = {0};

    canary_get(bot->port, NULL, 0, &reply);
    assert_int_equal(reply.status, status);
    assert_string_equal(reply.body, body);
    client_reply_free(&reply);
}

static void a_healthy_bot_says_ok_on_any_path(void **state)
{
    const struct bot_process *bot = *state;

    canary_says(bot, 200, "{\"status\":\"ok\",\"bot\":\"primary\"}");
    cJSON_Delete(client_json(bot->port, "GET", "/any/other", NULL, 200));
}

static void a_slow_bot_says_ok_late(void **state)
{
    const struct bot_process *bot = *state;
    struct client_reply reply = {0};

    bot_mode(bot, "{\"mode\":\"slow\",\"ms\":250}");
    canary_get(bot->port, NULL, 0, &reply);
    assert_int_equal(reply.status, 200);
    assert_true(reply.total_ms >= 249);
    client_reply_free(&reply);
}

static void an_ill_bot_answers_500_or_a_wrong_body(void **state)
{
    const struct bot_process *bot = *state;

    bot_mode(bot, "{\"mode\":\"error500\"}");
    canary_says(bot, 500, "{\"status\":\"error\",\"bot\":\"primary\"}");
    bot_mode(bot, "{\"mode\":\"wrong-body\"}");
    canary_says(bot, 200, "{\"status\":\"failed\",\"bot\":\"primary\"}");
    bot_mode(bot, "{\"mode\":\"healthy\"}");
    canary_says(bot, 200, "{\"status\":\"ok\",\"bot\":\"primary\"}");
}

static void a_hanging_bot_takes_the_request_and_is_silent(void **state)
{
    const struct bot_process *bot = *state;
    cJSON *described;

    bot_mode(bot, "{\"mode\":\"hang\"}");
    assert_int_equal(canary_code(bot->port, 200), CURLE_OPERATION_TIMEDOUT);
    described = bot_state(bot);
    assert_int_equal((int)client_number(described, "requests"), 1);
    cJSON_Delete(described);
}

static void a_refusing_bot_comes_back(void **state)
{
    const struct bot_process *bot = *state;

    for (int i = 0; i < 3; i++) {
        bot_mode(bot, "{\"mode\":\"refuse\"}");
        assert_int_equal(canary_code(bot->port, 0), CURLE_COULDNT_CONNECT);
        bot_mode(bot, "{\"mode\":\"healthy\"}");
        canary_says(bot, 200, "{\"status\":\"ok\",\"bot\":\"primary\"}");
    }
}

static void a_hanging_bot_stops_at_once(void **state)
{
    struct bot_process bot;
    time_ms took_ms = 0;

    (void)state;
    bot_start(&bot);
    bot_mode(&bot, "{\"mode\":\"slow\",\"ms\":60000}");
    assert_int_equal(canary_code(bot.port, 200), CURLE_OPERATION_TIMEDOUT);
    assert_int_equal(process_stop(&bot.process, &took_ms), 0);
    assert_true(took_ms < 1000);
}

static void the_mode_header_is_remembered(void **state)
{
    const struct bot_process *bot = *state;
    struct client_reply reply = {0};
    cJSON *described = bot_state(bot);

    assert_false(client_truth(described, "degraded"));
    cJSON_Delete(described);
    canary_get(bot->port, "X-Service-Mode: degraded", 0, &reply);
    client_reply_free(&reply);
    canary_get(bot->port, NULL, 0, &reply);
    client_reply_free(&reply);
    described = bot_state(bot);
    assert_true(client_truth(described, "degraded"));
    assert_string_equal(client_text(described, "last_mode_header"), "degraded");
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(described, "announcements")), 1);
    cJSON_Delete(described);
    cJSON_Delete(client_json(bot->port, "GET", "/canary?mode=normal", NULL, 200));
    described = bot_state(bot);
    assert_false(client_truth(described, "degraded"));
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(described, "announcements")), 2);
    cJSON_Delete(described);
}

/* The connector's answer to a message in a mode. */
static cJSON *message_in(const struct bot_process *bot, const char *mode)
{
    bot_mode(bot, mode);
    return client_json(bot->port, "POST", "/webhook",
                       "{\"botSessionId\":\"probe-1\",\"inputMessage\":{\"type\":\"Text\","
                       "\"text\":\"hello\"}}",
                       200);
}

static void a_connectors_message_gets_a_bot_state(void **state)
{
    static const struct {
        const char *mode;
        const char *bot_state;
        int error;
    } rows[] = {
        {"{\"mode\":\"healthy\"}", "MoreData", 0},
        {"{\"mode\":\"slow\",\"ms\":10}", "MoreData", 0},
        {"{\"mode\":\"complete\"}", "Complete", 0},
        {"{\"mode\":\"failed\"}", "Failed", 1},
        {"{\"mode\":\"error-info\"}", "MoreData", 1},
    };
    cJSON *answer;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        answer = message_in(*state, rows[i].mode);
        assert_string_equal(client_text(answer, "botState"), rows[i].bot_state);
        assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(answer, "replymessages")), 1);
        assert_int_equal(cJSON_HasObjectItem(answer, "errorInfo"), rows[i].error);
        cJSON_Delete(answer);
    }
    answer = message_in(*state, "{\"mode\":\"wrong-body\"}");
    assert_false(cJSON_HasObjectItem(answer, "botState"));
    cJSON_Delete(answer);
    answer = bot_state(*state);
    assert_int_equal((int)client_number(answer, "messages"), 6);
    cJSON_Delete(answer);
}

static void an_unknown_mode_is_refused_with_the_nearest(void **state)
{
    const struct bot_process *bot = *state;
    cJSON *refusal = client_json(bot->control_port, "POST", "/mode", "{\"mode\":\"helthy\"}", 400);

    assert_non_null(strstr(client_text(refusal, "error"), "\"healthy\""));
    cJSON_Delete(refusal);
    cJSON_Delete(client_json(bot->control_port, "POST", "/mode", "{}", 400));
    cJSON_Delete(client_json(bot->control_port, "GET", "/mode", NULL, 404));
}

#define BOT_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOT_TEST(a_healthy_bot_says_ok_on_any_path),
        BOT_TEST(a_slow_bot_says_ok_late),
        BOT_TEST(an_ill_bot_answers_500_or_a_wrong_body),
        BOT_TEST(a_hanging_bot_takes_the_request_and_is_silent),
        BOT_TEST(a_refusing_bot_comes_back),
        cmocka_unit_test(a_hanging_bot_stops_at_once),
        BOT_TEST(the_mode_header_is_remembered),
        BOT_TEST(a_connectors_message_gets_a_bot_state),
        BOT_TEST(an_unknown_mode_is_refused_with_the_nearest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
