#include "common/duration.h"

#include "common/errors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/check.h"

static const time_ms day_ms = INT64_C(24) * 3600 * 1000;

static void assert_parses(const char *word, time_ms expected)
{
    time_ms duration = -1;
    assert_int_equal(duration_parse(word, &duration), 0);
    assert_int_equal(duration, expected);
}

static void assert_refused(const char *word, int expected)
{
    time_ms duration = -1;
    assert_int_equal(duration_parse(word, &duration), expected);
    assert_int_equal(duration, -1);
}

static void each_unit_is_understood(void **state)
{
    (void)state;
    assert_parses("500ms", 500);
    assert_parses("30s", 30000);
    assert_parses("2m", 120000);
    assert_parses("24h", day_ms);
    assert_parses("7d", 7 * day_ms);
    assert_parses("0s", 0);
    assert_parses("0000001s", 1000);
}

static void a_chain_in_falling_units_is_a_sum(void **state)
{
    (void)state;
    assert_parses("1m30s", 90000);
    assert_parses("1d2h3m4s5ms", day_ms + 7384005);
    assert_parses("1m500ms", 60500);
}

static void a_chain_that_rises_or_repeats_is_refused(void **state)
{
    (void)state;
    assert_refused("30s1m", ERR_INVALID);
    assert_refused("1s1s", ERR_INVALID);
    assert_refused("1ms1s", ERR_INVALID);
}

static void a_word_without_a_known_unit_is_refused(void **state)
{
    (void)state;
    static const char *const words[] = {
        "",   "30", "s",    "-1s",  "+1s",   "1.5s", "1 s",  " 1s", "1s ",
        "1w", "1S", "1sec", "1mss", "0x10s", "1s30", "1,5s", "1µs", "1sm",
    };
    for (size_t i = 0; i < ARRAY_COUNT(words); i++)
        assert_refused(words[i], ERR_INVALID);
}

static void ten_years_are_the_most(void **state)
{
    (void)state;
    assert_parses("3650d", 3650 * day_ms);
    assert_refused("3650d1ms", ERR_TOO_LARGE);
    assert_refused("3651d", ERR_TOO_LARGE);
    assert_refused("99999999999999999999999999d", ERR_TOO_LARGE);
    assert_parses("315360000000ms", 3650 * day_ms);
}

static void assert_formats(time_ms duration, const char *expected)
{
    char buffer[DURATION_BYTES];
    assert_string_equal(duration_format(duration, buffer), expected);
}

static void the_shortest_exact_form_is_written(void **state)
{
    (void)state;
    assert_formats(0, "0s");
    assert_formats(1, "1ms");
    assert_formats(90000, "1m30s");
    assert_formats(day_ms + 7384005, "1d2h3m4s5ms");
    assert_formats(7 * day_ms, "7d");
    assert_formats(-1500, "-1s500ms");
}

static void the_extremes_fit_the_buffer(void **state)
{
    (void)state;
    assert_formats(INT64_MAX, "106751991167d7h12m55s807ms");
    assert_formats(INT64_MIN, "-106751991167d7h12m55s808ms");
}

static void what_is_written_is_read_back(void **state)
{
    (void)state;
    for (time_ms duration = 0; duration < 400 * day_ms; duration = duration * 3 + 1) {
        char buffer[DURATION_BYTES];
        assert_parses(duration_format(duration, buffer), duration);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_unit_is_understood),
        cmocka_unit_test(a_chain_in_falling_units_is_a_sum),
        cmocka_unit_test(a_chain_that_rises_or_repeats_is_refused),
        cmocka_unit_test(a_word_without_a_known_unit_is_refused),
        cmocka_unit_test(ten_years_are_the_most),
        cmocka_unit_test(the_shortest_exact_form_is_written),
        cmocka_unit_test(the_extremes_fit_the_buffer),
        cmocka_unit_test(what_is_written_is_read_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
