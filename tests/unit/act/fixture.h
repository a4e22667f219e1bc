/* A configuration made by hand, an actuator on it, and its results to wait for.
 * Never reads a file.
 * Called by the tests of node/io/act. */
#ifndef QUORATE_TESTS_ACT_FIXTURE_H
#define QUORATE_TESTS_ACT_FIXTURE_H

#include <pthread.h>

#include "node/io/act/actuator.h"
#include "tests/unit/act/server.h"

enum { FIXTURE_RESULT_COUNT_MAX = 64, FIXTURE_DEADLINE_MS = 2000 };

struct fixture {
    struct config *config;
    struct server *server;
    struct actuator *actuator;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct actuator_result results[FIXTURE_RESULT_COUNT_MAX];
    size_t result_count;
    uint64_t next_ticket;
};

/* One service "support" on one platform, both at the server. */
struct config *fixture_make_config(uint16_t port);
void fixture_free_config(struct config **config);

int fixture_setup(void **state); /* with an actuator */
/* The platform has a refresh token "seed-1", and a fallback client where the initial state says. */
int fixture_setup_refresh(void **state);
/* The service has two routes: "voice", which is plan-1, and "chat", which is plan-2. */
int fixture_setup_unit(void **state);
int fixture_teardown(void **state);

void fixture_script(struct fixture *fixture, enum channel channel, int status, const char *body);

/* A job with the fixture's usual values. */
struct actuator_job fixture_job(enum actuator_job_kind kind);
/* A switch to the standby on the base of a reading. */
struct actuator_job fixture_switch(const struct route_view *view);

uint64_t fixture_submit(struct fixture *fixture, struct actuator_job job);
/* Waits for the job's result; fails the test after ten seconds. */
struct actuator_result fixture_await(struct fixture *fixture, uint64_t ticket);
struct actuator_result fixture_run(struct fixture *fixture, struct actuator_job job);
/* A read that must succeed, as the base of a write. */
struct route_view fixture_read(struct fixture *fixture);

time_ms fixture_now_ms(void);

/* Log lines of what happens between the two calls; the text is the caller's to free. */
int fixture_capture_log(void);
char *fixture_captured_log(int captured);

#define TOKEN_BODY(value) \
    "{\"access_token\":\"" value "\",\"token_type\":\"bearer\",\"expires_in\":86400}"
#define PLAN_BODY(version, primary, standby)                                               \
    "{\"id\":\"plan-1\",\"name\":\"Support\",\"routingType\":\"SIP\",\"version\":" version \
    ",\"entries\":[{\"priority\":50," primary                                              \
    "\"destination\":{\"type\":\"Flow\",\"id\":\"flow-p\"},\"conditions\":[]},"            \
    "{\"priority\":60," standby                                                            \
    "\"destination\":{\"type\":\"Flow\",\"id\":\"flow-s\"},\"conditions\":[]}]}"
#define PLAN_NORMAL(version) PLAN_BODY(version, "", "\"active\":false,")
#define PLAN_STANDBY(version) PLAN_BODY(version, "\"active\":false,", "")

#endif
