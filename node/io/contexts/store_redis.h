/* Contexts in one Redis that all nodes share, for those who outgrow the nodes' own disks.
 * Never asks other nodes: one store is its own majority, and what a quorum is here is Redis'
 * business. Never waits longer than its timeout; while Redis is away each operation fails, and the
 * client gets 503, never a false acknowledgement.
 * Called by the engine, on the contexts' thread.
 *
 * What an acknowledged write means: Redis has answered that it is applied. It is on Redis' disk
 * with `appendonly yes` and `appendfsync always` alone, and on N replicas with `wait: N`; a
 * failover to a replica that was not waited for loses the newest writes. What its configuration
 * says is looked at on the first connection, and logged where it promises less. */
#ifndef QUORATE_IO_STORE_REDIS_H
#define QUORATE_IO_STORE_REDIS_H

#include "node/io/config/config.h"
#include "node/io/contexts/context_store.h"

struct store_redis_options {
    const struct redis_config *redis; /* must outlive the store */
    const char *cluster;
    struct context_limits limits;
};

/* Opens the store; Redis need not be there yet. Returns 0 or ERR_NO_MEMORY, with `why`. */
int store_redis_open(const struct store_redis_options *options, struct context_store **ret_store,
                     struct text *why);

#endif
