/* What the prober's tests have in common: a world for each test, one probe of a scripted server.
 * Never outlives its test.
 * Called by test_prober.c and test_prober_ways.c. */
#ifndef QUORATE_TEST_PROBE_CASE_H
#define QUORATE_TEST_PROBE_CASE_H

#include "tests/unit/probe/probe_world.h"
#include "tests/unit/probe/scripted_server.h"

#define ANSWER_OK "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nhealthy"
#define ANSWER_500 "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 4\r\n\r\noops"

/* Setup and teardown; the state is a struct probe_world. */
int probe_case_enter(void **state);
int probe_case_leave(void **state);

/* Starts the prober where it is not running yet, and probes once. `ret_took_ms` may be NULL. */
struct sample probe_once(struct probe_world *world, const struct probe_config *target,
                         int64_t *ret_took_ms);

/* Probes a server that plays the steps; the target's URL becomes the server's. */
struct sample probe_script(struct probe_world *world, const struct server_step *steps, size_t count,
                           struct probe_config *target, int64_t *ret_took_ms);

/* A deadline holds to 50 ms, where the machine itself lets the thread run. */
void assert_deadline(int64_t took_ms, int64_t deadline_ms, const struct sample *sample);

#endif
