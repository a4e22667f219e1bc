/* Tokens as the actuator's jobs meet them: freshness, fallback, expiry, refusal, one replay. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "tests/unit/act/fixture.h"

static void wait_past(time_ms moment_ms)
{
    while (fixture_now_ms() <= moment_ms)
        (void)poll(NULL, 0, 5);
}

static void the_moment_is_checked_after_the_token(void **state)
{
    struct fixture *fixture = *state;
    const struct reply tokens[] = {
        {.status = 200, .body = "{\"access_token\":\"short\",\"expires_in\":1}"},
        {.status = 200, .body = TOKEN_BODY("token-2"), .delay_ms = 400}};
    server_script(fixture->server, CHANNEL_TOKEN, tokens, 2);
    struct route_view view = fixture_read(fixture);
    wait_past(fixture_now_ms() + 1000);
    struct actuator_job job = fixture_switch(&view);
    job.start_before_ms = fixture_now_ms() + 150;
    int captured = fixture_capture_log();
    struct actuator_result result = fixture_run(fixture, job);
    free(fixture_captured_log(captured));
    assert_int_equal(result.result, ROUTE_RESULT_CANCELED);
    assert_int_equal(result.started_ms, 0);
    assert_int_equal(server_count(fixture->server, CHANNEL_WRITE), 0);
}

static void a_fresh_token_is_kept_and_an_old_one_renewed(void **state)
{
    struct fixture *fixture = *state;
    struct route_view view = fixture_read(fixture);
    fixture->config->timing.token_fresh_ms = 0;
    const struct reply tokens[] = {{.status = 200, .body = TOKEN_BODY("token-2")},
                                   {.status = 200, .body = TOKEN_BODY("token-3")}};
    server_script(fixture->server, CHANNEL_TOKEN, tokens, 2);
    wait_past(fixture_now_ms());
    struct actuator_job mint = fixture_job(ACTUATOR_MINT);
    mint.token_minted_after_ms = fixture_now_ms();
    assert_int_equal(fixture_run(fixture, mint).result, ROUTE_RESULT_OK);
    struct actuator_job job = fixture_switch(&view);
    job.token_minted_after_ms = mint.token_minted_after_ms;
    assert_int_equal(fixture_run(fixture, job).result, ROUTE_RESULT_OK);
    const struct seen *first = server_seen(fixture->server, CHANNEL_WRITE, 0);
    assert_true(seen_has_header(first, "Authorization: Bearer token-2"));
    wait_past(fixture_now_ms());
    struct route_view now = fixture_read(fixture);
    job = fixture_switch(&now);
    job.token_minted_after_ms = fixture_now_ms();
    assert_int_equal(fixture_run(fixture, job).result, ROUTE_RESULT_OK);
    const struct seen *second = server_seen(fixture->server, CHANNEL_WRITE, 1);
    assert_true(seen_has_header(second, "Authorization: Bearer token-3"));
    assert_int_equal(server_count(fixture->server, CHANNEL_TOKEN), 3);
}

static void a_cached_token_stands_in_after_a_second_at_most(void **state)
{
    struct fixture *fixture = *state;
    struct route_view view = fixture_read(fixture);
    const struct reply hang = {.how = REPLY_HANG};
    server_script(fixture->server, CHANNEL_TOKEN, &hang, 1);
    fixture->config->timing.token_fresh_ms = 0;
    struct actuator_job job = fixture_switch(&view);
    job.start_before_ms = fixture_now_ms() + 900;
    int captured = fixture_capture_log();
    struct actuator_result result = fixture_run(fixture, job);
    CLEANUP(cleanup_free) char *log = fixture_captured_log(captured);
    assert_int_equal(result.result, ROUTE_RESULT_OK);
    assert_in_range(result.finished_ms - (job.start_before_ms - 900), 400, 900);
    assert_non_null(strstr(log, " token_fallback "));
    assert_non_null(strstr(log, " auth_unreachable "));
    assert_null(strstr(log, " token_expired "));
    assert_null(strstr(log, "token-1"));
    const struct seen *write = server_seen(fixture->server, CHANNEL_WRITE, 0);
    assert_true(seen_has_header(write, "Authorization: Bearer token-1"));
}

static void a_refused_client_is_its_own_class(void **state)
{
    struct fixture *fixture = *state;
    fixture_script(fixture, CHANNEL_TOKEN, 400,
                   "{\"error\":\"invalid_client\",\"description\":\"authentication failed\"}");
    int captured = fixture_capture_log();
    struct actuator_result result = fixture_run(fixture, fixture_job(ACTUATOR_READ));
    struct actuator_result again = fixture_run(fixture, fixture_job(ACTUATOR_READ));
    fixture_script(fixture, CHANNEL_TOKEN, 200, TOKEN_BODY("token-1"));
    (void)fixture_read(fixture);
    CLEANUP(cleanup_free) char *log = fixture_captured_log(captured);
    assert_int_equal(result.result, ROUTE_RESULT_UNAUTHORIZED);
    assert_int_equal(again.result, ROUTE_RESULT_UNAUTHORIZED);
    assert_int_equal(result.status, 400);
    assert_non_null(strstr(result.why.bytes, "answered 400 (invalid_client)"));
    char *first = strstr(log, " auth_refused ");
    assert_non_null(first);
    assert_null(strstr(first + 1, " auth_refused "));
    assert_non_null(strstr(log, " auth_recovered "));
    assert_non_null(strstr(log, "failures=2"));
    assert_null(strstr(log, "demo-secret"));
    assert_null(strstr(log, " auth_unreachable "));
}

static void a_token_past_its_life_is_logged_and_renewed(void **state)
{
    struct fixture *fixture = *state;
    const struct reply tokens[] = {
        {.status = 200, .body = "{\"access_token\":\"short\",\"expires_in\":1}"},
        {.status = 200, .body = TOKEN_BODY("token-2")}};
    server_script(fixture->server, CHANNEL_TOKEN, tokens, 2);
    (void)fixture_read(fixture);
    wait_past(fixture_now_ms() + 1000);
    int captured = fixture_capture_log();
    struct route_view view = fixture_read(fixture);
    CLEANUP(cleanup_free) char *log = fixture_captured_log(captured);
    assert_int_equal(view.state, ROUTE_PRIMARY);
    assert_non_null(strstr(log, " token_expired "));
    assert_non_null(strstr(log, "reason=lifetime"));
    assert_null(strstr(log, " auth_"));
    const struct seen *second = server_seen(fixture->server, CHANNEL_READ, 1);
    assert_true(seen_has_header(second, "Authorization: Bearer token-2"));
}

static void a_401_brings_one_new_token_and_one_replay(void **state)
{
    struct fixture *fixture = *state;
    struct route_view view = fixture_read(fixture);
    fixture_script(fixture, CHANNEL_TOKEN, 200, TOKEN_BODY("token-2"));
    const struct reply writes[] = {{.status = 401, .body = "{\"code\":\"bad.credentials\"}"},
                                   {.status = 200, .body = PLAN_STANDBY("8")}};
    server_script(fixture->server, CHANNEL_WRITE, writes, 2);
    int captured = fixture_capture_log();
    struct actuator_result result = fixture_run(fixture, fixture_switch(&view));
    CLEANUP(cleanup_free) char *log = fixture_captured_log(captured);
    assert_int_equal(result.result, ROUTE_RESULT_OK);
    assert_non_null(strstr(log, "reason=refused_by_api"));
    const struct seen *first = server_seen(fixture->server, CHANNEL_WRITE, 0);
    const struct seen *second = server_seen(fixture->server, CHANNEL_WRITE, 1);
    assert_true(seen_has_header(first, "Authorization: Bearer token-1"));
    assert_true(seen_has_header(second, "Authorization: Bearer token-2"));
    assert_true(seen_has_header(second, "Idempotency-Key: support/17.2.1"));
    assert_string_equal(first->body, second->body);
}

static void a_second_401_is_the_end(void **state)
{
    struct fixture *fixture = *state;
    struct route_view view = fixture_read(fixture);
    fixture_script(fixture, CHANNEL_WRITE, 401, "{\"code\":\"bad.credentials\"}");
    struct actuator_result result = fixture_run(fixture, fixture_switch(&view));
    assert_int_equal(result.result, ROUTE_RESULT_UNAUTHORIZED);
    assert_int_equal(server_count(fixture->server, CHANNEL_WRITE), 2);
    assert_int_equal(server_count(fixture->server, CHANNEL_TOKEN), 2);
    assert_non_null(strstr(result.why.bytes, "answered 401, bad.credentials"));
}

static void no_login_means_not_sent(void **state)
{
    struct fixture *fixture = *state;
    (void)text_copy(fixture->config->platforms[0].login_url, URL_SIZE, "http://127.0.0.1:1");
    int captured = fixture_capture_log();
    struct actuator_result read = fixture_run(fixture, fixture_job(ACTUATOR_READ));
    struct actuator_result mint = fixture_run(fixture, fixture_job(ACTUATOR_MINT));
    free(fixture_captured_log(captured));
    assert_int_equal(read.result, ROUTE_RESULT_NOT_SENT);
    assert_int_equal(mint.result, ROUTE_RESULT_NOT_SENT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_moment_is_checked_after_the_token),
        TEST(a_fresh_token_is_kept_and_an_old_one_renewed),
        TEST(a_cached_token_stands_in_after_a_second_at_most),
        TEST(a_refused_client_is_its_own_class),
        TEST(a_token_past_its_life_is_logged_and_renewed),
        TEST(a_401_brings_one_new_token_and_one_replay),
        TEST(a_second_401_is_the_end),
        TEST(no_login_means_not_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
