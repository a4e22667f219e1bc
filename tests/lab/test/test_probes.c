/* The real prober against the lab: conversations with flows through the simulator's API, and a bot
 * connector's webhook. */
#include "tests/lab/test/assert.h"
#include "tests/lab/test/bot_fixture.h"
#include "tests/lab/test/sim_fixture.h"
#include "tests/unit/probe/probe_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FLOW "PRIMARY_FLOW_ID"

struct stage {
    struct sim sim;
    struct probe_world world;
    struct token token;
};

static void stage_set(void **state, const char *option)
{
    static const char prefix[] = "Authorization: Bearer ";
    struct stage *stage = calloc(1, sizeof *stage);
    assert_non_null(stage);
    sim_start(&stage->sim, option, NULL);
    probe_world_init(&stage->world);
    assert_int_equal(probe_world_start(&stage->world), 0);
    assert_int_equal(strncmp(stage->sim.bearer, prefix, strlen(prefix)), 0);
    (void)snprintf(stage->token.value, sizeof stage->token.value, "%s",
                   stage->sim.bearer + strlen(prefix));
    stage->token.generation = 1;
    stage->world.token = &stage->token;
    *state = stage;
}

static int stage_setup(void **state)
{
    stage_set(state, NULL);
    return 0;
}

static int stage_teardown(void **state)
{
    struct stage *stage = *state;
    probe_world_fini(&stage->world);
    sim_stop(&stage->sim);
    free(stage);
    return 0;
}

static struct probe_config bot_of(const struct stage *stage, const char *flow)
{
    struct probe_config target =
        probe_world_target("http://127.0.0.1:%u", (unsigned)stage->sim.port);
    target.kind = PROBE_BOT;
    target.connect_timeout_ms = 2000;
    target.timeout_ms = 2000;
    target.latency_ms = 1000;
    target.turns.count = 1;
    (void)snprintf(target.flow, sizeof target.flow, "%s", flow);
    return target;
}

static struct sample ask(struct stage *stage, const struct probe_config *target)
{
    uint64_t ticket = 0;
    struct sample sample;
    assert_int_equal(probe_world_submit(&stage->world, target, &ticket), 0);
    assert_int_equal(probe_world_wait(&stage->world, ticket, &sample), 0);
    return sample;
}

static void flow_is(const struct stage *stage, const char *json)
{
    cJSON_Delete(client_json(stage->sim.port, "POST", "/sim/bots/" FLOW, json, 200));
}

/* What the simulator counted of the flow. */
static int counted(const struct stage *stage, const char *what)
{
    cJSON *bots = client_json(stage->sim.port, "GET", "/sim/bots", NULL, 200);
    const cJSON *bot = NULL;
    int count = 0;
    cJSON_ArrayForEach(bot, bots)
    {
        if (strcmp(client_text(bot, "flow"), FLOW) == 0)
            count = (int)client_number(bot, what);
    }
    cJSON_Delete(bots);
    return count;
}

static void a_flow_that_waits_for_input_is_up_and_is_left_politely(void **state)
{
    struct stage *stage = *state;
    struct probe_config target = bot_of(stage, FLOW);
    assert_int_equal(ask(stage, &target).result, SAMPLE_OK);
    target.turns.count = 3;
    (void)snprintf(target.turns.texts[1], PROBE_TURN_SIZE, "hello");
    (void)snprintf(target.turns.texts[2], PROBE_TURN_SIZE, "what \"is\" up");
    assert_int_equal(ask(stage, &target).result, SAMPLE_OK);
    ASSERT_SOON(counted(stage, "disconnects") == 2);
    assert_int_equal(counted(stage, "sessions"), 2);
    assert_int_equal(counted(stage, "turns"), 4 + 2); /* the farewells, too */
}

static void each_way_for_a_flow_to_fail_is_its_own_word(void **state)
{
    static const struct {
        const char *json;
        enum sample_result result;
        const char *detail;
    } cases[] = {
        {"{\"mode\":\"error\"}", SAMPLE_BOT, "Exit Error"},
        {"{\"mode\":\"disconnect-error\"}", SAMPLE_BOT, "Disconnect Error"},
        {"{\"mode\":\"recognition-failure\"}", SAMPLE_BOT, "Exit RecognitionFailure"},
        {"{\"mode\":\"exit\"}", SAMPLE_OK, ""},
        {"{\"mode\":\"healthy\"}", SAMPLE_OK, ""},
    };
    struct stage *stage = *state;
    struct probe_config target = bot_of(stage, FLOW);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        flow_is(stage, cases[i].json);
        struct sample sample = ask(stage, &target);
        assert_int_equal(sample.result, cases[i].result);
        assert_string_equal(sample.detail, cases[i].detail);
        assert_int_equal(sample.status, 200);
    }
}

static void a_flow_that_fails_at_its_second_turn_is_found_out(void **state)
{
    struct stage *stage = *state;
    struct probe_config target = bot_of(stage, FLOW);
    flow_is(stage, "{\"mode\":\"error\",\"from_turn\":2}");
    assert_int_equal(ask(stage, &target).result, SAMPLE_OK);
    target.turns.count = 2;
    (void)snprintf(target.turns.texts[1], PROBE_TURN_SIZE, "hello");
    assert_int_equal(ask(stage, &target).result, SAMPLE_BOT);
}

static void what_the_flow_says_can_be_expected(void **state)
{
    struct stage *stage = *state;
    struct probe_config target = bot_of(stage, FLOW);
    flow_is(stage, "{\"mode\":\"healthy\",\"text\":\"How may I help you?\"}");
    (void)snprintf(target.expect_regex, sizeof target.expect_regex, "^How (may|can) I help");
    assert_int_equal(ask(stage, &target).result, SAMPLE_OK);
    flow_is(stage, "{\"mode\":\"healthy\",\"text\":\"Sorry, an error occurred\"}");
    struct sample sample = ask(stage, &target);
    assert_int_equal(sample.result, SAMPLE_BODY);
    assert_string_equal(sample.detail, "regex");
}

static void a_slow_or_silent_flow_is_measured_on_its_turn(void **state)
{
    struct stage *stage = *state;
    struct probe_config target = bot_of(stage, FLOW);
    target.timeout_ms = 900;
    target.latency_ms = 200;
    flow_is(stage, "{\"mode\":\"slow\",\"ms\":400}");
    assert_int_equal(ask(stage, &target).result, SAMPLE_OVER_LATENCY);
    flow_is(stage, "{\"mode\":\"hang\"}");
    assert_int_equal(ask(stage, &target).result, SAMPLE_TIMEOUT);
}

/* Our token, our quota, the API's own trouble: nothing of it is the flow's failure. */
static void the_platforms_troubles_are_not_the_flows(void **state)
{
    static const struct {
        const char *fault;
        const char *detail;
    } cases[] = {
        {"{\"fault\":\"rate-limit\",\"retry_after\":1,\"match\":{\"path\":\"/api/v2/textbots\","
         "\"count\":1}}",
         "session 429"},
        {"{\"fault\":\"status\",\"status\":503,\"match\":{\"path\":\"/api/v2/"
         "textbots\",\"count\":1}}",
         "session 503"},
        {"{\"fault\":\"drop-before\",\"match\":{\"path\":\"/api/v2/textbots\",\"count\":1}}",
         "session: no answer"},
    };
    struct stage *stage = *state;
    struct probe_config target = bot_of(stage, FLOW);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sim_fault(&stage->sim, cases[i].fault);
        struct sample sample = ask(stage, &target);
        assert_int_equal(sample.result, SAMPLE_PLATFORM);
        assert_string_equal(sample.detail, cases[i].detail);
    }
    target = bot_of(stage, "NO_SUCH_FLOW");
    assert_string_equal(ask(stage, &target).detail, "session 404");
    cJSON_Delete(client_json(stage->sim.port, "POST", "/sim/tokens/expire", "{}", 200));
    target = bot_of(stage, FLOW);
    struct sample sample = ask(stage, &target);
    assert_int_equal(sample.result, SAMPLE_PLATFORM);
    assert_string_equal(sample.detail, "session 401");
    assert_true(stage->world.last_done.token_refused);
}

static void a_connectors_state_is_its_bots(void **state)
{
    static const struct {
        const char *mode;
        enum sample_result result;
        const char *detail;
    } cases[] = {
        {"{\"mode\":\"healthy\"}", SAMPLE_OK, ""},
        {"{\"mode\":\"complete\"}", SAMPLE_OK, ""},
        {"{\"mode\":\"failed\"}", SAMPLE_BOT, "BACKEND_DOWN"},
        {"{\"mode\":\"error-info\"}", SAMPLE_BOT, "BACKEND_DOWN"},
        {"{\"mode\":\"error500\"}", SAMPLE_STATUS, ""},
    };
    struct stage *stage = *state;
    struct bot_process bot;
    bot_start(&bot);
    struct probe_config target = probe_world_target("http://127.0.0.1:%u/bot", (unsigned)bot.port);
    target.kind = PROBE_CONNECTOR;
    target.timeout_ms = 2000;
    target.latency_ms = 1000;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bot_mode(&bot, cases[i].mode);
        struct sample sample = ask(stage, &target);
        assert_int_equal(sample.result, cases[i].result);
        assert_string_equal(sample.detail, cases[i].detail);
    }
    bot_stop(&bot);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, stage_setup, stage_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_flow_that_waits_for_input_is_up_and_is_left_politely),
        CASE(each_way_for_a_flow_to_fail_is_its_own_word),
        CASE(a_flow_that_fails_at_its_second_turn_is_found_out),
        CASE(what_the_flow_says_can_be_expected),
        CASE(a_slow_or_silent_flow_is_measured_on_its_turn),
        CASE(the_platforms_troubles_are_not_the_flows),
        CASE(a_connectors_state_is_its_bots),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
