#include "tests/unit/config/sheet.h"

#include "common/check.h"

static void a_drain_may_end_by_count(void **state)
{
    (void)state;
    static const struct edit edits[] = {
        {"drain: {slow: 60s, down: 0s, planned: 45s}", "drain: {slow: 60s, count: flow}"},
        {"drain: 30s", "drain: {slow: 30s, every: 2s, count: {url: "
                       "\"http://chat.example.com:8080/load\", pointer: /live/0}}"},
        {0}};
    struct config *config = sheet_expect_good(edits, NULL);
    const struct service_config *line = &config->services[0];
    const struct service_config *chat = &config->services[1];
    assert_int_equal(line->drain_count.of, COUNT_FLOW);
    assert_int_equal(line->settings.drain_every_ms, 5000);
    assert_int_equal(line->settings.drain_ms[DRAIN_SLOW], 60000);
    assert_int_equal(chat->drain_count.of, COUNT_URL);
    assert_string_equal(chat->drain_count.url, "http://chat.example.com:8080/load");
    assert_string_equal(chat->drain_count.pointer, "/live/0");
    assert_int_equal(chat->settings.drain_every_ms, 2000);
    config_free(&config);
}

/* What the ledger sees of it is that nothing is counted, whatever `every` says. */
static void a_drain_goes_by_time_where_nothing_says_otherwise(void **state)
{
    (void)state;
    static const struct edit edits[] = {{"drain: 30s", "drain: {slow: 30s, every: 2s}"}, {0}};
    struct config *config = sheet_expect_good(edits, NULL);
    for (size_t i = 0; i < config->service_count; i++) {
        assert_int_equal(config->services[i].drain_count.of, COUNT_NOTHING);
        assert_int_equal(config->services[i].settings.drain_every_ms, 0);
    }
    config_free(&config);
}

static void a_count_that_cannot_end_a_drain_is_refused(void **state)
{
    (void)state;
    static const struct sheet_case cases[] = {
        {{{"drain: 30s", "drain: {slow: 5s, down: 0s, planned: 5s, count: flow}"}},
         ":33: services.chat.drain.count.of: no count can end a drain: one decides from "
         "propagation "
         "(10s) after the pause on, and the longest drain is 5s"},
        {{{"drain: 30s", "drain: {slow: 30s, count: {url: \"http://a.example/x\"}}"}},
         "services.chat.drain.count.url: needs drain.count.pointer"},
        {{{"drain: 30s", "drain: {slow: 30s, count: {pointer: /x}}"}},
         "services.chat.drain.count.pointer: needs drain.count.url"},
        {{{"drain: 30s", "drain: {slow: 30s, count: {url: \"http://a.example/x\", pointer: x}}"}},
         "services.chat.drain.count.pointer: 'x' is no JSON pointer"},
        {{{"drain: 30s", "drain: {slow: 30s, count: {url: \"http://a.example/x\", pointer: /~2}}"}},
         "services.chat.drain.count.pointer: '/~2' is no JSON pointer"},
        {{{"drain: 30s",
           "drain: {slow: 30s, count: {of: flow, url: \"http://a.example/x\", pointer: /x}}"}},
         "services.chat.drain.count.url: drain.count.of and a URL exclude each other"},
    };
    sheet_expect_problems(cases, ARRAY_COUNT(cases));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_drain_may_end_by_count),
        cmocka_unit_test(a_drain_goes_by_time_where_nothing_says_otherwise),
        cmocka_unit_test(a_count_that_cannot_end_a_drain_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
