/* A running genesys-sim with a token, and the calls that its tests make again and again.
 * Never shared between tests: each gets its own process, port and journal.
 * Called by the tests of the simulator and its faults. */
#ifndef QUORATE_LAB_TEST_SIM_FIXTURE_H
#define QUORATE_LAB_TEST_SIM_FIXTURE_H

#include "tests/lab/test/client.h"
#include "tests/lab/test/process.h"

#define SIM_PLAN_1 "/api/v2/routing/plans/plan-1"
#define SIM_TO_STANDBY                                                                  \
    "{\"version\":1,\"entries\":[{\"priority\":10,\"destination\":{\"type\":\"Flow\","  \
    "\"id\":\"STANDBY_FLOW_ID\"},\"conditions\":[]},{\"priority\":50,\"active\":false," \
    "\"destination\":{\"type\":\"Flow\",\"id\":\"PRIMARY_FLOW_ID\"},\"conditions\":[]}]}"

struct sim {
    struct process process;
    const char *host;
    uint16_t port;
    char journal[64];
    char bearer[128]; /* "Authorization: Bearer ..." */
};

/* Starts one with up to two options more ("--versioned=no") and mints a token. */
void sim_start(struct sim *sim, const char *option, const char *option_2);
/* Listens at an address, a literal; the calls below go to 127.0.0.1 all the same. */
void sim_start_at(struct sim *sim, const char *host, const char *option, const char *option_2);
/* Starts again on the same port and journal. */
void sim_start_again(struct sim *sim);
void sim_stop(struct sim *sim);

/* cmocka's setup and teardown around a `struct sim` with default options. */
int sim_setup(void **state);
int sim_teardown(void **state);

void sim_mint(struct sim *sim);
/* GET, or PATCH with `body`, of a plan; the caller frees the reply. */
void sim_get(const struct sim *sim, const char *path, struct client_reply *ret_reply);
void sim_patch(const struct sim *sim, const char *path, const char *body, time_ms timeout_ms,
               struct client_reply *ret_reply);
/* PATCH with the default timeout; demands the status. */
void sim_patch_wants(const struct sim *sim, const char *body, long status);

/* Any request with the token, a key and a term; `body` may be NULL. Demands the status and gives
 * the JSON answer (NULL where it is empty), which the caller deletes. */
cJSON *sim_call(const struct sim *sim, const char *method, const char *path, const char *body,
                long status);
/* The same with a body that is deleted. */
cJSON *sim_call_json(const struct sim *sim, const char *method, const char *path, cJSON *body,
                     long status);
/* The token's request as it is answered; the caller frees the reply. */
void sim_send(const struct sim *sim, const char *method, const char *path, const char *body,
              struct client_reply *ret_reply);

void sim_fault(const struct sim *sim, const char *json);
/* Of plan-1. */
int sim_state_is(const struct sim *sim, const char *state);
int sim_held_is(const struct sim *sim, int count);
/* The newest line; the caller deletes it. */
cJSON *sim_journal_last(const struct sim *sim);

#endif
