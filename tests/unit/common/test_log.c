#include "common/log.h"

#include "tests/unit/common/capture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <regex.h>
#include <stdio.h>
#include <string.h>

#include "common/check.h"

enum { THREAD_COUNT = 4, LINE_COUNT = 200 };

#define TIME "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{3}Z"

static void assert_matches(const char *bytes, const char *pattern)
{
    regex_t regex;
    assert_int_equal(regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB), 0);
    int result = regexec(&regex, bytes, 0, NULL, 0);
    regfree(&regex);
    if (result != 0)
        fail_msg("'%s' does not match '%s'", bytes, pattern);
}

static void log_with_a_node(void *data)
{
    (void)data;
    log_open(LOG_INFO, "n1");
    log_info("vote_cast", "service=%s value=%d", "billing", 3);
}

static void a_line_is_time_level_event_node_and_keys(void **state)
{
    (void)state;
    char bytes[1024];
    assert_int_equal(capture_stderr(log_with_a_node, NULL, bytes, sizeof bytes), 0);
    assert_matches(bytes, "^" TIME " info vote_cast node=n1 service=billing value=3\n$");
}

static void log_without_keys(void *data)
{
    (void)data;
    log_open(LOG_DEBUG, NULL);
    log_debug("started", "");
}

static void node_and_keys_may_be_absent(void **state)
{
    (void)state;
    char bytes[1024];
    assert_int_equal(capture_stderr(log_without_keys, NULL, bytes, sizeof bytes), 0);
    assert_matches(bytes, "^" TIME " debug started\n$");
}

static void log_at_each_level(void *data)
{
    log_open(*(const enum log_level *)data, NULL);
    log_debug("d", "");
    log_info("i", "");
    log_warn("w", "");
    log_error("e", "");
}

static void lines_below_the_level_are_dropped(void **state)
{
    (void)state;
    enum log_level level = LOG_WARN;
    char bytes[1024];
    assert_int_equal(capture_stderr(log_at_each_level, &level, bytes, sizeof bytes), 0);
    assert_matches(bytes, "^" TIME " warn w\n" TIME " error e\n$");
}

static void log_a_forged_value(void *data)
{
    (void)data;
    log_open(LOG_INFO, NULL);
    log_info("answer", "body=%s", "x\n2026-01-01T00:00:00.000Z error forged\033[2J");
}

static void a_value_cannot_start_a_line_of_its_own(void **state)
{
    (void)state;
    char bytes[1024];
    assert_int_equal(capture_stderr(log_a_forged_value, NULL, bytes, sizeof bytes), 0);
    assert_ptr_equal(strchr(bytes, '\n'), bytes + strlen(bytes) - 1);
    assert_null(strchr(bytes, '\033'));
}

static void log_a_long_value(void *data)
{
    char value[10000];
    (void)data;
    memset(value, 'v', sizeof value - 1);
    value[sizeof value - 1] = '\0';
    log_open(LOG_INFO, NULL);
    log_info("long", "value=%s", value);
}

static void a_line_that_is_too_long_is_cut_and_still_ends(void **state)
{
    (void)state;
    char bytes[20000];
    assert_int_equal(capture_stderr(log_a_long_value, NULL, bytes, sizeof bytes), 0);
    assert_ptr_equal(strchr(bytes, '\n'), bytes + strlen(bytes) - 1);
    assert_in_range(strlen(bytes), 1000, 4096);
}

static void *log_many(void *data)
{
    for (int i = 0; i < LINE_COUNT; i++)
        log_info("tick", "thread=%s end=1", (const char *)data);
    return NULL;
}

static void log_from_threads(void *data)
{
    pthread_t threads[THREAD_COUNT];
    (void)data;
    log_open(LOG_INFO, NULL);
    for (size_t i = 0; i < THREAD_COUNT; i++)
        CHECK(pthread_create(&threads[i], NULL, log_many, "abcdefgh") == 0);
    for (size_t i = 0; i < THREAD_COUNT; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
}

static void lines_of_several_threads_do_not_mix(void **state)
{
    (void)state;
    static char bytes[THREAD_COUNT * LINE_COUNT * 80];
    int count = 0;
    assert_int_equal(capture_stderr(log_from_threads, NULL, bytes, sizeof bytes), 0);
    for (char *line = bytes; *line != '\0'; count++) {
        char *end = strchr(line, '\n');
        assert_non_null(end);
        *end = '\0';
        assert_matches(line, "^" TIME " info tick thread=abcdefgh end=1$");
        line = end + 1;
    }
    assert_int_equal(count, THREAD_COUNT * LINE_COUNT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_is_time_level_event_node_and_keys),
        cmocka_unit_test(node_and_keys_may_be_absent),
        cmocka_unit_test(lines_below_the_level_are_dropped),
        cmocka_unit_test(a_value_cannot_start_a_line_of_its_own),
        cmocka_unit_test(a_line_that_is_too_long_is_cut_and_still_ends),
        cmocka_unit_test(lines_of_several_threads_do_not_mix),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
