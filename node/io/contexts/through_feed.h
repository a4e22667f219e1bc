/* What hands checkpoints of the store over to the write-through, in turn by their ids, and marks
 * those that were written.
 * Never holds more than a few: what waits is in the store. On nodes that do not lead it only takes
 * the leader's marks.
 * Called on the contexts' thread. */
#ifndef QUORATE_IO_THROUGH_FEED_H
#define QUORATE_IO_THROUGH_FEED_H

#include "node/io/contexts/context_engine.h"
#include "node/io/contexts/context_seal.h"
#include "node/io/contexts/through.h"

struct through_feed {
    struct through *through; /* NULL: nothing is written through */
    struct context_engine *engine;
    const struct context_seal *seal;
    struct context_id after; /* whose turn was last */
    time_ms look_ms;         /* when the store is looked at next */
    time_ms count_ms;        /* when they are counted next */
    uint64_t pending;        /* as they were counted last */
};

/* Takes what has ended; where `leads`, hands over what waits. Often: it is cheap where there is
 * nothing. The store is the engine's, and nothing of it is under way. */
void through_feed_turn(struct through_feed *feed, struct context_store *store, bool leads,
                       time_ms now_ms);

#endif
