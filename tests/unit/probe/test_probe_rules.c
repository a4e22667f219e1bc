#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/check.h"
#include "node/io/probe/probe_judge.h"
#include "node/io/probe/probe_match.h"
#include "node/io/probe/probe_target.h"

enum { MS = 1000 };

static const struct probe_config config = {.connect_timeout_ms = 2000,
                                           .timeout_ms = 500,
                                           .latency_ms = 200,
                                           .expect_status = {.ranges = {{200, 200}}, .count = 1}};

/* A right answer after `total_us` over a connection that took `connect_us`. */
static struct probe_phases answered(int32_t connect_us, int32_t total_us)
{
    return (struct probe_phases){
        .sample = {.dns_us = 100,
                   .connect_us = connect_us,
                   .tls_us = -1,
                   .first_byte_us = total_us,
                   .total_us = total_us,
                   .status = 200},
        .elapsed_us = 100 + connect_us + total_us,
        .stage = PROBE_SENT,
        .code = CURLE_OK,
    };
}

static void one_round_trip_is_taken_off_the_latency(void **state)
{
    (void)state;
    struct probe_phases far = answered(180 * MS, 380 * MS);
    assert_int_equal(probe_judge(&far, &config, 180 * MS), SAMPLE_OK);
    far.sample.total_us += 1;
    assert_int_equal(probe_judge(&far, &config, 180 * MS), SAMPLE_OVER_LATENCY);
    struct probe_phases near = answered(1 * MS, 202 * MS);
    assert_int_equal(probe_judge(&near, &config, 1 * MS), SAMPLE_OVER_LATENCY);
}

static void one_round_trip_is_taken_off_the_timeout(void **state)
{
    (void)state;
    struct probe_phases far = answered(180 * MS, 680 * MS);
    assert_int_equal(probe_answer_within_us(&far, &config, 0), 680 * MS);
    assert_int_equal(probe_judge(&far, &config, 180 * MS), SAMPLE_OVER_LATENCY);
    far.sample.total_us += 1;
    assert_int_equal(probe_judge(&far, &config, 180 * MS), SAMPLE_TIMEOUT);
}

static void latency_of_total_takes_the_whole_probe_and_nothing_off(void **state)
{
    (void)state;
    struct probe_config plain = config;
    plain.latency_total = true;
    struct probe_phases phases = answered(60 * MS, 130 * MS);
    phases.elapsed_us = 200 * MS;
    assert_int_equal(probe_judge(&phases, &plain, 60 * MS), SAMPLE_OK);
    phases.elapsed_us += 1;
    assert_int_equal(probe_judge(&phases, &plain, 60 * MS), SAMPLE_OVER_LATENCY);
    assert_int_equal(probe_answer_within_us(&phases, &plain, 60 * MS), 500 * MS);
}

static void a_reused_connection_takes_off_the_smallest_recent_round_trip(void **state)
{
    (void)state;
    struct probe_phases phases = answered(0, 250 * MS);
    phases.sample.reused = true;
    assert_int_equal(probe_judge(&phases, &config, 60 * MS), SAMPLE_OK);
    assert_int_equal(probe_judge(&phases, &config, 40 * MS), SAMPLE_OVER_LATENCY);
    assert_int_equal(probe_judge(&phases, &config, PROBE_ROUND_TRIP_UNKNOWN), SAMPLE_OVER_LATENCY);
}

static void a_lost_syn_is_not_taken_for_distance(void **state)
{
    (void)state;
    struct probe_phases phases = answered(1020 * MS, 900 * MS);
    assert_int_equal(probe_round_trip_us(&phases, 20 * MS), 20 * MS);
    assert_int_equal(probe_round_trip_us(&phases, PROBE_ROUND_TRIP_UNKNOWN), 0);
    assert_int_equal(probe_judge(&phases, &config, 20 * MS), SAMPLE_TIMEOUT);
}

static void a_tcp_target_is_held_to_its_latency_over_the_smallest_round_trip(void **state)
{
    (void)state;
    struct probe_phases phases = answered(230 * MS, 230 * MS);
    phases.connect_only = true;
    phases.sample.status = 0;
    assert_int_equal(probe_judge(&phases, &config, 30 * MS), SAMPLE_OK);
    assert_int_equal(probe_judge(&phases, &config, 20 * MS), SAMPLE_OVER_LATENCY);
}

static const struct probe_config bot = {
    .kind = PROBE_BOT, .connect_timeout_ms = 2000, .timeout_ms = 500, .latency_ms = 200};

/* A turn's answer over the connection that its session was made on. */
static struct probe_phases turned(int32_t total_us)
{
    struct probe_phases phases = answered(0, total_us);
    phases.sample.reused = true;
    phases.step = TALK_TURN;
    return phases;
}

static void a_bot_is_judged_by_its_turn_alone(void **state)
{
    (void)state;
    struct probe_phases phases = turned(150 * MS);
    phases.sample.status = 201; /* the conversation looked at it */
    assert_int_equal(probe_judge(&phases, &bot, 10 * MS), SAMPLE_OK);
    phases.word.result = SAMPLE_BOT;
    assert_int_equal(probe_judge(&phases, &bot, 10 * MS), SAMPLE_BOT);
    phases.word.result = SAMPLE_PLATFORM;
    assert_int_equal(probe_judge(&phases, &bot, 10 * MS), SAMPLE_PLATFORM);
    phases = turned(250 * MS);
    assert_int_equal(probe_judge(&phases, &bot, 10 * MS), SAMPLE_OVER_LATENCY);
    phases = turned(520 * MS);
    assert_int_equal(probe_judge(&phases, &bot, 10 * MS), SAMPLE_TIMEOUT);
}

/* The same failures: before the bot was asked they are the platform's, afterwards they are no
 * answer of the bot's. */
static void what_fails_before_the_question_is_the_platforms(void **state)
{
    (void)state;
    static const struct {
        bool expired;
        CURLcode code;
        enum probe_stage stage;
        enum sample_result turn;
    } rows[] = {
        {true, CURLE_OK, PROBE_SENT, SAMPLE_TIMEOUT},
        {true, CURLE_OK, PROBE_CONNECTING, SAMPLE_PLATFORM},
        {false, CURLE_RECV_ERROR, PROBE_SENT, SAMPLE_RESET},
        {false, CURLE_COULDNT_CONNECT, PROBE_CONNECTING, SAMPLE_PLATFORM},
        {false, CURLE_COULDNT_RESOLVE_HOST, PROBE_RESOLVING, SAMPLE_PLATFORM},
        {false, CURLE_PEER_FAILED_VERIFICATION, PROBE_SECURING, SAMPLE_PLATFORM},
        {false, CURLE_OUT_OF_MEMORY, PROBE_CONNECTING, SAMPLE_LOCAL},
    };
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct probe_phases phases = {
            .expired = rows[i].expired, .code = rows[i].code, .stage = rows[i].stage};
        phases.step = TALK_TURN;
        assert_int_equal(probe_judge(&phases, &bot, 10 * MS), rows[i].turn);
        phases.step = TALK_SESSION;
        bool local = rows[i].turn == SAMPLE_LOCAL;
        assert_int_equal(probe_judge(&phases, &bot, 10 * MS),
                         local ? SAMPLE_LOCAL : SAMPLE_PLATFORM);
    }
}

static void status_goes_before_body_and_body_before_latency(void **state)
{
    (void)state;
    struct probe_phases phases = answered(1 * MS, 300 * MS);
    phases.word.result = SAMPLE_BODY;
    phases.sample.status = 503;
    assert_int_equal(probe_judge(&phases, &config, 1 * MS), SAMPLE_STATUS);
    phases.sample.status = 200;
    assert_int_equal(probe_judge(&phases, &config, 1 * MS), SAMPLE_BODY);
    phases.word.result = SAMPLE_OK;
    assert_int_equal(probe_judge(&phases, &config, 1 * MS), SAMPLE_OVER_LATENCY);
}

static void a_deadline_says_where_the_probe_stood(void **state)
{
    (void)state;
    const enum sample_result expected[PROBE_STAGE_N] = {
        [PROBE_RESOLVING] = SAMPLE_DNS,
        [PROBE_CONNECTING] = SAMPLE_CONNECT_TIMEOUT,
        [PROBE_SECURING] = SAMPLE_TLS,
        [PROBE_SENT] = SAMPLE_TIMEOUT,
    };
    for (enum probe_stage stage = PROBE_RESOLVING; stage < PROBE_STAGE_N; stage++) {
        struct probe_phases phases = {.stage = stage, .expired = true};
        assert_int_equal(probe_judge(&phases, &config, 0), expected[stage]);
        phases = (struct probe_phases){.stage = stage, .code = CURLE_OPERATION_TIMEDOUT};
        assert_int_equal(probe_judge(&phases, &config, 0), expected[stage]);
    }
}

static void every_failure_has_its_result(void **state)
{
    (void)state;
    const struct {
        CURLcode code;
        int os_error;
        enum sample_result result;
    } rows[] = {
        {CURLE_COULDNT_RESOLVE_HOST, 0, SAMPLE_DNS},
        {CURLE_COULDNT_CONNECT, ECONNREFUSED, SAMPLE_REFUSED},
        {CURLE_COULDNT_CONNECT, ECONNRESET, SAMPLE_REFUSED},
        {CURLE_COULDNT_CONNECT, ETIMEDOUT, SAMPLE_CONNECT_TIMEOUT},
        {CURLE_COULDNT_CONNECT, EHOSTUNREACH, SAMPLE_CONNECT_TIMEOUT},
        {CURLE_COULDNT_CONNECT, ENETUNREACH, SAMPLE_LOCAL},
        {CURLE_COULDNT_CONNECT, EADDRNOTAVAIL, SAMPLE_LOCAL},
        {CURLE_SSL_CONNECT_ERROR, 0, SAMPLE_TLS},
        {CURLE_PEER_FAILED_VERIFICATION, 0, SAMPLE_TLS},
        {CURLE_RECV_ERROR, 0, SAMPLE_RESET},
        {CURLE_SEND_ERROR, 0, SAMPLE_RESET},
        {CURLE_GOT_NOTHING, 0, SAMPLE_RESET},
        {CURLE_PARTIAL_FILE, 0, SAMPLE_RESET},
        {CURLE_COULDNT_RESOLVE_PROXY, 0, SAMPLE_PROXY},
        {CURLE_PROXY, 0, SAMPLE_PROXY},
        {CURLE_OUT_OF_MEMORY, 0, SAMPLE_LOCAL},
        {CURLE_FAILED_INIT, 0, SAMPLE_LOCAL},
        {CURLE_SSL_CACERT_BADFILE, 0, SAMPLE_LOCAL},
    };
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        const struct probe_phases phases = {
            .stage = PROBE_CONNECTING, .code = rows[i].code, .os_error = rows[i].os_error};
        assert_int_equal(probe_judge(&phases, &config, 0), rows[i].result);
    }
}

static void a_proxy_that_answers_or_refuses_is_not_the_target(void **state)
{
    (void)state;
    struct probe_phases phases = {
        .proxied = true, .stage = PROBE_SECURING, .code = CURLE_RECV_ERROR, .proxy_status = 407};
    assert_int_equal(probe_judge(&phases, &config, 0), SAMPLE_PROXY);
    phases = (struct probe_phases){.proxied = true,
                                   .stage = PROBE_CONNECTING,
                                   .code = CURLE_COULDNT_CONNECT,
                                   .os_error = ECONNREFUSED};
    assert_int_equal(probe_judge(&phases, &config, 0), SAMPLE_PROXY);
    phases = (struct probe_phases){.proxied = true, .stage = PROBE_SECURING, .expired = true};
    assert_int_equal(probe_judge(&phases, &config, 0), SAMPLE_PROXY);
}

static void no_socket_is_this_nodes_own_trouble(void **state)
{
    (void)state;
    const struct probe_phases phases = {.code = CURLE_COULDNT_CONNECT, .no_socket = true};
    assert_int_equal(probe_judge(&phases, &config, 0), SAMPLE_LOCAL);
}

/* Feeds `text` in pieces of `piece` bytes. */
static bool finds(const char *wanted, const char *text, size_t piece)
{
    struct probe_match match = {0};
    probe_match_init(&match, wanted);
    size_t length = strlen(text);
    for (size_t at = 0; at < length; at += piece) {
        probe_match_feed(&match, text + at, length - at < piece ? length - at : piece);
    }
    return probe_match_found(&match);
}

static void a_text_is_found_wherever_the_pieces_are_cut(void **state)
{
    (void)state;
    const struct {
        const char *wanted;
        const char *text;
    } rows[] = {
        {"", ""},
        {"ok", "ok"},
        {"ok", "not ok at all"},
        {"aab", "aaaab"},
        {"abab", "abaabab"},
        {"ok", "oko"},
        {"healthy", "unhealthy"},
        {"ok", ""},
        {"ok", "o k"},
        {"aaaa", "aaabaaa"},
        {"abcabd", "abcabcabd"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        for (size_t piece = 1; piece < 8; piece++) {
            assert_int_equal(finds(rows[i].wanted, rows[i].text, piece),
                             strstr(rows[i].text, rows[i].wanted) != NULL);
        }
    }
}

static void the_longest_text_is_found(void **state)
{
    (void)state;
    char wanted[PROBE_MATCH_BYTES_MAX + 1];
    memset(wanted, 'a', sizeof wanted);
    wanted[sizeof wanted - 1] = '\0';
    assert_true(finds(wanted, wanted, 7));
    assert_false(finds(wanted, wanted + 1, 7));
}

static void the_round_trip_is_the_smallest_of_the_recent_ones(void **state)
{
    (void)state;
    struct probe_target target = {0};
    assert_int_equal(probe_target_round_trip_us(&target), PROBE_ROUND_TRIP_UNKNOWN);
    probe_target_add_connect(&target, 5);
    probe_target_add_connect(&target, 9);
    assert_int_equal(probe_target_round_trip_us(&target), 5);
    for (size_t i = 0; i < PROBE_CONNECT_COUNT; i++) {
        probe_target_add_connect(&target, 30);
    }
    assert_int_equal(probe_target_round_trip_us(&target), 30);
}

static void lookups_left_behind_stop_the_next_ones_until_they_ended(void **state)
{
    (void)state;
    struct probe_target target = {0};
    for (size_t i = 0; i < PROBE_LOOKUPS_LEFT_MAX; i++) {
        assert_true(probe_target_may_resolve(&target, 1000));
        probe_target_lookup_left(&target, 1000);
    }
    assert_false(probe_target_may_resolve(&target, 1001));
    assert_false(probe_target_may_resolve(&target, 999 + PROBE_LOOKUP_LEFT_US));
    assert_true(probe_target_may_resolve(&target, 1000 + PROBE_LOOKUP_LEFT_US));
    probe_target_lookup_left(&target, 2000 + PROBE_LOOKUP_LEFT_US);
    assert_true(probe_target_may_resolve(&target, 2001 + PROBE_LOOKUP_LEFT_US));
}

static void a_resolver_that_answers_again_is_asked_again(void **state)
{
    (void)state;
    struct probe_target target = {0};
    for (size_t i = 0; i < PROBE_LOOKUPS_LEFT_MAX; i++) {
        probe_target_lookup_left(&target, 0);
    }
    assert_false(probe_target_may_resolve(&target, 1));
    probe_target_resolved(&target);
    assert_true(probe_target_may_resolve(&target, 1));
}

static void a_full_table_forgets_the_target_that_was_unused_longest(void **state)
{
    (void)state;
    struct probe_targets *targets = calloc(1, sizeof *targets);
    assert_non_null(targets);
    for (size_t i = 0; i < PROBE_TARGET_COUNT_MAX; i++) {
        char key[32];
        (void)snprintf(key, sizeof key, "host-%zu:80", i);
        struct probe_target *target = probe_targets_get(targets, key, (int64_t)i);
        target->probe_count = i == 0 ? 1 : 0; /* the oldest is in use */
        probe_target_add_connect(target, (int32_t)i);
    }
    struct probe_target *fresh = probe_targets_get(targets, "fresh:80", 1000);
    assert_ptr_equal(fresh, &targets->items[1]);
    assert_int_equal(probe_target_round_trip_us(fresh), PROBE_ROUND_TRIP_UNKNOWN);
    assert_int_equal(probe_target_round_trip_us(probe_targets_get(targets, "host-2:80", 1)), 2);
    for (size_t i = 0; i < PROBE_TARGET_COUNT_MAX; i++) {
        targets->items[i].probe_count = 1;
    }
    assert_null(probe_targets_get(targets, "one-too-many:80", 2000));
    free(targets);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_round_trip_is_taken_off_the_latency),
        cmocka_unit_test(one_round_trip_is_taken_off_the_timeout),
        cmocka_unit_test(latency_of_total_takes_the_whole_probe_and_nothing_off),
        cmocka_unit_test(a_reused_connection_takes_off_the_smallest_recent_round_trip),
        cmocka_unit_test(a_lost_syn_is_not_taken_for_distance),
        cmocka_unit_test(a_tcp_target_is_held_to_its_latency_over_the_smallest_round_trip),
        cmocka_unit_test(a_bot_is_judged_by_its_turn_alone),
        cmocka_unit_test(what_fails_before_the_question_is_the_platforms),
        cmocka_unit_test(status_goes_before_body_and_body_before_latency),
        cmocka_unit_test(a_deadline_says_where_the_probe_stood),
        cmocka_unit_test(every_failure_has_its_result),
        cmocka_unit_test(a_proxy_that_answers_or_refuses_is_not_the_target),
        cmocka_unit_test(no_socket_is_this_nodes_own_trouble),
        cmocka_unit_test(a_text_is_found_wherever_the_pieces_are_cut),
        cmocka_unit_test(the_longest_text_is_found),
        cmocka_unit_test(the_round_trip_is_the_smallest_of_the_recent_ones),
        cmocka_unit_test(lookups_left_behind_stop_the_next_ones_until_they_ended),
        cmocka_unit_test(a_resolver_that_answers_again_is_asked_again),
        cmocka_unit_test(a_full_table_forgets_the_target_that_was_unused_longest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
