/* What the leader's preflight found, on the pages of a service, of all, and in the metrics. */
#include "tests/unit/api/api_world.h"

#include <string.h>

/* A report of `line`, with a failure that has its advice, and a warning. */
static void find_faults(struct world *world, void *data)
{
    struct preflight_report **reports = data;
    struct node_view *view = world_view(world);
    const struct name *name = &world_config(world)->services[0].name;
    assert_int_equal(preflight_report_new(name, &reports[0]), 0);
    struct preflight_row *row = preflight_report_add(reports[0], "standby-published", "S1");
    row->result = PREFLIGHT_FAIL;
    text_set(&row->found, "it has no published version");
    text_set(&row->todo, "publish the flow in Architect");
    row = preflight_report_add(reports[0], "entrances", "ivr ivr-2");
    row->result = PREFLIGHT_WARN;
    text_set(&row->found, "it points at P1");
    reports[0]->at_ms = view->now_ms;
    reports[0]->wall_ms = 1700000000000;
    view->preflights = reports;
}

static void forget(struct world *world, void *data)
{
    (void)data;
    world_view(world)->preflights = NULL;
}

static const cJSON *summary_of(const struct reply *reply, const char *name)
{
    const cJSON *service = NULL;
    cJSON_ArrayForEach(service, cJSON_GetObjectItem(reply->json, "services"))
    {
        if (strcmp(cJSON_GetStringValue(cJSON_GetObjectItem(service, "name")), name) == 0)
            return service;
    }
    return NULL;
}

static void a_service_shows_each_row_and_the_list_only_the_counts(void **state)
{
    struct preflight_report *reports[SERVICE_COUNT_MAX] = {NULL};
    struct world *world = *state;
    world_do(world, find_faults, reports);
    struct reply reply = world_ask(world, "GET", "/v1/services/line", NULL, NULL);
    const cJSON *preflight = cJSON_GetObjectItem(reply.json, "preflight");
    const cJSON *row = cJSON_GetArrayItem(cJSON_GetObjectItem(preflight, "rows"), 0);
    assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(preflight, "result")), "fail");
    assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(row, "todo")),
                        "publish the flow in Architect");
    assert_true(cJSON_IsNumber(cJSON_GetObjectItem(preflight, "ago_ms")));
    reply_clear(&reply);
    reply = world_ask(world, "GET", "/v1/services", NULL, NULL);
    preflight = cJSON_GetObjectItem(summary_of(&reply, "line"), "preflight");
    assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(preflight, "failing")),
                        "standby-published");
    assert_null(cJSON_GetObjectItem(preflight, "rows"));
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(summary_of(&reply, "chat"), "preflight")));
    reply_clear(&reply);
    world_do(world, forget, NULL);
    preflight_report_free(&reports[0]);
}

static void metrics_count_what_failed_and_are_absent_without_a_report(void **state)
{
    struct preflight_report *reports[SERVICE_COUNT_MAX] = {NULL};
    struct world *world = *state;
    struct reply reply = world_ask(world, "GET", "/metrics", NULL, NULL);
    assert_null(strstr(reply.body, "quorate_preflight_failed{"));
    reply_clear(&reply);
    world_do(world, find_faults, reports);
    reply = world_ask(world, "GET", "/metrics", NULL, NULL);
    assert_non_null(strstr(reply.body, "\nquorate_preflight_failed{service=\"line\"} 1\n"));
    assert_non_null(strstr(reply.body, "\nquorate_preflight_warned{service=\"line\"} 1\n"));
    assert_non_null(strstr(reply.body, "\nquorate_preflight_age_seconds{service=\"line\"} "));
    assert_null(strstr(reply.body, "quorate_preflight_failed{service=\"chat\"}"));
    reply_clear(&reply);
    world_do(world, forget, NULL);
    preflight_report_free(&reports[0]);
}

static int setup(void **state)
{
    const struct world_options options = {.read_token = false};
    *state = world_new(&options);
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    world_free(&world);
    return 0;
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_WORLD(a_service_shows_each_row_and_the_list_only_the_counts),
        IN_WORLD(metrics_count_what_failed_and_are_absent_without_a_report),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
