/* What a seed of the moves swarm is made of, shared by its run and its faults.
 * Never looks into a core's decisions, but for who leads.
 * swarm_moves.c runs it, swarm_faults.c draws what happens. */
#ifndef QUORATE_TESTS_SIM_CORE_SWARM_MOVES_H
#define QUORATE_TESTS_SIM_CORE_SWARM_MOVES_H

#include "tests/sim/core/stage.h"

struct moves {
    struct stage *stage;
    bool minority_only;           /* the targets stay well, and only `ill` voters have trouble */
    bool ill[NODE_COUNT_MAX + 1]; /* a minority: only these lie */
    node_id minority;
    node_id ruined_count;
    bool late; /* requests may come late in this seed; then none is refused for good */
    uint64_t fault_count;
};

uint64_t moves_draw(struct moves *moves, uint64_t bound);
/* Something happens now. */
void moves_happen(struct moves *moves);

#endif
