#include "tests/unit/config/sheet.h"

#include "common/check.h"

static void a_rule_must_be_able_to_convict(void **state)
{
    (void)state;
    static const struct sheet_case cases[] = {
        {{{"fail: 3, of: 5", "fail: 4, of: 3"}},
         ":10: rule.fail: impossible: fail <= of is 4 <= 3"},
        {{{"of: 5", "of: 10"}}, ":10: rule.of: 10 is not within 1 to 9 (ballots)"},
        {{{"of: 5", "of: 5, calls: 2"}}, ":10: rule.calls: impossible: fail <= calls is 3 <= 2"},
        {{{"within: 2m", "within: 12s"}},
         ":10: rule.within: impossible: (fail - 1) x max(confirm_interval, ballot) + ballot <= "
         "within is 2 "
         "x max(5s, 2s750ms) + 2s750ms = 12s750ms <= 12s"},
        {{{"quorum: majority", "quorum: all"}}, ":10: rule.quorum: 'all' is none of majority"},
    };
    sheet_expect_problems(cases, ARRAY_COUNT(cases));
}

static void probes_must_fit_into_their_interval(void **state)
{
    (void)state;
    static const struct sheet_case cases[] = {
        {{{", latency: 100ms", ", latency: 600ms"}},
         ":30: services.chat.primary.probe.latency: impossible: latency <= timeout is 600ms <= "
         "500ms"},
        {{{"timeout: 500ms, latency: 200ms", "timeout: 150ms, latency: 200ms"}},
         ":14: defaults.probe.latency: impossible: latency <= timeout is 200ms <= 150ms"},
        {{{"interval: 30s", "interval: 2s"}},
         ":11: patrol.interval: impossible: connect_timeout + timeout <= interval is 2s + 500ms <= "
         "2s"},
    };
    sheet_expect_problems(cases, ARRAY_COUNT(cases));
}

static void a_drain_must_end_before_the_pause_must(void **state)
{
    (void)state;
    static const struct sheet_case cases[] = {
        {{{"slow: 60s", "slow: 87s"}},
         ":25: services.line.drain.slow: impossible: drain + 2 x actuator.deadline <= paused_max "
         "is 1m27s + 2 x 2s <= 1m30s"},
        {{{"down: 0s", "down: 2m"}}, ":25: services.line.drain.down: impossible"},
        {{{"planned: 45s", "planned: 3m"}}, ":25: services.line.drain.planned: impossible"},
    };
    sheet_expect_problems(cases, ARRAY_COUNT(cases));
}

static void a_drain_of_nothing_needs_no_pause(void **state)
{
    (void)state;
    static const struct edit edits[] = {
        {"drain: {slow: 60s, down: 0s, planned: 45s}", "drain: 0s\n    paused_max: 1s"}, {0}};
    struct config *config = sheet_expect_good(edits, NULL);
    config_free(&config);
}

static void reads_must_fit_into_the_verification(void **state)
{
    (void)state;
    static const struct sheet_case cases[] = {
        {{{"within: 60s", "within: 5s"}},
         ":26: services.line.verify.within: impossible: verify.every x verify.reads <= "
         "verify.within is 2s x 3 <= 5s"},
    };
    sheet_expect_problems(cases, ARRAY_COUNT(cases));
}

static void the_cluster_must_be_able_to_elect_and_act(void **state)
{
    (void)state;
    static const struct sheet_case cases[] = {
        {{{"local:\n", "timing: {election: 1s, heartbeat: 400ms}\nlocal:\n"}},
         ":39: timing.heartbeat: impossible: 3 x heartbeat <= election is 3 x 400ms <= 1s"},
        {{{"local:\n", "timing: {actuator: {deadline: 31s}}\nlocal:\n"}},
         ":39: timing.actuator.deadline: 31s is over the maximum of 30s"},
        {{{"local:\n", "timing: {actuator: {proof: 1s}}\nlocal:\n"}},
         "timing.actuator.deadline: impossible: deadline <= proof is 2s <= 1s"},
    };
    sheet_expect_problems(cases, ARRAY_COUNT(cases));
}

static void an_automatic_failback_leaves_room_for_the_next_failure(void **state)
{
    (void)state;
    static const struct sheet_case cases[] = {
        {{{"    failback: manual", "    failback: {auto: true, after: 5m}"}},
         ":27: services.line.failback.after: impossible: cooldown <= failback.after is 10m <= 5m"},
        {{{"    failback: manual", "    failback: {auto: true, after: 9h}"}},
         "services.line.failback.longest: impossible: failback.after <= failback.longest is 9h <= "
         "8h"},
        {{{"    failback: manual", "    failback: auto"}, {"moves: 3/24h", "moves: 2/24h"}},
         "limits.moves: impossible: 3 <= limits.moves with failback: auto is 3 <= 2"},
    };
    sheet_expect_problems(cases, ARRAY_COUNT(cases));
}

static void an_automatic_failback_is_accepted(void **state)
{
    (void)state;
    static const struct edit edits[EDIT_COUNT_MAX] = {
        {"    failback: manual", "    failback: {auto: true}"}};
    struct config *config = sheet_expect_good(edits, NULL);
    const struct service_settings *settings = &config->services[0].settings;
    assert_true(settings->failback_auto);
    assert_int_equal(settings->failback_after_ms, 30 * 60 * 1000);
    assert_int_equal(settings->failback_longest_ms, 8 * 3600 * 1000);
    assert_int_equal(settings->actuator_deadline_ms, 2000);
    config_free(&config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rule_must_be_able_to_convict),
        cmocka_unit_test(probes_must_fit_into_their_interval),
        cmocka_unit_test(a_drain_must_end_before_the_pause_must),
        cmocka_unit_test(a_drain_of_nothing_needs_no_pause),
        cmocka_unit_test(an_automatic_failback_leaves_room_for_the_next_failure),
        cmocka_unit_test(an_automatic_failback_is_accepted),
        cmocka_unit_test(reads_must_fit_into_the_verification),
        cmocka_unit_test(the_cluster_must_be_able_to_elect_and_act),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
