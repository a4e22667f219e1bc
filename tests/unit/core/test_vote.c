#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "node/core/vote.h"
#include "proto/level.h"

static const struct trust_settings settings = {
    .timer_late_ms = 100, .inflation_minimum_ms = 100, .inflation_factor = 3};

struct distrust_row {
    const char *what;
    struct round_trust trust; /* count, failed, inflated, late, config, peers, proof */
    enum vote_reason reason;
};

static const struct distrust_row distrust_rows[] = {
    {"all is well", {3, 0, 0, 0, false, false, false}, VOTE_REASON_OK},
    {"one of three failed", {3, 1, 0, 0, false, false, false}, VOTE_REASON_OK},
    {"two of three failed", {3, 2, 0, 0, false, false, false}, VOTE_REASON_REFERENCES_FAILED},
    {"two of three slow", {3, 0, 2, 0, false, false, false}, VOTE_REASON_REFERENCES_INFLATED},
    {"one failed, one slow", {3, 1, 1, 0, false, false, false}, VOTE_REASON_REFERENCES_INFLATED},
    {"half of four is no majority", {4, 2, 0, 0, false, false, false}, VOTE_REASON_OK},
    {"three of four", {4, 1, 2, 0, false, false, false}, VOTE_REASON_REFERENCES_INFLATED},
    {"timers at the limit", {3, 0, 0, 100, false, false, false}, VOTE_REASON_OK},
    {"timers late", {3, 0, 0, 101, false, false, false}, VOTE_REASON_TIMER_LATE},
    {"late and references failed", {3, 3, 0, 101, false, true, true}, VOTE_REASON_TIMER_LATE},
    {"another configuration", {3, 3, 0, 101, true, true, true}, VOTE_REASON_CONFIG_DIFFERS},
    {"lifted by peers and proof", {3, 3, 0, 0, false, true, true}, VOTE_REASON_OK},
    {"peers alone do not lift", {3, 3, 0, 0, false, true, false}, VOTE_REASON_REFERENCES_FAILED},
    {"proof alone does not lift",
     {3, 0, 3, 0, false, false, true},
     VOTE_REASON_REFERENCES_INFLATED},
};

static void a_node_trusts_itself_only_where_the_round_allows_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof distrust_rows / sizeof distrust_rows[0]; i++) {
        const struct distrust_row *row = &distrust_rows[i];
        if (vote_distrust(&row->trust, &settings) != row->reason)
            fail_msg("%s: %s", row->what, vote_reason_text(vote_distrust(&row->trust, &settings)));
    }
}

struct judge_row {
    enum sample_result result;
    struct round_trust trust;
    enum vote_value value;
    enum vote_reason reason;
};

static const struct judge_row judge_rows[] = {
    {SAMPLE_OK, {.reference_count = 3}, VOTE_UP, VOTE_REASON_OK},
    {SAMPLE_TIMEOUT, {.reference_count = 3}, VOTE_DOWN, VOTE_REASON_NO_ANSWER},
    {SAMPLE_OVER_LATENCY, {.reference_count = 3}, VOTE_SLOW, VOTE_REASON_OVER_LATENCY},
    /* a node that does not trust itself */
    {SAMPLE_TIMEOUT,
     {3, 2, 0, 0, false, false, false},
     VOTE_CANNOT_TELL,
     VOTE_REASON_REFERENCES_FAILED},
    {SAMPLE_OVER_LATENCY,
     {3, 0, 2, 0, false, false, false},
     VOTE_CANNOT_TELL,
     VOTE_REASON_REFERENCES_INFLATED},
    {SAMPLE_REFUSED, {3, 0, 0, 500, false, false, false}, VOTE_CANNOT_TELL, VOTE_REASON_TIMER_LATE},
    /* the target's own word stands */
    {SAMPLE_OK, {3, 3, 0, 0, false, false, false}, VOTE_UP, VOTE_REASON_OK},
    {SAMPLE_STATUS, {3, 3, 0, 0, false, false, false}, VOTE_DOWN, VOTE_REASON_STATUS},
    {SAMPLE_BODY, {3, 0, 3, 500, false, false, false}, VOTE_DOWN, VOTE_REASON_BODY},
    /* but not about another configuration */
    {SAMPLE_OK, {3, 0, 0, 0, true, false, false}, VOTE_CANNOT_TELL, VOTE_REASON_CONFIG_DIFFERS},
    {SAMPLE_STATUS, {3, 0, 0, 0, true, false, false}, VOTE_CANNOT_TELL, VOTE_REASON_CONFIG_DIFFERS},
    {SAMPLE_LOCAL, {.reference_count = 3}, VOTE_CANNOT_TELL, VOTE_REASON_LOCAL},
    {SAMPLE_TIMEOUT, {3, 3, 0, 0, false, true, true}, VOTE_DOWN, VOTE_REASON_NO_ANSWER},
    {SAMPLE_BOT, {3, 3, 0, 0, false, false, false}, VOTE_DOWN, VOTE_REASON_BOT},
    /* what the platform refuses says nothing about the bot, however well the node is */
    {SAMPLE_PLATFORM, {.reference_count = 3}, VOTE_CANNOT_TELL, VOTE_REASON_PLATFORM},
};

static void a_vote_is_the_sample_as_far_as_the_node_trusts_itself(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof judge_rows / sizeof judge_rows[0]; i++) {
        const struct judge_row *row = &judge_rows[i];
        struct sample sample = {.result = row->result, .total_us = 42};
        struct side_vote vote;
        vote_judge(&sample, &row->trust, &settings, &vote);
        if (vote.value != row->value || vote.reason != row->reason)
            fail_msg("row %zu: %s, %s", i, vote_value_name(vote.value),
                     vote_reason_text(vote.reason));
        assert_int_equal(vote.sample.total_us, 42);
        assert_int_equal(vote.reference_count, row->trust.reference_count);
        assert_int_equal(vote.reference_failed, row->trust.reference_failed);
        assert_int_equal(vote.reference_inflated, row->trust.reference_inflated);
    }
}

static struct side_vote vote_of(enum sample_result result)
{
    const struct round_trust trust = {.reference_count = 3};
    struct sample sample = {.result = result, .detail = "Exit Error"};
    struct side_vote vote;
    vote_judge(&sample, &trust, &settings, &vote);
    return vote;
}

static void a_lower_level_hears_the_same_in_its_own_words(void **state)
{
    (void)state;
    struct side_vote vote = vote_of(SAMPLE_BOT);
    vote_lower(&vote, PROTO_LEVEL_HELLO);
    assert_int_equal(vote.value, VOTE_DOWN);
    assert_int_equal(vote.reason, VOTE_REASON_BODY);
    assert_int_equal(vote.sample.result, SAMPLE_BODY);
    assert_string_equal(vote.sample.detail, "");
    vote = vote_of(SAMPLE_PLATFORM);
    vote_lower(&vote, PROTO_LEVEL_HELLO);
    assert_int_equal(vote.value, VOTE_CANNOT_TELL);
    assert_int_equal(vote.reason, VOTE_REASON_LOCAL);
    assert_int_equal(vote.sample.result, SAMPLE_LOCAL);
    vote = vote_of(SAMPLE_BOT);
    vote_lower(&vote, PROTO_LEVEL_STEPS);
    assert_int_equal(vote.sample.result, SAMPLE_BOT);
    assert_string_equal(vote.sample.detail, "Exit Error");
}

static void inflated_is_over_three_times_the_minimum_and_a_hundred_more(void **state)
{
    (void)state;
    assert_false(vote_is_inflated(110000, 10000, &settings)); /* 10 ms: the hundred counts */
    assert_true(vote_is_inflated(110001, 10000, &settings));
    assert_false(vote_is_inflated(600000, 200000, &settings)); /* 200 ms: the factor counts */
    assert_true(vote_is_inflated(600001, 200000, &settings));
}

static void nothing_is_inflated_without_a_history(void **state)
{
    (void)state;
    assert_false(vote_is_inflated(INT32_MAX, -1, &settings));
    assert_false(vote_is_inflated(-1, 10000, &settings));
    assert_false(vote_is_inflated(INT32_MAX, INT32_MAX, &settings));
}

static void the_rolling_minimum_forgets_what_is_old(void **state)
{
    (void)state;
    struct rolling_minimum minimum = {0};
    assert_int_equal(rolling_minimum_get(&minimum), -1);
    rolling_minimum_add(&minimum, 5);
    for (int i = 0; i < INFLATION_HISTORY_MAX - 1; i++)
        rolling_minimum_add(&minimum, 50);
    assert_int_equal(rolling_minimum_get(&minimum), 5);
    rolling_minimum_add(&minimum, 60);
    assert_int_equal(rolling_minimum_get(&minimum), 50);
}

static void slow_and_down_are_words_against_a_side(void **state)
{
    (void)state;
    assert_true(vote_is_not_up(VOTE_DOWN));
    assert_true(vote_is_not_up(VOTE_SLOW));
    assert_false(vote_is_not_up(VOTE_UP));
    assert_false(vote_is_not_up(VOTE_CANNOT_TELL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_node_trusts_itself_only_where_the_round_allows_it),
        cmocka_unit_test(a_vote_is_the_sample_as_far_as_the_node_trusts_itself),
        cmocka_unit_test(a_lower_level_hears_the_same_in_its_own_words),
        cmocka_unit_test(inflated_is_over_three_times_the_minimum_and_a_hundred_more),
        cmocka_unit_test(nothing_is_inflated_without_a_history),
        cmocka_unit_test(the_rolling_minimum_forgets_what_is_old),
        cmocka_unit_test(slow_and_down_are_words_against_a_side),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
