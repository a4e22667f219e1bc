/* A world of context engines in virtual time: a network that loses, repeats and delays, nodes that
 * crash, freeze and lose their disks, and one client a conversation.
 * Never a real clock; the same seed gives the same world.
 * Used by the swarm.
 *
 * What is checked, always: of the stores that count, at most n - m lack what was acknowledged, so
 * that any majority of answers shows it; a reading shows at least what was acknowledged, and shown,
 * before it began; what it shows is what was written under that seq; after a deletion was
 * acknowledged nothing of up to its seq is shown. At the end, healed: each store counts, a reading
 * of each conversation succeeds on each node. */
#ifndef QUORATE_TESTS_SIM_CONTEXTS_WORLD_H
#define QUORATE_TESTS_SIM_CONTEXTS_WORLD_H

#include <stdio.h>

#include "common/prng.h"
#include "node/io/contexts/context_engine.h"
#include "tests/sim/contexts/memory_store.h"

enum {
    WORLD_NODE_COUNT_MAX = 5,
    WORLD_CLIENT_COUNT = 8,
    WORLD_MAIL_COUNT_MAX = 4096,
    WORLD_PATIENCE_MS = 2000,
};

struct world;

/* One conversation's flow: it writes one after the other, reads and deletes now and then. */
struct world_client {
    struct world *world;
    struct context_id id;
    uint64_t seq; /* of what is being written */
    bool waiting; /* for an answer of the node that it asked last */
    enum context_verb verb;
    uint64_t asked_acked; /* what was acknowledged when the present reading began */
    bool asked_deleted;
    uint64_t acked;                  /* the highest seq known to be kept: acknowledged, or shown */
    bool deleted;                    /* ... and it is a tombstone */
    uint64_t again_ms;               /* before this it does nothing */
    enum context_result_kind result; /* of what ended last */
    bool repeats;                    /* the last one's end is unknown: it is sent again */
};

struct world_node {
    struct world *world;
    node_id id;
    struct memory_store disk;
    struct context_engine *engine; /* NULL: crashed */
    time_ms up_at_ms;              /* it starts again then */
    time_ms frozen_to_ms;
    int64_t wall_skew_ms;
};

struct world_mail {
    time_ms at_ms; /* 0: free */
    node_id from;
    node_id to;
    size_t length;
    uint8_t *bytes;
};

struct world_counts {
    uint64_t acked;
    uint64_t read;
    uint64_t deleted;
    uint64_t refused;
    uint64_t crashes;
    uint64_t disks_lost;
    uint64_t learned;
};

struct world {
    struct prng prng;
    time_ms now_ms;
    uint8_t node_count;
    struct world_node nodes[WORLD_NODE_COUNT_MAX + 1];
    struct world_client clients[WORLD_CLIENT_COUNT];
    struct world_mail mail[WORLD_MAIL_COUNT_MAX];
    size_t mail_top; /* above it no mail waits */
    bool cut[WORLD_NODE_COUNT_MAX + 1][WORLD_NODE_COUNT_MAX + 1];
    bool scripted;
    time_ms slow_ms[WORLD_NODE_COUNT_MAX + 1][WORLD_NODE_COUNT_MAX + 1];
    unsigned loss_percent;
    unsigned repeat_percent;
    uint64_t store_ids;
    struct world_counts counts;
    FILE *trace;       /* NULL: none */
    char failure[256]; /* "" while all holds */
};

/* A world that does what a test says: every store counts, no client acts, mail takes a millisecond
 * and what `slow` adds. */
void world_begin_script(struct world *world, uint8_t node_count);
/* So many milliseconds, without faults of their own. */
void world_pass(struct world *world, time_ms for_ms);
void world_end(struct world *world);
void world_crash(struct world_node *node, time_ms for_ms);
void world_lose_disk(struct world_node *node, time_ms for_ms);
/* The client asks this node; false where it refuses. A PUT is of the next seq. */
bool world_ask(struct world_client *client, enum context_verb verb, struct world_node *node);

/* Runs one world to its end. Returns whether all held; else world->failure says what did not. */
bool world_run(struct world *world, uint64_t seed, FILE *trace);

/* world_check.c */
void world_check_stores(struct world *world);
void world_on_done(void *data, void *caller, const struct context_result *result);
void world_fail(struct world *world, const char *format, ...) __attribute__((format(printf, 2, 3)));
void world_trace(struct world *world, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* What stands in a checkpoint. */
size_t world_content(const struct world_client *client, uint64_t seq,
                     uint8_t ret_bytes[MEMORY_BYTES_MAX]);

/* world_client.c: what the clients do in this millisecond. */
void world_clients_step(struct world *world, bool healing);

#endif
