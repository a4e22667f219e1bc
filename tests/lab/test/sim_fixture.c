#include "tests/lab/test/sim_fixture.h"

#include "tests/lab/test/assert.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void sim_run(struct sim *sim, const char *option, const char *option_2)
{
    char port[16] = "";
    const char *argv[] = {LAB_DIR "/genesys-sim", "--host", sim->host, "--port", port, "--journal",
                          sim->journal,           option,   option_2,  NULL};

    (void)snprintf(port, sizeof(port), "%u", (unsigned)sim->port);
    process_start(&sim->process, argv);
}

void sim_start(struct sim *sim, const char *option, const char *option_2)
{
    sim_start_at(sim, "127.0.0.1", option, option_2);
}

void sim_start_at(struct sim *sim, const char *host, const char *option, const char *option_2)
{
    int fd;

    memset(sim, 0, sizeof(*sim));
    sim->host = host;
    (void)snprintf(sim->journal, sizeof(sim->journal), "/tmp/quorate-journal-XXXXXX");
    fd = mkstemp(sim->journal);
    assert_true(fd >= 0);
    (void)close(fd);
    sim->port = process_port_find();
    sim_run(sim, option, option_2);
    sim_mint(sim);
}

void sim_start_again(struct sim *sim)
{
    sim_run(sim, NULL, NULL);
    sim_mint(sim);
}

void sim_stop(struct sim *sim)
{
    assert_int_equal(process_stop(&sim->process, NULL), 0);
    (void)unlink(sim->journal);
}

int sim_setup(void **state)
{
    struct sim *sim = calloc(1, sizeof(*sim));

    if (sim == NULL)
        return -1;
    *state = sim;
    sim_start(sim, NULL, NULL);
    return 0;
}

int sim_teardown(void **state)
{
    sim_stop(*state);
    free(*state);
    return 0;
}

void sim_mint(struct sim *sim)
{
    struct client_request request = {
        .port = sim->port,
        .path = "/oauth/token",
        .user = "demo-client:demo-secret",
        .body = "grant_type=client_credentials",
    };
    struct client_reply reply = {0};
    cJSON *body;

    client_send(&request, &reply);
    assert_int_equal(reply.status, 200);
    body = cJSON_Parse(reply.body);
    (void)snprintf(sim->bearer, sizeof(sim->bearer), "Authorization: Bearer %s",
                   client_text(body, "access_token"));
    cJSON_Delete(body);
    client_reply_free(&reply);
}

void sim_get(const struct sim *sim, const char *path, struct client_reply *ret_reply)
{
    struct client_request request = {.port = sim->port, .path = path, .headers = {sim->bearer}};

    client_send(&request, ret_reply);
}

void sim_patch(const struct sim *sim, const char *path, const char *body, time_ms timeout_ms,
               struct client_reply *ret_reply)
{
    struct client_request request = {
        .method = "PATCH",
        .port = sim->port,
        .path = path,
        .headers = {sim->bearer, "Content-Type: application/json",
                    "Idempotency-Key: support/1.switch.1", "X-Quorate-Term: 7"},
        .body = body,
        .timeout_ms = timeout_ms,
    };

    client_send(&request, ret_reply);
}

void sim_patch_wants(const struct sim *sim, const char *body, long status)
{
    struct client_reply reply = {0};

    sim_patch(sim, SIM_PLAN_1, body, 0, &reply);
    if (reply.status != status)
        fail_msg("%ld, not %ld, for %s: %s", reply.status, status, body, reply.body);
    client_reply_free(&reply);
}

void sim_send(const struct sim *sim, const char *method, const char *path, const char *body,
              struct client_reply *ret_reply)
{
    struct client_request request = {
        .method = method,
        .port = sim->port,
        .path = path,
        .headers = {sim->bearer, "Content-Type: application/json",
                    "Idempotency-Key: support/1.switch.1", "X-Quorate-Term: 7"},
        .body = body,
    };

    client_send(&request, ret_reply);
}

cJSON *sim_call(const struct sim *sim, const char *method, const char *path, const char *body,
                long status)
{
    struct client_reply reply = {0};
    cJSON *json;

    sim_send(sim, method, path, body, &reply);
    if (reply.status != status)
        fail_msg("%s %s: %ld, not %ld: %s", method, path, reply.status, status, reply.body);
    json = cJSON_Parse(reply.body);
    client_reply_free(&reply);
    return json;
}

cJSON *sim_call_json(const struct sim *sim, const char *method, const char *path, cJSON *body,
                     long status)
{
    char *text = cJSON_PrintUnformatted(body);
    cJSON *json = sim_call(sim, method, path, text, status);

    cJSON_free(text);
    cJSON_Delete(body);
    return json;
}

void sim_fault(const struct sim *sim, const char *json)
{
    cJSON_Delete(client_json(sim->port, "POST", "/sim/faults", json, 200));
}

int sim_state_is(const struct sim *sim, const char *state)
{
    cJSON *plans = client_json(sim->port, "GET", "/sim/plans", NULL, 200);
    int same = strcmp(client_text(cJSON_GetArrayItem(plans, 0), "state"), state) == 0;

    cJSON_Delete(plans);
    return same;
}

int sim_held_is(const struct sim *sim, int count)
{
    cJSON *faults = client_json(sim->port, "GET", "/sim/faults", NULL, 200);
    int same = (int)client_number(faults, "held") == count;

    cJSON_Delete(faults);
    return same;
}

cJSON *sim_journal_last(const struct sim *sim)
{
    cJSON *journal = client_json(sim->port, "GET", "/sim/journal", NULL, 200);
    cJSON *last = cJSON_DetachItemFromArray(journal, cJSON_GetArraySize(journal) - 1);

    assert_non_null(last);
    cJSON_Delete(journal);
    return last;
}
