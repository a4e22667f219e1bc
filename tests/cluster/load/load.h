/* The load that live conversations are: each puts a checkpoint once a period, at its own moment of
 * it, whether earlier ones were answered or not (open loop); each acknowledged one is remembered,
 * and read back afterwards.
 * Never waits for the nodes: what a request took is counted from the moment at which it was due,
 * with its waiting for a connection, its repeats at other nodes, and all.
 * Called by the benchmark and a cluster test, on a thread of its own. */
#ifndef QUORATE_CLUSTER_LOAD_H
#define QUORATE_CLUSTER_LOAD_H

#include "tests/cluster/cluster.h"
#include "tests/cluster/load/latency.h"

enum { LOAD_GIVE_UP_MS = 10000 };

struct load_settings {
    uint16_t ports[CLUSTER_NODE_COUNT_MAX]; /* of the nodes' API */
    size_t node_count;
    const char *token;
    uint32_t conversations;
    uint32_t period_ms;
    uint32_t run_ms;
    uint32_t connections; /* to each node */
};

struct load {
    struct load_settings settings;
    uint32_t *acknowledged; /* the highest seq of each conversation that was answered with 200 */
    uint64_t scheduled;
    uint64_t answered;    /* puts that were acknowledged, gets that were found */
    uint64_t repeated;    /* a request that went out once more: refused, or its node was gone */
    uint64_t unavailable; /* answers 503 */
    uint64_t given_up;    /* no good answer within LOAD_GIVE_UP_MS */
    uint64_t behind;      /* read back: an older seq than was acknowledged, or nothing */
    uint64_t altered;     /* read back: not what was put under that seq */
    struct latency latency;
};

/* Returns 0 or ERR_NO_MEMORY. */
int load_init(struct load *load, const struct load_settings *settings);
void load_fini(struct load *load);

/* All checkpoints of the time. Returns 0 or an error of this machine. */
int load_put(struct load *load);
/* Reads every acknowledged conversation once, with the reading token, from the ports that
 * `settings` says now. Counts from anew. */
int load_read_back(struct load *load);

#endif
