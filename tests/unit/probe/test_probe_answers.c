/* What answers say: bodies, bot connectors, bot flows, certificates. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "common/check.h"
#include "common/cleanup.h"
#include "common/errors.h"
#include "node/io/act/json.h"
#include "node/io/probe/probe_certificate.h"
#include "node/io/probe/probe_expect.h"
#include "node/io/probe/probe_talk.h"

static struct probe_word read_http(const char *regex, const char *pointer, const char *equals,
                                   const char *text)
{
    struct probe_config config = {.kind = PROBE_HTTP};
    struct probe_patterns patterns = {.count = 0};
    const struct probe_body body = {text, strlen(text)};
    struct probe_word word;
    assert_int_equal(text_copy(config.expect_regex, sizeof config.expect_regex, regex), 0);
    assert_int_equal(text_copy(config.expect_pointer, sizeof config.expect_pointer, pointer), 0);
    assert_int_equal(text_copy(config.expect_equals, sizeof config.expect_equals, equals), 0);
    assert_int_equal(probe_expect_keeps(&config), regex[0] != '\0' || pointer[0] != '\0');
    probe_expect_read(&config, &patterns, &body, &word);
    probe_patterns_fini(&patterns);
    return word;
}

static void a_body_must_hold_what_is_expected(void **state)
{
    (void)state;
    static const struct {
        const char *regex;
        const char *pointer;
        const char *equals;
        const char *body;
        enum sample_result result;
        const char *detail;
    } cases[] = {
        {"", "", "", "anything", SAMPLE_OK, ""},
        {"^ok$", "", "", "ok", SAMPLE_OK, ""},
        {"^ok$", "", "", "not ok", SAMPLE_BODY, "regex"},
        {"\"up\": *true", "", "", "{\"up\":  true}", SAMPLE_OK, ""},
        {"", "/status", "", "{\"status\": null}", SAMPLE_OK, ""},
        {"", "/status", "", "{\"state\": 1}", SAMPLE_BODY, "no /status"},
        {"", "/status", "ok", "{\"status\": \"ok\"}", SAMPLE_OK, ""},
        {"", "/status", "ok", "{\"status\": \"okay\"}", SAMPLE_BODY, "/status differs"},
        {"", "/status", "ok", "{\"Status\": \"ok\"}", SAMPLE_BODY, "no /status"},
        {"", "/bots/1/up", "true", "{\"bots\": [0, {\"up\": true}]}", SAMPLE_OK, ""},
        {"", "/bots/1/up", "true", "{\"bots\": [0, {\"up\": \"true\"}]}", SAMPLE_OK, ""},
        {"", "/bots/1/up", "true", "{\"bots\": [0, {\"up\": 1}]}", SAMPLE_BODY,
         "/bots/1/up differs"},
        {"", "/n", "5", "{\"n\": 5.0}", SAMPLE_OK, ""},
        {"", "/n", "5", "{\"n\": 5.1}", SAMPLE_BODY, "/n differs"},
        {"", "/n", "null", "{\"n\": null}", SAMPLE_OK, ""},
        {"", "/a~1b", "1", "{\"a/b\": 1}", SAMPLE_OK, ""},
        {"", "/status", "ok", "<html>ok</html>", SAMPLE_BODY, "no JSON"},
        {"", "/status", "ok", "{\"status\": \"ok\"} and more", SAMPLE_BODY, "no JSON"},
        {"", "/status", "ok", "", SAMPLE_BODY, "no JSON"},
        {"ok", "/status", "ok", "{\"status\": \"ok\"}", SAMPLE_OK, ""},
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct probe_word word =
            read_http(cases[i].regex, cases[i].pointer, cases[i].equals, cases[i].body);
        if (word.result != cases[i].result || strcmp(word.detail, cases[i].detail) != 0)
            fail_msg("case %zu (%s): %s, '%s'", i, cases[i].body, sample_result_name(word.result),
                     word.detail);
    }
}

static struct probe_word read_connector(const char *text)
{
    const struct probe_config config = {.kind = PROBE_CONNECTOR};
    struct probe_patterns patterns = {.count = 0};
    const struct probe_body body = {text, strlen(text)};
    struct probe_word word;
    probe_expect_read_connector(&config, &patterns, &body, &word);
    return word;
}

static void a_connector_is_as_well_as_its_bot_says(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        enum sample_result result;
        const char *detail;
    } cases[] = {
        {"{\"botState\": \"MoreData\", \"replymessages\": []}", SAMPLE_OK, ""},
        {"{\"botState\": \"Complete\", \"errorInfo\": null}", SAMPLE_OK, ""},
        {"{\"botState\": \"Failed\"}", SAMPLE_BOT, "Failed"},
        {"{\"botState\": \"Failed\", \"errorInfo\": {\"errorCode\": \"BACKEND_DOWN\"}}", SAMPLE_BOT,
         "BACKEND_DOWN"},
        {"{\"botState\": \"MoreData\", \"errorInfo\": {\"errorCode\": 17}}", SAMPLE_BOT, "17"},
        {"{\"botState\": \"MoreData\", \"errorInfo\": {}}", SAMPLE_BOT, "errorInfo"},
        {"{\"errorInfo\": {\"errorCode\": \"a\\nb\\u00fc and so on and on, over the limit\"}}",
         SAMPLE_BOT, "a?b?? and so on and on, over th"},
        {"{\"botState\": \"Resting\"}", SAMPLE_BODY, "botState Resting"},
        {"{\"status\": \"ok\"}", SAMPLE_BODY, "no botState"},
        {"[]", SAMPLE_BODY, "no botState"},
        {"it works!", SAMPLE_BODY, "no JSON"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct probe_word word = read_connector(cases[i].body);
        if (word.result != cases[i].result || strcmp(word.detail, cases[i].detail) != 0)
            fail_msg("case %zu (%s): %s, '%s'", i, cases[i].body, sample_result_name(word.result),
                     word.detail);
    }
}

static struct probe_config bot_config(size_t turn_count)
{
    struct probe_config config = {.kind = PROBE_BOT, .flow = "flow \"1\""};
    config.turns.count = turn_count;
    for (size_t i = 1; i < turn_count; i++)
        (void)snprintf(config.turns.texts[i], PROBE_TURN_SIZE, "say \"%zu\"", i);
    return config;
}

/* Reads one answer; gives whether the conversation goes on. */
static bool hear(struct probe_talk *talk, const struct probe_config *config, int status,
                 const char *text, struct probe_word *ret_word)
{
    struct probe_patterns patterns = {.count = 0};
    const struct probe_body body = {text, strlen(text)};
    bool more = probe_talk_read(talk, config, &patterns, status, &body, ret_word);
    probe_patterns_fini(&patterns);
    return more;
}

#define WAITS(id, text)                                                                      \
    "{\"id\": \"" id "\", \"prompts\": {\"textPrompts\": {\"segments\": [{\"text\": \"" text \
    "\", \"type\": \"Text\"}]}}, \"nextActionType\": \"WaitForInput\"}"
#define ENDS(type, reason)                                                                  \
    "{\"id\": \"t\", \"nextActionType\": \"" type "\", \"nextAction" type "\": {\"reason\"" \
    ": \"" reason "\"}}"

static void a_conversation_goes_from_session_to_turns_to_farewell(void **state)
{
    (void)state;
    struct probe_config config = bot_config(2);
    struct probe_talk talk = {.step = TALK_SESSION};
    struct probe_word word;
    char path[PROBE_PATH_SIZE];
    char *body = NULL;
    assert_int_equal(probe_talk_make(&talk, &config, "quorate-1", path, &body), 0);
    assert_string_equal(path, "/api/v2/textbots/botflows/sessions");
    assert_string_equal(
        body,
        "{\"flow\":{\"id\":\"flow \\\"1\\\"\"},\"channel\":{\"userAgent\":{\"name\":\"Other\"},"
        "\"name\":\"Messaging\",\"inputModes\":[\"Text\"],\"outputModes\":[\"Text\"]},"
        "\"externalSessionId\":\"quorate-1\"}");
    cJSON_free(body);
    assert_true(hear(&talk, &config, 200, "{\"id\": \"s-1\"}", &word));
    assert_int_equal(probe_talk_make(&talk, &config, "quorate-1", path, &body), 0);
    assert_string_equal(path, "/api/v2/textbots/botflows/sessions/s-1/turns");
    assert_string_equal(body, "{\"inputEventType\":\"NoOp\"}");
    cJSON_free(body);
    assert_true(hear(&talk, &config, 200, WAITS("t-1", "Hello"), &word));
    assert_int_equal(probe_talk_make(&talk, &config, "quorate-1", path, &body), 0);
    assert_string_equal(body, "{\"inputEventType\":\"UserInput\",\"inputEventUserInput\":{"
                              "\"alternatives\":[{\"transcript\":{\"text\":\"say \\\"1\\\"\"}}],"
                              "\"mode\":\"Text\"},\"previousTurn\":{\"id\":\"t-1\"}}");
    cJSON_free(body);
    assert_false(hear(&talk, &config, 200, WAITS("t-2", "Bye"), &word));
    assert_int_equal(word.result, SAMPLE_OK);
    assert_true(talk.open);
    talk.step = TALK_FAREWELL;
    assert_int_equal(probe_talk_make(&talk, &config, "quorate-1", path, &body), 0);
    assert_string_equal(
        body, "{\"inputEventType\":\"UserDisconnect\",\"previousTurn\":{\"id\":\"t-2\"}}");
    cJSON_free(body);
    assert_false(hear(&talk, &config, 500, "", &word));
    assert_int_equal(word.result, SAMPLE_OK); /* nobody looks at it */
}

static void nothing_but_the_bots_own_turn_speaks_against_it(void **state)
{
    (void)state;
    static const struct {
        enum talk_step step;
        int status;
        const char *body;
        enum sample_result result;
        const char *detail;
    } cases[] = {
        {TALK_SESSION, 401, "{}", SAMPLE_PLATFORM, "session 401"},
        {TALK_SESSION, 403, "{}", SAMPLE_PLATFORM, "session 403"},
        {TALK_SESSION, 404, "{}", SAMPLE_PLATFORM, "session 404"},
        {TALK_SESSION, 429, "{}", SAMPLE_PLATFORM, "session 429"},
        {TALK_SESSION, 503, "", SAMPLE_PLATFORM, "session 503"},
        {TALK_SESSION, 504, "", SAMPLE_PLATFORM, "session 504"},
        {TALK_SESSION, 200, "<html>", SAMPLE_PLATFORM, "session without JSON"},
        {TALK_SESSION, 200, "{}", SAMPLE_PLATFORM, "session without an id"},
        {TALK_SESSION, 200, "{\"id\": \"../../oauth\"}", SAMPLE_PLATFORM, "session without an id"},
        {TALK_SESSION, 200, "{\"id\": \"..\"}", SAMPLE_PLATFORM, "session without an id"},
        {TALK_TURN, 401, "{}", SAMPLE_PLATFORM, "turn 401"},
        {TALK_TURN, 429, "{}", SAMPLE_PLATFORM, "turn 429"},
        {TALK_TURN, 500, "{}", SAMPLE_PLATFORM, "turn 500"},
        {TALK_TURN, 504, "{}", SAMPLE_TIMEOUT, "turn 504"},
        {TALK_TURN, 408, "{}", SAMPLE_TIMEOUT, "turn 408"},
        {TALK_TURN, 200, "", SAMPLE_PLATFORM, "turn without JSON"},
        {TALK_TURN, 200, "{\"id\": \"t\"}", SAMPLE_PLATFORM, "no nextActionType"},
        {TALK_TURN, 200, "{\"nextActionType\": \"Dance\"}", SAMPLE_PLATFORM, "next is Dance"},
        {TALK_TURN, 200, "{\"nextActionType\": \"Exit\"}", SAMPLE_PLATFORM,
         "Exit without a reason"},
        {TALK_TURN, 200, WAITS("t", "Hello"), SAMPLE_OK, ""},
        {TALK_TURN, 200, "{\"nextActionType\": \"NoOp\"}", SAMPLE_OK, ""},
        {TALK_TURN, 200, ENDS("Exit", "TriggeredByFlow"), SAMPLE_OK, ""},
        {TALK_TURN, 200, ENDS("Disconnect", "TriggeredByUser"), SAMPLE_OK, ""},
        {TALK_TURN, 200, ENDS("Exit", "Error"), SAMPLE_BOT, "Exit Error"},
        {TALK_TURN, 200, ENDS("Disconnect", "Error"), SAMPLE_BOT, "Disconnect Error"},
        {TALK_TURN, 200, ENDS("Exit", "RecognitionFailure"), SAMPLE_BOT, "Exit RecognitionFailure"},
        {TALK_TURN, 200, ENDS("Disconnect", "RecognitionFailure"), SAMPLE_BOT,
         "Disconnect RecognitionFailure"},
    };
    struct probe_config config = bot_config(1);
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct probe_talk talk = {.step = cases[i].step, .session = "s", .open = true};
        struct probe_word word;
        assert_false(hear(&talk, &config, cases[i].status, cases[i].body, &word));
        if (word.result != cases[i].result || strcmp(word.detail, cases[i].detail) != 0)
            fail_msg("case %zu: %s, '%s'", i, sample_result_name(word.result), word.detail);
    }
}

static void a_bot_that_ends_early_is_asked_no_further(void **state)
{
    (void)state;
    struct probe_config config = bot_config(3);
    struct probe_talk talk = {.step = TALK_TURN, .session = "s", .open = true};
    struct probe_word word;
    assert_false(hear(&talk, &config, 200, ENDS("Exit", "TriggeredByFlow"), &word));
    assert_int_equal(word.result, SAMPLE_OK);
    assert_false(talk.open);
    talk = (struct probe_talk){.step = TALK_TURN, .session = "s", .open = true};
    assert_false(hear(&talk, &config, 200, ENDS("Exit", "Error"), &word));
    assert_int_equal(word.result, SAMPLE_BOT);
}

static void the_last_turns_prompts_are_what_must_match(void **state)
{
    (void)state;
    struct probe_config config = bot_config(2);
    struct probe_talk talk = {.step = TALK_TURN, .session = "s", .open = true};
    struct probe_word word;
    assert_int_equal(text_copy(config.expect_regex, sizeof config.expect_regex, "^Good ?bye$"), 0);
    assert_true(hear(&talk, &config, 200, WAITS("t-1", "Hello"), &word));
    assert_false(hear(&talk, &config, 200, WAITS("t-2", "Goodbye"), &word));
    assert_int_equal(word.result, SAMPLE_OK);
    talk.turn = 1;
    assert_false(hear(&talk, &config, 200, WAITS("t-2", "Hello"), &word));
    assert_int_equal(word.result, SAMPLE_BODY);
    assert_string_equal(word.detail, "regex");
    assert_false(hear(&talk, &config, 200, "{\"nextActionType\": \"WaitForInput\"}", &word));
    assert_int_equal(word.result, SAMPLE_BODY);
}

static void a_certificates_end_is_read_as_openssl_writes_it(void **state)
{
    (void)state;
    int64_t end_s = 0;
    assert_int_equal(certificate_parse_time("Nov  6 02:29:33 2027 GMT", &end_s), 0);
    assert_int_equal(end_s, 1825468173);
    assert_int_equal(certificate_parse_time("Jan  1 00:00:00 1970 GMT", &end_s), 0);
    assert_int_equal(end_s, 0);
    assert_int_equal(certificate_parse_time("Dec 31 23:59:59 9999 GMT", &end_s), 0);
    assert_true(end_s == INT64_C(253402300799));
    assert_int_equal(certificate_parse_time("2027-11-06 02:29:33 GMT", &end_s), 0);
    assert_int_equal(end_s, 1825468173);
    static const char *const wrong[] = {
        "",
        "Nov",
        "Foo  6 02:29:33 2027 GMT",
        "Nov  6 02:29:33 2027",
        "Nov  6 02:29:33 2027 CET",
        "Nov  6 02:29:33 2027 GMT!",
        "Nov 36 02:29:33 2027 GMT",
        "Nov  6 25:29:33 2027 GMT",
        "2027-13-06 02:29:33 GMT",
    };
    for (size_t i = 0; i < ARRAY_COUNT(wrong); i++)
        if (certificate_parse_time(wrong[i], &end_s) != ERR_MALFORMED)
            fail_msg("'%s'", wrong[i]);
}

static void a_pattern_is_compiled_once(void **state)
{
    (void)state;
    struct probe_patterns patterns = {.count = 0};
    const regex_t *first = probe_patterns_get(&patterns, "a+");
    assert_non_null(first);
    assert_non_null(probe_patterns_get(&patterns, "b+"));
    assert_ptr_equal(probe_patterns_get(&patterns, "a+"), first);
    assert_int_equal(patterns.count, 2);
    assert_null(probe_patterns_get(&patterns, "(a"));
    for (size_t i = 0; i < 2 * PROBE_PATTERN_COUNT_MAX; i++) {
        char text[16];
        (void)snprintf(text, sizeof text, "p%zu", i);
        assert_non_null(probe_patterns_get(&patterns, text));
    }
    assert_int_equal(patterns.count, PROBE_PATTERN_COUNT_MAX);
    probe_patterns_fini(&patterns);
    assert_int_equal(patterns.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_body_must_hold_what_is_expected),
        cmocka_unit_test(a_connector_is_as_well_as_its_bot_says),
        cmocka_unit_test(a_conversation_goes_from_session_to_turns_to_farewell),
        cmocka_unit_test(nothing_but_the_bots_own_turn_speaks_against_it),
        cmocka_unit_test(a_bot_that_ends_early_is_asked_no_further),
        cmocka_unit_test(the_last_turns_prompts_are_what_must_match),
        cmocka_unit_test(a_certificates_end_is_read_as_openssl_writes_it),
        cmocka_unit_test(a_pattern_is_compiled_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
