#include "proto/operation.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "common/errors.h"

static void clean_reasons_are_taken_and_padded(void **state)
{
    char reason[REASON_SIZE];
    char longest[REASON_SIZE] = {0};
    (void)state;
    memset(longest, 'x', REASON_BYTES_MAX);
    memset(reason, 0xff, sizeof reason);
    assert_int_equal(reason_set(reason, "gr\xc3\xbc\xc3\x9f \xf0\x9f\x9a\xa6"), 0);
    assert_string_equal(reason, "gr\xc3\xbc\xc3\x9f \xf0\x9f\x9a\xa6");
    assert_int_equal(reason[REASON_SIZE - 1], 0);
    assert_int_equal(reason_set(reason, ""), 0);
    assert_int_equal(reason_set(reason, longest), 0);
}

static void unclean_reasons_are_refused(void **state)
{
    static const char *const reasons[] = {
        "line\nfeed",   "\x7f",
        "\x80",         "\xc0\xaf",
        "\xe0\x80\xaf", "\xed\xa0\x80",
        "\xf0\x8f\xbf", "\xf4\x90\x80\x80",
        "\xf5",         "\xc3",
        "\xe2\x82",     "\xe2\x28\xa1",
        "\xc2\x85",     "\xf0\x8f\xbf\xbf",
        "ok\xff",
    };
    char reason[REASON_SIZE] = "kept";
    char over[REASON_SIZE + 1] = {0};
    (void)state;
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
        assert_int_equal(reason_set(reason, reasons[i]), ERR_INVALID);
    memset(over, 'x', REASON_SIZE);
    assert_int_equal(reason_set(reason, over), ERR_TOO_LARGE);
    assert_string_equal(reason, "kept");
}

static void kinds_have_names(void **state)
{
    (void)state;
    for (int kind = 0; kind < OPERATION_KIND_N; kind++)
        assert_string_not_equal(operation_kind_name((enum operation_kind)kind), "?");
    assert_string_equal(operation_kind_name(OPERATION_KIND_N), "?");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(clean_reasons_are_taken_and_padded),
        cmocka_unit_test(unclean_reasons_are_refused),
        cmocka_unit_test(kinds_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
