/* What a platform says of its limits, and what waits because of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "common/errors.h"
#include "node/io/act/rate.h"

enum { AT_MS = 1000000, EVERY_MS = 60000 };

static int setup(void **state)
{
    return rates_new(EVERY_MS, (struct rates **)state);
}

static int teardown(void **state)
{
    rates_free((struct rates **)state);
    return 0;
}

static void note(struct rates *rates, int status, int32_t count, int32_t allowed, int32_t reset_s,
                 time_ms retry_after_ms)
{
    const struct http_answer answer = {.end = HTTP_ANSWERED,
                                       .status = status,
                                       .rate_limit = {count, allowed, reset_s},
                                       .retry_after_ms = retry_after_ms};
    rates_note(rates, 0, &answer, AT_MS);
}

static int admit(struct rates *rates, time_ms at_ms)
{
    struct text why = {.length = 0};
    int rc = rates_admit(rates, 0, true, at_ms, &why);
    assert_int_equal(why.length > 0, rc < 0);
    return rc;
}

static void nothing_is_known_before_the_first_answer(void **state)
{
    struct rates *rates = *state;
    struct rate_view view = rates_view(rates, 0, AT_MS);
    assert_int_equal(view.used, -1);
    assert_int_equal(view.allowed, -1);
    assert_int_equal(view.reset_ms, -1);
    assert_int_equal(admit(rates, AT_MS), 0);
}

static void the_headers_are_shown_until_their_window_is_over(void **state)
{
    struct rates *rates = *state;
    note(rates, 200, 17, 300, 42, 0);
    struct rate_view view = rates_view(rates, 0, AT_MS + 2000);
    assert_int_equal(view.used, 17);
    assert_int_equal(view.allowed, 300);
    assert_int_equal(view.reset_ms, 40000);
    view = rates_view(rates, 0, AT_MS + 42000);
    assert_int_equal(view.used, -1);
    assert_int_equal(view.allowed, 300);
    assert_int_equal(rates_view(rates, 1, AT_MS).allowed, -1);
    note(rates, 200, -1, -1, -1, 0); /* an answer without them says nothing new */
    assert_int_equal(rates_view(rates, 0, AT_MS).used, 17);
}

static void routine_requests_wait_near_the_limit_until_it_is_reset(void **state)
{
    struct rates *rates = *state;
    note(rates, 200, 269, 300, 30, 0);
    assert_int_equal(admit(rates, AT_MS), 0);
    note(rates, 200, 270, 300, 30, 0);
    assert_int_equal(admit(rates, AT_MS), ERR_BUSY);
    assert_int_equal(admit(rates, AT_MS + 29999), ERR_BUSY);
    assert_int_equal(admit(rates, AT_MS + 30000), 0);
    assert_int_equal(rates_view(rates, 0, AT_MS).held, 2);
}

/* Somebody else may use the token up each minute: this node still shows that it could act, and
 * nothing else that is routine takes the place of that. */
static void one_proof_goes_all_the_same_each_time(void **state)
{
    struct rates *rates = *state;
    struct text why = {.length = 0};
    note(rates, 200, 299, 300, 3600, 0);
    assert_int_equal(rates_admit(rates, 0, false, AT_MS, &why), ERR_BUSY);
    assert_int_equal(admit(rates, AT_MS), 0);
    assert_int_equal(admit(rates, AT_MS + 1), ERR_BUSY);
    assert_int_equal(rates_admit(rates, 0, false, AT_MS + EVERY_MS, &why), ERR_BUSY);
    assert_int_equal(admit(rates, AT_MS + EVERY_MS), 0);
    assert_int_equal(admit(rates, AT_MS + EVERY_MS + 1), ERR_BUSY);
}

static void a_retry_after_is_obeyed_by_all_of_them(void **state)
{
    struct rates *rates = *state;
    note(rates, 429, -1, -1, -1, 90000);
    assert_int_equal(admit(rates, AT_MS), ERR_BUSY);
    assert_int_equal(admit(rates, AT_MS + 89999), ERR_BUSY);
    struct rate_view view = rates_view(rates, 0, AT_MS + 30000);
    assert_int_equal(view.limited_ms, 60000);
    assert_int_equal(view.limited, 1);
    assert_int_equal(admit(rates, AT_MS + 90000), 0);
    assert_int_equal(rates_view(rates, 0, AT_MS + 90000).limited_ms, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nothing_is_known_before_the_first_answer),
        TEST(the_headers_are_shown_until_their_window_is_over),
        TEST(routine_requests_wait_near_the_limit_until_it_is_reset),
        TEST(one_proof_goes_all_the_same_each_time),
        TEST(a_retry_after_is_obeyed_by_all_of_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
