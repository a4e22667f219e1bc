/* The keeper: a token at hand without waiting, another one after a refusal, patience with a login
 * that says no. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "common/errors.h"
#include "node/io/act/token_keeper.h"
#include "tests/unit/act/fixture.h"

enum { SOON_MS = 10000 };

static struct token_keeper *keep(struct fixture *fixture, uint32_t platform_mask)
{
    struct token_keeper *keeper = NULL;
    assert_int_equal(token_keeper_new(fixture->config, fixture->actuator, platform_mask, &keeper),
                     0);
    return keeper;
}

/* Waits for a token that is not `other`. */
static struct token await_other(struct token_keeper *keeper, const char *other)
{
    struct token token = {.generation = 0};
    time_ms until_ms = fixture_now_ms() + SOON_MS;
    while (token_keeper_get(keeper, 0, &token) != 0 || strcmp(token.value, other) == 0) {
        assert_true(fixture_now_ms() < until_ms);
        (void)poll(NULL, 0, 5);
    }
    return token;
}

static void a_token_is_at_hand_and_renewed_when_it_is_refused(void **state)
{
    struct fixture *fixture = *state;
    const struct reply tokens[] = {{.status = 200, .body = TOKEN_BODY("token-1")},
                                   {.status = 200, .body = TOKEN_BODY("token-2")}};
    server_script(fixture->server, CHANNEL_TOKEN, tokens, 2);
    struct token_keeper *keeper = keep(fixture, 1);
    struct token first = await_other(keeper, "");
    assert_string_equal(first.value, "token-1");
    int captured = fixture_capture_log();
    token_keeper_refuse(keeper, 0, &first);
    struct token second = await_other(keeper, "token-1");
    free(fixture_captured_log(captured));
    assert_string_equal(second.value, "token-2");
    assert_int_equal(server_count(fixture->server, CHANNEL_TOKEN), 2);
    /* the refusal of a token that is gone already costs nothing */
    token_keeper_refuse(keeper, 0, &first);
    assert_string_equal(await_other(keeper, "token-1").value, "token-2");
    token_keeper_free(&keeper);
    assert_int_equal(server_count(fixture->server, CHANNEL_TOKEN), 2);
}

static void a_login_that_refuses_is_not_hammered(void **state)
{
    struct fixture *fixture = *state;
    struct token token;
    fixture_script(fixture, CHANNEL_TOKEN, 503, "{}");
    int captured = fixture_capture_log();
    struct token_keeper *keeper = keep(fixture, 1);
    const struct token nothing = {.generation = 9};
    time_ms until_ms = fixture_now_ms() + SOON_MS;
    while (server_count(fixture->server, CHANNEL_TOKEN) == 0) {
        assert_true(fixture_now_ms() < until_ms);
        (void)poll(NULL, 0, 5);
    }
    for (int i = 0; i < 50; i++) {
        token_keeper_refuse(keeper, 0, &nothing); /* wakes it */
        (void)poll(NULL, 0, 5);
    }
    assert_int_equal(server_count(fixture->server, CHANNEL_TOKEN), 1);
    assert_int_equal(token_keeper_get(keeper, 0, &token), ERR_NOT_FOUND);
    token_keeper_free(&keeper);
    free(fixture_captured_log(captured));
}

static void without_platforms_nothing_is_asked(void **state)
{
    struct fixture *fixture = *state;
    struct token token;
    struct token_keeper *keeper = keep(fixture, 0);
    assert_int_equal(token_keeper_get(keeper, 0, &token), ERR_NOT_FOUND);
    token_keeper_free(&keeper);
    token_keeper_free(&keeper);
    assert_int_equal(server_count(fixture->server, CHANNEL_TOKEN), 0);
}

static void a_login_that_hangs_does_not_hold_up_the_end(void **state)
{
    struct fixture *fixture = *state;
    const struct reply hang = {.how = REPLY_HANG};
    fixture->config->timing.actuator_deadline_ms = 30000;
    server_script(fixture->server, CHANNEL_TOKEN, &hang, 1);
    struct token_keeper *keeper = keep(fixture, 1);
    time_ms until_ms = fixture_now_ms() + SOON_MS;
    while (server_count(fixture->server, CHANNEL_TOKEN) == 0) {
        assert_true(fixture_now_ms() < until_ms);
        (void)poll(NULL, 0, 5);
    }
    time_ms from_ms = fixture_now_ms();
    int captured = fixture_capture_log();
    token_keeper_free(&keeper);
    free(fixture_captured_log(captured));
    assert_true(fixture_now_ms() - from_ms < 5000);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_token_is_at_hand_and_renewed_when_it_is_refused),
        CASE(a_login_that_refuses_is_not_hammered),
        CASE(without_platforms_nothing_is_asked),
        CASE(a_login_that_hangs_does_not_hold_up_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
