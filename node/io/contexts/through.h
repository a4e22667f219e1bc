/* Writing checkpoints through to the platform: a thread that takes one at a time, writes it, reads
 * it back, and says what became of it. What waits stands in the store (its newest seq is not
 * written yet), not here: an outage of the platform, or of this node, loses nothing.
 * Never more than per_minute requests, never while the platform asked for a pause; never a secret
 * field's value. What is written is a copy for others to see: flows read from the cluster.
 * Called by the contexts' thread, which hands checkpoints over and takes what became of them. */
#ifndef QUORATE_IO_THROUGH_H
#define QUORATE_IO_THROUGH_H

#include "node/io/act/actuator.h"
#include "node/io/contexts/context_content.h"
#include "node/io/contexts/contexts.h"

enum { THROUGH_ITEM_COUNT_MAX = 8 }; /* handed over and not ended */

struct through;

enum through_end {
    THROUGH_WRITTEN, /* and read back */
    THROUGH_REFUSED, /* the platform will not take it: only a newer one is tried */
    THROUGH_DIFFERS, /* taken twice, but what is read back is another's */
    THROUGH_LATER,   /* it still waits */
    THROUGH_END_N
};

/* The configuration and the actuator must outlive it. Returns 0; ERR_INVALID (no such platform) or
 * ERR_NO_MEMORY, with `why`. */
int through_new(const struct config *config, struct actuator *actuator,
                struct through **ret_through, struct text *why);
/* Ends a running request at once. NULL is accepted. */
void through_free(struct through **through);

/* Is there room, and does the platform take anything now? */
bool through_wants(struct through *through);
/* Is a checkpoint of this id on its way? */
bool through_has(struct through *through, const struct context_id *id);
/* Takes the content over, also where it is refused. Returns 0 or ERR_FULL. */
int through_give(struct through *through, const struct context_id *id, uint64_t seq,
                 struct context_content **content);
/* One that has ended. Returns 0 or ERR_NOT_FOUND. */
int through_take(struct through *through, struct context_id *ret_id, uint64_t *ret_seq,
                 enum through_end *ret_end);

void through_stats(struct through *through, struct through_stats *ret_stats);

#endif
