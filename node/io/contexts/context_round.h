/* Counting the nodes' answers to one question: what is known of a majority, and can it still come?
 * Never sends, never waits; a node's first answer stands.
 * Called by the engine. Pure.
 *
 * Majorities are of the configured nodes, alive or not. A node whose store is new answers, too, but
 * counts for nothing: it may have lost what it once acknowledged. */
#ifndef QUORATE_IO_CONTEXT_ROUND_H
#define QUORATE_IO_CONTEXT_ROUND_H

#include "proto/context.h"

struct context_round {
    uint8_t node_count;
    uint32_t answered; /* bit (1 << node) */
    uint32_t counted;  /* ... and its store counts */
    uint32_t has;      /* counted, and has the entry on disk */
    uint32_t beaten;   /* counted, and holds one that beats it */
    bool older;        /* ... because of a higher seq or a tombstone */
    bool full;
    bool failed;
};

enum context_verdict {
    CONTEXT_WAITS,
    CONTEXT_ON_DISK,    /* a majority has it */
    CONTEXT_SUPERSEDED, /* a majority has it or better, one of them a higher seq */
    CONTEXT_DIFFERS,    /* ... one of them the same seq with other content */
    CONTEXT_KNOWN,      /* of a reading: a majority has answered */
    CONTEXT_NO_ROOM,    /* no majority can come: nodes are full */
    CONTEXT_BROKEN,     /* ... their disks failed */
    CONTEXT_VERDICT_N
};

uint8_t context_majority(uint8_t node_count);

void context_round_init(struct context_round *ret_round, uint8_t node_count);
/* Of a writing. Returns false where the node answered before. */
bool context_round_held(struct context_round *round, node_id node, bool complete,
                        enum context_outcome outcome);
/* Of a reading. */
bool context_round_entry(struct context_round *round, node_id node, bool complete);
/* A node that is known to have the entry, as the reading before a write-back showed. */
void context_round_has(struct context_round *round, node_id node);

enum context_verdict context_round_written(const struct context_round *round);
enum context_verdict context_round_read(const struct context_round *round);

uint8_t context_round_count(uint32_t nodes);
static inline bool context_round_lacks_answer(const struct context_round *round, node_id node)
{
    return (round->answered & UINT32_C(1) << node) == 0;
}

#endif
