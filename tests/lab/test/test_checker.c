/* The plain checker beside a bot, directly and over a congested path. */
#include "common/text.h"
#include "tests/lab/test/assert.h"
#include "tests/lab/test/bot_fixture.h"
#include "tests/lab/test/chaos_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct watch {
    struct bot_process bot;
    struct chaos_process chaos;
    struct process checker;
    char report[64];
};

/* The checker asks for the bot by its own address and connects to the proxy instead. */
static int setup(void **state)
{
    struct watch *watch = calloc(1, sizeof(*watch));
    struct text url = {0};
    struct text connect_to = {0};
    const char *argv[] = {LAB_DIR "/plain-checker",
                          "--url",
                          url.bytes,
                          "--connect-to",
                          connect_to.bytes,
                          "--every",
                          "20ms",
                          "--timeout",
                          "300ms",
                          "--latency",
                          "150ms",
                          "--report",
                          NULL,
                          NULL};
    int fd;

    if (watch == NULL)
        return -1;
    *state = watch;
    bot_start(&watch->bot);
    chaos_start(&watch->chaos, watch->bot.port);
    text_set(&url, "http://127.0.0.1:%u/canary", (unsigned)watch->bot.port);
    text_set(&connect_to, "127.0.0.1:%u", (unsigned)watch->chaos.ports[0]);
    (void)snprintf(watch->report, sizeof(watch->report), "/tmp/quorate-report-XXXXXX");
    fd = mkstemp(watch->report);
    assert_true(fd >= 0);
    (void)close(fd);
    argv[12] = watch->report;
    process_start(&watch->checker, argv);
    return 0;
}

static int teardown(void **state)
{
    struct watch *watch = *state;
    time_ms took_ms = 0;

    assert_int_equal(process_stop(&watch->checker, &took_ms), 0);
    assert_true(took_ms < 1000);
    chaos_stop(&watch->chaos);
    bot_stop(&watch->bot);
    (void)unlink(watch->report);
    free(watch);
    return 0;
}

/* Lines of the report that have the words. */
static int report_count(const struct watch *watch, const char *words)
{
    FILE *file = fopen(watch->report, "re");
    char line[1024];
    int count = 0;

    assert_non_null(file);
    while (fgets(line, sizeof(line), file) != NULL)
        count += strstr(line, words) != NULL;
    (void)fclose(file);
    return count;
}

static void a_healthy_bot_gives_good_lines(void **state)
{
    const struct watch *watch = *state;

    ASSERT_SOON(report_count(watch, "\"ok\":true,\"status\":200") >= 3);
    assert_int_equal(report_count(watch, "would-fail-over"), 0);
}

static void a_congested_path_alone_makes_it_fail_over(void **state)
{
    const struct watch *watch = *state;

    ASSERT_SOON(report_count(watch, "\"ok\":true") >= 1);
    chaos_set(&watch->chaos, "{\"delay_ms\":90}");
    ASSERT_SOON(report_count(watch, "{\"event\":\"would-fail-over\",\"after\":3") == 1);
    assert_int_equal(canary_code(watch->bot.port, 150), CURLE_OK);
}

static void each_run_of_failures_is_told_once(void **state)
{
    const struct watch *watch = *state;
    int good;

    bot_mode(&watch->bot, "{\"mode\":\"error500\"}");
    ASSERT_SOON(report_count(watch, "\"failures\":6") == 1);
    assert_int_equal(report_count(watch, "would-fail-over"), 1);
    good = report_count(watch, "\"ok\":true");
    bot_mode(&watch->bot, "{\"mode\":\"healthy\"}");
    ASSERT_SOON(report_count(watch, "\"ok\":true") > good);
    bot_mode(&watch->bot, "{\"mode\":\"hang\"}");
    ASSERT_SOON(report_count(watch, "would-fail-over") == 2);
}

#define WATCH_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WATCH_TEST(a_healthy_bot_gives_good_lines),
        WATCH_TEST(a_congested_path_alone_makes_it_fail_over),
        WATCH_TEST(each_run_of_failures_is_told_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
