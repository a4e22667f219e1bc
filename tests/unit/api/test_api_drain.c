/* What people see of platforms' limits, of a drain's count, and of the steps' requests. */
#include "tests/unit/api/api_world.h"

#include <string.h>

#include "common/check.h"

static const cJSON *part(const cJSON *object, const char *key)
{
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(object, key);
    assert_non_null(member);
    return member;
}

static struct reply get(struct world *world, const char *path)
{
    struct reply reply = world_ask(world, "GET", path, NULL, NULL);
    assert_int_equal(reply.status, 200);
    return reply;
}

static int setup(void **state)
{
    static const struct world_options options = {.read_token = false};
    *state = world_new(&options);
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    world_free(&world);
    return 0;
}

/* The service line drains; its leader counted twelve a second ago. */
static void drain(struct world *world, void *data)
{
    struct core *core = world_core(world);
    struct service_record *service = &core->ledger.services[0];
    struct move_record *move = &service->move;
    (void)data;
    world_lead(world);
    *move = (struct move_record){.id = core->ledger.index,
                                 .state = MOVE_DRAINING,
                                 .cause = CAUSE_OPERATOR,
                                 .to = SIDE_STANDBY,
                                 .attempt = 1,
                                 .state_ms = core->ledger.now_ms};
    move->steps[ROUTE_PAUSE] = (struct step_record){1, OUTCOME_APPLIED, WHY_NONE, "c0ffee-7"};
    service->settings.drain_ms[DRAIN_PLANNED] = 48000;
    service->settings.drain_every_ms = 5000;
    core->leads[0].runner.move = move->id;
    core->leads[0].runner.live = (struct live_count){
        .known = true, .count = 12, .counted_ms = world_view(world)->now_ms - 1000};
}

static void fail_count(struct world *world, void *data)
{
    (void)data;
    world_core(world)->leads[0].runner.live.trouble = ROUTE_RESULT_FORBIDDEN;
}

static bool says(const struct reply *reply, const char *phrase)
{
    const cJSON *sentence = NULL;
    cJSON_ArrayForEach(sentence, part(reply->json, "sentences"))
    {
        if (strstr(sentence->valuestring, phrase) != NULL)
            return true;
    }
    return false;
}

static void a_drain_says_how_many_are_left_and_how_long_at_most(void **state)
{
    world_do(*state, drain, NULL);
    struct reply reply = get(*state, "/v1/services/line/explain");
    const cJSON *seen = part(reply.json, "drain");
    assert_true(part(seen, "live")->valuedouble == 12);
    assert_true(part(seen, "counted_ago_ms")->valuedouble == 1000);
    assert_true(part(seen, "left_ms")->valuedouble > 40000);
    assert_true(says(&reply, "is DRAINING"));
    assert_true(says(&reply, "; draining: 12 live, at most "));
    assert_true(says(&reply, "s more"));
    assert_false(says(&reply, "last count"));
    reply_clear(&reply);
    world_do(*state, fail_count, NULL);
    reply = get(*state, "/v1/services/line/explain");
    assert_true(says(&reply, "the last count ended as forbidden, at most "));
    reply_clear(&reply);
    reply = get(*state, "/metrics");
    assert_non_null(strstr(reply.body, "\nquorate_drain_live{service=\"line\"} 12\n"));
    reply_clear(&reply);
}

static void a_drain_by_time_counts_nothing(void **state)
{
    struct reply reply = get(*state, "/v1/services/line/explain");
    assert_true(cJSON_IsNull(part(reply.json, "drain")));
    assert_int_equal(cJSON_GetArraySize(part(reply.json, "steps")), 0);
    reply_clear(&reply);
}

static void a_step_keeps_what_the_platform_calls_its_request(void **state)
{
    world_do(*state, drain, NULL);
    struct reply reply = get(*state, "/v1/services/line/explain");
    const cJSON *step = cJSON_GetArrayItem(part(reply.json, "steps"), 0);
    assert_string_equal(part(step, "step")->valuestring, "pause");
    assert_string_equal(part(step, "outcome")->valuestring, "applied");
    assert_string_equal(part(step, "correlation")->valuestring, "c0ffee-7");
    assert_true(says(&reply, "its requests: pause applied (c0ffee-7)"));
    reply_clear(&reply);
    reply = get(*state, "/v1/services/line");
    assert_int_equal(cJSON_GetArraySize(part(part(reply.json, "move"), "steps")), 1);
    reply_clear(&reply);
}

static void limit(struct world *world, void *data)
{
    struct node_view *view = world_view(world);
    (void)data;
    view->rates[0] = (struct rate_view){.used = 271,
                                        .allowed = 300,
                                        .reset_ms = 41500,
                                        .limited_ms = 2500,
                                        .limited = 2,
                                        .held = 7,
                                        .interrupted = 1};
}

static void forget(struct world *world, void *data)
{
    (void)data;
    world_view(world)->rates[0] =
        (struct rate_view){.used = -1, .allowed = -1, .reset_ms = -1, .held = 7};
}

static void a_platform_s_limits_are_shown(void **state)
{
    world_do(*state, limit, NULL);
    struct reply reply = get(*state, "/v1/status");
    const cJSON *platform = cJSON_GetArrayItem(part(reply.json, "platforms"), 0);
    const cJSON *rate = part(platform, "rate");
    assert_string_equal(part(platform, "name")->valuestring, "genesys");
    assert_true(part(rate, "used")->valuedouble == 271);
    assert_true(part(rate, "allowed")->valuedouble == 300);
    assert_true(part(rate, "reset_s")->valuedouble == 42);
    assert_true(part(rate, "retry_after_s")->valuedouble == 3);
    assert_true(part(rate, "held")->valuedouble == 7);
    reply_clear(&reply);
    reply = get(*state, "/metrics");
    assert_non_null(strstr(reply.body, "\nquorate_api_rate_used{platform=\"genesys\"} 271\n"));
    assert_non_null(strstr(reply.body, "\nquorate_api_rate_allowed{platform=\"genesys\"} 300\n"));
    assert_non_null(strstr(reply.body, "\nquorate_api_limited_total{platform=\"genesys\"} 2\n"));
    assert_non_null(strstr(reply.body, "\nquorate_api_held_total{platform=\"genesys\"} 7\n"));
    reply_clear(&reply);
}

static void what_a_platform_did_not_tell_is_null_and_no_metric(void **state)
{
    world_do(*state, forget, NULL);
    struct reply reply = get(*state, "/v1/status");
    const cJSON *rate = part(cJSON_GetArrayItem(part(reply.json, "platforms"), 0), "rate");
    assert_true(cJSON_IsNull(part(rate, "used")));
    assert_true(cJSON_IsNull(part(rate, "reset_s")));
    assert_true(cJSON_IsNull(part(rate, "retry_after_s")));
    reply_clear(&reply);
    reply = get(*state, "/metrics");
    assert_null(strstr(reply.body, "\nquorate_api_rate_used{"));
    reply_clear(&reply);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_drain_says_how_many_are_left_and_how_long_at_most),
        TEST(a_drain_by_time_counts_nothing),
        TEST(a_step_keeps_what_the_platform_calls_its_request),
        TEST(a_platform_s_limits_are_shown),
        TEST(what_a_platform_did_not_tell_is_null_and_no_metric),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
