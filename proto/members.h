/* Who of the fixed set of nodes votes on the log, and by which data folder; and its one-node
 * changes. Never decides that a change is due; node/core/membership.c does. Used by Raft at append,
 * by the ledger at apply, by snapshots and the status pages. Pure. */
#ifndef QUORATE_PROTO_MEMBERS_H
#define QUORATE_PROTO_MEMBERS_H

#include "proto/types.h"
#include "proto/why.h"

/* Zeroed: all nodes are voters, and no incarnation was recorded yet. */
struct members {
    uint32_t learners;                        /* bit by node id */
    uint64_t incarnation[NODE_COUNT_MAX + 1]; /* of the data folder that counts; 0: not recorded */
};

/* One change: the node becomes a voter, or a learner, by the folder with this incarnation. */
struct member {
    node_id node; /* 0: no change */
    bool voter;
    uint64_t incarnation;
};

static inline bool members_is_voter(const struct members *members, node_id node)
{
    return ((members->learners >> node) & 1) == 0;
}

uint8_t members_voter_count(const struct members *members, uint8_t node_count);
/* Why the change cannot be made; WHY_NONE where it can. The same on every node, because a change
 * counts from its place in the log on. The voters never become fewer than a majority of the nodes.
 */
enum why members_refusal(const struct members *members, uint8_t node_count,
                         const struct member *member);
/* Makes the change if nothing stands against it. */
enum why members_change(struct members *members, uint8_t node_count, const struct member *member);

#endif
