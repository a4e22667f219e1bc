#include "common/errors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

static void each_code_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (int a = 0; a >= ERR_INTERNAL; a--) {
        assert_string_not_equal(error_name(a), "unknown");
        for (int b = a - 1; b >= ERR_INTERNAL; b--)
            assert_string_not_equal(error_name(a), error_name(b));
    }
}

static void success_is_called_ok(void **state)
{
    (void)state;
    assert_string_equal(error_name(0), "ok");
}

static void a_code_outside_the_list_is_unknown(void **state)
{
    (void)state;
    assert_string_equal(error_name(1), "unknown");
    assert_string_equal(error_name(ERR_INTERNAL - 1), "unknown");
    assert_string_equal(error_name(INT32_MIN), "unknown");
    assert_string_equal(error_name(INT32_MAX), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_code_has_a_name_of_its_own),
        cmocka_unit_test(success_is_called_ok),
        cmocka_unit_test(a_code_outside_the_list_is_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
