/* Raft's invariants, checked after each step of a simulated world.
 * Never looks into Raft's own bookkeeping of what is on disk; it looks at the disks.
 * Called by the world.
 * They are: election safety by a majority of those who vote, log matching, leader completeness,
 * state machine safety, one vote a term and folder, no vote of a novice whose log does not
 * know it, persist before send, commits by own-term entries that a majority of disks holds, and a
 * lease that ends before a successor begins. */
#ifndef QUORATE_TESTS_SIM_INVARIANTS_H
#define QUORATE_TESTS_SIM_INVARIANTS_H

#include "node/core/update.h"

struct world;

enum { INVARIANTS_VARIANTS_MAX = 32, INVARIANTS_FAILURE_BYTES = 256 };

/* Everything that was ever written at one index. */
struct invariants_slot {
    uint8_t variant_count;
    struct {
        term_id term;
        term_id prev_term;
        uint64_t payload;
    } variants[INVARIANTS_VARIANTS_MAX];
    term_id committed_term; /* the entry's; 0: not committed yet */
    term_id committed_in;   /* the term in which it was */
    uint64_t committed_payload;
    uint64_t applied_state; /* the ledger after it; 0: nobody applied it yet */
    bool settled;           /* somebody applied it, and these were the members then */
    struct members members;
};

struct invariants_term {
    node_id leader;
    node_id votes[NODE_COUNT_MAX + 1]; /* by voter */
    uint64_t by[NODE_COUNT_MAX + 1];   /* ... by which of its folders */
};

/* A node as it was after its previous step. */
struct invariants_view {
    term_id term;
    log_index commit_index;
    bool leads;
};

struct invariants {
    char failure[INVARIANTS_FAILURE_BYTES]; /* empty: all held so far */
    struct invariants_slot *slots;          /* by index */
    size_t slot_capacity;
    struct invariants_term *terms; /* by term */
    size_t term_capacity;
    log_index commit_max;
    struct invariants_view views[NODE_COUNT_MAX + 1];
};

void invariants_init(struct invariants *invariants);
void invariants_fini(struct invariants *invariants);
bool invariants_hold(const struct invariants *invariants);
/* Notes a failure; only the first one is kept. */
void invariants_fail(struct world *world, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The process is gone, or new: what it forgot is not held against it. */
void invariants_forget(struct invariants *invariants, node_id node);
/* Entries on their way to the node's disk, with the log as it is after the step. */
void invariants_on_persist(struct world *world, node_id node, const struct persist_job *job);
void invariants_on_send(struct world *world, const struct raft_message *message);
void invariants_on_apply(struct world *world, node_id node, log_index index, uint64_t payload,
                         uint64_t state);
/* The entry was applied: the members must be everybody's. */
void invariants_on_settled(struct world *world, node_id node, log_index index);
const struct members *invariants_members_at(struct world *world, log_index index);
void invariants_on_install(struct world *world, node_id node, log_index index, uint64_t state);
void invariants_after_step(struct world *world, node_id node);

#endif
