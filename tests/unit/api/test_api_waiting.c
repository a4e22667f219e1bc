/* What the pages say of things that wait: the next request, a return, a hold of all, leadership. */
#include "tests/unit/api/api_world.h"

#include <string.h>

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
    assert_int_equal(reply.status, 200);
    return reply;
}

static const cJSON *part(const cJSON *object, const char *key)
{
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(object, key);
    if (member == NULL)
        fail_msg("no member %s", key);
    return member;
}

static void expect_sentence(struct world *world, const char *phrase)
{
    struct reply reply = get(world, "/v1/services/line/explain");
    const cJSON *sentence = NULL;
    bool said = false;
    cJSON_ArrayForEach(sentence, part(reply.json, "sentences"))
    {
        said = said || strstr(sentence->valuestring, phrase) != NULL;
    }
    if (!said)
        fail_msg("nowhere '%s' in: %s", phrase, reply.body);
    reply_clear(&reply);
}

static void move_that_backs_off(struct world *world, void *data)
{
    struct command command = {.kind = COMMAND_MOVE_OPEN, .service = 0};
    struct runner *runner = &world_core(world)->leads[0].runner;
    world_lead(world);
    command.as.move_open.move = (struct move_opening){.present = true,
                                                      .to = SIDE_STANDBY,
                                                      .cause = CAUSE_OPERATOR,
                                                      .force = true,
                                                      .first_step = ROUTE_SWITCH,
                                                      .base = {12, 99}};
    name_set(&command.as.move_open.actor, "bob");
    world_apply(world, command);
    runner->last = *(const enum route_result *)data;
    runner->state = RUNNER_BACKOFF;
    runner->until_ms = world_view(world)->now_ms + 2100;
}

static void explain_says_what_the_next_request_waits_for(void **state)
{
    enum route_result last = ROUTE_RESULT_RATE_LIMITED;
    world_do(*state, move_that_backs_off, &last);
    expect_sentence(*state, "its last request ended as rate-limited; it is tried again "
                            "(attempt 1, to switch), in 2.1 s");
    struct reply reply = get(*state, "/v1/services/line/explain");
    const cJSON *request = part(reply.json, "request");
    assert_string_equal(part(request, "state")->valuestring, "backoff");
    assert_string_equal(part(request, "last")->valuestring, "rate-limited");
    assert_true(part(request, "wait_ms")->valuedouble == 2100);
    assert_true(part(request, "attempt")->valuedouble == 1);
    reply_clear(&reply);
}

static void explain_says_that_a_new_token_is_refused_too(void **state)
{
    enum route_result last = ROUTE_RESULT_UNAUTHORIZED;
    world_do(*state, move_that_backs_off, &last);
    expect_sentence(*state, "the API refuses a new token, too: look at the credentials");
}

static void inherit_intent(struct world *world, void *data)
{
    enum route_result last = ROUTE_RESULT_OK;
    move_that_backs_off(world, &last);
    world_core(world)->leads[0].runner.state = RUNNER_WAITING;
    (void)data;
}

static void explain_says_that_an_older_leader_is_waited_for(void **state)
{
    world_do(*state, inherit_intent, NULL);
    expect_sentence(*state, "an older leader's request may still be under way (attempt 1, to "
                            "switch), in 2.1 s");
}

static void fail_over(struct world *world, void *data)
{
    struct service_record *service = &world_core(world)->ledger.services[0];
    (void)data;
    world_lead(world);
    service->serving = SIDE_STANDBY;
    service->settings.failback_auto = true;
    service->settings.failback_after_ms = 720000;
    service->failback_from_ms = world_core(world)->ledger.now_ms;
}

static void explain_says_when_a_return_is_due(void **state)
{
    world_do(*state, fail_over, NULL);
    struct reply reply = get(*state, "/v1/services/line/explain");
    double left_ms = part(reply.json, "failback_ms")->valuedouble;
    assert_true(left_ms > 0 && left_ms <= 720000);
    reply_clear(&reply);
    expect_sentence(*state, left_ms == 720000 ? "failback to the primary is due in 12m"
                                              : "failback to the primary is due in 11m");
}

static void hold_all(struct world *world, void *data)
{
    struct command command = {.kind = COMMAND_HOLD_ALL, .service = SERVICE_SLOT_NONE};
    (void)data;
    world_lead(world);
    name_set(&command.as.hold.actor, "alice");
    reason_set(command.as.hold.reason, "network works");
    command.as.hold.for_ms = 60000;
    world_apply(world, command);
}

static void a_hold_of_all_is_shown_everywhere(void **state)
{
    world_do(*state, hold_all, NULL);
    expect_sentence(*state, "on hold (all services, by alice: \"network works\"); over in 1m");
    struct reply reply = get(*state, "/v1/status");
    assert_string_equal(part(part(reply.json, "hold"), "actor")->valuestring, "alice");
    const cJSON *line = cJSON_GetArrayItem(part(reply.json, "services"), 0);
    assert_true(cJSON_IsTrue(part(line, "hold")));
    reply_clear(&reply);
    reply = get(*state, "/v1/services/line");
    assert_true(cJSON_IsTrue(part(reply.json, "hold_of_all")));
    assert_true(cJSON_IsNull(part(reply.json, "hold")));
    reply_clear(&reply);
}

static void hand_over(struct world *world, void *data)
{
    struct core *core = world_core(world);
    time_ms now_ms = world_view(world)->now_ms;
    (void)data;
    core->handover = (struct handover){.count = 1, .at_ms = now_ms - 4000, .to = 3};
    core->peers[2] = (struct peer){.hello_ms = now_ms - 400, .level = 2, .can_act = true};
    core->peers[3] = (struct peer){.hello_ms = now_ms - 4000, .level = 2, .can_act = true};
}

static void status_shows_who_could_act_and_why_leadership_was_given_away(void **state)
{
    world_do(*state, hand_over, NULL);
    struct reply reply = get(*state, "/v1/status");
    const cJSON *handover = part(reply.json, "handover");
    assert_string_equal(part(part(handover, "why"), "code")->valuestring, "cannot-act");
    assert_string_equal(part(handover, "to")->valuestring, "iad");
    assert_true(part(handover, "ago_ms")->valuedouble == 4000);
    const cJSON *peers = part(reply.json, "peers");
    assert_true(cJSON_IsTrue(part(cJSON_GetArrayItem(peers, 0), "can_act")));
    assert_true(cJSON_IsFalse(part(cJSON_GetArrayItem(peers, 1), "can_act"))); /* too long ago */
    reply_clear(&reply);
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, open_world, close_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_WORLD(explain_says_what_the_next_request_waits_for),
        IN_WORLD(explain_says_that_a_new_token_is_refused_too),
        IN_WORLD(explain_says_that_an_older_leader_is_waited_for),
        IN_WORLD(explain_says_when_a_return_is_due),
        IN_WORLD(a_hold_of_all_is_shown_everywhere),
        IN_WORLD(status_shows_who_could_act_and_why_leadership_was_given_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
