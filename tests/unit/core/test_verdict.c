#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/errors.h"
#include "common/prng.h"
#include "node/core/verdict.h"

enum { WITHIN_MS = 120000, STEP_MS = 5000 };

static struct service_settings rule(uint8_t fail, uint8_t of, bool consecutive)
{
    return (struct service_settings){
        .rule_fail = fail, .rule_of = of, .consecutive = consecutive, .within_ms = WITHIN_MS};
}

/* Ballots as letters, oldest first: F down, f slow, P. Each STEP_MS after the one before. */
static time_ms push_all(struct rolling *rolling, const char *ballots, uint8_t of)
{
    time_ms now_ms = 1000;
    *rolling = (struct rolling){0};
    for (const char *letter = ballots; *letter != '\0'; letter++) {
        struct ballot_record record = {.result = *letter == 'P' ? BALLOT_PASS : BALLOT_FAIL,
                                       .severity = *letter == 'F' ? SEVERITY_DOWN : SEVERITY_SLOW,
                                       .closed_ms = now_ms};
        rolling_push(rolling, &record, of);
        now_ms += STEP_MS;
    }
    return now_ms;
}

struct row {
    const char *ballots;
    bool consecutive;
    enum verdict verdict;
    enum severity severity; /* of a conviction */
};

static const struct row rows[] = {
    {"", false, VERDICT_OPEN, SEVERITY_DOWN},
    {"F", false, VERDICT_OPEN, SEVERITY_DOWN},
    {"FF", false, VERDICT_OPEN, SEVERITY_DOWN},
    {"FFF", false, VERDICT_CONVICTED, SEVERITY_DOWN},
    {"FPFPF", false, VERDICT_CONVICTED, SEVERITY_DOWN},
    {"FPFPPF", false, VERDICT_OPEN, SEVERITY_DOWN}, /* the oldest of six does not count */
    {"FFPPF", false, VERDICT_CONVICTED, SEVERITY_DOWN},
    {"FFFPP", false, VERDICT_CONVICTED, SEVERITY_DOWN},
    {"FFFPPP", false, VERDICT_ACQUITTED, SEVERITY_DOWN},
    {"PP", false, VERDICT_OPEN, SEVERITY_DOWN},
    {"PPP", false, VERDICT_ACQUITTED, SEVERITY_DOWN},
    {"PPPF", false, VERDICT_OPEN, SEVERITY_DOWN},
    {"PPFP", false, VERDICT_OPEN, SEVERITY_DOWN},
    {"FPPP", false, VERDICT_ACQUITTED, SEVERITY_DOWN},
    /* severity */
    {"FFf", false, VERDICT_CONVICTED, SEVERITY_SLOW},
    {"fFFF", false, VERDICT_CONVICTED, SEVERITY_DOWN}, /* the newest three convict */
    {"FfFPF", false, VERDICT_CONVICTED, SEVERITY_SLOW},
    {"fff", false, VERDICT_CONVICTED, SEVERITY_SLOW},
    /* three in a row */
    {"FPFF", true, VERDICT_OPEN, SEVERITY_DOWN},
    {"FPFPF", true, VERDICT_OPEN, SEVERITY_DOWN},
    {"PFFF", true, VERDICT_CONVICTED, SEVERITY_DOWN},
    {"FFFP", true, VERDICT_OPEN, SEVERITY_DOWN},
    {"PPP", true, VERDICT_ACQUITTED, SEVERITY_DOWN},
};

static void three_of_five_convict_and_three_passes_acquit(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct service_settings settings = rule(3, 5, rows[i].consecutive);
        struct rolling rolling;
        time_ms now_ms = push_all(&rolling, rows[i].ballots, settings.rule_of);
        struct finding finding = verdict_of(&rolling, &settings, now_ms);
        if (finding.verdict != rows[i].verdict ||
            (finding.verdict == VERDICT_CONVICTED && finding.severity != rows[i].severity))
            fail_msg("%s: %d/%s", rows[i].ballots, (int)finding.verdict,
                     severity_name(finding.severity));
    }
}

static void only_young_ballots_count(void **state)
{
    (void)state;
    struct service_settings settings = rule(3, 5, false);
    struct rolling rolling;
    (void)push_all(&rolling, "FFF", 5);
    time_ms first_ms = rolling.records[0].closed_ms;
    assert_int_equal(verdict_of(&rolling, &settings, first_ms + WITHIN_MS - 1).verdict,
                     VERDICT_CONVICTED);
    struct finding finding = verdict_of(&rolling, &settings, first_ms + WITHIN_MS);
    assert_int_equal(finding.verdict, VERDICT_OPEN);
    assert_int_equal(finding.fails, 2);
    assert_int_equal(finding.decided, 2);
}

static void the_last_value_is_that_of_the_newest_young_ballot(void **state)
{
    (void)state;
    struct service_settings settings = rule(3, 5, false);
    struct rolling rolling = {0};
    enum vote_value value;
    assert_int_equal(verdict_last_value(&rolling, &settings, 0, &value), ERR_NOT_FOUND);
    time_ms now_ms = push_all(&rolling, "FfP", 5);
    assert_int_equal(verdict_last_value(&rolling, &settings, now_ms, &value), 0);
    assert_int_equal(value, VOTE_UP);
    now_ms = push_all(&rolling, "PF", 5);
    assert_int_equal(verdict_last_value(&rolling, &settings, now_ms, &value), 0);
    assert_int_equal(value, VOTE_DOWN);
    now_ms = push_all(&rolling, "Pf", 5);
    assert_int_equal(verdict_last_value(&rolling, &settings, now_ms, &value), 0);
    assert_int_equal(value, VOTE_SLOW);
    assert_int_equal(verdict_last_value(&rolling, &settings, now_ms + WITHIN_MS, &value),
                     ERR_NOT_FOUND);
}

static void a_smaller_rule_makes_the_row_shorter(void **state)
{
    (void)state;
    struct rolling rolling;
    struct ballot_record record = {.result = BALLOT_PASS, .ballot = 99};
    (void)push_all(&rolling, "FFFFFFFFF", ROLLING_COUNT_MAX);
    assert_int_equal(rolling.count, ROLLING_COUNT_MAX);
    rolling_push(&rolling, &record, 3);
    assert_int_equal(rolling.count, 3);
    assert_int_equal(rolling.records[2].ballot, 99);
}

/* The rule as DESIGN words it, written down without any cleverness, over the whole history. */
struct history {
    size_t count;
    struct ballot_record records[40];
};

static struct finding oracle(const struct history *history, const struct service_settings *settings,
                             time_ms now_ms)
{
    struct ballot_record young[ROLLING_COUNT_MAX];
    size_t count = 0;
    size_t first = history->count > settings->rule_of ? history->count - settings->rule_of : 0;
    struct finding finding = {.verdict = VERDICT_OPEN, .severity = SEVERITY_DOWN};
    for (size_t i = first; i < history->count; i++)
        if (now_ms - history->records[i].closed_ms < settings->within_ms)
            young[count++] = history->records[i];
    uint8_t last_fails_in_row = 0;
    for (size_t i = 0; i < count; i++) {
        bool failed = young[i].result == BALLOT_FAIL;
        finding.fails = (uint8_t)(finding.fails + failed);
        last_fails_in_row = failed ? (uint8_t)(last_fails_in_row + 1) : 0;
        finding.passes_in_row = failed ? 0 : (uint8_t)(finding.passes_in_row + 1);
    }
    finding.decided = (uint8_t)count;
    uint8_t convicting = settings->consecutive ? last_fails_in_row : finding.fails;
    if (convicting >= settings->rule_fail) {
        uint8_t seen = 0;
        finding.verdict = VERDICT_CONVICTED;
        for (size_t i = count; i > 0; i--)
            if (young[i - 1].result == BALLOT_FAIL && seen++ < settings->rule_fail &&
                young[i - 1].severity == SEVERITY_SLOW)
                finding.severity = SEVERITY_SLOW;
    } else if (finding.passes_in_row >= 3) {
        finding.verdict = VERDICT_ACQUITTED;
    }
    return finding;
}

static void compare(const struct finding *seen, const struct finding *expected, uint64_t seed)
{
    bool same = seen->verdict == expected->verdict && seen->fails == expected->fails &&
                seen->passes_in_row == expected->passes_in_row &&
                seen->decided == expected->decided &&
                (seen->verdict != VERDICT_CONVICTED || seen->severity == expected->severity);
    if (!same)
        fail_msg("seed %llu: %d/%u/%u instead of %d/%u/%u", (unsigned long long)seed,
                 (int)seen->verdict, seen->fails, seen->passes_in_row, (int)expected->verdict,
                 expected->fails, expected->passes_in_row);
}

static void the_verdict_agrees_with_a_plain_reading_of_the_rule(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 4000; seed++) {
        struct prng prng;
        struct history history = {0};
        struct rolling rolling = {0};
        time_ms now_ms = 0;
        prng_init(&prng, seed);
        uint8_t of = (uint8_t)(1 + prng_below(&prng, ROLLING_COUNT_MAX));
        struct service_settings settings =
            rule((uint8_t)(1 + prng_below(&prng, of)), of, prng_below(&prng, 2) == 0);
        uint64_t pass_percent = prng_below(&prng, 101);
        for (int i = 0; i < 40; i++) {
            bool pass = prng_below(&prng, 100) < pass_percent;
            now_ms += (time_ms)prng_below(&prng, WITHIN_MS / 2);
            struct ballot_record record = {.result = pass ? BALLOT_PASS : BALLOT_FAIL,
                                           .severity = (enum severity)prng_below(&prng, SEVERITY_N),
                                           .closed_ms = now_ms};
            history.records[history.count++] = record;
            rolling_push(&rolling, &record, of);
            now_ms += (time_ms)prng_below(&prng, 1000);
            struct finding seen = verdict_of(&rolling, &settings, now_ms);
            struct finding expected = oracle(&history, &settings, now_ms);
            compare(&seen, &expected, seed);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(three_of_five_convict_and_three_passes_acquit),
        cmocka_unit_test(only_young_ballots_count),
        cmocka_unit_test(the_last_value_is_that_of_the_newest_young_ballot),
        cmocka_unit_test(a_smaller_rule_makes_the_row_shorter),
        cmocka_unit_test(the_verdict_agrees_with_a_plain_reading_of_the_rule),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
