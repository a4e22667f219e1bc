#include "common/text.h"

#include "common/errors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "common/check.h"

static void an_empty_text_is_all_zeros(void **state)
{
    (void)state;
    struct text text = {.length = 0};
    text_add(&text, "%s=%d", "key", 7);
    assert_string_equal(text.bytes, "key=7");
    assert_int_equal(text.length, 5);
    assert_false(text.cut);
}

static void adding_appends_and_setting_replaces(void **state)
{
    (void)state;
    struct text text = {.length = 0};
    text_add(&text, "one");
    text_add(&text, " two");
    assert_string_equal(text.bytes, "one two");
    text_set(&text, "three");
    assert_string_equal(text.bytes, "three");
    text_clear(&text);
    assert_string_equal(text.bytes, "");
    assert_int_equal(text.length, 0);
}

static void what_does_not_fit_is_cut_and_remembered(void **state)
{
    (void)state;
    struct text text = {.length = 0};
    text_add(&text, "%*s", TEXT_BYTES - 1, "x");
    assert_int_equal(text.length, TEXT_BYTES - 1);
    assert_false(text.cut);
    text_add(&text, "y");
    assert_true(text.cut);
    assert_int_equal(text.length, TEXT_BYTES - 1);
    assert_int_equal(strlen(text.bytes), TEXT_BYTES - 1);
    text_add(&text, "%s", "");
    assert_true(text.cut);
    text_set(&text, "short");
    assert_false(text.cut);
}

static void a_copy_that_does_not_fit_copies_nothing(void **state)
{
    (void)state;
    char buffer[4] = "old";
    assert_int_equal(text_copy(buffer, sizeof buffer, "four"), ERR_TOO_LARGE);
    assert_string_equal(buffer, "old");
    assert_int_equal(text_copy(buffer, 0, ""), ERR_TOO_LARGE);
    assert_int_equal(text_copy(buffer, sizeof buffer, "new"), 0);
    assert_string_equal(buffer, "new");
}

static void secrets_are_equal_only_byte_for_byte(void **state)
{
    (void)state;
    assert_true(text_equal_secret("", ""));
    assert_true(text_equal_secret("token", "token"));
    assert_false(text_equal_secret("token", "tokeN"));
    assert_false(text_equal_secret("token", "toke"));
    assert_false(text_equal_secret("toke", "token"));
    assert_false(text_equal_secret("", "t"));
    assert_false(text_equal_secret("t", ""));
}

static const char *const keys[] = {"interval", "timeout", "latency", "min_zones", "of"};

static void a_slip_of_the_fingers_finds_its_word(void **state)
{
    (void)state;
    assert_string_equal(text_nearest("intervall", keys, ARRAY_COUNT(keys)), "interval");
    assert_string_equal(text_nearest("tiemout", keys, ARRAY_COUNT(keys)), "timeout");
    assert_string_equal(text_nearest("minzones", keys, ARRAY_COUNT(keys)), "min_zones");
    assert_string_equal(text_nearest("latency", keys, ARRAY_COUNT(keys)), "latency");
    assert_string_equal(text_nearest("off", keys, ARRAY_COUNT(keys)), "of");
}

static void a_strange_word_finds_nothing(void **state)
{
    (void)state;
    char long_word[200];
    memset(long_word, 'i', sizeof long_word - 1);
    long_word[sizeof long_word - 1] = '\0';
    assert_null(text_nearest("banana", keys, ARRAY_COUNT(keys)));
    assert_null(text_nearest("", keys, ARRAY_COUNT(keys)));
    assert_null(text_nearest(long_word, keys, ARRAY_COUNT(keys)));
    assert_null(text_nearest("interval", keys, 0));
}

static void of_equally_near_words_the_first_wins(void **state)
{
    (void)state;
    static const char *const words[] = {"cat", "car", "can"};
    assert_string_equal(text_nearest("cap", words, ARRAY_COUNT(words)), "cat");
    assert_string_equal(text_nearest("can", words, ARRAY_COUNT(words)), "can");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_text_is_all_zeros),
        cmocka_unit_test(adding_appends_and_setting_replaces),
        cmocka_unit_test(what_does_not_fit_is_cut_and_remembered),
        cmocka_unit_test(a_copy_that_does_not_fit_copies_nothing),
        cmocka_unit_test(secrets_are_equal_only_byte_for_byte),
        cmocka_unit_test(a_slip_of_the_fingers_finds_its_word),
        cmocka_unit_test(a_strange_word_finds_nothing),
        cmocka_unit_test(of_equally_near_words_the_first_wins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
