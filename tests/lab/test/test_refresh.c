/* The simulator's refresh tokens: each exchange gives a new one and kills the old one. */
#include "tests/lab/test/assert.h"
#include "tests/lab/test/sim_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEED "seed-of-the-test"

/* Exchanges `refresh`; gives the status and, with 200, the next one. */
static long exchange(const struct sim *sim, const char *refresh, char *ret_next, size_t size)
{
    char form[256];
    struct client_request request = {
        .port = sim->port, .path = "/oauth/token", .user = "demo-client:demo-secret", .body = form};
    struct client_reply reply = {0};
    cJSON *json;
    long status;

    (void)snprintf(form, sizeof(form), "grant_type=refresh_token&refresh_token=%s", refresh);
    client_send(&request, &reply);
    status = reply.status;
    json = cJSON_Parse(reply.body);
    if (status == 200)
        (void)snprintf(ret_next, size, "%s", client_text(json, "refresh_token"));
    else
        assert_string_equal(client_text(json, "error"), "invalid_grant");
    cJSON_Delete(json);
    client_reply_free(&reply);
    return status;
}

static int start(void **state)
{
    struct sim *sim = calloc(1, sizeof(*sim));

    if (sim == NULL)
        return -1;
    sim_start(sim, "--refresh=" SEED, *state);
    *state = sim;
    return 0;
}

static void an_exchange_gives_a_new_one_and_kills_the_old_one(void **state)
{
    const struct sim *sim = *state;
    char first[128];
    char second[128];

    assert_int_equal(exchange(sim, SEED, first, sizeof(first)), 200);
    assert_string_not_equal(first, SEED);
    assert_int_equal(exchange(sim, SEED, second, sizeof(second)), 400);
    assert_int_equal(exchange(sim, first, second, sizeof(second)), 200);
    assert_string_not_equal(second, first);
}

static void a_grace_keeps_the_old_one_alive(void **state)
{
    const struct sim *sim = *state;
    char next[128];

    assert_int_equal(exchange(sim, SEED, next, sizeof(next)), 200);
    assert_int_equal(exchange(sim, SEED, next, sizeof(next)), 200);
}

static void a_lost_answer_has_rotated_all_the_same(void **state)
{
    const struct sim *sim = *state;
    struct client_request request = {.port = sim->port,
                                     .path = "/oauth/token",
                                     .user = "demo-client:demo-secret",
                                     .body = "grant_type=refresh_token&refresh_token=" SEED};
    struct client_reply reply = {0};
    char next[128];

    sim_fault(sim, "{\"fault\":\"apply-then-drop\",\"match\":{\"path\":\"/oauth\"}}");
    client_send(&request, &reply);
    assert_int_equal(reply.status, 0);
    client_reply_free(&reply);
    assert_int_equal(exchange(sim, SEED, next, sizeof(next)), 400);
}

static void revoked_ones_are_dead_and_a_human_makes_another(void **state)
{
    const struct sim *sim = *state;
    char next[128];

    cJSON_Delete(client_json(sim->port, "POST", "/sim/refresh/revoke", "", 200));
    assert_int_equal(exchange(sim, SEED, next, sizeof(next)), 400);
    cJSON_Delete(
        client_json(sim->port, "POST", "/sim/refresh", "{\"token\":\"another-seed\"}", 200));
    assert_int_equal(exchange(sim, "another%2Dseed", next, sizeof(next)), 200);
}

static void the_journal_tells_the_grant_and_never_a_token(void **state)
{
    const struct sim *sim = *state;
    char next[128];
    cJSON *line;
    char *text;

    assert_int_equal(exchange(sim, SEED, next, sizeof(next)), 200);
    line = sim_journal_last(sim);
    assert_string_equal(client_text(line, "grant"), "refresh_token");
    assert_int_equal(strlen(client_text(line, "token")), 8);
    text = cJSON_PrintUnformatted(line);
    assert_null(strstr(text, SEED));
    assert_null(strstr(text, next));
    free(text);
    cJSON_Delete(line);
}

#define REFRESH_TEST(test, option) \
    cmocka_unit_test_prestate_setup_teardown(test, start, sim_teardown, (void *)(uintptr_t)(option))

int main(void)
{
    const struct CMUnitTest tests[] = {
        REFRESH_TEST(an_exchange_gives_a_new_one_and_kills_the_old_one, NULL),
        REFRESH_TEST(a_grace_keeps_the_old_one_alive, "--refresh-grace=1m"),
        REFRESH_TEST(a_lost_answer_has_rotated_all_the_same, NULL),
        REFRESH_TEST(revoked_ones_are_dead_and_a_human_makes_another, NULL),
        REFRESH_TEST(the_journal_tells_the_grant_and_never_a_token, NULL),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
