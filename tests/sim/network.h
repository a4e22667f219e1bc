/* The simulated network: who reaches whom, how late, and what gets lost or doubled.
 * Never holds messages; it only says what becomes of one.
 * Used by the world, set up by the scenarios. */
#ifndef QUORATE_TESTS_SIM_NETWORK_H
#define QUORATE_TESTS_SIM_NETWORK_H

#include "common/prng.h"
#include "proto/types.h"

struct network {
    bool cut[NODE_COUNT_MAX + 1][NODE_COUNT_MAX + 1]; /* from, to */
    time_ms latency_min_ms;
    time_ms latency_max_ms; /* beyond the minimum each message draws its own, so they overtake each
                               other */
    uint32_t loss_permille;
    uint32_t duplicate_permille;
};

/* Arrival delays of the copies that make it (none, one or two). */
struct network_fate {
    uint8_t copy_count;
    time_ms delay_ms[2];
};

void network_heal(struct network *network);
void network_cut(struct network *network, node_id from, node_id to);
/* Cuts both directions between the node and all others. */
void network_isolate(struct network *network, node_id node);
struct network_fate network_send(const struct network *network, struct prng *prng, node_id from,
                                 node_id to);

#endif
