/* What the pages show of a service whose routes move as one unit. */
#include <string.h>

#include "proto/level.h"
#include "tests/unit/api/api_world.h"

static int open_world(void **state)
{
    *state = world_new(&(struct world_options){.read_token = false});
    return 0;
}

static int close_world(void **state)
{
    world_free((struct world **)state);
    return 0;
}

static struct reply get(struct world *world, const char *path)
{
    struct reply reply = world_ask(world, "GET", path, NULL, NULL);
    if (reply.status != 200)
        fail_msg("%s: %ld: %s", path, reply.status, reply.body);
    return reply;
}

static void show_half(struct world *world, void *data)
{
    struct command level = {
        .kind = COMMAND_LEVEL, .level = PROTO_LEVEL_STEPS, .service = SERVICE_SLOT_NONE};
    struct command seen = {.kind = COMMAND_ROUTE_SEEN, .level = PROTO_LEVEL_STEPS, .service = 1};
    (void)data;
    level.as.level.level = PROTO_LEVEL_STEPS;
    seen.as.route_seen =
        (struct command_route_seen){.state = ROUTE_MIXED,
                                    .version = UINT64_C(0xfedcba9876543210),
                                    .parts = {2, {{ROUTE_STANDBY, 14}, {ROUTE_PRIMARY, 7}}}};
    world_apply(world, level);
    world_apply(world, seen);
}

static const cJSON *route_at(const cJSON *page, int place)
{
    const cJSON *routes = cJSON_GetObjectItemCaseSensitive(page, "routes");
    assert_int_equal(cJSON_GetArraySize(routes), 2);
    return cJSON_GetArrayItem(routes, place);
}

static const char *word(const cJSON *row, const char *key)
{
    const char *value = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(row, key));
    return value == NULL ? "null" : value;
}

static void assert_routes(const cJSON *page)
{
    assert_string_equal(word(route_at(page, 0), "name"), "voice");
    assert_string_equal(word(route_at(page, 0), "backend"), "routing-plan");
    assert_string_equal(word(route_at(page, 0), "via"), "genesys");
    assert_string_equal(word(route_at(page, 0), "state"), "standby");
    assert_string_equal(word(route_at(page, 1), "name"), "text");
    assert_string_equal(word(route_at(page, 1), "state"), "primary");
    const cJSON *version = cJSON_GetObjectItemCaseSensitive(route_at(page, 1), "version");
    assert_true(cJSON_IsNumber(version) && version->valueint == 7);
}

static void what_the_ledger_does_not_know_yet_is_null(void **state)
{
    struct reply page = get(*state, "/v1/services/chat");
    assert_string_equal(word(route_at(page.json, 0), "name"), "voice");
    assert_true(cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(route_at(page.json, 0), "state")));
    assert_true(cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(route_at(page.json, 1), "version")));
    reply_clear(&page);
}

static void each_route_is_shown(void **state)
{
    world_do(*state, show_half, NULL);
    struct reply page = get(*state, "/v1/services/chat");
    assert_routes(page.json);
    assert_string_equal(reply_word(&page, "route"), "mixed");
    assert_string_equal(reply_word(&page, "condition"), "half-moved");
    assert_true(cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(page.json, "route_version")));
    struct reply status = get(*state, "/v1/status");
    assert_routes(cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(status.json, "services"), 1));
    reply_clear(&page);
    reply_clear(&status);
}

static void explain_and_metrics_say_that_it_is_half_moved(void **state)
{
    world_do(*state, show_half, NULL);
    struct reply explain = get(*state, "/v1/services/chat/explain");
    assert_routes(explain.json);
    assert_non_null(
        strstr(explain.body, "the routes show voice: standby, text: primary (half-moved)"));
    struct reply metrics = get(*state, "/metrics");
    assert_non_null(strstr(metrics.body, "quorate_half_moved{service=\"chat\"} 1\n"));
    assert_non_null(strstr(metrics.body, "quorate_half_moved{service=\"line\"} 0\n"));
    assert_non_null(strstr(metrics.body, "quorate_route_part{service=\"chat\",route=\"voice\","
                                         "state=\"standby\"} 1\n"));
    reply_clear(&explain);
    reply_clear(&metrics);
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, open_world, close_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_WORLD(what_the_ledger_does_not_know_yet_is_null),
        IN_WORLD(each_route_is_shown),
        IN_WORLD(explain_and_metrics_say_that_it_is_half_moved),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
