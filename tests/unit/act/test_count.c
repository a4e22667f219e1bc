/* Counting conversations: the query, and what is a number and what is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cjson/cJSON.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/check.h"
#include "common/errors.h"
#include "node/io/act/count.h"
#include "node/io/act/json_pointer.h"
#include "tests/unit/act/fixture.h"

static const struct count_flows two = {.count = 2, .ids = {"flow-p", "flow-q"}};

static int read_flows(const char *text, uint64_t *ret_live)
{
    struct text why = {.length = 0};
    int rc = count_read_flows(&two, text, strlen(text), ret_live, &why);
    assert_int_equal(why.length > 0, rc < 0);
    return rc;
}

static void the_query_names_each_flow(void **state)
{
    (void)state;
    char *body = NULL;
    assert_int_equal(count_make_query(&two, &body), 0);
    assert_string_equal(body, "{\"filter\":{\"type\":\"or\",\"predicates\":["
                              "{\"dimension\":\"flowId\",\"value\":\"flow-p\"},"
                              "{\"dimension\":\"flowId\",\"value\":\"flow-q\"}]},"
                              "\"metrics\":[\"oFlow\"]}");
    cJSON_free(body);
}

/* Routes of one service may have flows of their own, and some the same one. */
static void the_flows_of_a_platform_s_routes_are_asked_for_once_each(void **state)
{
    (void)state;
    struct config *config = fixture_make_config(1);
    struct service_config *service = &config->services[0];
    struct count_flows flows;
    service->route_count = 4;
    for (size_t i = 1; i < 4; i++)
        service->routes[i] = service->routes[0];
    (void)text_copy(service->routes[1].flow[SIDE_PRIMARY], NAME_SIZE, "flow-q");
    (void)text_copy(service->routes[3].via, NAME_SIZE, "other");
    count_find_flows(service, SIDE_PRIMARY, "genesys", &flows);
    assert_int_equal(flows.count, 2);
    assert_string_equal(flows.ids[0], "flow-p");
    assert_string_equal(flows.ids[1], "flow-q");
    count_find_flows(service, SIDE_STANDBY, "genesys", &flows);
    assert_int_equal(flows.count, 1);
    count_find_flows(service, SIDE_PRIMARY, "nobody", &flows);
    assert_int_equal(flows.count, 0);
    fixture_free_config(&config);
}

#define RESULT(flow, media, count)                                                            \
    "{\"group\":{\"flowId\":\"" flow "\",\"mediaType\":\"" media "\"},\"data\":[{\"metric\":" \
    "\"oFlow\",\"stats\":{\"count\":" count "}}]}"

static void media_types_and_flows_are_added_up(void **state)
{
    (void)state;
    uint64_t live = 99;
    assert_int_equal(
        read_flows("{\"results\":[" RESULT("flow-p", "voice", "3") "," RESULT(
                       "flow-p", "message", "4") "," RESULT("flow-q", "voice", "5") "]}",
                   &live),
        0);
    assert_int_equal(live, 12);
}

static void what_is_left_out_is_nobody(void **state)
{
    static const char *const answers[] = {
        "{}",
        "{\"results\":[]}",
        "{\"results\":[{\"group\":{\"flowId\":\"flow-p\"}}]}",
        "{\"results\":[{\"group\":{\"flowId\":\"flow-p\"},\"data\":[]}]}",
        "{\"results\":[" RESULT("flow-p", "voice", "0") "]}",
        "{\"results\":[" RESULT("somebody-else", "voice", "7") "]}",
        "{\"results\":[{\"group\":{\"flowId\":\"flow-p\"},\"data\":[{\"metric\":\"nFlow\"}]}]}",
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(answers); i++) {
        uint64_t live = 99;
        assert_int_equal(read_flows(answers[i], &live), 0);
        assert_int_equal(live, 0);
    }
}

static void another_answer_is_no_number(void **state)
{
    static const char *const answers[] = {
        "",
        "nonsense",
        "[]",
        "0",
        "null",
        "{\"status\":\"ok\"}",
        "{\"results\":{}}",
        "{\"results\":[7]}",
        "{\"results\":[{\"data\":[]}]}",
        "{\"results\":[{\"group\":{\"flowId\":\"flow-p\"},\"data\":{}}]}",
        "{\"results\":[" RESULT("flow-p", "voice", "-1") "]}",
        "{\"results\":[" RESULT("flow-p", "voice", "1.5") "]}",
        "{\"results\":[" RESULT("flow-p", "voice", "\"0\"") "]}",
        "{\"results\":[{\"group\":{\"flowId\":\"flow-p\"},\"data\":[{\"metric\":\"oFlow\"}]}]}",
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(answers); i++) {
        uint64_t live = 99;
        assert_int_equal(read_flows(answers[i], &live), ERR_MALFORMED);
        assert_int_equal(live, 99);
    }
}

static void a_pointer_finds_its_value(void **state)
{
    static const struct {
        const char *pointer;
        int value; /* -1: nothing is there */
    } cases[] = {
        {"/a", 1},     {"/b/0", 2},  {"/b/1/c", 3}, {"/d~1e", 4},
        {"/f~0g", 5},  {"/", 6},     {"/h/", 7},    {"/A", -1},
        {"a", -1},     {"/b/2", -1}, {"/b/00", -1}, {"/b/-", -1},
        {"/b/x", -1},  {"/a/b", -1}, {"/d~e", -1},  {"/b/99999999999", -1},
        {"/b/1/", -1},
    };
    (void)state;
    cJSON *document = cJSON_Parse("{\"a\":1,\"b\":[2,{\"c\":3}],\"d/e\":4,\"f~g\":5,\"\":6,"
                                  "\"h\":{\"\":7}}");
    assert_ptr_equal(json_pointer_get(document, ""), document);
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        const cJSON *value = json_pointer_get(document, cases[i].pointer);
        assert_int_equal(value == NULL ? -1 : (int)cJSON_GetNumberValue(value), cases[i].value);
    }
    cJSON_Delete(document);
}

static void only_a_whole_number_at_the_pointer_counts(void **state)
{
    static const struct {
        const char *text;
        int code;
        uint64_t live;
    } cases[] = {
        {"{\"n\":12}", 0, 12},
        {"{\"n\":0}", 0, 0},
        {"{\"n\":-1}", ERR_MALFORMED, 0},
        {"{\"n\":0.5}", ERR_MALFORMED, 0},
        {"{\"n\":\"0\"}", ERR_MALFORMED, 0},
        {"{\"n\":null}", ERR_MALFORMED, 0},
        {"{\"n\":1e99}", ERR_MALFORMED, 0},
        {"{}", ERR_MALFORMED, 0},
        {"<html>", ERR_MALFORMED, 0},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct text why = {.length = 0};
        uint64_t live = 99;
        int code = count_read_pointer("/n", cases[i].text, strlen(cases[i].text), &live, &why);
        assert_int_equal(code, cases[i].code);
        assert_int_equal(live, code == 0 ? cases[i].live : 99);
    }
}

/* Through the platform, with its token. */
static void a_count_asks_the_platform_about_the_side(void **state)
{
    struct fixture *fixture = *state;
    struct actuator_job job = fixture_job(ACTUATOR_COUNT);
    fixture->config->services[0].drain_count.of = COUNT_FLOW;
    job.to = SIDE_STANDBY;
    fixture_script(fixture, CHANNEL_OTHER, 200,
                   "{\"results\":[" RESULT("flow-s", "message", "12") "]}");
    struct actuator_result result = fixture_run(fixture, job);
    assert_int_equal(result.result, ROUTE_RESULT_OK);
    assert_int_equal(result.live, 12);
    const struct seen *seen = server_seen(fixture->server, CHANNEL_OTHER, 0);
    assert_string_equal(seen->path, COUNT_FLOWS_PATH);
    assert_true(seen_has_header(seen, "Authorization: Bearer token-1"));
    assert_true(seen_has_header(seen, "Content-Type: application/json"));
    assert_false(seen_has_header(seen, "Idempotency-Key:"));
    assert_non_null(strstr(seen->body, "\"flow-s\""));
    assert_null(strstr(seen->body, "\"flow-p\""));
    fixture_script(fixture, CHANNEL_OTHER, 403, "{}");
    assert_int_equal(fixture_run(fixture, job).result, ROUTE_RESULT_FORBIDDEN);
    fixture_script(fixture, CHANNEL_OTHER, 200, "{\"ok\":true}");
    assert_int_equal(fixture_run(fixture, job).result, ROUTE_RESULT_UNKNOWN);
}

static void a_count_by_a_url_carries_no_token(void **state)
{
    struct fixture *fixture = *state;
    struct count_config *count = &fixture->config->services[0].drain_count;
    count->of = COUNT_URL;
    (void)snprintf(count->url, sizeof count->url, "http://127.0.0.1:%u/load?bot=1",
                   server_port(fixture->server));
    (void)text_copy(count->pointer, sizeof count->pointer, "/sessions/active");
    fixture_script(fixture, CHANNEL_OTHER, 200, "{\"sessions\":{\"active\":3}}");
    struct actuator_result result = fixture_run(fixture, fixture_job(ACTUATOR_COUNT));
    assert_int_equal(result.result, ROUTE_RESULT_OK);
    assert_int_equal(result.live, 3);
    const struct seen *seen = server_seen(fixture->server, CHANNEL_OTHER, 0);
    assert_string_equal(seen->path, "/load?bot=1");
    assert_false(seen_has_header(seen, "Authorization:"));
    assert_int_equal(server_count(fixture->server, CHANNEL_TOKEN), 0);
}

static void a_service_that_counts_nothing_says_so(void **state)
{
    struct fixture *fixture = *state;
    struct actuator_result result = fixture_run(fixture, fixture_job(ACTUATOR_COUNT));
    assert_int_equal(result.result, ROUTE_RESULT_NOT_SENT);
    assert_true(result.why.length > 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_query_names_each_flow),
        cmocka_unit_test(the_flows_of_a_platform_s_routes_are_asked_for_once_each),
        cmocka_unit_test(media_types_and_flows_are_added_up),
        cmocka_unit_test(what_is_left_out_is_nobody),
        cmocka_unit_test(another_answer_is_no_number),
        cmocka_unit_test(a_pointer_finds_its_value),
        cmocka_unit_test(only_a_whole_number_at_the_pointer_counts),
        TEST(a_count_asks_the_platform_about_the_side),
        TEST(a_count_by_a_url_carries_no_token),
        TEST(a_service_that_counts_nothing_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
