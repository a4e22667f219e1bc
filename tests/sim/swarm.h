/* One random scenario: load and faults drawn from a seed, then a heal that must bring progress.
 * Never passes judgement on its own; the invariants and the demand for progress do.
 * Called by the test over a budget of seeds, and by raft_swarm to replay one. */
#ifndef QUORATE_TESTS_SIM_SWARM_H
#define QUORATE_TESTS_SIM_SWARM_H

#include "tests/sim/world.h"

enum { SWARM_FAILURE_BYTES = 320 };

struct swarm_result {
    bool passed;
    char failure[SWARM_FAILURE_BYTES]; /* empty where it passed */
    uint64_t events;                   /* fed to Raft */
    uint64_t wipes;
    uint64_t rejoins;
    term_id term; /* reached in the end */
    log_index committed;
    uint32_t leases_seen; /* faults during which some leader held a lease */
};

/* `trace` may be NULL; otherwise it is switched on, filled, and owned by the caller. */
void swarm_run(uint64_t seed, struct trace *trace, struct swarm_result *ret_result);

#endif
