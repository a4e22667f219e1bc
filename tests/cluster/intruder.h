/* A node gone bad: it holds a pinned key (or none) and sends whatever bytes a test wants.
 * Never runs a core.
 * Called by the tests of bad frames. */
#ifndef QUORATE_CLUSTER_INTRUDER_H
#define QUORATE_CLUSTER_INTRUDER_H

#include "proto/frame.h"
#include "tests/cluster/cluster.h"

struct intruder {
    const struct cluster *cluster;
    void *context;
    void *raft;                 /* DEALER to the victim's ROUTER */
    void *votes;                /* PUB to the victim's SUB */
    struct frame_header header; /* a fresh, right one; next_header gives the next */
};

/* Connects to the victim with `identity`'s keys, as the node at `self`. */
void intruder_open(struct intruder *intruder, const struct cluster *cluster, size_t self,
                   const struct identity *identity, size_t victim);
void intruder_close(struct intruder *intruder);

/* The header of a frame that would be accepted; its sequence rises with each call. */
const struct frame_header *intruder_next(struct intruder *intruder);
/* Over the raft channel, when it is connected. */
void intruder_send(struct intruder *intruder, const uint8_t *bytes, size_t length);
/* Over the votes channel; what is not subscribed yet is lost. */
void intruder_publish(struct intruder *intruder, const uint8_t *bytes, size_t length);
/* Whether the raft channel takes a byte within the time. */
bool intruder_is_let_in(struct intruder *intruder, time_ms within_ms);

#endif
