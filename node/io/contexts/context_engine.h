/* The context store's brain on one node: it coordinates clients' requests, answers the other nodes,
 * and learns what it lacks.
 * Never a thread, socket or clock of its own: store, sending and time are given to it, so that a
 * simulation can run many of them. Never opens what is sealed.
 * Called by the contexts' thread, and by tests/sim/contexts.
 *
 * The rules that keep what was acknowledged (n nodes, m their majority):
 *   1. A writing is acknowledged when m nodes whose stores count have said that it, or better, is
 *      on their disks, within its patience.
 *   2. A reading waits for m nodes whose stores count, takes the greatest, and brings it to a
 *      majority before it is answered.
 *   3. A new store (an empty folder, a lost or damaged disk) does not count, and coordinates
 *      nothing, until it has read all entries of n - m + 1 other stores that count: at most n - m
 *      such stores lack an acknowledged entry, so one of those that it read had it. At the first
 *      start no store counts; there the entries of all n - 1 others are needed, whatever they are.
 *   4. It begins to read only when its patience is over once: an acknowledgement of its lost disk
 *      that a coordinator still counts is older than that. */
#ifndef QUORATE_IO_CONTEXT_ENGINE_H
#define QUORATE_IO_CONTEXT_ENGINE_H

#include "node/io/contexts/context_store.h"
#include "node/io/contexts/contexts.h"

struct context_engine;

enum context_result_kind {
    CONTEXT_RESULT_STORED,    /* on the disks of a majority */
    CONTEXT_RESULT_OLDER,     /* a higher seq, or a deletion, is: seq, deleted */
    CONTEXT_RESULT_CONFLICT,  /* the same seq with other content is */
    CONTEXT_RESULT_FOUND,     /* entry */
    CONTEXT_RESULT_ABSENT,    /* nothing there, or deleted */
    CONTEXT_RESULT_DELETED,   /* the tombstone is on the disks of a majority */
    CONTEXT_RESULT_FULL,      /* nodes are over their caps */
    CONTEXT_RESULT_FAILED,    /* disks failed */
    CONTEXT_RESULT_NO_QUORUM, /* no majority in time: what was written may be there or not */
    CONTEXT_RESULT_KIND_N
};

struct context_result {
    enum context_result_kind kind;
    uint64_t seq; /* of what is held */
    bool deleted;
    uint8_t on_disk; /* nodes that are known to have it */
    uint8_t of;
    const struct context_entry *entry; /* FOUND; valid during the call */
};

struct context_call {
    enum context_verb verb;
    struct context_id id;
    struct context_entry entry; /* of a PUT: all but the stamp; its bytes are copied */
    void *caller;               /* comes back with the result */
};

struct context_engine_settings {
    struct name cluster;
    node_id self;
    uint8_t node_count;
    uint32_t in_flight;
    time_ms patience_ms;
    uint64_t round_first; /* random: answers to an earlier process are not mine */
    struct context_store *store;
    void *data; /* of the functions below */
    time_ms (*now_ms)(void *data);
    int64_t (*wall_ms)(void *data);
    /* Returns 0, or an error where it was not sent. */
    int (*send)(void *data, node_id to, const uint8_t *bytes, size_t length);
    /* Each call that was begun ends here once. Must not begin another. */
    void (*done)(void *data, void *caller, const struct context_result *result);
};

struct context_engine_counts {
    uint64_t commits;
    uint64_t repaired;
    uint64_t expired;
    uint64_t dropped; /* frames that meant nothing here */
    uint64_t sweeps;  /* of other nodes' stores, read to their end */
};

/* The store is the caller's and is closed after the engine is freed. Returns 0 or ERR_NO_MEMORY. */
int context_engine_new(const struct context_engine_settings *settings,
                       struct context_engine **ret_engine);
/* Open calls end as CONTEXT_RESULT_NO_QUORUM. NULL is accepted. */
void context_engine_free(struct context_engine **engine);

/* Returns 0, ERR_FULL (in_flight), ERR_STATE (the store is new), ERR_IO (it failed) or
 * ERR_NO_MEMORY; without 0 nothing was begun. */
int context_engine_begin(struct context_engine *engine, const struct context_call *call);

/* A frame of another node; its sender is proved. What it asks for is done at the next flush. */
void context_engine_frame(struct context_engine *engine, const struct context_frame *frame);

/* This seq of the id is on the platform: marked here at the next flush, and told to the others. */
void context_engine_written(struct context_engine *engine, const struct context_id *id,
                            uint64_t seq);

/* Commits what was collected, sends the answers, ends calls. Cheap where there is nothing. */
void context_engine_flush(struct context_engine *engine);

/* Patience, repeats, hellos, learning, expiry. Often: every 50 ms while calls are open, else each
 * 250 ms. */
void context_engine_tick(struct context_engine *engine);

/* 0, or the error with which the store ended; then it is to be replaced or the node is left
 * without. */
int context_engine_error(const struct context_engine *engine);
/* Another store in place of one that ended; the old one is the caller's to close. */
void context_engine_replace(struct context_engine *engine, struct context_store *store);

uint32_t context_engine_open_calls(const struct context_engine *engine);
bool context_engine_complete(const struct context_engine *engine);
/* Other nodes that were heard within `within_ms`. */
uint8_t context_engine_heard(const struct context_engine *engine, time_ms within_ms);
void context_engine_counts_get(const struct context_engine *engine,
                               struct context_engine_counts *ret_counts);

#endif
