#include "common/check.h"

#include "tests/unit/common/capture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

static void fail_a_check(void *data)
{
    (void)data;
    /* cmocka's handler would turn the abort into a failed test of its own. */
    signal(SIGABRT, SIG_DFL);
    CHECK(1 + 1 == 3);
}

static void pass_a_check(void *data)
{
    (void)data;
    CHECK(1 + 1 == 2);
}

static void fail_with_a_long_expression(void *data)
{
    char expression[2000];
    (void)data;
    signal(SIGABRT, SIG_DFL);
    memset(expression, 'e', sizeof expression - 1);
    expression[sizeof expression - 1] = '\0';
    check_failed(expression, "file.c", 7);
}

static void a_failed_check_names_the_place_and_aborts(void **state)
{
    (void)state;
    char bytes[512];
    int status = capture_stderr(fail_a_check, NULL, bytes, sizeof bytes);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
    assert_non_null(strstr(bytes, "test_check.c:"));
    assert_non_null(strstr(bytes, ": check failed: 1 + 1 == 3\n"));
}

static void a_check_that_holds_is_silent(void **state)
{
    (void)state;
    char bytes[512];
    assert_int_equal(capture_stderr(pass_a_check, NULL, bytes, sizeof bytes), 0);
    assert_string_equal(bytes, "");
}

static void a_very_long_expression_is_cut_to_one_line(void **state)
{
    (void)state;
    char bytes[4096];
    int status = capture_stderr(fail_with_a_long_expression, NULL, bytes, sizeof bytes);
    assert_true(WIFSIGNALED(status));
    assert_non_null(strstr(bytes, "file.c:7: check failed: eee"));
    assert_ptr_equal(strchr(bytes, '\n'), bytes + strlen(bytes) - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failed_check_names_the_place_and_aborts),
        cmocka_unit_test(a_check_that_holds_is_silent),
        cmocka_unit_test(a_very_long_expression_is_cut_to_one_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
