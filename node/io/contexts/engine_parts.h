/* The parts of the engine, each a file of this folder.
 * Never included outside of node/io/contexts.
 * context_engine.c has the batch and the frames; engine_calls.c coordinates; engine_sweep.c learns
 * from other stores. */
#ifndef QUORATE_IO_CONTEXTS_ENGINE_PARTS_H
#define QUORATE_IO_CONTEXTS_ENGINE_PARTS_H

#include "node/io/contexts/context_engine.h"
#include "node/io/contexts/context_round.h"

enum {
    ENGINE_RESEND_MS = 250, /* to nodes that have not answered */
    ENGINE_HELLO_MS = 1000,
    ENGINE_SILENT_MS = 3000, /* a node that was silent so long may have missed something */
    ENGINE_EXPIRE_MS = 1000,
    ENGINE_EXPIRE_COUNT = 256,   /* rows that are over in one batch */
    SWEEP_EVERY_MS = 600 * 1000, /* all stores are compared so often, whatever happened */
    SWEEP_PAUSE_MS = 50,         /* between two pages of a store that counts already */
    SWEEP_STALLED_MS = 1000,
    SWEEP_RETRY_MS = 5000,
    SWEEP_TRIES_MAX = 5,
    SWEEP_WINDOW = 16,    /* entries asked for at one time */
    CALL_INDEX_BITS = 12, /* of a round's number */
};

#define ROUND_OF_SWEEP (UINT64_C(1) << 63)

enum call_phase {
    PHASE_FREE,
    PHASE_READ,
    PHASE_WRITE,
    PHASE_BRING, /* what was read goes to those that lack it */
};

struct engine_call {
    enum call_phase phase;
    enum context_verb verb;
    bool superseded; /* a PUT that reads what beat it */
    struct context_id id;
    uint64_t round;
    time_ms until_ms;
    time_ms resend_ms;
    struct context_round answers;
    struct context_version versions[NODE_COUNT_MAX + 1]; /* of a reading */
    struct context_entry entry;                          /* to write, or the greatest read */
    uint8_t *bytes;                                      /* the entry's, owned */
    void *caller;
};

enum op_source { OP_OF_CALL, OP_OF_PEER, OP_OF_SWEEP, OP_OF_HOUSE };

/* Who waits for an operation's result. */
struct op_origin {
    enum op_source source;
    node_id peer;
    uint64_t round;
};

struct engine_batch {
    struct context_op ops[CONTEXT_BATCH_COUNT_MAX];
    struct op_origin origins[CONTEXT_BATCH_COUNT_MAX];
    size_t count;
};

enum sweep_state { SWEEP_IDLE, SWEEP_ASKING, SWEEP_COMPARING, SWEEP_FETCHING, SWEEP_PAUSED };

/* Reading another node's store from its first id to its last. */
struct sweep {
    enum sweep_state state;
    bool wanted;
    bool done;   /* once, since this store is new */
    bool counts; /* the other store counted all the while */
    uint64_t store_id;
    uint64_t round;
    struct context_id after; /* up to here all is had */
    struct context_id page_last;
    bool page_more;
    struct context_stub *stubs; /* of the page, those that are lacking */
    size_t count;
    size_t asked;
    size_t open;
    time_ms progress_ms;
    time_ms not_before_ms;
    uint8_t tries;
};

struct context_engine {
    struct context_engine_settings settings;
    struct context_store *store;
    struct context_store_state state;
    int error;
    uint64_t next_round;
    int64_t stamp_ms; /* the greatest seen: own ones come after it */
    struct engine_call *calls;
    uint32_t open_calls;
    struct engine_batch batches[2]; /* one collects, one is worked on */
    struct engine_batch *batch;
    bool flushing;
    struct sweep sweeps[NODE_COUNT_MAX + 1];
    time_ms heard_ms[NODE_COUNT_MAX + 1];
    bool missed[NODE_COUNT_MAX + 1]; /* a node that something could not be sent to */
    time_ms learn_from_ms;           /* a new store reads others from then on */
    time_ms hello_ms;
    time_ms expire_ms;
    time_ms sweep_ms;
    struct context_engine_counts counts;
    struct context_frame out; /* what is being sent */
    uint8_t bytes[CONTEXT_FRAME_BYTES_MAX];
};

static inline time_ms engine_now(const struct context_engine *engine)
{
    return engine->settings.now_ms(engine->settings.data);
}

/* context_engine.c: a frame to fill, with its header. */
struct context_frame *engine_frame(struct context_engine *engine, enum context_frame_kind kind,
                                   uint64_t round);
/* Encodes engine->out; *ret_length is 0 where it does not fit (counted as dropped). */
void engine_encode(struct context_engine *engine, size_t *ret_length);
/* Sends what was encoded. Returns 0 or the error of send. */
int engine_send(struct context_engine *engine, node_id to, size_t length);
/* Queues a copy; an entry's bytes are copied. Returns 0 or ERR_NO_MEMORY. */
int engine_push(struct context_engine *engine, const struct context_op *op,
                const struct op_origin *origin);
/* Copies the entry's parts behind one another; 0 or ERR_NO_MEMORY. */
int engine_copy_entry(const struct context_entry *entry, struct context_entry *ret_entry,
                      uint8_t **ret_bytes);
/* Is the peer's clock ahead of what was seen? */
void engine_see_stamp(struct context_engine *engine, int64_t stamp_ms);

/* engine_calls.c */
void calls_on_own(struct context_engine *engine, uint64_t round, const struct context_op *op);
void calls_on_frame(struct context_engine *engine, const struct context_frame *frame);
void calls_tick(struct context_engine *engine);
void calls_fini(struct context_engine *engine);

/* engine_sweep.c */
void sweep_on_frame(struct context_engine *engine, const struct context_frame *frame);
void sweep_on_done(struct context_engine *engine, const struct op_origin *origin,
                   const struct context_op *op);
void sweep_on_hello(struct context_engine *engine, const struct context_frame *frame);
void sweep_want(struct context_engine *engine, node_id peer);
void sweep_reset(struct context_engine *engine);
void sweep_tick(struct context_engine *engine);

#endif
