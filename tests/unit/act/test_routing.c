/* Routing plans without a network: what a plan means, which bodies are made from it, and what
 * hostile text does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "common/check.h"
#include "common/cleanup.h"
#include "common/errors.h"
#include "common/hash.h"
#include "common/prng.h"
#include "node/io/act/announce.h"
#include "node/io/act/classify.h"
#include "node/io/act/json.h"
#include "node/io/act/routing.h"
#include "node/io/act/template.h"
#include "tests/unit/act/fixture.h"

static int setup(void **state)
{
    struct config *config = fixture_make_config(1);
    *state = config;
    return 0;
}

static int teardown(void **state)
{
    struct config *config = *state;
    fixture_free_config(&config);
    return 0;
}

static int read_plan(const struct config *config, const char *text, struct route_reading *view)
{
    const struct service_config *service = &config->services[0];
    CLEANUP(route_document_free) struct route_document document = {0};
    struct text why = {0};
    int rc = routing_read(service, &service->routes[0], text, strlen(text), &document, view, &why);
    assert_int_equal(rc<0, why.length> 0);
    return rc;
}

#define ENTRY(rest, id) "{" rest ",\"destination\":{\"type\":\"Flow\",\"id\":\"" id "\"}}"
#define PLAN(entries) "{\"version\":3,\"entries\":[" entries "]}"

static void the_lowest_active_priority_is_effective(void **state)
{
    static const struct {
        const char *plan;
        enum route_state state;
    } rows[] = {
        {PLAN(ENTRY("\"priority\":50", "flow-p") "," ENTRY("\"priority\":60", "flow-s")),
         ROUTE_PRIMARY},
        {PLAN(ENTRY("\"priority\":60", "flow-s") "," ENTRY("\"priority\":50", "flow-p")),
         ROUTE_PRIMARY},
        {PLAN(ENTRY("\"priority\":10", "flow-s") "," ENTRY("\"priority\":50", "flow-p")),
         ROUTE_STANDBY},
        {PLAN(ENTRY("\"priority\":10,\"active\":false",
                    "flow-s") "," ENTRY("\"priority\":50,\"active\":true", "flow-p")),
         ROUTE_PRIMARY},
        {PLAN(ENTRY("\"priority\":10,\"active\":null", "flow-s")), ROUTE_STANDBY},
        {PLAN(""), ROUTE_PAUSED},
        {PLAN(ENTRY("\"priority\":10,\"active\":false", "flow-s")), ROUTE_PAUSED},
        {PLAN(ENTRY("\"priority\":1", "flow-h") "," ENTRY("\"priority\":50", "flow-p")),
         ROUTE_PAUSED},
        {PLAN(ENTRY("\"priority\":1", "flow-x") "," ENTRY("\"priority\":50", "flow-p")),
         ROUTE_FOREIGN},
        {PLAN(ENTRY("\"priority\":70", "flow-x") "," ENTRY("\"priority\":50", "flow-p")),
         ROUTE_PRIMARY},
        {PLAN(ENTRY("\"priority\":1,\"active\":false", "flow-x") "," ENTRY("\"priority\":50",
                                                                           "flow-p")),
         ROUTE_PRIMARY},
        {PLAN("{\"priority\":1,\"destination\":{\"type\":\"Queue\",\"id\":\"flow-p\"}}"),
         ROUTE_FOREIGN},
        {PLAN("{\"priority\":1}"), ROUTE_FOREIGN},
        {PLAN(ENTRY("\"priority\":-5", "flow-s") "," ENTRY("\"priority\":0", "flow-p")),
         ROUTE_STANDBY},
        {PLAN(ENTRY("\"priority\":5", "flow-s") "," ENTRY("\"priority\":5", "flow-p")),
         ROUTE_FOREIGN},
        {PLAN(ENTRY("\"priority\":5", "flow-s") "," ENTRY("\"priority\":5", "flow-s")),
         ROUTE_STANDBY},
    };
    struct config *config = *state;
    (void)text_copy(config->services[0].routes[0].hold_flow, NAME_SIZE, "flow-h");
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct route_reading view;
        assert_int_equal(read_plan(config, rows[i].plan, &view), 0);
        assert_string_equal(route_state_name(view.state), route_state_name(rows[i].state));
        assert_int_equal(view.version, 3);
    }
}

static void a_plan_that_makes_no_sense_is_refused(void **state)
{
    static const char *const plans[] = {
        "",
        "null",
        "[]",
        "\"x\"",
        "{}",
        "{\"entries\":{}}",
        "{\"entries\":null}",
        "{\"entries\":[1]}",
        "{\"entries\":[null]}",
        "{\"entries\":[[]]}",
        PLAN("{\"priority\":\"1\"}"),
        PLAN("{\"priority\":1.5}"),
        PLAN("{\"priority\":1e300}"),
        PLAN("{\"priority\":1,\"active\":\"false\"}"),
        PLAN("{\"priority\":1,\"active\":0}"),
        PLAN("{\"priority\":1,\"destination\":\"flow-p\"}"),
        "{\"entries\":[],\"version\":\"3\"}",
        "{\"entries\":[],\"version\":-1}",
        "{\"entries\":[],\"version\":1.5}",
        "{\"entries\":[],\"version\":1e17}",
        "{\"entries\":[],\"version\":null}",
        "{\"entries\":[]} x",
        "{\"entries\":[]",
        "{\"entries\":[]}{",
        "{\"entries\":[\"\\ud800\"]}",
    };
    for (size_t i = 0; i < ARRAY_COUNT(plans); i++) {
        struct route_reading view = {.state = ROUTE_PRIMARY};
        assert_int_equal(read_plan(*state, plans[i], &view), ERR_MALFORMED);
        assert_int_equal(view.state, ROUTE_PRIMARY); /* untouched */
    }
}

static void truncated_and_damaged_plans_never_crash(void **state)
{
    const char plan[] = PLAN_NORMAL("7");
    struct route_reading view;
    for (size_t length = 0; length < sizeof plan - 1; length++) {
        char cut[sizeof plan];
        memcpy(cut, plan, length);
        cut[length] = '\0';
        assert_int_equal(read_plan(*state, cut, &view), ERR_MALFORMED);
    }
    struct prng prng;
    prng_init(&prng, 7);
    for (int round = 0; round < 5000; round++) {
        char damaged[sizeof plan];
        memcpy(damaged, plan, sizeof plan);
        for (int i = 0; i < 3; i++)
            damaged[prng_below(&prng, sizeof plan - 1)] = (char)(1 + prng_below(&prng, 127));
        int rc = read_plan(*state, damaged, &view);
        assert_true(rc == 0 || rc == ERR_MALFORMED);
    }
}

static void deep_and_long_plans_are_refused(void **state)
{
    enum { DEPTH = 100000, ENTRIES = 300 };
    struct route_reading view;
    CLEANUP(cleanup_free) char *deep = malloc(DEPTH + 1);
    assert_non_null(deep);
    memset(deep, '[', DEPTH);
    deep[DEPTH] = '\0';
    assert_int_equal(read_plan(*state, deep, &view), ERR_MALFORMED);
    static const char entry[] = "{\"priority\":1},";
    CLEANUP(cleanup_free) char *plan = calloc(1, 64 + ENTRIES * sizeof entry);
    assert_non_null(plan);
    char *end = stpcpy(plan, "{\"entries\":[");
    for (int i = 0; i < ENTRIES; i++)
        end = stpcpy(end, entry);
    (void)stpcpy(end - 1, "]}");
    assert_int_equal(read_plan(*state, plan, &view), ERR_MALFORMED);
}

static void make_body(const struct config *config, const char *plan, enum route_step step,
                      enum side to, char **ret_text)
{
    const struct service_config *service = &config->services[0];
    CLEANUP(route_document_free) struct route_document document = {0};
    enum route_state state_after = routing_state_after(step, to);
    struct route_reading view;
    struct text why = {0};
    assert_int_equal(
        routing_read(service, &service->routes[0], plan, strlen(plan), &document, &view, &why), 0);
    assert_int_equal(routing_plan_backend.prepare(service, &service->routes[0], &document,
                                                  state_after, ret_text, &why),
                     0);
    assert_true(view.body_hash[state_after] == hash_bytes(HASH_SEED, *ret_text, strlen(*ret_text)));
}

static void bodies_send_whole_entries_with_the_version_as_read(void **state)
{
    CLEANUP(cleanup_json_text) char *standby = NULL;
    CLEANUP(cleanup_json_text) char *paused = NULL;
    CLEANUP(cleanup_json_text) char *normal = NULL;
    make_body(*state, PLAN_NORMAL("9007199254740991"), ROUTE_SWITCH, SIDE_STANDBY, &standby);
    make_body(*state, PLAN_NORMAL("7"), ROUTE_PAUSE, SIDE_STANDBY, &paused);
    make_body(*state, "{\"entries\":[]}", ROUTE_RESUME, SIDE_PRIMARY, &normal);
    assert_string_equal(
        standby,
        "{\"entries\":[{\"priority\":10,\"destination\":{\"type\":\"Flow\",\"id\":\"flow-s\"},"
        "\"conditions\":[]},{\"priority\":50,\"active\":false,\"destination\":{\"type\":\"Flow\","
        "\"id\":\"flow-p\"},\"conditions\":[]}],\"name\":\"Support\",\"routingType\":\"SIP\","
        "\"version\":9007199254740991}");
    assert_string_equal(
        paused,
        "{\"entries\":[{\"priority\":50,\"active\":false,\"destination\":{\"type\":\"Flow\",\"id\":"
        "\"flow-p\"},\"conditions\":[]},{\"priority\":60,\"active\":false,\"destination\":{"
        "\"type\":\"Flow\",\"id\":\"flow-s\"},\"conditions\":[]}],\"name\":\"Support\","
        "\"routingType\":\"SIP\",\"version\":7}");
    assert_string_equal(
        normal, "{\"entries\":[{\"priority\":50,\"destination\":{\"type\":\"Flow\",\"id\":"
                "\"flow-p\"},\"conditions\":[]},{\"priority\":60,\"active\":false,\"destination\":{"
                "\"type\":\"Flow\",\"id\":\"flow-s\"},\"conditions\":[]}]}");
}

static void a_hold_flow_takes_a_paused_route(void **state)
{
    struct config *config = *state;
    CLEANUP(cleanup_json_text) char *paused = NULL;
    struct route_reading view;
    (void)text_copy(config->services[0].routes[0].hold_flow, NAME_SIZE, "flow-h");
    make_body(config, PLAN_NORMAL("7"), ROUTE_PAUSE, SIDE_STANDBY, &paused);
    assert_non_null(strstr(paused, "{\"priority\":1,\"destination\":{\"type\":\"Flow\",\"id\":"
                                   "\"flow-h\"}"));
    assert_int_equal(read_plan(config, paused, &view), 0);
    assert_int_equal(view.state, ROUTE_PAUSED);
}

static void a_bodys_hash_covers_the_version_that_it_is_based_on(void **state)
{
    struct route_reading a;
    struct route_reading b;
    assert_int_equal(read_plan(*state, PLAN_NORMAL("7"), &a), 0);
    assert_int_equal(read_plan(*state, PLAN_NORMAL("8"), &b), 0);
    assert_true(a.body_hash[ROUTE_STANDBY] != b.body_hash[ROUTE_STANDBY]);
}

static void an_id_cannot_change_the_bodys_shape(void **state)
{
    struct config *config = *state;
    CLEANUP(cleanup_json_text) char *text = NULL;
    CLEANUP(cleanup_json) cJSON *body = NULL;
    const char id[] = "x\"},\"active\":true,\"y\":{\"z\":\"${plan}\\u0022";
    (void)text_copy(config->services[0].side[SIDE_STANDBY].id, NAME_SIZE, id);
    make_body(config, PLAN_NORMAL("7"), ROUTE_SWITCH, SIDE_STANDBY, &text);
    assert_int_equal(json_parse(text, strlen(text), &body), 0);
    const cJSON *entry = cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(body, "entries"), 0);
    assert_int_equal(cJSON_GetArraySize(entry), 3);
    assert_string_equal(
        json_get_string(cJSON_GetObjectItemCaseSensitive(entry, "destination"), "id"), id);
}

static void configured_bodies_are_used_and_cannot_lift_the_version(void **state)
{
    struct config *config = *state;
    CLEANUP(cleanup_json_text) char *text = NULL;
    (void)text_copy(config->services[0].bodies.standby, BODY_SIZE,
                    "{\"version\": 1, \"name\": \"mine ${plan}\", \"note\": \"${primary.id}!\","
                    " \"entries\": [{\"priority\": 1, \"destination\":"
                    " {\"type\": \"Flow\", \"id\": \"${standby.id}\"}}]}");
    make_body(config, PLAN_NORMAL("7"), ROUTE_SWITCH, SIDE_STANDBY, &text);
    assert_string_equal(text,
                        "{\"name\":\"mine plan-1\",\"note\":\"flow-p!\",\"entries\":[{"
                        "\"priority\":1,\"destination\":{\"type\":\"Flow\",\"id\":\"flow-s\"}}"
                        "],\"routingType\":\"SIP\",\"version\":7}");
}

static void a_body_that_means_something_else_is_refused(void **state)
{
    static const struct {
        const char *standby;
        const char *problem;
    } rows[] = {
        {"{\"entries\":[{\"priority\":1,\"destination\":{\"type\":\"Flow\",\"id\":\"${primary.id}"
         "\"}"
         "}]}",
         "it makes the route primary"},
        {"{\"entries\":[]}", "it makes the route paused"},
        {"{}", "the plan has no entries"},
        {"[]", "not a JSON object"},
        {"{\"entries\":[", "not a JSON object"},
        {"{\"entries\":[],\"x\":\"${nobody}\"}", "${nobody} is not known here"},
        {"{\"entries\":[],\"x\":\"${plan\"}", "${ without }"},
    };
    struct config *config = *state;
    struct text why = {0};
    assert_int_equal(routing_check_service(&config->services[0], &why), 0);
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        (void)text_copy(config->services[0].bodies.standby, BODY_SIZE, rows[i].standby);
        assert_int_equal(routing_check_service(&config->services[0], &why), ERR_INVALID);
        assert_non_null(strstr(why.bytes, "service support: the body for standby: "));
        assert_non_null(strstr(why.bytes, rows[i].problem));
    }
}

static void a_filled_in_string_has_a_limit(void **state)
{
    (void)state;
    char value[1024];
    cJSON *body = NULL;
    struct text why = {0};
    memset(value, 'v', sizeof value - 1);
    value[sizeof value - 1] = '\0';
    const struct template_variable variables[] = {{"v", value}};
    assert_int_equal(template_expand("{\"a\":\"${v}${v}${v}\"}", variables, 1, &body, &why),
                     ERR_TOO_LARGE);
    assert_int_equal(template_expand("{\"a\":[\"-${v}\"]}", variables, 1, &body, &why), 0);
    assert_int_equal(strlen(cJSON_GetArrayItem(body->child, 0)->valuestring), sizeof value);
    cJSON_Delete(body);
}

static void the_plan_is_escaped_in_its_url(void **state)
{
    struct config *config = *state;
    struct route_request request;
    (void)text_copy(config->services[0].routes[0].plan, NAME_SIZE, "a/../b?c d");
    assert_int_equal(routing_plan_backend.make_request(&config->platforms[0],
                                                       &config->services[0].routes[0],
                                                       ROUTE_CALL_WRITE, &request),
                     0);
    assert_int_equal(request.method, HTTP_PATCH);
    assert_string_equal(request.url, "http://127.0.0.1:1/api/v2/routing/plans/a%2F..%2Fb%3Fc%20d");
}

static void announcements_replace_the_value_to_go_back(void **state)
{
    struct config *config = *state;
    struct service_config *service = &config->services[0];
    struct announcement announcement;
    struct text why = {0};
    assert_int_equal(announce_make(service, SIDE_PRIMARY, true, &announcement, &why),
                     ERR_NOT_FOUND);
    (void)text_copy(service->announce_header, HEADER_SIZE, "X-Service-Mode: degraded");
    (void)text_copy(service->announce_query, HEADER_SIZE, "mode=degraded");
    assert_int_equal(announce_make(service, SIDE_PRIMARY, true, &announcement, &why), 0);
    assert_string_equal(announcement.header, "X-Service-Mode: degraded");
    assert_string_equal(announcement.url, "http://127.0.0.1:1/canary?deep=1&mode=degraded");
    assert_int_equal(announce_make(service, SIDE_PRIMARY, false, &announcement, &why), 0);
    assert_string_equal(announcement.header, "X-Service-Mode: normal");
    assert_string_equal(announcement.url, "http://127.0.0.1:1/canary?deep=1&mode=normal");
    (void)text_copy(service->side[SIDE_STANDBY].probe.url, URL_SIZE, "tcp://127.0.0.1:1");
    assert_int_equal(announce_make(service, SIDE_STANDBY, true, &announcement, &why),
                     ERR_NOT_FOUND);
    (void)text_copy(service->announce_header, HEADER_SIZE, "X-Mode: a\r\nX-Other: b");
    assert_int_equal(announce_make(service, SIDE_PRIMARY, true, &announcement, &why), ERR_INVALID);
}

static void each_status_has_one_meaning(void **state)
{
    (void)state;
    static const struct {
        int status;
        enum route_result result;
        const char *body;
    } rows[] = {
        {200, ROUTE_RESULT_OK, ""},
        {202, ROUTE_RESULT_OK, ""},
        {302, ROUTE_RESULT_REJECTED, ""},
        {400, ROUTE_RESULT_REJECTED, "{\"message\":\"bad\"}"},
        {400, ROUTE_RESULT_CONFLICT,
         "{\"message\":\"The version does not match the current version\"}"},
        {400, ROUTE_RESULT_SERVER_ERROR, "{\"message\":\"didPoolId is required\"}"},
        {401, ROUTE_RESULT_UNAUTHORIZED, ""},
        {403, ROUTE_RESULT_FORBIDDEN, ""},
        {404, ROUTE_RESULT_NOT_FOUND, ""},
        {408, ROUTE_RESULT_UNKNOWN, ""},
        {409, ROUTE_RESULT_CONFLICT, ""},
        {413, ROUTE_RESULT_REJECTED, ""},
        {422, ROUTE_RESULT_REJECTED, ""},
        {429, ROUTE_RESULT_RATE_LIMITED, ""},
        {500, ROUTE_RESULT_SERVER_ERROR, ""},
        {502, ROUTE_RESULT_UNKNOWN, ""},
        {503, ROUTE_RESULT_SERVER_ERROR, ""},
        {504, ROUTE_RESULT_UNKNOWN, ""},
        {524, ROUTE_RESULT_UNKNOWN, ""},
        {0, ROUTE_RESULT_UNKNOWN, ""},
    };
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        const struct http_answer answer = {.end = HTTP_ANSWERED,
                                           .status = rows[i].status,
                                           .body = rows[i].body,
                                           .body_length = strlen(rows[i].body)};
        assert_string_equal(route_result_name(classify_answer(&answer)),
                            route_result_name(rows[i].result));
    }
}

static void a_strangers_words_are_made_plain(void **state)
{
    (void)state;
    const char body[] = "{\"code\":\"general.conflict\",\"message\":\"a\\n\\\"b\\u001b[0m\"}";
    struct text why = {0};
    const struct http_answer answer = {.end = HTTP_ANSWERED,
                                       .status = 409,
                                       .body = body,
                                       .body_length = sizeof body - 1,
                                       .correlation_id = "corr-1"};
    classify_explain(&answer, "https://user:secret@api.example.com:8443/x?y#z", &why);
    assert_string_equal(why.bytes, "api.example.com:8443 answered 409, general.conflict: a..b.[0m "
                                   "[corr-1]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_lowest_active_priority_is_effective, setup, teardown),
        cmocka_unit_test_setup_teardown(a_plan_that_makes_no_sense_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(truncated_and_damaged_plans_never_crash, setup, teardown),
        cmocka_unit_test_setup_teardown(deep_and_long_plans_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(bodies_send_whole_entries_with_the_version_as_read, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_hold_flow_takes_a_paused_route, setup, teardown),
        cmocka_unit_test_setup_teardown(a_bodys_hash_covers_the_version_that_it_is_based_on, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(an_id_cannot_change_the_bodys_shape, setup, teardown),
        cmocka_unit_test_setup_teardown(configured_bodies_are_used_and_cannot_lift_the_version,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(a_body_that_means_something_else_is_refused, setup,
                                        teardown),
        cmocka_unit_test(a_filled_in_string_has_a_limit),
        cmocka_unit_test_setup_teardown(the_plan_is_escaped_in_its_url, setup, teardown),
        cmocka_unit_test_setup_teardown(announcements_replace_the_value_to_go_back, setup,
                                        teardown),
        cmocka_unit_test(each_status_has_one_meaning),
        cmocka_unit_test(a_strangers_words_are_made_plain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
