#include "tests/unit/api/api_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/errors.h"

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
    if (reply.status != 200 || reply.json == NULL)
        fail_msg("%s: %ld: %s", path, reply.status, reply.body);
    return reply;
}

static double number(const cJSON *object, const char *key)
{
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(object, key);
    if (!cJSON_IsNumber(member))
        fail_msg("no number %s", key);
    return member->valuedouble;
}

static const cJSON *part(const cJSON *object, const char *key)
{
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(object, key);
    if (member == NULL)
        fail_msg("no member %s", key);
    return member;
}

static void lead(struct world *world, void *data)
{
    (void)data;
    world_lead(world);
}

static void every_page_says_how_fresh_it_is(void **state)
{
    static const char *const paths[] = {"/v1/status",
                                        "/v1/leader",
                                        "/v1/services",
                                        "/v1/services/line",
                                        "/v1/services/line/explain",
                                        "/readyz"};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        struct reply reply = get(*state, paths[i]);
        assert_string_equal(reply_word(&reply, "node"), "fra");
        assert_string_equal(reply_word(&reply, "leader"), "dub");
        assert_true(number(reply.json, "term") == 4);
        assert_true(number(reply.json, "applied") > 5);
        assert_true(cJSON_IsFalse(part(reply.json, "as_of_leader")));
        reply_clear(&reply);
    }
}

static void status_shows_the_ledger_the_drops_and_the_services(void **state)
{
    struct reply reply = get(*state, "/v1/status");
    const cJSON *ledger = part(reply.json, "ledger");
    assert_string_equal(reply_word(&reply, "condition"), "running");
    assert_string_equal(reply_word(&reply, "role"), "follower");
    assert_int_equal(strlen(part(ledger, "hash")->valuestring), 16);
    assert_true(number(part(reply.json, "drops"), "replayed") == 3);
    assert_true(number(part(reply.json, "drops"), "signature") == 0);
    assert_int_equal(cJSON_GetArraySize(part(reply.json, "peers")), 2);
    const cJSON *services = part(reply.json, "services");
    assert_int_equal(cJSON_GetArraySize(services), 2);
    const cJSON *line = cJSON_GetArrayItem(services, 0);
    assert_string_equal(part(line, "name")->valuestring, "line");
    assert_string_equal(part(part(line, "rolling"), "primary")->valuestring, "P P F . .");
    assert_string_equal(part(part(line, "rolling"), "standby")->valuestring, "P P P . .");
    const cJSON *chat = cJSON_GetArrayItem(services, 1);
    assert_string_equal(part(part(chat, "rolling"), "primary")->valuestring, ". . . . .");
    reply_clear(&reply);
}

static void tick(struct world *world, void *data)
{
    (void)data;
    world_apply(world, (struct command){
                           .kind = COMMAND_TICK, .service = SERVICE_SLOT_NONE, .elapsed_ms = 10});
}

static void the_hash_moves_with_the_ledger(void **state)
{
    struct reply first = get(*state, "/v1/status");
    struct reply same = get(*state, "/v1/status");
    world_do(*state, tick, NULL);
    struct reply later = get(*state, "/v1/status");
    const char *hash = part(part(first.json, "ledger"), "hash")->valuestring;
    assert_string_equal(part(part(same.json, "ledger"), "hash")->valuestring, hash);
    assert_string_not_equal(part(part(later.json, "ledger"), "hash")->valuestring, hash);
    reply_clear(&first);
    reply_clear(&same);
    reply_clear(&later);
}

static void leader_self_is_503_until_the_node_leads(void **state)
{
    struct reply reply = world_ask(*state, "GET", "/v1/leader?self", NULL, NULL);
    assert_int_equal(reply.status, 503);
    assert_string_equal(reply_word(&reply, "leader_url"), "http://127.0.0.1:17710");
    reply_clear(&reply);
    world_do(*state, lead, NULL);
    reply = get(*state, "/v1/leader?self");
    assert_true(cJSON_IsTrue(part(reply.json, "self")));
    assert_true(cJSON_IsTrue(part(reply.json, "as_of_leader")));
    reply_clear(&reply);
}

static void wait_long(struct world *world, void *data)
{
    (void)data;
    world_view(world)->now_ms += 5000;
}

static void a_leader_without_a_lease_is_none(void **state)
{
    world_do(*state, lead, NULL);
    world_do(*state, wait_long, NULL);
    struct reply reply = world_ask(*state, "GET", "/v1/leader?self", NULL, NULL);
    assert_int_equal(reply.status, 503);
    assert_true(cJSON_IsFalse(part(reply.json, "as_of_leader")));
    reply_clear(&reply);
}

static void a_service_shows_route_inquiry_and_ballots(void **state)
{
    struct reply reply = get(*state, "/v1/services/line");
    assert_string_equal(reply_word(&reply, "serving"), "primary");
    assert_string_equal(reply_word(&reply, "route"), "primary");
    assert_true(number(reply.json, "route_version") == 12);
    const cJSON *inquiry = part(reply.json, "inquiry");
    assert_string_equal(part(inquiry, "complainant")->valuestring, "dub");
    assert_true(number(part(inquiry, "primary"), "closed") == 3);
    const cJSON *ballots = part(part(reply.json, "ballots"), "primary");
    assert_int_equal(cJSON_GetArraySize(ballots), 3);
    assert_string_equal(part(cJSON_GetArrayItem(ballots, 2), "result")->valuestring, "FAIL");
    assert_true(cJSON_IsNull(part(reply.json, "move")));
    assert_true(cJSON_IsNull(part(reply.json, "hold")));
    reply_clear(&reply);
}

static void hold(struct world *world, void *data)
{
    struct command command = {.kind = COMMAND_HOLD, .service = 0};
    (void)data;
    name_set(&command.as.hold.actor, "alice");
    reason_set(command.as.hold.reason, "release of the bot");
    command.as.hold.for_ms = 60000;
    world_apply(world, command);
}

static void open_move(struct world *world, void *data)
{
    struct command command = {.kind = COMMAND_MOVE_OPEN, .service = 0};
    (void)data;
    command.as.move_open.move = (struct move_opening){.present = true,
                                                      .to = SIDE_STANDBY,
                                                      .cause = CAUSE_OPERATOR,
                                                      .force = true,
                                                      .first_step = ROUTE_PAUSE,
                                                      .base = {12, 99}};
    name_set(&command.as.move_open.actor, "bob");
    world_apply(world, command);
}

static void a_hold_is_shown_with_what_is_left_of_it(void **state)
{
    world_do(*state, hold, NULL);
    struct reply reply = get(*state, "/v1/services/line");
    const cJSON *held = part(reply.json, "hold");
    assert_string_equal(part(held, "actor")->valuestring, "alice");
    assert_true(number(held, "left_ms") > 0 && number(held, "left_ms") <= 60000);
    reply_clear(&reply);
}

static void an_open_move_is_shown_with_its_intent(void **state)
{
    world_do(*state, open_move, NULL);
    struct reply reply = get(*state, "/v1/services/line");
    const cJSON *move = part(reply.json, "move");
    assert_string_equal(reply_word(&reply, "condition"), "moving");
    assert_string_equal(part(move, "state")->valuestring, "PAUSING");
    assert_string_equal(part(move, "actor")->valuestring, "bob");
    assert_string_equal(part(part(move, "intent"), "step")->valuestring, "pause");
    assert_true(number(part(move, "intent"), "base_version") == 12);
    reply_clear(&reply);
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

static void expect_sentence(struct world *world, const char *phrase)
{
    struct reply reply = get(world, "/v1/services/line/explain");
    if (!says(&reply, phrase))
        fail_msg("nowhere '%s' in: %s", phrase, reply.body);
    reply_clear(&reply);
}

static void explain_says_who_said_what_and_what_is_missing(void **state)
{
    world_do(*state, lead, NULL);
    expect_sentence(*state, "about primary, 2 of 3 nodes needed: fra DOWN (status 500), dub "
                            "CANNOT_TELL (3 of 3 references failed), iad UP 43 ms");
    expect_sentence(*state, "1 of 5 ballots failed; 2 more FAILs convict; earliest move in");
    struct reply reply = get(*state, "/v1/services/line/explain");
    const cJSON *fra = cJSON_GetArrayItem(part(reply.json, "votes"), 0);
    assert_true(number(fra, "ago_ms") == 200);
    assert_true(number(part(fra, "primary"), "status") == 500);
    assert_true(number(part(fra, "primary"), "connect_ms") == 0.2);
    assert_true(cJSON_IsNull(part(part(fra, "primary"), "tls_ms")));
    assert_true(cJSON_IsTrue(part(reply.json, "live")));
    assert_true(number(reply.json, "fails_needed") == 2);
    reply_clear(&reply);
}

static void explain_on_a_follower_says_whom_to_ask(void **state)
{
    expect_sentence(*state, "ask dub at http://127.0.0.1:17710");
}

static void explain_names_who_holds_and_why(void **state)
{
    world_do(*state, lead, NULL);
    world_do(*state, hold, NULL);
    expect_sentence(*state, "on hold (by alice: \"release of the bot\"); over in 1m");
}

static void explain_tells_of_an_open_move(void **state)
{
    world_do(*state, lead, NULL);
    world_do(*state, open_move, NULL);
    expect_sentence(*state, "from primary to standby (operator) is PAUSING; asked for by bob");
}

static void unknown_things_are_404_with_the_nearest_word(void **state)
{
    struct reply reply = world_ask(*state, "GET", "/v1/services/lino", NULL, NULL);
    assert_int_equal(reply.status, 404);
    assert_string_equal(reply_word(&reply, "why"), "no service is called lino (line?)");
    reply_clear(&reply);
    world_expect(*state, "GET", "/v1/services/%2e%2e/explain", NULL, NULL, 404, "unknown-service");
    world_expect(*state, "GET", "/", NULL, NULL, 404, "not-found");
    world_expect(*state, "GET", "/v1/services/", NULL, NULL, 404, "not-found");
    world_expect(*state, "GET", "/v1/status/", NULL, NULL, 404, "not-found");
}

static void another_method_is_405_and_says_which(void **state)
{
    struct reply reply = world_ask(*state, "DELETE", "/v1/status", NULL, NULL);
    assert_int_equal(reply.status, 405);
    assert_non_null(strstr(reply.head, "Allow: GET, HEAD\r\n"));
    reply_clear(&reply);
    reply = world_ask(*state, "GET", "/v1/services/line/hold", WORLD_WRITE, NULL);
    assert_int_equal(reply.status, 405);
    assert_non_null(strstr(reply.head, "Allow: POST\r\n"));
    reply_clear(&reply);
}

static void head_is_get_without_a_body(void **state)
{
    struct reply reply = world_ask(*state, "HEAD", "/v1/status", NULL, NULL);
    assert_int_equal(reply.status, 200);
    assert_string_equal(reply.body, "");
    assert_non_null(strstr(reply.head, "Content-Type: application/json"));
    reply_clear(&reply);
}

static void fail_node(struct world *world, void *data)
{
    (void)data;
    world_view(world)->condition = NODE_FAILED;
    world_view(world)->condition_why = "ledger.db: disk full";
}

static void lose_leader(struct world *world, void *data)
{
    (void)data;
    world_core(world)->raft.leader = 0;
}

static void ready_is_503_without_leader_or_disk_while_health_stays(void **state)
{
    world_do(*state, lose_leader, NULL);
    world_expect(*state, "GET", "/readyz", NULL, NULL, 503, "no-leader");
    world_do(*state, fail_node, NULL);
    world_expect(*state, "GET", "/readyz", NULL, NULL, 503, "disk");
    struct reply reply = get(*state, "/healthz");
    reply_clear(&reply);
    reply = get(*state, "/v1/status");
    assert_string_equal(reply_word(&reply, "condition_why"), "ledger.db: disk full");
    reply_clear(&reply);
}

static void incidents_without_a_history_are_503(void **state)
{
    world_expect(*state, "GET", "/v1/incidents", NULL, NULL, 503, "history");
    world_expect(*state, "GET", "/v1/incidents/7", NULL, NULL, 503, "history");
    world_expect(*state, "GET", "/v1/incidents?limit=0", NULL, NULL, 400, "bad-request");
    world_expect(*state, "GET", "/v1/incidents?limit=1x", NULL, NULL, 400, "bad-request");
    world_expect(*state, "GET", "/v1/incidents/x", NULL, NULL, 400, "bad-request");
}

static void history_without_a_database_is_503(void **state)
{
    world_expect(*state, "GET", "/v1/history", NULL, NULL, 503, "history");
    world_expect(*state, "GET", "/v1/history?after=x", NULL, NULL, 400, "bad-request");
    world_expect(*state, "GET", "/v1/history?limit=1001", NULL, NULL, 400, "bad-request");
}

static void give_history(struct world *world, void *data)
{
    world_view(world)->history = data;
}

static void add_incidents(const char *folder)
{
    static const uint8_t certificate[] = {'{', ' ', '}', '\n'};
    struct history *history = NULL;
    struct text why = {.length = 0};
    struct history_incident incident = {.id = 41,
                                        .service = "line",
                                        .opened_wall_ms = 5,
                                        .verdict = "convicted",
                                        .severity = "DOWN",
                                        .from = "primary",
                                        .to = "standby",
                                        .outcome = "DONE",
                                        .certificate = certificate,
                                        .certificate_length = sizeof certificate};
    assert_int_equal(history_open(folder, &history, &why), 0);
    assert_int_equal(history_put_incident(history, &incident), 0);
    incident.id = 42;
    incident.certificate = NULL;
    incident.certificate_length = 0;
    assert_int_equal(history_put_incident(history, &incident), 0);
    history_free(&history); /* writes what is queued */
}

static void add_events(const char *folder)
{
    struct history *history = NULL;
    struct text why = {.length = 0};
    struct history_event event = {
        .wall_ms = 5, .kind = "leading", .index = 7, .json = "{\"term\":3}"};
    assert_int_equal(history_open(folder, &history, &why), 0);
    assert_int_equal(history_add_event(history, &event), 0);
    event.kind = "move";
    event.service = "line";
    event.json = "no json";
    assert_int_equal(history_add_event(history, &event), 0);
    history_free(&history);
}

static const cJSON *event_at(const struct reply *reply, int place)
{
    return cJSON_GetArrayItem(part(reply->json, "events"), place);
}

static void check_events(struct world *world)
{
    struct reply reply = get(world, "/v1/history");
    assert_int_equal(cJSON_GetArraySize(part(reply.json, "events")), 2);
    assert_true(number(event_at(&reply, 0), "id") == 1);
    assert_string_equal(part(event_at(&reply, 0), "kind")->valuestring, "leading");
    assert_true(number(part(event_at(&reply, 0), "data"), "term") == 3);
    assert_true(cJSON_IsNull(part(event_at(&reply, 1), "data")));
    reply_clear(&reply);
    reply = get(world, "/v1/history?limit=1"); /* the newest */
    assert_string_equal(part(event_at(&reply, 0), "service")->valuestring, "line");
    reply_clear(&reply);
    reply = get(world, "/v1/history?after=0&limit=1"); /* the oldest of what is new */
    assert_string_equal(part(event_at(&reply, 0), "kind")->valuestring, "leading");
    reply_clear(&reply);
    reply = get(world, "/v1/history?after=2");
    assert_int_equal(cJSON_GetArraySize(part(reply.json, "events")), 0);
    reply_clear(&reply);
}

static void check_incidents(struct world *world)
{
    struct reply reply = get(world, "/v1/incidents?limit=1");
    assert_int_equal(cJSON_GetArraySize(part(reply.json, "incidents")), 1);
    reply_clear(&reply);
    reply = get(world, "/v1/incidents");
    const cJSON *newest = cJSON_GetArrayItem(part(reply.json, "incidents"), 0);
    assert_true(number(newest, "id") == 42);
    reply_clear(&reply);
    reply = get(world, "/v1/incidents/41");
    assert_string_equal(part(part(reply.json, "incident"), "certificate")->valuestring,
                        "/v1/incidents/41/certificate");
    reply_clear(&reply);
    reply = world_ask(world, "GET", "/v1/incidents/41/certificate", NULL, NULL);
    assert_int_equal(reply.status, 200);
    assert_string_equal(reply.body, "{ }\n"); /* to the byte */
    reply_clear(&reply);
    world_expect(world, "GET", "/v1/incidents/42/certificate", NULL, NULL, 404, "not-found");
    world_expect(world, "GET", "/v1/incidents/43", NULL, NULL, 404, "not-found");
}

static void incidents_and_events_come_from_the_history(void **state)
{
    char folder[] = "/tmp/quorate-history-XXXXXX";
    char path[64];
    struct history *history = NULL;
    struct text why = {.length = 0};
    assert_non_null(mkdtemp(folder));
    add_incidents(folder);
    add_events(folder);
    assert_int_equal(history_open(folder, &history, &why), 0);
    world_do(*state, give_history, history);
    check_incidents(*state);
    check_events(*state);
    world_do(*state, give_history, NULL);
    history_free(&history);
    static const char *const names[] = {"history.db", "history.db-wal", "history.db-shm"};
    for (size_t i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        unlink(path);
    }
    rmdir(folder);
}

static void an_uninitialised_node_serves_status(void **state)
{
    struct world *world = world_new(&(struct world_options){.uninitialised = true});
    (void)state;
    struct reply reply = get(world, "/v1/status");
    assert_string_equal(reply_word(&reply, "condition"), "uninitialised");
    assert_true(cJSON_IsNull(part(reply.json, "leader")));
    assert_true(cJSON_IsNull(part(reply.json, "cluster_id")));
    reply_clear(&reply);
    world_expect(world, "GET", "/readyz", NULL, NULL, 503, "uninitialised");
    world_expect(world, "GET", "/v1/services/line", NULL, NULL, 503, "uninitialised");
    world_expect(world, "POST", "/v1/services/line/arm", WORLD_WRITE, "{}", 503, "uninitialised");
    world_free(&world);
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, open_world, close_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_WORLD(every_page_says_how_fresh_it_is),
        IN_WORLD(status_shows_the_ledger_the_drops_and_the_services),
        IN_WORLD(the_hash_moves_with_the_ledger),
        IN_WORLD(leader_self_is_503_until_the_node_leads),
        IN_WORLD(a_leader_without_a_lease_is_none),
        IN_WORLD(a_service_shows_route_inquiry_and_ballots),
        IN_WORLD(a_hold_is_shown_with_what_is_left_of_it),
        IN_WORLD(an_open_move_is_shown_with_its_intent),
        IN_WORLD(explain_says_who_said_what_and_what_is_missing),
        IN_WORLD(explain_on_a_follower_says_whom_to_ask),
        IN_WORLD(explain_names_who_holds_and_why),
        IN_WORLD(explain_tells_of_an_open_move),
        IN_WORLD(unknown_things_are_404_with_the_nearest_word),
        IN_WORLD(another_method_is_405_and_says_which),
        IN_WORLD(head_is_get_without_a_body),
        IN_WORLD(ready_is_503_without_leader_or_disk_while_health_stays),
        IN_WORLD(incidents_without_a_history_are_503),
        IN_WORLD(history_without_a_database_is_503),
        IN_WORLD(incidents_and_events_come_from_the_history),
        cmocka_unit_test(an_uninitialised_node_serves_status),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
