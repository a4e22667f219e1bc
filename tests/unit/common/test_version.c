#include "common/version.h"

#include "common/errors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/check.h"

static int compare(const char *a, const char *b)
{
    struct version left;
    struct version right;
    assert_int_equal(version_parse(a, &left), 0);
    assert_int_equal(version_parse(b, &right), 0);
    int order = version_compare(&left, &right);
    assert_int_equal(order, -version_compare(&right, &left));
    return order;
}

static void parts_are_compared_as_numbers(void **state)
{
    (void)state;
    assert_true(compare("27.0", "v1.0.5") > 0);
    assert_true(compare("1.0.10", "1.0.9") > 0);
    assert_true(compare("v1.0.4", "1.0.5") < 0);
    assert_true(compare("2", "1.9.9") > 0);
    assert_int_equal(compare("V1.0.5", "1.0.5"), 0);
    assert_int_equal(compare("1.0", "1.0.0"), 0);
    assert_int_equal(compare("01.00", "1"), 0);
}

static void what_is_no_number_is_refused(void **state)
{
    (void)state;
    static const char *const words[] = {"",    "v",    ".",   "1.",         "1..2",
                                        ".1",  "1.0a", "-1",  "vv1",        "1.0-rc1",
                                        " 1",  "1 ",   "1,0", "4294967296", "1.2.3.4.5.6.7.8.9",
                                        "1.v2"};
    struct version version = {.count = 99};
    for (size_t i = 0; i < ARRAY_COUNT(words); i++)
        if (version_parse(words[i], &version) != ERR_INVALID || version.count != 99)
            fail_msg("'%s' was taken", words[i]);
    assert_int_equal(version_parse("4294967295.1.2.3.4.5.6.7", &version), 0);
    assert_int_equal(version.count, 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_are_compared_as_numbers),
        cmocka_unit_test(what_is_no_number_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
