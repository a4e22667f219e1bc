/* Runs of the swarms: one seed is one cluster, from its start to its end, and what it was made of.
 * Never returns from a broken invariant: it says the seed and how to see it again, and ends the
 * process. Called by the swarm program. */
#ifndef QUORATE_TESTS_SIM_CORE_SWARM_RUNS_H
#define QUORATE_TESTS_SIM_CORE_SWARM_RUNS_H

#include "tests/sim/core/checks.h"

/* Sums over seeds. */
struct swarm_sums {
    uint64_t seeds;
    uint64_t steps; /* calls of core_step, or of raft_step */
    uint64_t faults;
    uint64_t snapshots; /* installed from a leader */
    uint64_t entries;   /* committed */
    struct checks_counts counts;
    /* The patrol swarm's. */
    uint64_t node_years_permille;
    uint64_t episodes;
    uint64_t deaths;    /* of primaries that really died */
    time_ms slowest_ms; /* ... until the switch took effect */
};

/* Faults of every kind against clusters that move all the time. */
void swarm_moves_run(uint64_t seed, bool with_trace, struct swarm_sums *sums);
/* Whole years in which no target ever fails, but at their very end. */
void swarm_patrol_run(uint64_t seed, bool with_trace, struct swarm_sums *sums);

/* For the runs. */
void swarm_failed(const struct stage *stage, const char *what);
void swarm_add(struct swarm_sums *sums, const struct stage *stage);

#endif
