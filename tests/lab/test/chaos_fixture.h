/* A running chaos proxy with one or two pairs.
 * Never shared between tests.
 * Called by the tests of the proxy and the checker. */
#ifndef QUORATE_LAB_TEST_CHAOS_FIXTURE_H
#define QUORATE_LAB_TEST_CHAOS_FIXTURE_H

#include "tests/lab/test/client.h"
#include "tests/lab/test/process.h"

enum { CHAOS_PAIRS = 2 };

struct chaos_process {
    struct process process;
    uint16_t ports[CHAOS_PAIRS]; /* both lead to the same target */
    uint16_t control_port;
};

void chaos_start(struct chaos_process *chaos, uint16_t target_port);
void chaos_stop(struct chaos_process *chaos);
/* `json` as POST /set takes it. */
void chaos_set(const struct chaos_process *chaos, const char *json);
/* A number of the first pair: "open", or of its direction: "up", "bytes". */
double chaos_count(const struct chaos_process *chaos, const char *direction, const char *key);

#endif
