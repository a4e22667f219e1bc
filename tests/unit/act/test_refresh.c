/* The refresh grant as the actuator's jobs meet it: exchanges, the ledger's token, fallback. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/errors.h"
#include "tests/unit/act/fixture.h"

#define EXCHANGED(access, refresh)                                                     \
    "{\"access_token\":\"" access "\",\"token_type\":\"bearer\",\"expires_in\":86400," \
    "\"refresh_token\":\"" refresh "\"}"

static const uint8_t cluster[CLUSTER_ID_BYTES] = {7, 7};

static struct actuator_job exchange_job(uint64_t generation, uint64_t from)
{
    struct actuator_job job = fixture_job(ACTUATOR_EXCHANGE);
    memcpy(job.cluster_id, cluster, sizeof cluster);
    job.generation = generation;
    job.from_generation = from;
    return job;
}

/* What the ledger does with a committed answer. */
static void commit(struct fixture *fixture, uint64_t generation, time_ms left_ms, bool locked_out)
{
    uint8_t sealed[SEALED_BYTES_MAX];
    struct token_news news = {.generation = generation, .left_ms = left_ms};
    memcpy(news.cluster_id, cluster, sizeof cluster);
    news.locked_out = locked_out;
    news.sealed = sealed;
    assert_int_equal(
        actuator_copy_sealed(fixture->actuator, 0, generation, sealed, &news.sealed_length), 0);
    actuator_follow(fixture->actuator, &news);
}

static void exchange_and_commit(struct fixture *fixture, uint64_t generation, uint64_t from,
                                const char *body)
{
    fixture_script(fixture, CHANNEL_TOKEN, 200, body);
    struct actuator_result result = fixture_run(fixture, exchange_job(generation, from));
    assert_int_equal(result.result, ROUTE_RESULT_OK);
    assert_in_range(result.life_ms, 86390000, 86400000);
    commit(fixture, generation, result.life_ms, false);
}

static const struct seen *last_token_request(struct fixture *fixture)
{
    size_t count = server_count(fixture->server, CHANNEL_TOKEN);
    assert_true(count > 0);
    return server_seen(fixture->server, CHANNEL_TOKEN, count - 1);
}

static void the_seed_goes_in_first_and_then_what_came_out(void **state)
{
    struct fixture *fixture = *state;
    exchange_and_commit(fixture, 1, 0, EXCHANGED("access-1", "next+1/="));
    assert_string_equal(last_token_request(fixture)->body,
                        "grant_type=refresh_token&refresh_token=seed-1");
    exchange_and_commit(fixture, 2, 1, EXCHANGED("access-2", "next-2"));
    assert_string_equal(last_token_request(fixture)->body,
                        "grant_type=refresh_token&refresh_token=next%2B1%2F%3D");
    (void)fixture_read(fixture);
    assert_true(seen_has_header(server_seen(fixture->server, CHANNEL_READ, 0),
                                "Authorization: Bearer access-2"));
}

static void a_token_is_not_used_before_it_is_committed(void **state)
{
    struct fixture *fixture = *state;
    fixture_script(fixture, CHANNEL_TOKEN, 200, EXCHANGED("access-1", "next-1"));
    assert_int_equal(fixture_run(fixture, exchange_job(1, 0)).result, ROUTE_RESULT_OK);
    struct actuator_result result = fixture_run(fixture, fixture_job(ACTUATOR_READ));
    assert_int_equal(result.result, ROUTE_RESULT_NOT_SENT);
    assert_non_null(strstr(result.why.bytes, "has not exchanged"));
    assert_int_equal(server_count(fixture->server, CHANNEL_READ), 0);
    commit(fixture, 1, 60000, false);
    (void)fixture_read(fixture);
}

static void an_answer_that_was_not_committed_is_not_asked_for_again(void **state)
{
    struct fixture *fixture = *state;
    fixture_script(fixture, CHANNEL_TOKEN, 200, EXCHANGED("access-1", "next-1"));
    assert_int_equal(fixture_run(fixture, exchange_job(1, 0)).result, ROUTE_RESULT_OK);
    fixture_script(fixture, CHANNEL_TOKEN, 400, "{\"error\":\"invalid_grant\"}");
    assert_int_equal(fixture_run(fixture, exchange_job(3, 0)).result, ROUTE_RESULT_OK);
    assert_int_equal(server_count(fixture->server, CHANNEL_TOKEN), 1);
    commit(fixture, 3, 60000, false);
    (void)fixture_read(fixture);
    struct actuator_result next = fixture_run(fixture, exchange_job(4, 3));
    assert_true(next.exchange_refused);
    assert_string_equal(last_token_request(fixture)->body,
                        "grant_type=refresh_token&refresh_token=next-1");
}

static void a_platform_that_does_not_rotate_keeps_its_refresh_token(void **state)
{
    struct fixture *fixture = *state;
    exchange_and_commit(fixture, 1, 0, TOKEN_BODY("access-1"));
    exchange_and_commit(fixture, 2, 1, TOKEN_BODY("access-2"));
    assert_string_equal(last_token_request(fixture)->body,
                        "grant_type=refresh_token&refresh_token=seed-1");
}

static void answers_are_told_apart(void **state)
{
    static const struct {
        struct reply reply;
        bool refused;
        bool lost;
    } rows[] = {
        {{.status = 400, .body = "{\"error\":\"invalid_grant\"}"}, true, false},
        {{.status = 400, .body = "{\"error\":\"invalid_client\"}"}, false, false},
        {{.status = 429, .body = "{}"}, false, false},
        {{.status = 503, .body = "{\"error\":\"invalid_grant\"}"}, false, true},
        {{.status = 200, .body = "{}"}, false, true},
        {{.how = REPLY_DROP}, false, true},
        {{.status = 200, .body = "{\"access_token\":\"a\"}", .how = REPLY_BREAK}, false, true},
    };
    struct fixture *fixture = *state;
    int captured = fixture_capture_log();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        server_script(fixture->server, CHANNEL_TOKEN, &rows[i].reply, 1);
        struct actuator_result result = fixture_run(fixture, exchange_job(1, 0));
        if (result.result == ROUTE_RESULT_OK || result.exchange_refused != rows[i].refused ||
            result.exchange_lost != rows[i].lost)
            fail_msg("row %zu: refused %d, lost %d", i, result.exchange_refused,
                     result.exchange_lost);
        assert_null(strstr(result.why.bytes, "seed-1"));
    }
    CLEANUP(cleanup_free) char *log = fixture_captured_log(captured);
    assert_null(strstr(log, "seed-1"));
}

static void an_exchange_has_a_connection_of_its_own_and_a_last_moment(void **state)
{
    struct fixture *fixture = *state;
    struct actuator_job late = exchange_job(1, 0);
    late.start_before_ms = fixture_now_ms() - 1;
    assert_int_equal(fixture_run(fixture, late).result, ROUTE_RESULT_CANCELED);
    assert_int_equal(server_count(fixture->server, CHANNEL_TOKEN), 0);
    exchange_and_commit(fixture, 1, 0, EXCHANGED("access-1", "next-1"));
    exchange_and_commit(fixture, 2, 1, EXCHANGED("access-2", "next-2"));
    assert_int_equal(server_connection_count(fixture->server), 2);
    assert_true(server_await_resets(fixture->server, 2));
}

static void a_refused_token_says_whose_it_was(void **state)
{
    struct fixture *fixture = *state;
    exchange_and_commit(fixture, 5, 0, EXCHANGED("access-1", "next-1"));
    fixture_script(fixture, CHANNEL_READ, 401, "{\"code\":\"bad.credentials\"}");
    int captured = fixture_capture_log();
    struct actuator_result result = fixture_run(fixture, fixture_job(ACTUATOR_READ));
    struct actuator_result again = fixture_run(fixture, fixture_job(ACTUATOR_READ));
    CLEANUP(cleanup_free) char *log = fixture_captured_log(captured);
    assert_int_equal(result.result, ROUTE_RESULT_UNAUTHORIZED);
    assert_int_equal(result.token_generation, 5);
    assert_int_equal(again.result, ROUTE_RESULT_UNAUTHORIZED);
    assert_int_equal(again.token_generation, 5);
    assert_int_equal(server_count(fixture->server, CHANNEL_READ), 1); /* it is not shown twice */
    assert_non_null(strstr(log, "reason=refused_by_api"));
    assert_int_equal(actuator_troubles(fixture->actuator, 0).token_expired, 1);
}

static void another_nodes_key_is_named_as_the_trouble(void **state)
{
    struct fixture *fixture = *state;
    static const uint8_t sealed[64] = {1};
    struct token_news news = {
        .generation = 1, .left_ms = 60000, .sealed = sealed, .sealed_length = sizeof sealed};
    int captured = fixture_capture_log();
    actuator_follow(fixture->actuator, &news);
    struct actuator_result result = fixture_run(fixture, fixture_job(ACTUATOR_READ));
    CLEANUP(cleanup_free) char *log = fixture_captured_log(captured);
    assert_non_null(strstr(log, " token_not_opened "));
    assert_non_null(strstr(result.why.bytes, "cannot be opened with this seal key"));
}

static void the_fallback_stands_in_before_and_after_the_chain(void **state)
{
    struct fixture *fixture = *state;
    (void)fixture_read(fixture);
    assert_string_equal(last_token_request(fixture)->body, "grant_type=client_credentials");
    exchange_and_commit(fixture, 1, 0, EXCHANGED("access-1", "next-1"));
    (void)fixture_read(fixture);
    assert_true(seen_has_header(server_seen(fixture->server, CHANNEL_READ, 1),
                                "Authorization: Bearer access-1"));
    struct token_news news = {.generation = 1, .left_ms = 60000, .locked_out = true};
    actuator_follow(fixture->actuator, &news);
    (void)fixture_read(fixture);
    assert_true(seen_has_header(server_seen(fixture->server, CHANNEL_READ, 2),
                                "Authorization: Bearer token-1"));
}

static void troubles_of_token_and_api_are_counted_apart(void **state)
{
    struct fixture *fixture = *state;
    exchange_and_commit(fixture, 1, 0, EXCHANGED("access-1", "next-1"));
    int captured = fixture_capture_log();
    fixture_script(fixture, CHANNEL_READ, 503, "{}");
    (void)fixture_run(fixture, fixture_job(ACTUATOR_READ));
    (void)fixture_run(fixture, fixture_job(ACTUATOR_READ));
    const struct reply drop = {.how = REPLY_DROP};
    server_script(fixture->server, CHANNEL_READ, &drop, 1);
    (void)fixture_run(fixture, fixture_job(ACTUATOR_READ));
    fixture_script(fixture, CHANNEL_TOKEN, 503, "{}");
    (void)fixture_run(fixture, exchange_job(2, 1));
    fixture_script(fixture, CHANNEL_READ, 200, PLAN_NORMAL("7"));
    (void)fixture_read(fixture);
    CLEANUP(cleanup_free) char *log = fixture_captured_log(captured);
    struct trouble_counts counts = actuator_troubles(fixture->actuator, 0);
    assert_int_equal(counts.api_error, 2);
    assert_int_equal(counts.api_unreachable, 1);
    assert_int_equal(counts.auth_unreachable, 1);
    assert_int_equal(counts.auth_refused, 0);
    assert_int_equal(counts.token_expired, 0);
    char *first = strstr(log, " api_error ");
    assert_non_null(first);
    assert_null(strstr(first + 1, " api_error "));
    assert_non_null(strstr(log, " api_unreachable "));
    assert_non_null(strstr(log, " api_recovered "));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup_refresh, fixture_teardown)

int main(void)
{
    static const bool fallback = true;
    const struct CMUnitTest tests[] = {
        TEST(the_seed_goes_in_first_and_then_what_came_out),
        TEST(a_token_is_not_used_before_it_is_committed),
        TEST(an_answer_that_was_not_committed_is_not_asked_for_again),
        TEST(a_platform_that_does_not_rotate_keeps_its_refresh_token),
        TEST(answers_are_told_apart),
        TEST(an_exchange_has_a_connection_of_its_own_and_a_last_moment),
        TEST(a_refused_token_says_whose_it_was),
        TEST(another_nodes_key_is_named_as_the_trouble),
        cmocka_unit_test_prestate_setup_teardown(the_fallback_stands_in_before_and_after_the_chain,
                                                 fixture_setup_refresh, fixture_teardown,
                                                 (void *)(uintptr_t)&fallback),
        TEST(troubles_of_token_and_api_are_counted_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
