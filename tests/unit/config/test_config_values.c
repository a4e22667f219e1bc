#include "tests/unit/config/sheet.h"

#include <string.h>

#include "common/check.h"
#include "common/errors.h"
#include "node/io/config/endpoint.h"
#include "node/io/config/schema.h"
#include "node/io/config/value.h"

static void a_duration_without_its_unit_is_refused(void **state)
{
    (void)state;
    static const struct sheet_case cases[] = {
        {{{"interval: 30s", "interval: 30"}},
         ":11: patrol.interval: 30 has no unit; write e.g. 30s"},
        {{{"down: 0s", "down: 0"}}, ":25: services.line.drain.down: 0 has no unit"},
        {{{"within: 2m", "within: 2 min"}}, ":10: rule.within: '2 min' is no duration"},
        {{{"timeout: 500ms", "timeout: -1s"}}, "'-1s' is no duration"},
        {{{"timeout: 500ms", "timeout: 1ms"}}, "1ms is under the minimum of 10ms"},
        {{{"drain: 30s", "drain: 30"}}, ":33: services.chat.drain: 30 has no unit"},
        {{{"drain: 30s", "drain: [30s]"}}, ":33: services.chat.drain: must be a map"},
        {{{"cooldown: 10m", "cooldown: {a: 1}"}},
         ":12: limits.cooldown: must be one duration, not a map"},
    };
    sheet_expect_problems(cases, ARRAY_COUNT(cases));
}

static void other_values_are_refused_by_their_type(void **state)
{
    (void)state;
    static const struct sheet_case cases[] = {
        {{{"moves: 3/24h", "moves: 3"}}, "'3' is no budget; write COUNT/DURATION"},
        {{{"moves: 3/24h", "moves: 0/24h"}}, "0 moves are not within 1 to 16"},
        {{{"max_concurrent: 4", "max_concurrent: four"}}, "'four' is no whole number (services)"},
        {{{"mode: act", "mode: acct"}},
         ":17: services.line.mode: 'acct' is none of observe, act (did you mean act?)"},
        {{{"failback: manual", "failback: yes"}}, "'yes' is none of manual, auto"},
        {{{"within: 2m", "within: 2m, consecutive: yes"}}, "'yes' is none of false, true"},
        {{{"expect: 200", "expect: 99"}},
         ":14: defaults.probe.expect: '99' is no HTTP status (100 to 599)"},
        {{{"host: 10.2.0.5", "host: \"a b\""}}, ":4: nodes.dub.host: 'a b' is no host name"},
        {{{"zone: eu-west", "zone: \"eu west\""}}, "'eu west' is no name"},
        {{{"cluster: support", "cluster: \"\""}}, ":1: cluster: is empty"},
        {{{"ed25519:l/Wje2WwsR4wDjZQfXYQq", "l/Wje2WwsR4wDjZQfXYQq"}},
         ":4: nodes.dub.key: 'l/Wje2WwsR4wDjZQfXYQ' is no public key"},
        {{{"l/Wje2WwsR4wDjZQfXYQq", "l/Wje2WwsR4wDjZQfXYQ"}}, "44 characters of base64 (32 bytes)"},
        {{{"l/Wje2WwsR4wDjZQfXYQq", "AAAAAAAAAAAAAAAAAAAAA"}}, "is no Ed25519 public key"},
        {{{"https://bot.example.com/canary", "ftp://bot.example.com/canary"}},
         "has no known scheme (http://, https://, tcp:// or tls://)"},
        {{{"https://bot.example.com/canary", "https://u:p@bot.example.com/canary"}},
         "credentials do not belong into a URL"},
        {{{"tcp://login.example.com:443", "tcp://login.example.com"}},
         ":9: references[2]: 'tcp://login.example.com' must read tcp://HOST:PORT"},
        {{{"heartbeat_url: https://deadman", "heartbeat_url: tcp://deadman"}},
         ":38: heartbeat_url: 'tcp://deadman.example.org/x' must read tcp://HOST:PORT"},
        {{{"listen: 127.0.0.1:7700", "listen: 127.0.0.1"}}, "has no port"},
        {{{"region: mypurecloud.de", "region: \"my cloud\""}},
         ":35: platforms.genesys.region: 'my cloud' is no region; write e.g. eu-central-1"},
        {{{"region: mypurecloud.de", "region: eu-centrall-1"}},
         ":35: platforms.genesys.region: 'eu-centrall-1' is no region (did you mean "
         "eu-central-1?)"},
        {{{"region: mypurecloud.de", "region: euw7"}},
         "platforms.genesys.region: 'euw7' is no region (did you mean "},
        {{{"region: mypurecloud.de", "region: frankfurt"}},
         "platforms.genesys.region: 'frankfurt' is no region; write e.g. eu-central-1"},
        {{{"drain: 30s", "drain: {slow: 30s, every: 10ms, count: flow}"}},
         ":33: services.chat.drain.every: "},
        {{{"drain: 30s", "drain: {slow: 30s, count: flows}"}}, ":33: services.chat.drain.count: "},
        {{{"  - {exec: /bin/true, on: [blocked, blind]}", "  {exec: /bin/true}"}},
         "notify: must be a list"},
    };
    sheet_expect_problems(cases, ARRAY_COUNT(cases));
}

static void all_problems_come_in_the_order_of_the_file(void **state)
{
    (void)state;
    static const struct edit edits[] = {{"within: 2m", "within: 2"},
                                        {"eu-west", "\"\""},
                                        {"      tag: env:standby\n", ""},
                                        {"cluster: support", "clusta: support"}};
    struct config *config = NULL;
    struct config_problems problems;
    assert_int_equal(sheet_load(edits, NULL, &config, &problems), ERR_INVALID);
    assert_true(problems.count >= 5);
    assert_non_null(strstr(problems.lines[0].bytes, ":1: clust"));
    const char *last = problems.lines[problems.count - 1].bytes;
    assert_non_null(strstr(last, "services.line.standby.tag"));
}

static void every_default_of_the_table_is_a_good_value(void **state)
{
    (void)state;
    for (size_t i = 0; i < schema_count(); i++) {
        const struct schema_row *row = schema_at(i);
        struct value value;
        struct text why = {.length = 0};
        if (row->default_value == NULL)
            continue;
        if (value_parse_text(row, row->default_value, &value, &why) != 0)
            fail_msg("%s%s: %s", schema_place_prefix(row->place), row->path, why.bytes);
    }
}

static void every_row_has_its_help_and_stands_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < schema_count(); i++) {
        const struct schema_row *row = schema_at(i);
        assert_non_null(row->help);
        assert_ptr_equal(schema_find(row->place, row->path), row);
        assert_true(row->min <= row->max);
    }
}

static void urls_are_taken_apart(void **state)
{
    (void)state;
    struct endpoint endpoint;
    struct text why = {.length = 0};
    assert_int_equal(endpoint_parse_url("https://Bot.Example.com.", &endpoint, &why), 0);
    assert_string_equal(endpoint.host, "bot.example.com");
    assert_int_equal(endpoint.port, 443);
    assert_string_equal(endpoint.path, "/");
    assert_int_equal(endpoint_parse_url("http://[::1]:8080/a/b?c#d", &endpoint, &why), 0);
    assert_string_equal(endpoint.host, "::1");
    assert_int_equal(endpoint.port, 8080);
    assert_string_equal(endpoint.path, "/a/b");
    static const char *const bad[] = {"",
                                      "http",
                                      "http://",
                                      "http://:80/",
                                      "http://a:0/",
                                      "http://a:65536/",
                                      "http://a:/",
                                      "http://[::1",
                                      "http://[::1]x/",
                                      "http://::1/",
                                      "http://[a]/",
                                      "http://a b/",
                                      "tcp://a:1/x",
                                      "HTTP//a"};
    for (size_t i = 0; i < ARRAY_COUNT(bad); i++) {
        text_clear(&why);
        if (endpoint_parse_url(bad[i], &endpoint, &why) == 0 || why.length == 0)
            fail_msg("'%s' was accepted, or refused without a word", bad[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_duration_without_its_unit_is_refused),
        cmocka_unit_test(other_values_are_refused_by_their_type),
        cmocka_unit_test(all_problems_come_in_the_order_of_the_file),
        cmocka_unit_test(every_default_of_the_table_is_a_good_value),
        cmocka_unit_test(every_row_has_its_help_and_stands_once),
        cmocka_unit_test(urls_are_taken_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
