#include "tests/sim/core/swarm_runs.h"

void swarm_patrol_run(uint64_t seed, bool with_trace, struct swarm_sums *sums)
{
    (void)seed;
    (void)with_trace;
    (void)sums;
}
