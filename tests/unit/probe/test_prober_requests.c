/* What goes out, and how what comes back becomes a sample: the real prober, a scripted server. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/probe/probe_case.h"

enum { REQUEST_SIZE = 4096 };

#define JSON_ANSWER(length, body) \
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " length "\r\n\r\n" body
#define SESSION_OK JSON_ANSWER("12", "{\"id\":\"s-1\"}")
#define TURN_OK JSON_ANSWER("44", "{\"id\":\"t-1\",\"nextActionType\":\"WaitForInput\"}")
#define TURN_ERROR \
    JSON_ANSWER("61", "{\"nextActionType\":\"Exit\",\"nextActionExit\":{\"reason\":\"Error\"}}")
#define ANSWER_429 "HTTP/1.1 429 Too Many Requests\r\nContent-Length: 2\r\n\r\n{}"
#define ANSWER_401 "HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\n{}"

/* Probes a server that answers all requests alike, and gives its newest request. */
static struct sample ask(struct probe_world *world, struct probe_config *target, const char *answer,
                         char ret_request[REQUEST_SIZE])
{
    const struct server_step steps[] = {{SERVE_KEEP, 0, answer}};
    struct server server;
    server_start(&server, steps, 1);
    (void)snprintf(target->url, sizeof target->url, "http://127.0.0.1:%u/canary",
                   (unsigned)server.port);
    struct sample sample = probe_once(world, target, NULL);
    prober_free(&world->prober);
    server_request(&server, ret_request, REQUEST_SIZE);
    server_stop(&server);
    return sample;
}

static void a_request_goes_out_as_it_is_configured(void **state)
{
    char request[REQUEST_SIZE];
    struct probe_config target = probe_world_target("%s", "");
    (void)snprintf(target.method, sizeof target.method, "PUT");
    (void)snprintf(target.body, sizeof target.body, "{\"s\": \"${session}\"}");
    (void)snprintf(target.headers.lines[0], PROBE_HEADER_SIZE, "X-Api-Key: k-1");
    target.headers.count = 2; /* the second is a credential that was not read */
    target.headers.secret_mask = 2;
    assert_int_equal(ask(*state, &target, ANSWER_OK, request).result, SAMPLE_OK);
    assert_ptr_equal(strstr(request, "PUT /canary HTTP/1.1\r\n"), request);
    assert_non_null(strstr(request, "\r\nX-Api-Key: k-1\r\n"));
    assert_non_null(strstr(request, "\r\nContent-Type: application/json\r\n"));
    assert_non_null(strstr(request, "\r\n\r\n{\"s\": \"quorate-"));
    assert_null(strstr(request, "${session}"));
}

static void a_body_alone_makes_a_post_and_its_type_can_be_named(void **state)
{
    char request[REQUEST_SIZE];
    struct probe_config target = probe_world_target("%s", "");
    (void)snprintf(target.body, sizeof target.body, "<ping/>");
    assert_int_equal(ask(*state, &target, ANSWER_OK, request).result, SAMPLE_OK);
    assert_ptr_equal(strstr(request, "POST /canary HTTP/1.1\r\n"), request);
    assert_non_null(strstr(request, "\r\nContent-Type: text/plain; charset=utf-8\r\n"));
    (void)snprintf(target.headers.lines[0], PROBE_HEADER_SIZE, "content-type: text/xml");
    target.headers.count = 1;
    assert_int_equal(ask(*state, &target, ANSWER_OK, request).result, SAMPLE_OK);
    assert_non_null(strstr(request, "\r\ncontent-type: text/xml\r\n"));
    assert_null(strstr(request, "text/plain"));
}

static void head_waits_for_no_body(void **state)
{
    char request[REQUEST_SIZE];
    struct probe_config target = probe_world_target("%s", "");
    (void)snprintf(target.method, sizeof target.method, "HEAD");
    const char *answer = "HTTP/1.1 200 OK\r\nContent-Length: 700\r\n\r\n";
    assert_int_equal(ask(*state, &target, answer, request).result, SAMPLE_OK);
    assert_ptr_equal(strstr(request, "HEAD /canary HTTP/1.1\r\n"), request);
}

static void any_of_the_expected_statuses_is_up(void **state)
{
    char request[REQUEST_SIZE];
    struct probe_config target = probe_world_target("%s", "");
    target.expect_status = (struct status_set){.ranges = {{200, 204}, {500, 500}}, .count = 2};
    assert_int_equal(ask(*state, &target, ANSWER_500, request).result, SAMPLE_OK);
    target.expect_status.count = 1;
    assert_int_equal(ask(*state, &target, ANSWER_500, request).result, SAMPLE_STATUS);
}

static void a_body_that_does_not_match_is_told_with_what(void **state)
{
    char request[REQUEST_SIZE];
    struct probe_config target = probe_world_target("%s", "");
    (void)snprintf(target.expect_pointer, sizeof target.expect_pointer, "/id");
    assert_int_equal(ask(*state, &target, SESSION_OK, request).result, SAMPLE_OK);
    (void)snprintf(target.expect_equals, sizeof target.expect_equals, "s-2");
    struct sample sample = ask(*state, &target, SESSION_OK, request);
    assert_int_equal(sample.result, SAMPLE_BODY);
    assert_string_equal(sample.detail, "/id differs");
    target.expect_pointer[0] = '\0';
    target.expect_equals[0] = '\0';
    (void)snprintf(target.expect_regex, sizeof target.expect_regex, "^healthy$");
    assert_int_equal(ask(*state, &target, ANSWER_OK, request).result, SAMPLE_OK);
    sample = ask(*state, &target, SESSION_OK, request);
    assert_int_equal(sample.result, SAMPLE_BODY);
    assert_string_equal(sample.detail, "regex");
}

static void a_long_body_is_kept_to_the_limit_and_judged(void **state)
{
    struct probe_world *world = *state;
    const struct server_step steps[] = {{SERVE_ENDLESS, 0, "HTTP/1.1 200 OK\r\n\r\nhealthy"}};
    struct probe_config target = probe_world_target("%s", "");
    (void)snprintf(target.expect_regex, sizeof target.expect_regex, "^healthyx+$");
    assert_int_equal(probe_script(world, steps, 1, &target, NULL).result, SAMPLE_OK);
}

static void a_connector_is_sent_a_message_and_believed(void **state)
{
    char request[REQUEST_SIZE];
    struct probe_config target = probe_world_target("%s", "");
    target.kind = PROBE_CONNECTOR;
    const char *well = JSON_ANSWER("23", "{\"botState\":\"MoreData\"}");
    const char *ill =
        JSON_ANSWER("53", "{\"botState\":\"Failed\",\"errorInfo\":{\"errorCode\":\"E7\"}} ");
    assert_int_equal(ask(*state, &target, well, request).result, SAMPLE_OK);
    assert_ptr_equal(strstr(request, "POST /canary HTTP/1.1\r\n"), request);
    assert_non_null(strstr(request, "{\"botSessionId\":\"quorate-"));
    assert_non_null(strstr(request, "\"message\":{\"type\":\"Text\",\"text\":\"ping\"}}"));
    struct sample sample = ask(*state, &target, ill, request);
    assert_int_equal(sample.result, SAMPLE_BOT);
    assert_string_equal(sample.detail, "E7");
    assert_int_equal(ask(*state, &target, ANSWER_500, request).result, SAMPLE_STATUS);
    assert_int_equal(ask(*state, &target, ANSWER_OK, request).result, SAMPLE_BODY);
}

static const struct token token = {.value = "t0ken", .generation = 4, .expires_ms = INT64_MAX};

static struct probe_config bot_target(const struct server *server)
{
    struct probe_config target = probe_world_target("http://127.0.0.1:%u", (unsigned)server->port);
    target.kind = PROBE_BOT;
    target.turns.count = 1;
    (void)snprintf(target.flow, sizeof target.flow, "flow-1");
    return target;
}

/* A bot's probe against the steps; waits until so many requests came. */
static struct sample talk(struct probe_world *world, const struct server_step *steps, size_t count,
                          size_t request_count)
{
    struct server server;
    server_start(&server, steps, count);
    struct probe_config target = bot_target(&server);
    world->token = &token;
    struct sample sample = probe_once(world, &target, NULL);
    for (int i = 0; i < 2000 && server_request_count(&server) < request_count; i++)
        probe_world_pause_ms(5);
    assert_int_equal(server_request_count(&server), request_count);
    prober_free(&world->prober);
    server_stop(&server);
    return sample;
}

static void a_conversation_is_measured_on_its_last_turn(void **state)
{
    const struct server_step steps[] = {
        {SERVE_KEEP, 120, SESSION_OK}, {SERVE_KEEP, 30, TURN_OK}, {SERVE_KEEP, 0, TURN_OK}};
    struct sample sample = talk(*state, steps, 3, 3);
    assert_int_equal(sample.result, SAMPLE_OK);
    assert_in_range(sample.total_us, 30000, 99000);
    assert_true(sample.reused);
    assert_string_equal(sample.detail, "");
}

static void a_conversation_uses_one_connection_and_the_token(void **state)
{
    struct probe_world *world = *state;
    const struct server_step steps[] = {
        {SERVE_KEEP, 0, SESSION_OK}, {SERVE_KEEP, 0, TURN_OK}, {SERVE_KEEP, 0, TURN_OK}};
    char request[REQUEST_SIZE];
    struct server server;
    server_start(&server, steps, 3);
    struct probe_config target = bot_target(&server);
    world->token = &token;
    assert_int_equal(probe_once(world, &target, NULL).result, SAMPLE_OK);
    for (int i = 0; i < 2000 && server_request_count(&server) < 3; i++)
        probe_world_pause_ms(5);
    server_request(&server, request, sizeof request);
    assert_ptr_equal(strstr(request, "POST /api/v2/textbots/botflows/sessions/s-1/turns "),
                     request);
    assert_non_null(strstr(request, "\r\nAuthorization: Bearer t0ken\r\n"));
    assert_non_null(strstr(request, "\"inputEventType\":\"UserDisconnect\""));
    assert_int_equal(server_connection_count(&server), 1);
    prober_free(&world->prober);
    server_stop(&server);
}

static void a_turn_that_ends_in_an_error_is_the_bots_word(void **state)
{
    const struct server_step steps[] = {{SERVE_KEEP, 0, SESSION_OK}, {SERVE_KEEP, 0, TURN_ERROR}};
    struct sample sample = talk(*state, steps, 2, 2); /* there is nobody left to say farewell to */
    assert_int_equal(sample.result, SAMPLE_BOT);
    assert_string_equal(sample.detail, "Exit Error");
    assert_int_equal(sample.status, 200);
}

static void what_the_platform_refuses_is_not_the_bots_fault(void **state)
{
    const struct server_step no_session[] = {{SERVE_KEEP, 0, ANSWER_429}};
    const struct server_step no_turn[] = {
        {SERVE_KEEP, 0, SESSION_OK}, {SERVE_KEEP, 0, ANSWER_429}, {SERVE_KEEP, 0, TURN_OK}};
    const struct server_step silent[] = {{SERVE_HANG, 0, NULL}};
    const struct server_step cut[] = {{SERVE_RESET, 0, NULL}};
    struct sample sample = talk(*state, no_session, 1, 1);
    assert_int_equal(sample.result, SAMPLE_PLATFORM);
    assert_string_equal(sample.detail, "session 429");
    assert_int_equal(sample.status, 429);
    sample = talk(*state, no_turn, 3, 3);
    assert_int_equal(sample.result, SAMPLE_PLATFORM);
    assert_string_equal(sample.detail, "turn 429");
    sample = talk(*state, silent, 1, 1);
    assert_int_equal(sample.result, SAMPLE_PLATFORM);
    assert_string_equal(sample.detail, "session: no answer");
    assert_int_equal(talk(*state, cut, 1, 1).result, SAMPLE_PLATFORM);
}

static void a_turn_without_an_answer_is_a_timeout(void **state)
{
    const struct server_step steps[] = {{SERVE_KEEP, 0, SESSION_OK}, {SERVE_HANG, 0, NULL}};
    struct probe_world *world = *state;
    struct server server;
    int64_t took_ms = 0;
    server_start(&server, steps, 2);
    struct probe_config target = bot_target(&server);
    world->token = &token;
    struct sample sample = probe_once(world, &target, &took_ms);
    assert_int_equal(sample.result, SAMPLE_TIMEOUT);
    assert_deadline(took_ms, 300, &sample);
    prober_free(&world->prober);
    server_stop(&server);
}

static void without_a_token_nobody_is_asked(void **state)
{
    struct probe_world *world = *state;
    const struct server_step steps[] = {{SERVE_KEEP, 0, SESSION_OK}};
    struct server server;
    server_start(&server, steps, 1);
    struct probe_config target = bot_target(&server);
    struct sample sample = probe_once(world, &target, NULL);
    assert_int_equal(sample.result, SAMPLE_PLATFORM);
    assert_string_equal(sample.detail, "no token");
    assert_int_equal(server_connection_count(&server), 0);
    prober_free(&world->prober);
    server_stop(&server);
}

static void a_token_that_is_refused_comes_back(void **state)
{
    struct probe_world *world = *state;
    const struct server_step refused[] = {{SERVE_KEEP, 0, ANSWER_401}};
    assert_int_equal(talk(world, refused, 1, 1).result, SAMPLE_PLATFORM);
    assert_true(world->last_done.token_refused);
    assert_int_equal(world->last_done.token_generation, 4);
    const struct server_step limited[] = {{SERVE_KEEP, 0, ANSWER_429}};
    assert_int_equal(talk(world, limited, 1, 1).result, SAMPLE_PLATFORM);
    assert_false(world->last_done.token_refused);
}

static void a_farewell_that_is_under_way_does_not_hold_up_the_end(void **state)
{
    struct probe_world *world = *state;
    const struct server_step steps[] = {
        {SERVE_KEEP, 0, SESSION_OK}, {SERVE_KEEP, 0, TURN_OK}, {SERVE_HANG, 0, NULL}};
    struct server server;
    server_start(&server, steps, 3);
    struct probe_config target = bot_target(&server);
    target.timeout_ms = 20000;
    world->token = &token;
    assert_int_equal(probe_once(world, &target, NULL).result, SAMPLE_OK);
    for (int i = 0; i < 2000 && server_request_count(&server) < 3; i++)
        probe_world_pause_ms(5);
    int64_t from_us = probe_world_now_us();
    prober_free(&world->prober);
    assert_true(probe_world_now_us() - from_us < 2000000);
    assert_int_equal(world->done_count[world->next_ticket - 1], 1);
    server_stop(&server);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, probe_case_enter, probe_case_leave)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_request_goes_out_as_it_is_configured),
        CASE(a_body_alone_makes_a_post_and_its_type_can_be_named),
        CASE(head_waits_for_no_body),
        CASE(any_of_the_expected_statuses_is_up),
        CASE(a_body_that_does_not_match_is_told_with_what),
        CASE(a_long_body_is_kept_to_the_limit_and_judged),
        CASE(a_connector_is_sent_a_message_and_believed),
        CASE(a_conversation_is_measured_on_its_last_turn),
        CASE(a_conversation_uses_one_connection_and_the_token),
        CASE(a_turn_that_ends_in_an_error_is_the_bots_word),
        CASE(what_the_platform_refuses_is_not_the_bots_fault),
        CASE(a_turn_without_an_answer_is_a_timeout),
        CASE(without_a_token_nobody_is_asked),
        CASE(a_token_that_is_refused_comes_back),
        CASE(a_farewell_that_is_under_way_does_not_hold_up_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
