/* The platform's own kinds of route without a network: what an answer means, and that a body is the
 * answer with one value changed and every other byte as it came. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "common/check.h"
#include "common/cleanup.h"
#include "common/errors.h"
#include "common/hash.h"
#include "node/io/act/json.h"
#include "node/io/act/routing.h"
#include "tests/unit/act/fixture.h"

enum { EXPECTED_SIZE = 4096 };

static int setup(void **state)
{
    *state = fixture_make_config(1);
    return 0;
}

static int teardown(void **state)
{
    struct config *config = *state;
    fixture_free_config(&config);
    return 0;
}

/* The one route of the one service, of that kind and without a plan. */
static struct route_config *route_of(void **state, const char *backend)
{
    struct config *config = *state;
    struct route_config *route = &config->services[0].routes[0];
    *route = (struct route_config){.name = route->name};
    (void)text_copy(route->via, NAME_SIZE, "genesys");
    CHECK(text_copy(route->backend, NAME_SIZE, backend) == 0);
    CHECK(routing_find_backend(backend) != NULL);
    return route;
}

#define SET(field, words) CHECK(text_copy(field, sizeof field, words) == 0)

static const struct service_config *service_of(void **state)
{
    return &((struct config *)*state)->services[0];
}

static int read_text(void **state, const char *text, struct route_reading *reading,
                     struct text *why)
{
    const struct service_config *service = service_of(state);
    CLEANUP(route_document_free) struct route_document document = {0};
    text_clear(why);
    return routing_read(service, &service->routes[0], text, strlen(text), &document, reading, why);
}

static void expect_state(void **state, const char *text, enum route_state expected)
{
    struct route_reading reading;
    struct text why = {0};
    int rc = read_text(state, text, &reading, &why);
    if (rc != 0)
        fail_msg("%s: %s", text, why.bytes);
    assert_string_equal(route_state_name(reading.state), route_state_name(expected));
}

static void expect_refused(void **state, const char *text, const char *words)
{
    struct route_reading reading;
    struct text why = {0};
    assert_int_equal(read_text(state, text, &reading, &why), ERR_MALFORMED);
    if (strstr(why.bytes, words) == NULL)
        fail_msg("'%s' is not in: %s", words, why.bytes);
}

static int prepare(void **state, const char *text, enum route_state to, char **ret_body)
{
    const struct service_config *service = service_of(state);
    CLEANUP(route_document_free) struct route_document document = {0};
    struct route_reading reading;
    struct text why = {0};
    int rc =
        routing_read(service, &service->routes[0], text, strlen(text), &document, &reading, &why);
    assert_int_equal(rc, 0);
    text_clear(&why);
    rc = routing_prepare(service, &service->routes[0], &document, to, ret_body, &why);
    if (rc == 0)
        assert_int_equal(reading.body_hash[to],
                         hash_bytes(HASH_SEED, *ret_body, strlen(*ret_body)));
    else
        assert_int_equal(reading.body_hash[to], 0);
    assert_int_equal(rc<0, why.length> 0);
    return rc;
}

/* `text` with every `from` replaced. */
static void exchange(const char *text, const char *from, const char *to,
                     char ret_text[EXPECTED_SIZE])
{
    size_t used = 0;
    for (const char *found = NULL; (found = strstr(text, from)) != NULL;
         text = found + strlen(from)) {
        int written = snprintf(ret_text + used, EXPECTED_SIZE - used, "%.*s%s", (int)(found - text),
                               text, to);
        CHECK(written >= 0 && (size_t)written < EXPECTED_SIZE - used);
        used += (size_t)written;
    }
    CHECK(text_copy(ret_text + used, EXPECTED_SIZE - used, text) == 0);
}

/* The body for `to` is the text with `from` replaced and nothing else, and reads as `to`. */
static void expect_body(void **state, const char *text, enum route_state to, const char *from,
                        const char *put)
{
    char expected[EXPECTED_SIZE];
    CLEANUP(cleanup_json_text) char *body = NULL;
    exchange(text, from, put, expected);
    assert_int_equal(prepare(state, text, to, &body), 0);
    assert_string_equal(body, expected);
    expect_state(state, body, to);
}

static void expect_url(void **state, enum route_call call, enum http_method method, const char *url)
{
    const struct config *config = *state;
    const struct route_config *route = &config->services[0].routes[0];
    struct route_request request = {.content_type = NULL};
    assert_int_equal(routing_find_backend(route->backend)
                         ->make_request(&config->platforms[0], route, call, &request),
                     0);
    assert_string_equal(request.url, url);
    assert_int_equal(request.method, method);
}

#define API "http://127.0.0.1:1/api/v2"

#define IVR(open, closed, holiday)                                                            \
    "{ \"id\":\"ivr-1\", \"name\" : \"Main \\u00fc "                                          \
    "\\\"line\\\"\",\r\n\"division\":{\"id\":\"d1\","                                         \
    "\"selfUri\":\"/api/v2/x\"},\"version\":12,\"state\":\"active\",\"dnis\":[\"+4930123\"]," \
    "\"openHoursFlow\":{\"id\":\"" open "\",\"name\":\"A flow\"},"                            \
    "\"closedHoursFlow\" : {\"id\" :\t\"" closed "\"} ,"                                      \
    "\"holidayHoursFlow\":{\"id\":\"" holiday "\"},"                                          \
    "\"new\":[12345678901234567890123, 1.50, -0.0e+10, null, {\"a\":{ }}]}\n"

static void an_ivr_says_its_state_in_the_slots_that_are_ours(void **state)
{
    struct route_config *route = route_of(state, "ivr");
    struct route_reading reading;
    struct text why = {0};
    SET(route->ivr, "ivr 1");
    SET(route->hold_flow, "flow-h");
    expect_url(state, ROUTE_CALL_READ, HTTP_GET, API "/architect/ivrs/ivr%201");
    expect_url(state, ROUTE_CALL_WRITE, HTTP_PUT, API "/architect/ivrs/ivr%201");
    expect_state(state, IVR("flow-p", "flow-p", "flow-p"), ROUTE_PRIMARY);
    expect_state(state, IVR("flow-s", "closed", "flow-s"), ROUTE_STANDBY);
    expect_state(state, IVR("x", "flow-h", "y"), ROUTE_PAUSED);
    expect_state(state, IVR("x", "y", "z"), ROUTE_FOREIGN);
    assert_int_equal(read_text(state, IVR("flow-p", "flow-s", "x"), &reading, &why), 0);
    assert_int_equal(reading.state, ROUTE_MIXED);
    assert_int_equal(reading.version, 12);
    assert_string_equal(why.bytes, "its flow slots differ: primary and standby");
    expect_state(state, "{\"version\":3,\"openHoursFlow\":{\"id\":\"flow-p\"}}", ROUTE_PRIMARY);
    expect_state(state, "{\"version\":3,\"openHoursFlow\":null}", ROUTE_FOREIGN);
    expect_state(state,
                 "{\"version\":3,\"state\":\"deleted\",\"openHoursFlow\":{\"id\":\"flow-p\"}}",
                 ROUTE_FOREIGN);
}

static void an_ivr_is_changed_in_our_slots_alone(void **state)
{
    struct route_config *route = route_of(state, "ivr");
    CLEANUP(cleanup_json_text) char *none = NULL;
    SET(route->ivr, "ivr-1");
    SET(route->hold_flow, "flow-h");
    const char *read = IVR("flow-p", "closed", "flow-p");
    expect_body(state, read, ROUTE_STANDBY, "flow-p", "flow-s");
    expect_body(state, read, ROUTE_PAUSED, "flow-p", "flow-h");
    expect_body(state, read, ROUTE_PRIMARY, "flow-p", "flow-p");
    /* Half of it moved by hand is moved as a whole, and what was paused is found again. */
    expect_body(state, IVR("flow-s", "closed", "flow-p"), ROUTE_STANDBY, "flow-p", "flow-s");
    expect_body(state, IVR("flow-h", "closed", "flow-h"), ROUTE_STANDBY, "flow-h", "flow-s");
    assert_int_equal(prepare(state, IVR("x", "y", "z"), ROUTE_STANDBY, &none), ERR_STATE);
    route->hold_flow[0] = '\0';
    assert_int_equal(prepare(state, read, ROUTE_PAUSED, &none), ERR_STATE);
}

static void an_ivr_that_makes_no_sense_is_refused(void **state)
{
    (void)route_of(state, "ivr");
    expect_refused(state, "{\"openHoursFlow\":{\"id\":\"flow-p\"}}", "/version is no version");
    expect_refused(state, "{\"version\":-1}", "/version is no version");
    expect_refused(state, "{\"version\":\"7\"}", "/version is no version");
    expect_refused(state, "{\"version\":1e3}", "/version is no version");
    expect_refused(state, "{\"version\":1,\"version\":2}", "cannot be read at /version");
    expect_refused(state,
                   "{\"version\":1,\"openHoursFlow\":{\"id\":\"flow-p\"},"
                   "\"openHoursFlow\":{\"id\":\"flow-s\"}}",
                   "cannot be read at /openHoursFlow/id");
    expect_refused(state, "<html>", "not JSON");
    expect_refused(state, "[]", "/version is no version");
}

#define GROUP(enabled, first, second)                                                      \
    "{\"id\":\"group-1\",\"version\":5,\"enabled\" : " enabled ",\"emergencyCallFlows\":[" \
    "{\"emergencyFlow\":{\"id\":\"" first "\"},\"ivrs\":[{\"id\":\"ivr-3\"}]},"            \
    "{\"emergencyFlow\":{\"id\":\"" second "\"},\"ivrs\":[]}],\"big\":9007199254740993}"

static void an_emergency_group_is_one_boolean(void **state)
{
    struct route_config *route = route_of(state, "emergency-group");
    CLEANUP(cleanup_json_text) char *none = NULL;
    SET(route->group, "group-1");
    expect_url(state, ROUTE_CALL_WRITE, HTTP_PUT, API "/architect/emergencygroups/group-1");
    expect_state(state, GROUP("true", "flow-s", "flow-s"), ROUTE_STANDBY);
    expect_state(state, GROUP("false", "flow-s", "flow-s"), ROUTE_PRIMARY);
    expect_state(state, GROUP("false", "flow-s", "other"), ROUTE_FOREIGN);
    expect_state(state, "{\"version\":1,\"enabled\":true,\"emergencyCallFlows\":[]}",
                 ROUTE_FOREIGN);
    expect_body(state, GROUP("false", "flow-s", "flow-s"), ROUTE_STANDBY, "false", "true");
    expect_body(state, GROUP("true", "flow-s", "flow-s"), ROUTE_PRIMARY, "true", "false");
    assert_int_equal(prepare(state, GROUP("true", "flow-s", "flow-s"), ROUTE_PAUSED, &none),
                     ERR_STATE);
    expect_refused(state, "{\"version\":1,\"enabled\":\"true\"}", "/enabled");
    expect_refused(state, "{\"version\":1}", "whether it is");
}

#define ROW(flow, mode)                                                            \
    "{\"key\":\"support line\",\"activeFlow\":" flow ",\n  \"mode\":\"" mode "\"," \
    "\"limit\":10000000000000001,\"open\":true,\"note\":\"a \\/ b\"}"

static void a_row_carries_the_flow_and_its_mode(void **state)
{
    struct route_config *route = route_of(state, "datatable-row");
    char expected[EXPECTED_SIZE];
    SET(route->table, "table-1");
    SET(route->row, "support line/\xc3\xa4");
    SET(route->hold_flow, "flow-h");
    expect_url(state, ROUTE_CALL_READ, HTTP_GET,
               API "/flows/datatables/table-1/rows/support%20line%2F%C3%A4?showbrief=false");
    expect_url(state, ROUTE_CALL_WRITE, HTTP_PUT,
               API "/flows/datatables/table-1/rows/support%20line%2F%C3%A4");
    expect_body(state, ROW("\"flow-p\"", "x"), ROUTE_STANDBY, "flow-p", "flow-s");
    SET(route->announce_column, "mode");
    exchange(ROW("\"flow-p\"", "normal"), "flow-p", "flow-s", expected);
    CLEANUP(cleanup_json_text) char *standby = NULL;
    assert_int_equal(prepare(state, ROW("\"flow-p\"", "normal"), ROUTE_STANDBY, &standby), 0);
    assert_string_equal(standby, ROW("\"flow-s\"", "degraded"));
    CLEANUP(cleanup_json_text) char *paused = NULL;
    assert_int_equal(prepare(state, ROW("\"flow-p\"", "normal"), ROUTE_PAUSED, &paused), 0);
    assert_string_equal(paused, ROW("\"flow-h\"", "draining"));
    SET(route->announce[VALUE_PRIMARY], "all well");
    CLEANUP(cleanup_json_text) char *primary = NULL;
    assert_int_equal(prepare(state, ROW("\"flow-s\"", "degraded"), ROUTE_PRIMARY, &primary), 0);
    assert_string_equal(primary, ROW("\"flow-p\"", "all well"));
}

static void a_row_may_say_it_in_its_own_words(void **state)
{
    struct route_config *route = route_of(state, "datatable-row");
    CLEANUP(cleanup_json_text) char *none = NULL;
    SET(route->column, "failed over/now~");
    SET(route->values[VALUE_PRIMARY], "false");
    SET(route->values[VALUE_STANDBY], "true");
    expect_body(state, "{\"key\":\"r\", \"failed over/now~\":false}", ROUTE_STANDBY, "false",
                "true");
    expect_body(state, "{\"key\":\"r\", \"failed over/now~\":\"false\"}", ROUTE_STANDBY, "false",
                "true");
    assert_int_equal(
        prepare(state, "{\"key\":\"r\", \"failed over/now~\":7}", ROUTE_STANDBY, &none), ERR_STATE);
    expect_refused(state, "{\"key\":\"r\"}", "has no column failed over/now~");
    SET(route->announce_column, "mode");
    expect_refused(state, "{\"key\":\"r\", \"failed over/now~\":false}", "has no column mode");
}

#define FLOWED(status, flow)                                                              \
    "{\"id\":\"x-1\",\"name\":\"x\"," status "\"flow\" :{\"name\":\"old\",\"id\":\"" flow \
    "\"},\"configuration\":{\"id\":\"c\",\"version\":\"12\"},\"allowAllDomains\":true}"

static void a_flow_is_exchanged_where_it_stands(void **state)
{
    CLEANUP(cleanup_json_text) char *none = NULL;
    struct route_config *route = route_of(state, "message-recipient");
    SET(route->recipient, "r-1");
    expect_url(state, ROUTE_CALL_WRITE, HTTP_PUT, API "/routing/message/recipients/r-1");
    expect_body(state, FLOWED("", "flow-p"), ROUTE_STANDBY, "flow-p", "flow-s");
    expect_body(state, FLOWED("", "foreign"), ROUTE_STANDBY, "foreign", "flow-s");
    expect_state(state, "{\"id\":\"r\"}", ROUTE_FOREIGN);
    expect_state(state, "{\"id\":\"r\",\"flow\":null}", ROUTE_FOREIGN);
    assert_int_equal(prepare(state, "{\"id\":\"r\"}", ROUTE_STANDBY, &none), ERR_STATE);
    assert_int_equal(prepare(state, FLOWED("", "flow-p"), ROUTE_PAUSED, &none), ERR_STATE);
    route = route_of(state, "web-deployment");
    SET(route->deployment, "d-1");
    expect_url(state, ROUTE_CALL_READ, HTTP_GET, API "/webdeployments/deployments/d-1");
    expect_body(state, FLOWED("\"status\":\"Active\",", "flow-s"), ROUTE_PRIMARY, "flow-s",
                "flow-p");
}

static void what_the_platform_has_not_finished_is_unknown(void **state)
{
    static const char *const backends[] = {"web-deployment", "email-route"};
    for (size_t i = 0; i < ARRAY_COUNT(backends); i++) {
        struct route_reading reading;
        struct text why = {0};
        (void)route_of(state, backends[i]);
        expect_state(state, FLOWED("\"status\":\"Pending\",", "flow-s"), ROUTE_UNKNOWN);
        expect_state(state, FLOWED("\"status\":\"Active\",", "flow-s"), ROUTE_STANDBY);
        expect_state(state, FLOWED("\"status\":null,", "flow-s"), ROUTE_STANDBY);
        expect_state(state, FLOWED("", "flow-s"), ROUTE_STANDBY);
        expect_state(state, FLOWED("\"status\":\"Error\",", "flow-s"), ROUTE_FOREIGN);
        expect_state(state, FLOWED("\"status\":\"Inactive\",", "flow-p"), ROUTE_FOREIGN);
        assert_int_equal(
            read_text(state, FLOWED("\"status\":\"Pending\",", "flow-s"), &reading, &why), 0);
        assert_string_equal(why.bytes, "the platform has not finished: status Pending");
        assert_int_not_equal(reading.body_hash[ROUTE_PRIMARY], 0);
    }
}

static void an_email_route_to_a_queue_is_somebody_else_s(void **state)
{
    CLEANUP(cleanup_json_text) char *none = NULL;
    struct route_config *route = route_of(state, "email-route");
    SET(route->domain, "mail.example.com");
    SET(route->email_route, "e-1");
    expect_url(state, ROUTE_CALL_READ, HTTP_GET,
               API "/routing/email/domains/mail.example.com/routes/e-1");
    expect_state(state, "{\"pattern\":\"*\",\"queue\":{\"id\":\"flow-p\"}}", ROUTE_FOREIGN);
    assert_int_equal(
        prepare(state, "{\"pattern\":\"*\",\"queue\":{\"id\":\"q\"}}", ROUTE_STANDBY, &none),
        ERR_STATE);
    expect_state(state, "{\"pattern\":\"*\",\"queue\":null,\"flow\":{\"id\":\"flow-p\"}}",
                 ROUTE_PRIMARY);
}

#define THING(version, active) \
    "{\"meta\":{\"rev\":" version "},\"targets\":[{\"active\":\"" active "\"}],\"n\":1.10}"

static struct route_config *http_route(void **state, enum http_write how)
{
    struct route_config *route = route_of(state, "http");
    SET(route->http.read_url, "/things/1?a=b");
    SET(route->http.write_url, "http://other.example/things/1");
    SET(route->http.value, "/targets/0/active");
    SET(route->http.version, "/meta/rev");
    route->http.how = how;
    return route;
}

static void expect_text(void **state, const char *read, const char *body)
{
    CLEANUP(cleanup_json_text) char *text = NULL;
    assert_int_equal(prepare(state, read, ROUTE_STANDBY, &text), 0);
    assert_string_equal(text, body);
}

static void http_takes_any_url_and_method(void **state)
{
    struct route_config *route = http_route(state, WRITE_REPLACE);
    struct route_request request = {.content_type = NULL};
    expect_url(state, ROUTE_CALL_READ, HTTP_GET, "http://127.0.0.1:1/things/1?a=b");
    expect_url(state, ROUTE_CALL_WRITE, HTTP_PUT, "http://other.example/things/1");
    route->http.how = WRITE_MERGE_PATCH;
    expect_url(state, ROUTE_CALL_WRITE, HTTP_PATCH, "http://other.example/things/1");
    SET(route->http.write_method, "POST");
    SET(route->http.read_method, "POST");
    expect_url(state, ROUTE_CALL_WRITE, HTTP_POST, "http://other.example/things/1");
    expect_url(state, ROUTE_CALL_READ, HTTP_POST, "http://127.0.0.1:1/things/1?a=b");
    SET(route->http.write_method, "DELETE");
    SET(route->http.read_url, "http://a.example/");
    assert_int_equal(routing_http_backend.make_request(NULL, route, ROUTE_CALL_READ, &request), 0);
    assert_int_equal(routing_http_backend.make_request(NULL, route, ROUTE_CALL_WRITE, &request), 0);
    assert_int_equal(request.method, HTTP_DELETE);
    assert_false(request.to_platform);
    assert_string_equal(request.content_type, "application/merge-patch+json");
    assert_ptr_equal(request.headers, &route->http.headers);
}

static void http_writes_back_what_it_read(void **state)
{
    struct route_reading reading;
    struct text why = {0};
    (void)http_route(state, WRITE_REPLACE);
    expect_body(state, THING("7", "flow-p"), ROUTE_STANDBY, "flow-p", "flow-s");
    assert_int_equal(read_text(state, THING("7", "flow-s"), &reading, &why), 0);
    assert_int_equal(reading.version, 7);
    assert_int_equal(reading.state, ROUTE_STANDBY);
    assert_int_equal(read_text(state, THING("\"v7\"", "flow-s"), &reading, &why), 0);
    uint64_t seven = reading.version;
    assert_int_equal(read_text(state, THING("\"v8\"", "flow-s"), &reading, &why), 0);
    assert_int_not_equal(seven, reading.version);
    assert_int_not_equal(seven, 0);
    expect_refused(state, "{\"targets\":[{\"active\":\"flow-p\"}]}", "/meta/rev is no version");
    expect_refused(state, "{\"meta\":{\"rev\":1},\"targets\":[]}",
                   "nothing stands at /targets/0/active");
}

static void http_patches(void **state)
{
    struct route_config *route = http_route(state, WRITE_JSON_PATCH);
    expect_text(state, THING("7", "flow-p"),
                "[{\"op\":\"test\",\"path\":\"/meta/rev\",\"value\":7},"
                "{\"op\":\"replace\",\"path\":\"/targets/0/active\",\"value\":\"flow-s\"}]");
    route->http.version[0] = '\0';
    expect_text(state, THING("7", "flow-p"),
                "[{\"op\":\"replace\",\"path\":\"/targets/0/active\",\"value\":\"flow-s\"}]");
    route = http_route(state, WRITE_MERGE_PATCH);
    SET(route->http.value, "/a~1b/on");
    SET(route->http.version, "/a~1b/rev");
    SET(route->values[VALUE_PRIMARY], "1");
    SET(route->values[VALUE_STANDBY], "2");
    expect_text(state, "{\"a/b\":{\"on\":1,\"rev\":\"x\\u0041\"},\"c\":2}",
                "{\"a/b\":{\"on\":2,\"rev\":\"x\\u0041\"}}");
}

static void a_merge_patch_does_not_reach_into_lists(void **state)
{
    struct route_reading reading;
    struct text why = {0};
    (void)http_route(state, WRITE_MERGE_PATCH);
    assert_int_equal(read_text(state, THING("7", "flow-p"), &reading, &why), ERR_INVALID);
    assert_non_null(strstr(why.bytes, "a merge patch cannot change an item of a list"));
}

static void http_fills_in_a_body(void **state)
{
    struct route_config *route = http_route(state, WRITE_BODY);
    SET(route->http.body, "{\"to\":\"${value}\",\"list\":[\"${version}\",{\"v\":\"${version}\"}],"
                          "\"note\":\"from ${primary.id} at ${version} to ${value}\",\"k\":1}");
    expect_text(state, THING("7", "flow-p"),
                "{\"to\":\"flow-s\",\"list\":[7,{\"v\":7}],"
                "\"note\":\"from flow-p at 7 to flow-s\",\"k\":1}");
    expect_text(state, THING("\"v\\\"7\"", "flow-p"),
                "{\"to\":\"flow-s\",\"list\":[\"v\\\"7\",{\"v\":\"v\\\"7\"}],"
                "\"note\":\"from flow-p at v\\\"7 to flow-s\",\"k\":1}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_ivr_says_its_state_in_the_slots_that_are_ours, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(an_ivr_is_changed_in_our_slots_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(an_ivr_that_makes_no_sense_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(an_emergency_group_is_one_boolean, setup, teardown),
        cmocka_unit_test_setup_teardown(a_row_carries_the_flow_and_its_mode, setup, teardown),
        cmocka_unit_test_setup_teardown(a_row_may_say_it_in_its_own_words, setup, teardown),
        cmocka_unit_test_setup_teardown(a_flow_is_exchanged_where_it_stands, setup, teardown),
        cmocka_unit_test_setup_teardown(what_the_platform_has_not_finished_is_unknown, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(an_email_route_to_a_queue_is_somebody_else_s, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(http_takes_any_url_and_method, setup, teardown),
        cmocka_unit_test_setup_teardown(http_writes_back_what_it_read, setup, teardown),
        cmocka_unit_test_setup_teardown(http_patches, setup, teardown),
        cmocka_unit_test_setup_teardown(a_merge_patch_does_not_reach_into_lists, setup, teardown),
        cmocka_unit_test_setup_teardown(http_fills_in_a_body, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
