#include "node/io/contexts/through_feed.h"

#include <string.h>

#include "common/errors.h"

enum {
    LOOK_EVERY_MS = 250,
    LOOK_IDLE_MS = 1000,   /* where nothing waited, or another node leads */
    COUNT_EVERY_MS = 5000, /* for the status: it costs more than a look */
};

static void take_ended(struct through_feed *feed)
{
    struct context_id id;
    uint64_t seq = 0;
    enum through_end end = THROUGH_LATER;
    while (through_take(feed->through, &id, &seq, &end) == 0)
        if (end != THROUGH_LATER)
            context_engine_written(feed->engine, &id, seq);
}

/* Those that wait, after the one whose turn was last. Returns how many. */
static size_t look(struct through_feed *feed, struct context_store *store, time_ms now_ms,
                   struct context_stub stubs[THROUGH_ITEM_COUNT_MAX])
{
    struct context_op op = {.kind = CONTEXT_OP_PENDING,
                            .id = feed->after,
                            .limit = THROUGH_ITEM_COUNT_MAX,
                            .seq = now_ms >= feed->count_ms,
                            .stubs = stubs};
    if (context_store_apply(store, now_ms, &op, 1) != 0 || op.error != 0)
        return 0;
    if (op.seq != 0) {
        feed->pending = op.count;
        feed->count_ms = now_ms + COUNT_EVERY_MS;
    }
    if (op.stub_count < THROUGH_ITEM_COUNT_MAX)
        feed->after = (struct context_id){{0}}; /* from the first one again */
    return op.stub_count;
}

/* What cannot be opened (another seal) waits for one that can. */
static void hand_over(struct through_feed *feed, struct context_store *store, time_ms now_ms,
                      const struct context_id *id)
{
    struct context_op op = {.kind = CONTEXT_OP_GET, .id = *id};
    struct context_content *content = NULL;
    if (context_store_apply(store, now_ms, &op, 1) == 0 && op.error == 0 && op.found &&
        !op.entry.version.deleted && context_seal_open(feed->seal, &op.entry, false, &content) == 0)
        (void)through_give(feed->through, id, op.entry.version.seq, &content);
    context_op_fini(&op);
}

void through_feed_turn(struct through_feed *feed, struct context_store *store, bool leads,
                       time_ms now_ms)
{
    struct context_stub stubs[THROUGH_ITEM_COUNT_MAX];
    if (feed->through == NULL)
        return;
    take_ended(feed);
    if (now_ms < feed->look_ms)
        return;
    const bool first = feed->after.text[0] == '\0';
    size_t count = look(feed, store, now_ms, stubs);
    feed->look_ms = now_ms + (!leads || (count == 0 && first) ? LOOK_IDLE_MS : LOOK_EVERY_MS);
    for (size_t i = 0; i < count && leads && through_wants(feed->through); i++) {
        if (through_has(feed->through, &stubs[i].id))
            continue;
        hand_over(feed, store, now_ms, &stubs[i].id);
        if (count == THROUGH_ITEM_COUNT_MAX)
            feed->after = stubs[i].id;
    }
}
