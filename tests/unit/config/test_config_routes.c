/* Which keys each routing backend needs, takes and refuses, and what follows from them. */
#include "tests/unit/config/sheet.h"

#include <stdlib.h>
#include <string.h>

#include "common/check.h"
#include "node/io/config/backend.h"

#define PLAN "{plan: plan-2, via: genesys}"
#define DRAIN "    drain: 30s\n"
/* The route of `chat` in line 32, and no drain, which not all routes have. */
#define ROUTE(keys)           \
    {                         \
        {PLAN, "{" keys "}"}, \
        {                     \
            DRAIN, ""         \
        }                     \
    }
#define HTTP "backend: http, via: genesys, read: {url: /a}, write: {url: /b}, value: /c"

static const struct service_config *chat_of(const struct config *config)
{
    return &config->services[1];
}

static void each_backend_has_its_keys(void **state)
{
    static const struct {
        struct edit edits[EDIT_COUNT_MAX];
        bool versioned;
        bool pauses;
    } rows[] = {
        {ROUTE("plan: plan-2, via: genesys"), true, true},
        {ROUTE("backend: ivr, ivr: i, via: genesys"), true, false},
        {ROUTE("backend: ivr, ivr: i, via: genesys, hold_flow: H"), true, true},
        {ROUTE("backend: emergency-group, group: g, via: genesys"), true, false},
        {ROUTE("backend: datatable-row, table: t, row: support line, via: genesys"), false, false},
        {ROUTE("backend: datatable-row, table: t, row: r, column: c, announce_column: m, "
               "values: {primary: a, standby: b, paused: p}, announce: {degraded: d}, "
               "via: genesys"),
         false, true},
        {ROUTE("backend: message-recipient, recipient: r, via: genesys"), false, false},
        {ROUTE("backend: web-deployment, deployment: d, via: genesys"), false, false},
        {ROUTE("backend: email-route, domain: example.com, email_route: r, via: genesys"), false,
         false},
        {ROUTE(HTTP), false, false},
        {ROUTE(HTTP ", version: /v"), true, false},
        {ROUTE("backend: http, read: {url: \"http://a.example/x\", method: POST}, "
               "write: {url: \"http://a.example/y\", method: DELETE, how: body, "
               "body: '{\"to\":\"${value}\",\"v\":\"${version}\"}'}, value: /c, version: /v, "
               "headers: [\"X-Key: a\", {env: SECRET_HEADER}], values: {paused: off}"),
         true, true},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct config *config = sheet_expect_good(rows[i].edits, NULL);
        const struct service_config *chat = chat_of(config);
        assert_int_equal(chat->settings.versioned, rows[i].versioned);
        assert_int_equal(config_route_can_pause(&chat->routes[0]), rows[i].pauses);
        assert_int_equal(chat->settings.drain_ms[DRAIN_SLOW], rows[i].pauses ? 60000 : 0);
        assert_int_equal(chat->settings.drain_ms[DRAIN_DOWN], 0);
        assert_int_equal(chat->settings.drain_ms[DRAIN_PLANNED], rows[i].pauses ? 60000 : 0);
        config_free(&config);
    }
}

static void what_a_backend_needs_is_named(void **state)
{
    static const struct sheet_case cases[] = {
        {ROUTE("backend: ivr, via: genesys"), ":32: services.chat.route.ivr: is missing: ivr: the"},
        {ROUTE("backend: ivr, ivr: i"), ":32: services.chat.route.via: is missing: the platform"},
        {ROUTE("backend: emergency-group, via: genesys"), "services.chat.route.group: is missing"},
        {ROUTE("backend: datatable-row, table: t, via: genesys"), "chat.route.row: is missing"},
        {ROUTE("backend: message-recipient, via: genesys"), "chat.route.recipient: is missing"},
        {ROUTE("backend: web-deployment, via: genesys"), "chat.route.deployment: is missing"},
        {ROUTE("backend: email-route, domain: d, via: genesys"), "route.email_route: is missing"},
        {ROUTE("backend: http, via: genesys, write: {url: /b}, value: /c"),
         "chat.route.read.url: is missing: http: where"},
        {ROUTE("backend: http, via: genesys, read: {url: /a}, write: {url: /b}"),
         "chat.route.value: is missing"},
        {ROUTE("backend: http, read: {url: \"http://a.example/\"}, write: {url: /b}, value: /c"),
         "chat.route.via: is missing"},
        {ROUTE("backend: http, via: genesys, read: {url: /a}, value: /c, "
               "write: {url: /b, how: body}"),
         "chat.route.write.body: is missing"},
    };
    (void)state;
    sheet_expect_problems(cases, ARRAY_COUNT(cases));
}

static void a_key_of_another_backend_is_refused(void **state)
{
    static const struct sheet_case cases[] = {
        {ROUTE("backend: ivr, ivr: i, plan: p, via: genesys"),
         ":32: services.chat.route.plan: is no key of the backend ivr"},
        {ROUTE("backend: emergency-group, group: g, hold_flow: H, via: genesys"),
         "services.chat.route.hold_flow: is no key of the backend emergency-group"},
        {ROUTE("backend: web-deployment, deployment: d, via: genesys, values: {paused: x}"),
         "services.chat.route.values.paused: is no key of the backend web-deployment"},
        {ROUTE("backend: ivr, ivr: i, via: genesys, headers: [\"A: b\"]"),
         "services.chat.route.headers: is no key of the backend ivr"},
        {{{PLAN, "{backend: ivr, ivr: i, via: genesys}"},
          {DRAIN, "    bodies: {paused: '{\"entries\": []}'}\n"}},
         ":33: services.chat.bodies.paused: is a body of routing plans"},
    };
    (void)state;
    sheet_expect_problems(cases, ARRAY_COUNT(cases));
}

static void what_comes_from_defaults_is_for_whom_it_concerns(void **state)
{
    const struct edit edits[EDIT_COUNT_MAX] = {
        {"defaults:\n", "defaults:\n  route: {hold_flow: H, via: genesys}\n"},
        {PLAN, "{backend: emergency-group, group: g}"},
        {DRAIN, ""}};
    (void)state;
    const struct edit open[EDIT_COUNT_MAX] = {
        {"defaults:\n", "defaults:\n  route: {via: genesys}\n"},
        {PLAN, "{backend: http, read: {url: \"http://a.example/\"}, "
               "write: {url: \"http://a.example/\"}, value: /c}"},
        {DRAIN, ""}};
    struct config *config = sheet_expect_good(edits, NULL);
    config_free(&config);
    config = sheet_expect_good(open, NULL);
    assert_string_equal(chat_of(config)->routes[0].via, ""); /* no token for strangers */
    config_free(&config);
}

static void several_routes_take_the_rest_from_defaults(void **state)
{
    const struct edit edits[EDIT_COUNT_MAX] = {
        {"defaults:\n", "defaults:\n  route: {backend: routing-plan, via: genesys}\n"},
        {"    route: " PLAN "\n",
         "    routes:\n      a: {plan: plan-2}\n      b: {plan: plan-3}\n"}};
    (void)state;
    struct config *config = sheet_expect_good(edits, NULL);
    assert_int_equal(chat_of(config)->route_count, 2);
    assert_string_equal(chat_of(config)->routes[0].name.text, "a");
    assert_string_equal(chat_of(config)->routes[1].plan, "plan-3");
    assert_string_equal(chat_of(config)->routes[1].via, "genesys");
    config_free(&config);
}

static void one_route_and_several_exclude_each_other(void **state)
{
    static const struct sheet_case cases[] = {
        {{{"    route: " PLAN "\n",
           "    route: " PLAN "\n    routes:\n      a: {plan: plan-3, via: genesys}\n"}},
         "services.chat.routes: route and routes exclude each other"},
    };
    (void)state;
    sheet_expect_problems(cases, ARRAY_COUNT(cases));
}

static void a_route_that_cannot_pause_is_not_drained(void **state)
{
    static const struct sheet_case cases[] = {
        {{{PLAN, "{backend: ivr, ivr: i, via: genesys}"}, {DRAIN, "    drain: {slow: 5s}\n"}},
         ":33: services.chat.drain.slow: its route (ivr) cannot be paused without a hold_flow; "
         "write 0s"},
        {{{PLAN, "{backend: emergency-group, group: g, via: genesys}"},
          {DRAIN, "    drain: {planned: 5s}\n"}},
         ":33: services.chat.drain.planned: its route (emergency-group) cannot be paused; write "
         "0s"},
        {{{"    route: " PLAN "\n",
           "    routes:\n      a: {plan: plan-2, via: genesys}\n"
           "      b: {backend: message-recipient, recipient: r, via: genesys}\n"},
          {DRAIN, "    drain: {slow: 5s}\n"}},
         "services.chat.drain.slow: its route (message-recipient) cannot be paused without a "
         "hold_flow"},
    };
    (void)state;
    sheet_expect_problems(cases, ARRAY_COUNT(cases));
}

static void one_route_has_one_owner(void **state)
{
#define TWICE(keys)                                                                           \
    {                                                                                         \
        {"{backend: routing-plan, plan: plan-1, via: genesys}", "{" keys "}"},                \
            {PLAN, "{" keys "}"}, {DRAIN, ""}, {"{slow: 60s, down: 0s, planned: 45s}", "0s"}, \
    }
    static const struct sheet_case cases[] = {
        {TWICE("backend: ivr, ivr: i-1, via: genesys"),
         ":32: services.chat.route.ivr: i-1 is the route of services.line already"},
        {TWICE("backend: datatable-row, table: t, row: r, via: genesys"),
         "services.chat.route.table: t is the route of services.line already"},
        {TWICE(HTTP), "services.chat.route.read.url: /a is the route of services.line already"},
    };
    (void)state;
    sheet_expect_problems(cases, ARRAY_COUNT(cases));
}

static void values_and_columns_can_be_told_apart(void **state)
{
#define ROW "backend: datatable-row, table: t, row: r, via: genesys, "
    static const struct sheet_case cases[] = {
        {ROUTE(ROW "values: {primary: x, standby: x}"),
         "services.chat.route.values.standby: is the same as values.primary: x"},
        {ROUTE(ROW "values: {standby: P2}"),
         "services.chat.route.values.standby: is the same as values.primary: P2"},
        {ROUTE(ROW "values: {paused: S2}"),
         "services.chat.route.values.paused: is the same as values.standby: S2"},
        {ROUTE(ROW "announce_column: activeFlow"),
         "services.chat.route.announce_column: is the column of the route itself"},
        {ROUTE(ROW "column: key"), "services.chat.route.column: a row's key is never written"},
    };
    (void)state;
    sheet_expect_problems(cases, ARRAY_COUNT(cases));
}

static void requests_of_http_make_sense(void **state)
{
#define ASK "backend: http, via: genesys, read: {url: /a}, value: /c, "
    static const struct sheet_case cases[] = {
        {ROUTE("backend: http, via: genesys, read: {url: \"http://a.example/\"}, "
               "write: {url: \"http://a.example/\"}, value: /c"),
         "chat.route.via: neither URL is a path at the platform"},
        {ROUTE("backend: http, via: genesys, read: {url: \"tcp://a.example:1\"}, "
               "write: {url: /b}, value: /c"),
         "chat.route.read.url: 'tcp://a.example:1' must start with http://, https:// or /"},
        {ROUTE(ASK "write: {url: b}"), "chat.route.write.url: 'b' "},
        {ROUTE(ASK "write: {url: /b, method: put}"), "'put' is none of PUT, PATCH, POST, DELETE"},
        {ROUTE(ASK "write: {url: /b, how: patch}"), "'patch' is none of replace, merge-patch"},
        {ROUTE(ASK "write: {url: /b, body: '{\"a\":\"${value}\"}'}"), "goes with how: body"},
        {ROUTE(ASK "write: {url: /b, how: body, body: '{\"a\":1}'}"), "does not say ${value}"},
        {ROUTE(ASK "write: {url: /b, how: body, body: '{\"a\":\"${plan}\"}'}"),
         "unknown placeholder ${plan}; known are ${value}, ${version}"},
        {ROUTE(ASK "version: /v, write: {url: /b, how: body, body: '{\"a\":\"${value}\"}'}"),
         "does not say ${version}"},
        {ROUTE(ASK "write: {url: /b, how: body, body: '{\"a\":\"${value}${version}\"}'}"),
         "chat.route.version: is missing"},
        {ROUTE(ASK "write: {url: /b}, version: c"), "'c' is no JSON pointer; write e.g. /status"},
        {ROUTE(ASK "write: {url: /b}, version: /c"), "version: is where the value stands"},
        {ROUTE(ASK "write: {url: /b}, headers: [\"A\"]"), "headers: 'A' is no header; write"},
        {ROUTE(ASK "write: {url: /b}, headers: {A: b}"), "headers: "},
        {ROUTE(ASK "write: {url: /b}, headers: [a: b, c: d]"), "headers: "},
    };
    (void)state;
    sheet_expect_problems(cases, ARRAY_COUNT(cases));
}

static void headers_come_from_credentials_and_stay_out_of_the_hash(void **state)
{
#define KEYED "backend: http, via: genesys, read: {url: /a}, write: {url: /b}, value: /c, "
    const struct edit edits[EDIT_COUNT_MAX] =
        ROUTE(KEYED "headers: [\"X-Key: open\", {env: QUORATE_TEST_HEADER}]");
    const struct edit other[EDIT_COUNT_MAX] =
        ROUTE(KEYED "headers: [\"X-Key: shut\", {env: QUORATE_TEST_HEADER}]");
    struct config_problems problems;
    struct config *config = NULL;
    (void)state;
    assert_int_equal(setenv("QUORATE_TEST_SECRET", "s", 1), 0);
    assert_int_equal(setenv("QUORATE_TEST_HEADER", "Authorization: Basic c2VjcmV0", 1), 0);
    config = sheet_expect_good(edits, "fra");
    const struct header_list *headers = &chat_of(config)->routes[0].http.headers;
    assert_int_equal(headers->count, 2);
    assert_string_equal(headers->lines[0], "X-Key: open");
    assert_string_equal(headers->lines[1], "Authorization: Basic c2VjcmV0");
    assert_true(headers->secret_mask == 2);
    const uint64_t hash = chat_of(config)->settings.config_hash;
    config_free(&config);
    config = sheet_expect_good(edits, NULL);
    assert_string_equal(chat_of(config)->routes[0].http.headers.lines[1], "");
    assert_int_equal(chat_of(config)->settings.config_hash, hash);
    config_free(&config);
    config = sheet_expect_good(other, NULL);
    assert_int_not_equal(chat_of(config)->settings.config_hash, hash);
    config_free(&config);
    assert_int_equal(setenv("QUORATE_TEST_HEADER", "no header s3cret", 1), 0);
    assert_int_not_equal(sheet_load(edits, "fra", &config, &problems), 0);
    assert_non_null(strstr(problems.lines[0].bytes, "does not hold a header"));
    assert_null(strstr(problems.lines[0].bytes, "s3cret"));
    assert_int_equal(unsetenv("QUORATE_TEST_HEADER"), 0);
}

static void the_example_has_each_backend_once(void **state)
{
    static const char *const names[] = {"routing-plan",      "ivr",
                                        "emergency-group",   "datatable-row",
                                        "message-recipient", "web-deployment",
                                        "email-route",       "http"};
    struct config_problems problems;
    struct config *config = NULL;
    (void)state;
    if (config_load(ROUTES_FILE, NULL, &config, &problems) != 0)
        fail_msg("%s", problems.lines[0].bytes);
    assert_int_equal(config->service_count, ARRAY_COUNT(names));
    for (size_t i = 0; i < ARRAY_COUNT(names); i++)
        assert_string_equal(config->services[i].routes[0].backend, names[i]);
    config_free(&config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_backend_has_its_keys),
        cmocka_unit_test(what_a_backend_needs_is_named),
        cmocka_unit_test(a_key_of_another_backend_is_refused),
        cmocka_unit_test(what_comes_from_defaults_is_for_whom_it_concerns),
        cmocka_unit_test(several_routes_take_the_rest_from_defaults),
        cmocka_unit_test(one_route_and_several_exclude_each_other),
        cmocka_unit_test(a_route_that_cannot_pause_is_not_drained),
        cmocka_unit_test(one_route_has_one_owner),
        cmocka_unit_test(values_and_columns_can_be_told_apart),
        cmocka_unit_test(requests_of_http_make_sense),
        cmocka_unit_test(the_example_has_each_backend_once),
        cmocka_unit_test(headers_come_from_credentials_and_stay_out_of_the_hash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
