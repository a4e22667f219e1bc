#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "node/core/sample.h"

struct row {
    enum sample_result result;
    enum vote_value value;
    enum vote_reason reason;
    bool authoritative;
    bool failure; /* of a reference */
};

/* DESIGN 2.3: only the target's own wrong status or body holds whatever the node thinks of itself.
 */
static const struct row rows[] = {
    {SAMPLE_OK, VOTE_UP, VOTE_REASON_OK, true, false},
    {SAMPLE_OVER_LATENCY, VOTE_SLOW, VOTE_REASON_OVER_LATENCY, false, false},
    {SAMPLE_STATUS, VOTE_DOWN, VOTE_REASON_STATUS, true, false},
    {SAMPLE_BODY, VOTE_DOWN, VOTE_REASON_BODY, true, false},
    {SAMPLE_DNS, VOTE_DOWN, VOTE_REASON_NO_ANSWER, false, true},
    {SAMPLE_REFUSED, VOTE_DOWN, VOTE_REASON_NO_ANSWER, false, true},
    {SAMPLE_CONNECT_TIMEOUT, VOTE_DOWN, VOTE_REASON_NO_ANSWER, false, true},
    {SAMPLE_TLS, VOTE_DOWN, VOTE_REASON_NO_ANSWER, false, true},
    {SAMPLE_TIMEOUT, VOTE_DOWN, VOTE_REASON_NO_ANSWER, false, true},
    {SAMPLE_RESET, VOTE_DOWN, VOTE_REASON_NO_ANSWER, false, true},
    {SAMPLE_PROXY, VOTE_DOWN, VOTE_REASON_NO_ANSWER, false, true},
    {SAMPLE_LOCAL, VOTE_CANNOT_TELL, VOTE_REASON_LOCAL, true, true},
    {SAMPLE_BOT, VOTE_DOWN, VOTE_REASON_BOT, true, false},
    {SAMPLE_PLATFORM, VOTE_CANNOT_TELL, VOTE_REASON_PLATFORM, true, true},
};

static void every_result_has_its_meaning(void **state)
{
    (void)state;
    assert_int_equal(sizeof rows / sizeof rows[0], SAMPLE_RESULT_N);
    for (size_t i = 0; i < SAMPLE_RESULT_N; i++) {
        const struct sample_meaning *meaning = sample_meaning(rows[i].result);
        struct sample sample = {.result = rows[i].result};
        assert_int_equal(meaning->result, rows[i].result);
        assert_int_equal(meaning->value, rows[i].value);
        assert_int_equal(meaning->reason, rows[i].reason);
        assert_int_equal(meaning->authoritative, rows[i].authoritative);
        assert_int_equal(sample_is_failure(&sample), rows[i].failure);
    }
}

static void short_codes_are_short_and_differ(void **state)
{
    (void)state;
    for (int i = 0; i < SAMPLE_RESULT_N; i++) {
        const char *code = sample_meaning((enum sample_result)i)->short_code;
        assert_in_range(strlen(code), 1, 4);
        for (int j = 0; j < i; j++)
            assert_string_not_equal(code, sample_meaning((enum sample_result)j)->short_code);
    }
}

static void a_result_out_of_range_is_this_nodes_own_fault(void **state)
{
    (void)state;
    assert_int_equal(sample_meaning((enum sample_result)99)->result, SAMPLE_LOCAL);
}

static void the_whole_time_holds_connecting_where_the_connection_is_fresh(void **state)
{
    (void)state;
    struct sample sample = {
        .result = SAMPLE_OK, .connect_us = 20000, .tls_us = 30000, .total_us = 50000};
    assert_int_equal(sample_whole_us(&sample), 100000);
    sample.reused = true;
    assert_int_equal(sample_whole_us(&sample), 50000);
    sample = (struct sample){.result = SAMPLE_OK, .connect_us = -1, .tls_us = -1, .total_us = 7};
    assert_int_equal(sample_whole_us(&sample), 7);
}

static void a_failure_has_no_whole_time(void **state)
{
    (void)state;
    struct sample sample = {.result = SAMPLE_TIMEOUT, .connect_us = 20000, .total_us = 500000};
    assert_int_equal(sample_whole_us(&sample), -1);
    sample = (struct sample){.result = SAMPLE_OK, .total_us = -1};
    assert_int_equal(sample_whole_us(&sample), -1);
}

static void huge_times_do_not_overflow(void **state)
{
    (void)state;
    struct sample sample = {
        .result = SAMPLE_OK, .connect_us = INT32_MAX, .tls_us = INT32_MAX, .total_us = INT32_MAX};
    assert_int_equal(sample_whole_us(&sample), INT32_MAX);
}

static void only_a_fresh_connection_shows_the_round_trip(void **state)
{
    (void)state;
    struct sample sample = {.connect_us = 20000};
    assert_int_equal(sample_round_trip_us(&sample), 20000);
    sample.reused = true;
    assert_int_equal(sample_round_trip_us(&sample), -1);
    sample = (struct sample){.connect_us = -1};
    assert_int_equal(sample_round_trip_us(&sample), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_result_has_its_meaning),
        cmocka_unit_test(short_codes_are_short_and_differ),
        cmocka_unit_test(a_result_out_of_range_is_this_nodes_own_fault),
        cmocka_unit_test(the_whole_time_holds_connecting_where_the_connection_is_fresh),
        cmocka_unit_test(a_failure_has_no_whole_time),
        cmocka_unit_test(huge_times_do_not_overflow),
        cmocka_unit_test(only_a_fresh_connection_shows_the_round_trip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
