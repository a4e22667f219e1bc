#include "tests/unit/config/sheet.h"

#include <stdlib.h>
#include <string.h>

#include "common/check.h"
#include "common/errors.h"
#include "node/io/config/pattern.h"

#define CHAT_PRIMARY "{url: \"http://chat.example.com:8080/c\", latency: 100ms}"
#define CHAT(probe)         \
    {                       \
        CHAT_PRIMARY, probe \
    }
#define CHAT_WITH(more) CHAT("{url: \"http://chat.example.com:8080/c\", " more "}")

static struct config *chat_with(const char *probe)
{
    const struct edit edits[] = {CHAT(probe), {0}};
    return sheet_expect_good(edits, NULL);
}

static const struct probe_config *primary_of(const struct config *config)
{
    return &config->services[1].side[SIDE_PRIMARY].probe;
}

static void the_scheme_says_the_kind_where_nobody_does(void **state)
{
    (void)state;
    static const struct {
        const char *probe;
        enum probe_kind kind;
    } cases[] = {
        {CHAT_PRIMARY, PROBE_HTTP},
        {"{url: \"https://chat.example.com/c\"}", PROBE_HTTP},
        {"{url: \"tcp://chat.example.com:80\"}", PROBE_TCP},
        {"{url: \"tls://chat.example.com:443\"}", PROBE_TLS},
        {"{url: \"http://chat.example.com/c\", kind: connector}", PROBE_CONNECTOR},
        {"{kind: bot}", PROBE_BOT},
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct config *config = chat_with(cases[i].probe);
        assert_int_equal(primary_of(config)->kind, cases[i].kind);
        config_free(&config);
    }
}

static void a_whole_request_and_its_expectation_are_read(void **state)
{
    (void)state;
    struct config *config = chat_with(
        "{url: \"http://chat.example.com/c\", method: PUT, headers: [\"X-A: 1\", "
        "{env: QUORATE_TEST_HEADER}], body: '{\"flow\": \"${id}\", \"s\": \"${session}\"}', "
        "cert_warn: 30d, expect: {status: [200, 202-204], regex: \"^o+k$\", "
        "json: {pointer: /status, equals: ok}}}");
    const struct probe_config *probe = primary_of(config);
    assert_string_equal(probe->method, "PUT");
    assert_int_equal(probe->headers.count, 2);
    assert_string_equal(probe->headers.lines[0], "X-A: 1");
    assert_string_equal(probe->headers.lines[1], ""); /* a check reads no credential */
    assert_int_equal(probe->headers.secret_mask, 2);
    assert_string_equal(probe->body, "{\"flow\": \"P2\", \"s\": \"${session}\"}");
    assert_true(config_status_fits(&probe->expect_status, 200));
    assert_false(config_status_fits(&probe->expect_status, 201));
    assert_true(config_status_fits(&probe->expect_status, 204));
    assert_string_equal(probe->expect_regex, "^o+k$");
    assert_string_equal(probe->expect_pointer, "/status");
    assert_string_equal(probe->expect_equals, "ok");
    assert_int_equal(probe->cert_warn_ms, INT64_C(30) * 24 * 3600 * 1000);
    config_free(&config);
}

static void a_bot_is_asked_through_its_routes_platform(void **state)
{
    (void)state;
    struct config *config = chat_with("{kind: bot, timeout: 2s, latency: 1s}");
    const struct probe_config *probe = primary_of(config);
    assert_string_equal(probe->via, "genesys");
    assert_string_equal(probe->url, "https://api.mypurecloud.de");
    assert_string_equal(probe->flow, "P2");
    assert_int_equal(probe->turns.count, 1);
    assert_string_equal(probe->turns.texts[0], "");
    assert_int_equal(config_probe_whole_ms(probe), 2000 + 2 * 2000);
    assert_int_equal(config->services[1].settings.ballot_deadline_ms, 2000 + 2 * 2000 + 250);
    config_free(&config);
    config = chat_with("{kind: bot, turns: [\"\", hello, \"12345\"]}");
    assert_int_equal(primary_of(config)->turns.count, 3);
    assert_string_equal(primary_of(config)->turns.texts[1], "hello");
    config_free(&config);
}

/* One line for both sides: a standby that is asked by the same API is no trap, it is another flow.
 */
static void both_sides_may_be_asked_by_one_platform(void **state)
{
    (void)state;
    static const struct edit edits[] = {
        CHAT("{}"),
        {"{url: \"http://chat.example.net:8080/c\"}", "{}"},
        {"    mode: observe", "    mode: observe\n    probe: {kind: bot, turns: [hello]}"},
        {0}};
    struct config *config = sheet_expect_good(edits, NULL);
    assert_string_equal(config->services[1].side[SIDE_PRIMARY].probe.flow, "P2");
    assert_string_equal(config->services[1].side[SIDE_STANDBY].probe.flow, "S2");
    config_free(&config);
}

static void what_makes_no_sense_is_refused_where_it_stands(void **state)
{
    (void)state;
    static const struct sheet_case cases[] = {
        {{CHAT_WITH("kind: bott")},
         ":30: services.chat.primary.probe.kind: 'bott' is none of http"},
        {{CHAT("{kind: connector}")}, "services.chat.primary.probe.url: is missing: the canary"},
        {{CHAT("{kind: bot, url: \"http://chat.example.com/c\"}")},
         "services.chat.primary.probe.url: means nothing to a probe of kind bot"},
        {{CHAT("{kind: bot, via: genesis}")},
         "services.chat.primary.probe.via: no platform genesis (did you mean genesys?)"},
        {{CHAT_WITH("via: genesys")}, "probe.via: means nothing to a probe of kind http"},
        {{CHAT_WITH("turns: [hello]")}, "probe.turns: means nothing to a probe of kind http"},
        {{CHAT_WITH("kind: connector, turns: [a, b]")}, "probe.turns: a connector is asked once"},
        {{CHAT_WITH("kind: connector, body: x, turns: [a]")},
         "probe.turns: turns and body exclude each other"},
        {{CHAT_WITH("kind: connector, method: GET")},
         "probe.method: means nothing to a probe of kind connector"},
        {{CHAT_WITH("kind: tcp")}, "probe.kind: tcp does not go with http:// in the url"},
        {{CHAT("{url: \"tcp://chat.example.com:80\", kind: tls}")},
         "probe.kind: tls does not go with tcp:// in the url"},
        {{CHAT("{url: \"tls://chat.example.com\"}")}, "must read tls://HOST:PORT"},
        {{CHAT("{url: \"tcp://chat.example.com:80\", expect: {body: x}}")},
         "probe.expect.body: means nothing to a probe of kind tcp"},
        {{CHAT_WITH("method: HEAD, body: x")}, "probe.method: HEAD sends no body"},
        {{CHAT_WITH("method: HEAD, expect: {regex: x}")},
         "probe.method: the answer to HEAD has no body to expect"},
        {{CHAT_WITH("method: FETCH")}, "probe.method: 'FETCH' is none of GET"},
        {{CHAT_WITH("headers: [X]")}, "probe.headers: 'X' is no header; write \"Name: value\""},
        {{CHAT_WITH("headers: \"X: y\"")}, "probe.headers: must be a list"},
        {{CHAT_WITH("headers: []")}, "probe.headers: has 0 entries; 1 to 8 may stand there"},
        {{CHAT_WITH("headers: [{secret: x}]")},
         "probe.headers: must be one of {credential: NAME}, {file: PATH} or {env: NAME}"},
        {{CHAT_WITH("headers: [\"X: a\\nY: b\"]")}, "probe.headers: contains a control character"},
        {{CHAT_WITH("body: \"${plan}\"")},
         "probe.body: unknown placeholder ${plan}; known are ${id} and ${session}"},
        {{CHAT_WITH("expect: {status: 99}")}, "expect.status: '99' is no HTTP status (100 to 599)"},
        {{CHAT_WITH("expect: {status: 204-200}")}, "expect.status: '204-200' is no HTTP status"},
        {{CHAT_WITH("expect: {status: [200, 2xx]}")}, "expect.status: '2xx' is no HTTP status"},
        {{CHAT_WITH("expect: {json: {pointer: status}}")},
         "expect.json.pointer: 'status' is no JSON pointer; write e.g. /status"},
        {{CHAT_WITH("expect: {json: {pointer: /a~2}}")}, "'/a~2' is no JSON pointer"},
        {{CHAT_WITH("expect: {json: {equals: ok}}")},
         "expect.json.equals: needs expect.json.pointer"},
        {{CHAT_WITH("expect: {regex: \"(ok\"}")},
         ":30: services.chat.primary.probe.expect.regex: '(ok' is no regular expression: "},
        {{CHAT_WITH("expect: {regex: '(a)\\1'}")}, "expect.regex: \\1 refers back"},
        {{CHAT_WITH("expect: {regex: '(a{20}){20}'}")},
         "expect.regex: its repetitions, written out, have more than 255 parts"},
        {{{"expect: 204}", "kind: bot}"}}, ":8: references[1].kind: a reference is no bot"},
        {{{"expect: 204}", "body: \"${id}\"}"}}, "references[1].body: a reference has no flow"},
        {{CHAT("{kind: bot, timeout: 15s, connect_timeout: 1s, latency: 1s}")},
         "patrol.interval: impossible: connect_timeout + timeout x (1 + turns) <= interval is "
         "1s + 30s <= 30s"},
    };
    sheet_expect_problems(cases, ARRAY_COUNT(cases));
}

static void a_header_comes_from_a_credential_when_the_node_runs(void **state)
{
    (void)state;
    static const struct edit edits[] = {CHAT_WITH("headers: [{env: QUORATE_TEST_HEADER}]"), {0}};
    struct config_problems problems;
    struct config *config = NULL;
    setenv("QUORATE_TEST_SECRET", "s3cret", 1);
    setenv("QUORATE_TEST_HEADER", "Authorization: Bearer s3cr3t", 1);
    config = sheet_expect_good(edits, "dub");
    uint64_t hash = config->services[1].settings.config_hash;
    assert_string_equal(primary_of(config)->headers.lines[0], "Authorization: Bearer s3cr3t");
    config_free(&config);
    config = sheet_expect_good(edits, NULL);
    assert_true(config->services[1].settings.config_hash == hash);
    config_free(&config);
    setenv("QUORATE_TEST_HEADER", "s3cr3t", 1);
    assert_int_equal(sheet_load(edits, "dub", &config, &problems), ERR_INVALID);
    assert_non_null(strstr(problems.lines[0].bytes, "does not hold a header"));
    assert_null(strstr(problems.lines[0].bytes, "s3cr3t"));
    unsetenv("QUORATE_TEST_HEADER");
    unsetenv("QUORATE_TEST_SECRET");
}

/* Builds that know no kinds of probe hash the same file to the same number: what nobody wrote adds
 * nothing, what somebody wrote counts. */
static void a_hash_has_what_is_written_of_a_probe(void **state)
{
    (void)state;
    static const struct {
        const char *probe;
        bool same;
    } cases[] = {
        {CHAT_PRIMARY, true},
        {"{url: \"http://chat.example.com:8080/c\", latency: 100ms, kind: http}", true},
        {"{url: \"http://chat.example.com:8080/c\", latency: 100ms, cert_warn: 3d}", true},
        {"{url: \"http://chat.example.com:8080/c\", latency: 100ms, expect: {status: [200]}}",
         true},
        {"{url: \"http://chat.example.com:8080/c\", latency: 100ms, expect: 200-201}", false},
        {"{url: \"http://chat.example.com:8080/c\", latency: 100ms, kind: connector}", false},
        {"{url: \"http://chat.example.com:8080/c\", latency: 100ms, method: HEAD}", false},
        {"{url: \"http://chat.example.com:8080/c\", latency: 100ms, headers: [\"A: b\"]}", false},
        {"{url: \"http://chat.example.com:8080/c\", latency: 100ms, body: x}", false},
        {"{url: \"http://chat.example.com:8080/c\", latency: 100ms, expect: {regex: x}}", false},
    };
    struct config *config = chat_with(CHAT_PRIMARY);
    uint64_t plain = config->services[1].settings.config_hash;
    config_free(&config);
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        config = chat_with(cases[i].probe);
        if ((config->services[1].settings.config_hash == plain) != cases[i].same)
            fail_msg("%s", cases[i].probe);
        config_free(&config);
    }
}

static bool matches(const char *pattern, const char *text, size_t length)
{
    regex_t compiled;
    assert_int_equal(pattern_compile(pattern, &compiled), 0);
    bool found = pattern_matches(&compiled, text, length);
    regfree(&compiled);
    return found;
}

/* libc writes repetitions out: what looks short may need all memory. */
static void a_pattern_is_taken_by_what_it_becomes(void **state)
{
    (void)state;
    static const struct {
        const char *pattern;
        bool good;
    } cases[] = {
        {"a+b+c+d+e+f+g+h+i+j+k+l+m+n+o+p+", true},
        {"^[a-z]+@[a-z]+[.][a-z]{2,63}$", true},
        {"([ab]{15}){15}", true},
        {"([ab]{16}){16}", false},
        {"a++++++++", false},
        {"]]++++++++++++++++++++++++++++++++", false},
        {"((((((((a+)+)+)+)+)+)+)+)+", false},
        {"((((((((((((((((a{2}){2}){2}){2}){2}){2}){2}){2}){2}){2}){2}){2}){2}){2}){2}){2}", false},
        {"a{256}", false},
        {"a{255}", true},
        {"a{1,256}", false},
        {"a{200,}", true},
        {"[+]+[]+{9}]+[^]{99}]+[[:digit:]{99}]+", true},
        {"\\{999\\}", true},
        {"a{99999999999999999999}", false},
        {"x{,9}", true},
        {"((((a*)*)*)*)*", true},
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct text why = {.length = 0};
        if ((pattern_check(cases[i].pattern, &why) == 0) != cases[i].good)
            fail_msg("%s: '%s'", cases[i].pattern, why.bytes);
    }
}

static void a_pattern_sees_its_first_bytes_and_nuls_too(void **state)
{
    (void)state;
    static char text[PATTERN_TEXT_BYTES_MAX + 8];
    memset(text, 'x', sizeof text - 1);
    assert_true(matches("^x+$", text, sizeof text - 1));
    memcpy(text + PATTERN_TEXT_BYTES_MAX - 2, "yes", 3);
    assert_false(matches("yes", text, sizeof text - 1));
    assert_true(matches("ye", text, sizeof text - 1));
    assert_true(matches("b$", "a\0b", 3));
    assert_false(matches("c", "ab\0c", 2));
    assert_true(matches("^$", "", 0));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_scheme_says_the_kind_where_nobody_does),
        cmocka_unit_test(a_whole_request_and_its_expectation_are_read),
        cmocka_unit_test(a_bot_is_asked_through_its_routes_platform),
        cmocka_unit_test(both_sides_may_be_asked_by_one_platform),
        cmocka_unit_test(what_makes_no_sense_is_refused_where_it_stands),
        cmocka_unit_test(a_header_comes_from_a_credential_when_the_node_runs),
        cmocka_unit_test(a_hash_has_what_is_written_of_a_probe),
        cmocka_unit_test(a_pattern_is_taken_by_what_it_becomes),
        cmocka_unit_test(a_pattern_sees_its_first_bytes_and_nuls_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
