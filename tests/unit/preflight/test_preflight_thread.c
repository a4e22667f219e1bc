/* The preflight's thread against a scripted platform: it reports, waits while held, and ends at
 * once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/errors.h"
#include "node/io/preflight/preflight.h"
#include "tests/unit/act/fixture.h"

enum { PATIENCE_MS = 10000, A_WHILE_MS = 200 };

struct desk {
    struct fixture *fixture;
    struct preflight *preflight;
    pthread_mutex_t mutex;
    size_t reports;
};

static void on_done(size_t service, void *data)
{
    struct desk *desk = data;
    assert_int_equal(service, 0);
    (void)pthread_mutex_lock(&desk->mutex);
    desk->reports++;
    (void)pthread_mutex_unlock(&desk->mutex);
}

static size_t reports(struct desk *desk)
{
    (void)pthread_mutex_lock(&desk->mutex);
    size_t count = desk->reports;
    (void)pthread_mutex_unlock(&desk->mutex);
    return count;
}

static void await_reports(struct desk *desk, size_t count)
{
    time_ms until_ms = fixture_now_ms() + PATIENCE_MS;
    while (reports(desk) < count || preflight_is_running(desk->preflight)) {
        if (fixture_now_ms() > until_ms)
            fail_msg("%zu reports came, not %zu", reports(desk), count);
        (void)usleep(1000);
    }
}

static int setup(void **state)
{
    void *fixture = NULL;
    struct text why;
    struct desk *desk = calloc(1, sizeof *desk);
    assert_non_null(desk);
    assert_int_equal(fixture_setup(&fixture), 0);
    desk->fixture = fixture;
    assert_int_equal(pthread_mutex_init(&desk->mutex, NULL), 0);
    assert_int_equal(preflight_new(desk->fixture->config, desk->fixture->actuator, on_done, desk,
                                   &desk->preflight, &why),
                     0);
    *state = desk;
    return 0;
}

static int teardown(void **state)
{
    struct desk *desk = *state;
    void *fixture = desk->fixture;
    preflight_free(&desk->preflight);
    (void)pthread_mutex_destroy(&desk->mutex);
    free(desk);
    return fixture_teardown(&fixture);
}

static void a_run_reports_each_service_and_can_be_repeated(void **state)
{
    struct desk *desk = *state;
    assert_null(preflight_take(desk->preflight, 0));
    for (size_t i = 1; i <= 2; i++) {
        preflight_start(desk->preflight);
        await_reports(desk, i);
        struct preflight_report *report = preflight_take(desk->preflight, 0);
        assert_non_null(report);
        assert_string_equal(report->service.text, "support");
        assert_true(report->at_ms > 0 && report->wall_ms > 0);
        assert_true(preflight_report_count(report, PREFLIGHT_PASS) >= 3);
        preflight_report_free(&report);
        assert_null(preflight_take(desk->preflight, 0));
    }
}

static void while_held_nothing_is_asked(void **state)
{
    struct desk *desk = *state;
    preflight_hold(desk->preflight, true);
    preflight_start(desk->preflight);
    (void)usleep(A_WHILE_MS * 1000);
    assert_true(preflight_is_running(desk->preflight));
    assert_int_equal(server_count(desk->fixture->server, CHANNEL_READ), 0);
    preflight_hold(desk->preflight, false);
    await_reports(desk, 1);
    assert_true(server_count(desk->fixture->server, CHANNEL_READ) > 0);
}

static void a_canceled_run_reports_nothing_and_the_next_one_does(void **state)
{
    struct desk *desk = *state;
    preflight_hold(desk->preflight, true);
    preflight_start(desk->preflight);
    preflight_cancel(desk->preflight);
    await_reports(desk, 0);
    assert_int_equal(reports(desk), 0);
    preflight_hold(desk->preflight, false);
    preflight_start(desk->preflight);
    await_reports(desk, 1);
}

static void the_end_waits_for_no_answer(void **state)
{
    struct desk *desk = *state;
    const struct reply hang = {.how = REPLY_HANG};
    server_script(desk->fixture->server, CHANNEL_READ, &hang, 1);
    preflight_start(desk->preflight);
    assert_true(server_await_count(desk->fixture->server, CHANNEL_READ, 1));
    time_ms from_ms = fixture_now_ms();
    preflight_free(&desk->preflight);
    assert_true(fixture_now_ms() - from_ms < 2000);
    assert_int_equal(reports(desk), 0);
}

static void a_limit_is_waited_for_once(void **state)
{
    struct desk *desk = *state;
    const struct reply replies[] = {
        {.status = 429, .headers = "Retry-After: 1\r\n", .body = "{}"},
        {.status = 200, .body = "{\"OAuthClient\":{\"name\":\"mover\"}}"},
        {.status = 404, .body = "{}"},
    };
    server_script(desk->fixture->server, CHANNEL_READ, replies, 3);
    time_ms from_ms = fixture_now_ms();
    preflight_start(desk->preflight);
    await_reports(desk, 1);
    assert_true(fixture_now_ms() - from_ms >= 1000);
    struct preflight_report *report = preflight_take(desk->preflight, 0);
    assert_non_null(strstr(report->rows[0].found.bytes, "mover"));
    preflight_report_free(&report);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_run_reports_each_service_and_can_be_repeated),
        TEST(while_held_nothing_is_asked),
        TEST(a_canceled_run_reports_nothing_and_the_next_one_does),
        TEST(the_end_waits_for_no_answer),
        TEST(a_limit_is_waited_for_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
