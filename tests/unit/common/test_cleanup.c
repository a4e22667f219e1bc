#include "common/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void a_descriptor_is_closed_at_the_end_of_its_scope(void **state)
{
    (void)state;
    int seen = -1;
    {
        CLEANUP(cleanup_close) int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
        assert_true(fd >= 0);
        seen = fd;
    }
    assert_int_equal(fcntl(seen, F_GETFD), -1);
    assert_int_equal(errno, EBADF);
}

static void a_file_is_closed_at_the_end_of_its_scope(void **state)
{
    (void)state;
    int seen = -1;
    {
        CLEANUP(cleanup_fclose) FILE *file = fopen("/dev/null", "re");
        assert_non_null(file);
        seen = fileno(file);
    }
    assert_int_equal(fcntl(seen, F_GETFD), -1);
}

static void nothing_is_released_where_nothing_is_held(void **state)
{
    (void)state;
    CLEANUP(cleanup_free) char *bytes = NULL;
    CLEANUP(cleanup_fclose) FILE *file = NULL;
    CLEANUP(cleanup_close) int fd = -1;
    assert_null(bytes);
    assert_null(file);
    assert_int_equal(fd, -1);
}

static char *make_bytes(void)
{
    CLEANUP(cleanup_free) char *bytes = malloc(16);
    if (bytes != NULL)
        bytes[0] = 'x';
    return TAKE_PTR(bytes);
}

static void a_taken_pointer_outlives_its_scope(void **state)
{
    (void)state;
    char *bytes = make_bytes();
    assert_non_null(bytes);
    assert_int_equal(bytes[0], 'x');
    cleanup_free(&bytes);
    assert_null(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_descriptor_is_closed_at_the_end_of_its_scope),
        cmocka_unit_test(a_file_is_closed_at_the_end_of_its_scope),
        cmocka_unit_test(nothing_is_released_where_nothing_is_held),
        cmocka_unit_test(a_taken_pointer_outlives_its_scope),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
