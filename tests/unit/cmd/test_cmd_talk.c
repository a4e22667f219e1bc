#include "tests/unit/api/api_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/check.h"
#include "common/errors.h"
#include "tests/unit/cmd/capture.h"

static const struct subcommand *const table[] = {
    &command_status,   &command_leader,   &command_explain, &command_history, &command_init,
    &command_failover, &command_failback, &command_hold,    &command_release, &command_arm,
    &command_ack,      &command_route,    &command_check,
};

static int open_world(void **state)
{
    struct world *world = world_new(&(struct world_options){.read_token = true});
    setenv("QUORATE_CONFIG", world_config_file(world), 1);
    setenv("QUORATE_NODE", "fra", 1);
    setenv("USER", "carol", 1);
    unsetenv("QUORATE_TOKEN");
    unsetenv("QUORATE_API");
    *state = world;
    return 0;
}

static int close_world(void **state)
{
    world_free((struct world **)state);
    return 0;
}

static void expect(const char *line, int code, const char *out, const char *err)
{
    struct captured captured = capture_line(table, ARRAY_COUNT(table), line);
    if (captured.code != code || strstr(captured.out, out) == NULL ||
        strstr(captured.err, err) == NULL)
        fail_msg("%s: %d\n%s\n%s", line, captured.code, captured.out, captured.err);
    captured_clear(&captured);
}

static void status_is_a_table_for_people(void **state)
{
    (void)state;
    expect("quorate status", EXIT_OK, "leader   dub in term 4; this node is follower", "");
    expect("quorate status", EXIT_OK,
           "SERVICE  STATE    SERVING  ROUTE    MODE     PRIMARY    STANDBY    MOVE\n"
           "line     inquiry  primary  primary  act      P P F . .  P P P . .  -\n",
           "");
    expect("quorate status", EXIT_OK, "dropped frames: replayed 3\n", "");
    struct captured captured = capture_line(table, ARRAY_COUNT(table), "quorate status");
    assert_null(strchr(captured.out, '\033')); /* no colours into a file */
    captured_clear(&captured);
}

static void json_is_the_api_s_own_answer(void **state)
{
    (void)state;
    struct captured captured = capture_line(table, ARRAY_COUNT(table), "quorate status --json");
    cJSON *page = cJSON_Parse(captured.out);
    assert_int_equal(captured.code, EXIT_OK);
    assert_non_null(cJSON_GetObjectItemCaseSensitive(page, "ledger"));
    cJSON_Delete(page);
    captured_clear(&captured);
    expect("quorate explain nobody --json", EXIT_NOT_FOUND, "\"unknown-service\"", "");
}

static void lead(struct world *world, void *data)
{
    (void)data;
    world_lead(world);
}

static void leader_self_has_its_own_code(void **state)
{
    expect("quorate leader", EXIT_OK, "dub leads in term 4: http://127.0.0.1:17710", "");
    expect("quorate leader --self", EXIT_NOT_LEADER, "fra does not lead", "");
    expect("quorate leader --self --json", EXIT_NOT_LEADER, "\"self\":false", "");
    world_do(*state, lead, NULL);
    expect("quorate leader --self", EXIT_OK, "fra leads", "");
}

static void history_says_what_it_cannot_show(void **state)
{
    (void)state;
    expect("quorate history", EXIT_NO_QUORUM, "", "this node keeps no history");
    expect("quorate history --after soon", EXIT_USAGE, "", "an event's id");
}

static void explain_prints_sentences_and_votes(void **state)
{
    world_do(*state, lead, NULL);
    expect("quorate explain line", EXIT_OK, "  - primary serves; the route shows primary", "");
    expect("quorate explain line", EXIT_OK, "fra   a     DOWN         UP       200 ms ago\n", "");
    expect("quorate explain", EXIT_OK, "chat: steady", "");
    expect("quorate explain lin", EXIT_NOT_FOUND, "", "no service is called lin (line?)");
}

static void operators_requests_carry_who_and_why(void **state)
{
    const struct operated operated = {.accepted = true, .move = 77};
    world_answers(*state, ANSWER_LATER, &operated);
    expect("quorate failover line --reason two~words --expect primary --force", EXIT_OK,
           "line: move 77 is open", "");
    struct operation operation = world_operation(*state);
    assert_int_equal(operation.kind, OPERATION_FAILOVER);
    assert_string_equal(operation.reason, "two words");
    assert_string_equal(operation.actor.text, "write-token.carol");
    assert_true(operation.force && operation.expects);
    expect("quorate hold --all --for 2h --reason x", EXIT_OK, "all services: on hold", "");
    assert_int_equal(world_operation(*state).kind, OPERATION_HOLD_ALL);
    expect("quorate release --all", EXIT_OK, "all services: released", "");
    assert_int_equal(world_operation(*state).kind, OPERATION_RELEASE_ALL);
    expect("quorate hold line --for indefinite --reason x --actor dave", EXIT_OK, "on hold", "");
    operation = world_operation(*state);
    assert_true(operation.indefinite);
    assert_string_equal(operation.actor.text, "write-token.dave");
    expect("quorate release line", EXIT_OK, "released", "");
    expect("quorate arm line", EXIT_OK, "mode act", "");
    expect("quorate ack line --reason seen", EXIT_OK, "line: the blocked move is ended", "");
    operation = world_operation(*state);
    assert_int_equal(operation.kind, OPERATION_ACK);
    assert_string_equal(operation.reason, "seen");
}

static void a_refusal_is_told_with_its_earliest_time(void **state)
{
    const struct operated operated = {.why = WHY_COOLDOWN, .earliest_ms = 90000};
    world_answers(*state, ANSWER_LATER, &operated);
    expect("quorate failback line", EXIT_REFUSED, "", "cooldown after the last move is not over");
    expect("quorate failback line", EXIT_REFUSED, "", "at the earliest in 1m30s");
    const struct operated none = {.state = OPERATED_NO_QUORUM};
    world_answers(*state, ANSWER_LATER, &none);
    expect("quorate failback line", EXIT_NO_QUORUM, "", "no quorum of nodes answered");
    expect("quorate failback line --expect left", EXIT_INVALID, "", "\"primary\" or \"standby\"");
}

static void open_move(struct world *world, void *data)
{
    struct command command = {.kind = COMMAND_MOVE_OPEN, .service = 0};
    log_index *id = data;
    command.as.move_open.move = (struct move_opening){.present = true,
                                                      .to = SIDE_STANDBY,
                                                      .cause = CAUSE_OPERATOR,
                                                      .force = true,
                                                      .first_step = ROUTE_PAUSE,
                                                      .base = {12, 99}};
    name_set(&command.as.move_open.actor, "bob");
    world_apply(world, command);
    *id = world_core(world)->ledger.services[0].move.id;
}

static void block_move(struct world *world, void *data)
{
    (void)data;
    struct move_record *move = &world_core(world)->ledger.services[0].move;
    move->state = MOVE_BLOCKED;
    move->why = WHY_FORBIDDEN;
}

static void finish_move(struct world *world, void *data)
{
    (void)data;
    world_core(world)->ledger.services[0].move.state = MOVE_DONE;
}

static void wait_follows_the_move_to_its_end(void **state)
{
    struct operated operated = {.accepted = true};
    log_index id = 0;
    char line[64];
    world_do(*state, open_move, &id);
    operated.move = id;
    world_answers(*state, ANSWER_AT_ONCE, &operated);
    world_do(*state, block_move, NULL);
    snprintf(line, sizeof line, "move %llu: BLOCKED: the API says", (unsigned long long)id);
    expect("quorate failover line --wait", EXIT_MOVE_ENDED, line, "");
    world_do(*state, finish_move, NULL);
    snprintf(line, sizeof line, "move %llu: DONE", (unsigned long long)id);
    expect("quorate failover line --wait", EXIT_OK, line, "");
}

static void init_prints_who_answered_what(void **state)
{
    world_init_ends(*state, ANSWER_LATER, 0, 0, "fra, dub and iad were empty");
    expect("quorate init", EXIT_OK, "fra, dub and iad were empty", "");
    world_init_ends(*state, ANSWER_LATER, 0, ERR_EXISTS, "dub holds a cluster");
    expect("quorate init", EXIT_REFUSED, "", "dub holds a cluster");
}

static void tokens_come_from_the_environment_too(void **state)
{
    char line[128];
    snprintf(line, sizeof line, "quorate status --api http://127.0.0.1:%u",
             (unsigned)world_port(*state));
    expect(line, EXIT_AUTH, "", "no token was shown");
    setenv("QUORATE_TOKEN", WORLD_READ, 1);
    expect(line, EXIT_OK, "node     fra", "");
    setenv("QUORATE_TOKEN", "wrong", 1);
    expect(line, EXIT_AUTH, "", "not the right one");
    expect("quorate status --token-file /nowhere/token", EXIT_AUTH, "", "/nowhere/token");
    unsetenv("QUORATE_TOKEN");
}

static void what_cannot_be_reached_is_named(void **state)
{
    (void)state;
    expect("quorate status --api http://127.0.0.1:1", EXIT_UNREACHABLE, "", "http://127.0.0.1:1: ");
    expect("quorate arm line --api http://127.0.0.1:1", EXIT_UNREACHABLE, "",
           "http://127.0.0.1:1: ");
    expect("quorate status --api ftp://x", EXIT_USAGE, "", "http://HOST:PORT");
    expect("quorate status --config /nowhere.yaml", EXIT_IO, "", "/nowhere.yaml");
}

static void route_curl_prints_no_secret(void **state)
{
    (void)state;
    struct captured captured =
        capture_line(table, ARRAY_COUNT(table), "quorate route line curl standby");
    assert_int_equal(captured.code, EXIT_OK);
    assert_non_null(strstr(captured.out, "curl -sS -X PATCH -H \"Authorization: Bearer $TOKEN\""));
    assert_non_null(strstr(captured.out, "/api/v2/routing/plans/plan-1'"));
    assert_non_null(strstr(captured.out, "\"id\":\"S1\""));
    assert_null(strstr(captured.out, WORLD_WRITE));
    captured_clear(&captured);
}

static void route_set_demands_the_glass_to_be_broken(void **state)
{
    (void)state;
    expect("quorate route line set standby", EXIT_USAGE, "", "--break-glass and --reason");
    expect("quorate route line set standby --break-glass", EXIT_USAGE, "", "--reason");
    expect("quorate route line set --break-glass --reason x", EXIT_USAGE, "", "which side?");
    expect("quorate route line set left --break-glass --reason x", EXIT_USAGE, "",
           "primary or standby");
    expect("quorate route lime show", EXIT_NOT_FOUND, "", "nearest: line");
    expect("quorate route line push", EXIT_USAGE, "", "show, curl or set");
}

static void check_says_ok_and_what_the_timings_add_up_to(void **state)
{
    char line[160];
    snprintf(line, sizeof line, "quorate check %s --node fra", world_config_file(*state));
    expect(line, EXIT_OK, ": ok\n", "");
    expect(line, EXIT_OK, "CONVICTED", "");
    expect("quorate check --json", EXIT_USAGE, "", "--defaults");
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, open_world, close_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_WORLD(status_is_a_table_for_people),
        IN_WORLD(json_is_the_api_s_own_answer),
        IN_WORLD(leader_self_has_its_own_code),
        IN_WORLD(history_says_what_it_cannot_show),
        IN_WORLD(explain_prints_sentences_and_votes),
        IN_WORLD(operators_requests_carry_who_and_why),
        IN_WORLD(a_refusal_is_told_with_its_earliest_time),
        IN_WORLD(wait_follows_the_move_to_its_end),
        IN_WORLD(init_prints_who_answered_what),
        IN_WORLD(tokens_come_from_the_environment_too),
        IN_WORLD(what_cannot_be_reached_is_named),
        IN_WORLD(route_curl_prints_no_secret),
        IN_WORLD(route_set_demands_the_glass_to_be_broken),
        IN_WORLD(check_says_ok_and_what_the_timings_add_up_to),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
