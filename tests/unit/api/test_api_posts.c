#include "tests/unit/api/api_world.h"

#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "common/errors.h"

#define HOLD "/v1/services/line/hold"
#define ACK "/v1/services/line/ack"
#define FAILOVER "/v1/services/line/failover"

static int open_world(void **state)
{
    *state = world_new(&(struct world_options){.read_token = true});
    return 0;
}

static int close_world(void **state)
{
    world_free((struct world **)state);
    return 0;
}

static double number(const struct reply *reply, const char *key)
{
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(reply->json, key);
    if (!cJSON_IsNumber(member))
        fail_msg("no number %s in %s", key, reply->body);
    return member->valuedouble;
}

static const struct operated accepted = {
    .state = OPERATED_ANSWERED, .accepted = true, .move = 77, .earliest_ms = -1};

static void a_move_is_accepted_with_its_id(void **state)
{
    world_answers(*state, ANSWER_LATER, &accepted);
    struct reply reply = world_ask(*state, "POST", FAILOVER, WORLD_WRITE,
                                   "{\"reason\":\"maintenance\",\"expect\":\"primary\"}");
    assert_int_equal(reply.status, 202);
    assert_true(number(&reply, "move") == 77);
    assert_string_equal(reply_word(&reply, "url"), "/v1/services/line");
    assert_non_null(strstr(reply.head, "Location: /v1/services/line\r\n"));
    struct operation operation = world_operation(*state);
    assert_int_equal(operation.kind, OPERATION_FAILOVER);
    assert_true(number(&reply, "request_id") == (double)operation.request_id);
    assert_string_equal(operation.service.text, "line");
    assert_string_equal(operation.actor.text, "write-token");
    assert_string_equal(operation.reason, "maintenance");
    assert_true(operation.expects);
    reply_clear(&reply);
}

static void a_hold_is_answered_before_the_hook_returns(void **state)
{
    world_answers(*state, ANSWER_AT_ONCE, &accepted);
    struct reply reply =
        world_ask_with(*state, "POST", HOLD, WORLD_WRITE, "{\"for\":\"30m\",\"request_id\":12}",
                       "X-Quorate-Actor: alice");
    assert_int_equal(reply.status, 200);
    assert_true(number(&reply, "request_id") == 12);
    assert_null(cJSON_GetObjectItemCaseSensitive(reply.json, "move"));
    struct operation operation = world_operation(*state);
    assert_string_equal(operation.actor.text, "write-token.alice");
    assert_int_equal(operation.for_ms, 1800000);
    reply_clear(&reply);
}

static void a_refusal_is_409_with_why_and_when(void **state)
{
    struct operated refused = {
        .state = OPERATED_ANSWERED, .why = WHY_COOLDOWN, .earliest_ms = 90000};
    world_answers(*state, ANSWER_LATER, &refused);
    struct reply reply = world_ask(*state, "POST", FAILOVER, WORLD_WRITE, "{}");
    assert_int_equal(reply.status, 409);
    assert_string_equal(reply_word(&reply, "code"), "cooldown");
    assert_string_equal(reply_word(&reply, "earliest"), "1m30s");
    assert_true(number(&reply, "earliest_ms") == 90000);
    assert_non_null(strstr(reply_word(&reply, "why"), "failover of line was refused"));
    reply_clear(&reply);
    refused.earliest_ms = -1;
    world_answers(*state, ANSWER_LATER, &refused);
    reply = world_ask(*state, "POST", FAILOVER, WORLD_WRITE, "{}");
    assert_true(cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(reply.json, "earliest")));
    reply_clear(&reply);
}

static void an_ack_is_done_or_refused(void **state)
{
    const struct operated refused = {
        .state = OPERATED_ANSWERED, .why = WHY_NO_MOVE, .earliest_ms = -1};
    world_answers(*state, ANSWER_LATER, &accepted);
    struct reply reply =
        world_ask(*state, "POST", ACK, WORLD_WRITE, "{\"reason\":\"the client is allowed again\"}");
    assert_int_equal(reply.status, 200);
    assert_string_equal(reply_word(&reply, "operation"), "ack");
    struct operation operation = world_operation(*state);
    assert_int_equal(operation.kind, OPERATION_ACK);
    assert_string_equal(operation.reason, "the client is allowed again");
    reply_clear(&reply);
    world_answers(*state, ANSWER_LATER, &refused);
    world_expect(*state, "POST", ACK, WORLD_WRITE, "{}", 409, "no-move");
    world_expect(*state, "POST", ACK, WORLD_READ, "{}", 403, "forbidden");
}

static void a_hold_of_all_names_no_service(void **state)
{
    const struct operated refused = {
        .state = OPERATED_ANSWERED, .why = WHY_LEVEL, .earliest_ms = -1};
    world_answers(*state, ANSWER_LATER, &accepted);
    struct reply reply =
        world_ask(*state, "POST", "/v1/hold", WORLD_WRITE, "{\"for\":\"2h\",\"reason\":\"x\"}");
    assert_int_equal(reply.status, 200);
    assert_string_equal(reply_word(&reply, "operation"), "hold-all");
    assert_true(cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(reply.json, "service")));
    struct operation operation = world_operation(*state);
    assert_int_equal(operation.kind, OPERATION_HOLD_ALL);
    assert_string_equal(operation.service.text, "");
    assert_int_equal(operation.for_ms, 7200000);
    reply_clear(&reply);
    world_expect(*state, "POST", "/v1/hold", WORLD_WRITE, "{}", 400, "bad-request");
    world_expect(*state, "POST", "/v1/release", WORLD_WRITE, "{\"for\":\"2h\"}", 400,
                 "bad-request");
    world_expect(*state, "POST", "/v1/hold", WORLD_READ, "{\"for\":\"2h\"}", 403, "forbidden");
    world_answers(*state, ANSWER_LATER, &refused);
    reply = world_ask(*state, "POST", "/v1/release", WORLD_WRITE, "{}");
    assert_int_equal(reply.status, 409);
    assert_non_null(strstr(reply_word(&reply, "why"), "release-all of all services was refused"));
    reply_clear(&reply);
}

static void without_a_quorum_it_is_503(void **state)
{
    struct operated none = {.state = OPERATED_NO_QUORUM};
    world_answers(*state, ANSWER_LATER, &none);
    world_expect(*state, "POST", FAILOVER, WORLD_WRITE, "{}", 503, "no-quorum");
    none.state = OPERATED_NOT_LEADER;
    world_answers(*state, ANSWER_LATER, &none);
    world_expect(*state, "POST", FAILOVER, WORLD_WRITE, "{}", 503, "no-leader");
    none = (struct operated){.state = OPERATED_ANSWERED, .why = WHY_NO_QUORUM};
    world_answers(*state, ANSWER_AT_ONCE, &none);
    world_expect(*state, "POST", FAILOVER, WORLD_WRITE, "{}", 503, "no-quorum");
}

static void a_client_that_goes_away_is_forgotten(void **state)
{
    static const char request[] = "POST " HOLD " HTTP/1.1\r\nHost: x\r\n"
                                  "Authorization: Bearer " WORLD_WRITE "\r\n"
                                  "Content-Length: 12\r\n\r\n{\"for\":\"1h\"}";
    world_answers(*state, ANSWER_LATER, &accepted);
    int fd = world_connect(*state, request, sizeof request - 1);
    while (world_operation(*state).request_id == 0)
        continue;
    close(fd);
    struct reply reply = world_ask(*state, "GET", "/v1/status", WORLD_READ, NULL);
    assert_int_equal(reply.status, 200);
    reply_clear(&reply);
    poll(NULL, 0, 100); /* the answer comes to a closed connection */
    reply = world_ask(*state, "GET", "/v1/status", WORLD_READ, NULL);
    assert_int_equal(reply.status, 200);
    reply_clear(&reply);
}

static void writes_demand_the_write_token(void **state)
{
    world_expect(*state, "POST", HOLD, NULL, "{}", 401, "unauthorized");
    world_expect(*state, "POST", HOLD, "wrong", "{}", 401, "unauthorized");
    world_expect(*state, "POST", HOLD, "", "{}", 401, "unauthorized");
    world_expect(*state, "POST", HOLD, WORLD_READ, "{}", 403, "forbidden");
    world_expect(*state, "POST", "/v1/init", WORLD_READ, "{}", 403, "forbidden");
    assert_int_equal(world_operation(*state).request_id, 0);
    struct reply reply = world_ask(*state, "POST", HOLD, NULL, "{}");
    assert_non_null(strstr(reply.head, "WWW-Authenticate: Bearer"));
    assert_null(strstr(reply.body, WORLD_WRITE));
    reply_clear(&reply);
}

static void reads_demand_a_token_where_one_is_configured(void **state)
{
    world_expect(*state, "GET", "/v1/status", NULL, NULL, 401, "unauthorized");
    world_expect(*state, "GET", "/v1/services/line/explain", "x", NULL, 401, "unauthorized");
    static const char *const tokens[] = {WORLD_READ, WORLD_WRITE};
    for (size_t i = 0; i < 2; i++) {
        struct reply reply = world_ask(*state, "GET", "/v1/status", tokens[i], NULL);
        assert_int_equal(reply.status, 200);
        reply_clear(&reply);
    }
}

static void health_readiness_and_leader_are_open(void **state)
{
    static const char *const paths[] = {"/healthz", "/readyz", "/v1/leader"};
    for (size_t i = 0; i < 3; i++) {
        struct reply reply = world_ask(*state, "GET", paths[i], NULL, NULL);
        assert_int_equal(reply.status, 200);
        reply_clear(&reply);
    }
}

static void a_node_without_a_write_token_says_which_key_to_set(void **state)
{
    struct world *world = world_new(&(struct world_options){.no_write_token = true});
    (void)state;
    struct reply reply = world_ask(world, "POST", HOLD, "", "{\"for\":\"1h\"}");
    assert_int_equal(reply.status, 403);
    assert_non_null(strstr(reply_word(&reply, "why"), "local.api.write_token"));
    reply_clear(&reply);
    world_free(&world);
}

static void a_bad_actor_is_refused(void **state)
{
    static const char *const headers[] = {
        "X-Quorate-Actor: a b", "X-Quorate-Actor: caf\xc3\xa9",
        "X-Quorate-Actor: a-name-that-is-much-too-long-to-be-kept-anywhere"};
    for (size_t i = 0; i < 3; i++) {
        struct reply reply =
            world_ask_with(*state, "POST", HOLD, WORLD_WRITE, "{\"for\":\"1h\"}", headers[i]);
        assert_int_equal(reply.status, 400);
        assert_non_null(strstr(reply_word(&reply, "why"), "X-Quorate-Actor"));
        reply_clear(&reply);
    }
}

static void bad_bodies_are_400_and_nothing_is_asked(void **state)
{
    world_answers(*state, ANSWER_AT_ONCE, &accepted);
    world_expect(*state, "POST", HOLD, WORLD_WRITE, "{}", 400, "bad-request");
    world_expect(*state, "POST", HOLD, WORLD_WRITE, "{", 400, "bad-request");
    world_expect(*state, "POST", HOLD, WORLD_WRITE, "", 400, "bad-request");
    world_expect(*state, "POST", FAILOVER, WORLD_WRITE, "{\"forse\":true}", 400, "bad-request");
    world_expect(*state, "POST", "/v1/services/lime/arm", WORLD_WRITE, "{}", 404,
                 "unknown-service");
    assert_int_equal(world_operation(*state).request_id, 0);
}

static void one_request_id_is_not_under_way_twice(void **state)
{
    static const char request[] = "POST " HOLD " HTTP/1.1\r\nHost: x\r\n"
                                  "Authorization: Bearer " WORLD_WRITE "\r\n"
                                  "Content-Length: 27\r\n\r\n{\"for\":\"1h\",\"request_id\":9}";
    world_answers(*state, ANSWER_NEVER, &accepted);
    int fd = world_connect(*state, request, sizeof request - 1);
    while (world_operation(*state).request_id == 0)
        continue;
    world_expect(*state, "POST", HOLD, WORLD_WRITE, "{\"for\":\"1h\",\"request_id\":9}", 409,
                 "duplicate");
    close(fd);
}

static void init_says_who_answered_what(void **state)
{
    world_init_ends(*state, ANSWER_LATER, 0, 0, "fra, dub and iad are empty");
    struct reply reply = world_ask(*state, "POST", "/v1/init", WORLD_WRITE, NULL);
    assert_int_equal(reply.status, 200);
    assert_string_equal(reply_word(&reply, "answers"), "fra, dub and iad are empty");
    reply_clear(&reply);
    world_init_ends(*state, ANSWER_AT_ONCE, 0, 0, "all are empty");
    reply = world_ask(*state, "POST", "/v1/init", WORLD_WRITE, "{}");
    assert_int_equal(reply.status, 200);
    reply_clear(&reply);
    world_init_ends(*state, ANSWER_LATER, 0, ERR_TIMEOUT, "iad did not answer");
    world_expect(*state, "POST", "/v1/init", WORLD_WRITE, "{}", 503, "timeout");
    world_init_ends(*state, ANSWER_LATER, 0, ERR_EXISTS, "dub holds a cluster");
    world_expect(*state, "POST", "/v1/init", WORLD_WRITE, "{}", 409, "exists");
    world_init_ends(*state, ANSWER_LATER, ERR_STATE, 0, "initialised already");
    world_expect(*state, "POST", "/v1/init", WORLD_WRITE, "{}", 409, "initialised");
    world_init_ends(*state, ANSWER_LATER, ERR_BUSY, 0, "an init is under way");
    world_expect(*state, "POST", "/v1/init", WORLD_WRITE, "{}", 409, "busy");
}

static void those_who_wait_when_the_node_stops_are_answered(void **state)
{
    static const char request[] = "POST " HOLD " HTTP/1.1\r\nHost: x\r\n"
                                  "Authorization: Bearer " WORLD_WRITE "\r\n"
                                  "Content-Length: 12\r\n\r\n{\"for\":\"1h\"}";
    struct world *world = world_new(&(struct world_options){.read_token = false});
    char answer[2048];
    (void)state;
    world_answers(world, ANSWER_NEVER, &accepted);
    int fd = world_connect(world, request, sizeof request - 1);
    while (world_operation(world).request_id == 0)
        continue;
    world_free(&world);
    assert_true(world_read(fd, answer, sizeof answer, 2000) > 0);
    assert_non_null(strstr(answer, "503"));
    assert_non_null(strstr(answer, "\"stopping\""));
    close(fd);
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, open_world, close_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_WORLD(a_move_is_accepted_with_its_id),
        IN_WORLD(a_hold_is_answered_before_the_hook_returns),
        IN_WORLD(a_refusal_is_409_with_why_and_when),
        IN_WORLD(an_ack_is_done_or_refused),
        IN_WORLD(a_hold_of_all_names_no_service),
        IN_WORLD(without_a_quorum_it_is_503),
        IN_WORLD(a_client_that_goes_away_is_forgotten),
        IN_WORLD(writes_demand_the_write_token),
        IN_WORLD(reads_demand_a_token_where_one_is_configured),
        IN_WORLD(health_readiness_and_leader_are_open),
        cmocka_unit_test(a_node_without_a_write_token_says_which_key_to_set),
        IN_WORLD(a_bad_actor_is_refused),
        IN_WORLD(bad_bodies_are_400_and_nothing_is_asked),
        IN_WORLD(one_request_id_is_not_under_way_twice),
        IN_WORLD(init_says_who_answered_what),
        cmocka_unit_test(those_who_wait_when_the_node_stops_are_answered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
