/* Where one node keeps its entries: a table of functions, so that SQLite, a memory of tests, and
 * Redis can stand behind it. An operation is done when apply returns: what it stored is on disk.
 * Never decides about majorities and never opens what is sealed.
 * Called by the engine on the contexts' thread alone; a batch may block it, the control loop never.
 *
 * What a store must keep:
 *   - an entry is replaced only by one that beats it (context_order.h); of equal ones the held one
 *     stays;
 *   - nothing is removed before its time is over (ttl after its last write, twice that for a
 *     tombstone), whatever the caps say: they refuse new ids, and only those;
 *   - a batch is one transaction: after a crash either each of its writes is there, or none was
 *     answered. */
#ifndef QUORATE_IO_CONTEXT_STORE_H
#define QUORATE_IO_CONTEXT_STORE_H

#include "common/text.h"
#include "proto/context.h"

enum {
    CONTEXT_BATCH_COUNT_MAX = 512, /* operations in one apply */
    CONTEXT_PENDING_COUNT_MAX = 64,
};

struct context_limits {
    time_ms ttl_ms;
    uint64_t count_max;
    uint64_t bytes_max;
};

enum context_op_kind {
    CONTEXT_OP_PUT,      /* in: entry; out: outcome, held */
    CONTEXT_OP_REPAIR,   /* the same for an entry that others hold: no cap refuses it */
    CONTEXT_OP_GET,      /* in: id; out: found, entry (owned by the operation, see below) */
    CONTEXT_OP_PAGE,     /* in: id (after it; empty: from the start), limit; out: stubs */
    CONTEXT_OP_COMPARE,  /* in: stubs; out: stubs and stub_count of those that beat what is held */
    CONTEXT_OP_EXPIRE,   /* in: limit; removes at most so many that are over; out: count */
    CONTEXT_OP_COMPLETE, /* this store may count in majorities from now on; remembered */
    CONTEXT_OP_PENDING,  /* in: id (after it), limit, seq (not 0: count, too); out: stubs of those
                            that are to be written through and whose newest seq is not yet, count of
                            all of them; tombstones never */
    CONTEXT_OP_WRITTEN,  /* in: id, seq: it is on the platform */
    CONTEXT_OP_KIND_N
};

struct context_op {
    enum context_op_kind kind;
    struct context_id id;
    struct context_entry
        entry;      /* PUT, REPAIR: borrowed bytes. GET: the result's bytes in `bytes` */
    uint8_t *bytes; /* GET: malloc'ed by the store, freed by context_op_fini */
    size_t limit;
    uint64_t seq;
    struct context_stub
        *stubs; /* of the caller: room for `limit`, or for `stub_count` of COMPARE */
    size_t stub_count;
    /* results */
    int error; /* of this operation; 0, ERR_FULL, ERR_IO, ERR_DAMAGED, ERR_NO_MEMORY, ... */
    enum context_outcome outcome;
    struct context_version held; /* after a PUT or REPAIR; zeros where nothing is */
    bool found;
    bool more; /* PAGE, PENDING: there are further ones */
    uint64_t count;
    void *caller; /* the caller's own */
};

/* What a store says of itself, for the status and for the rule about new stores. */
struct context_store_state {
    uint64_t store_id; /* random, made with the store: another one means another disk */
    bool complete;     /* false: new, counts in no majority yet */
    uint64_t count;    /* entries, tombstones included */
    uint64_t bytes;    /* of ids and sealed parts */
    int64_t stamp_max_ms;
};

struct context_store;

struct context_store_vtable {
    const char *name; /* "embedded", "redis": for the status */
    bool shared;      /* one store for all nodes: it is its own majority, no node is asked */
    /* All operations in their order, durable when it returns. Errors of single operations stand in
     * them. Returns 0, or ERR_DAMAGED or ERR_IO where the store cannot go on: then no operation was
     * done, each is CONTEXT_FAILED, and it must be closed. `now_ms` is the boot-time clock. */
    int (*apply)(struct context_store *store, time_ms now_ms, struct context_op *ops, size_t count);
    void (*state)(const struct context_store *store, struct context_store_state *ret_state);
    void (*close)(struct context_store *store);
};

/* The first member of each store. */
struct context_store {
    const struct context_store_vtable *vtable;
};

static inline int context_store_apply(struct context_store *store, time_ms now_ms,
                                      struct context_op *ops, size_t count)
{
    return store->vtable->apply(store, now_ms, ops, count);
}

static inline struct context_store_state context_store_state(const struct context_store *store)
{
    struct context_store_state state = {0};
    store->vtable->state(store, &state);
    return state;
}

/* Is an entry over that was stored so long ago? Tombstones last twice as long, so that a node that
 * missed one drops what it deleted first. */
bool context_is_over(const struct context_limits *limits, const struct context_version *version,
                     time_ms age_ms);

/* Closes and nulls; NULL is accepted. */
void context_store_free(struct context_store **store);

/* Frees what a GET found. */
void context_op_fini(struct context_op *op);

#endif
