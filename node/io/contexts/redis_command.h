/* What is asked of Redis for one operation of a store: the words of its command.
 * Never sends and never reads: the words stand in the connection's buffer until somebody does.
 * Called by store_redis.c. */
#ifndef QUORATE_IO_REDIS_COMMAND_H
#define QUORATE_IO_REDIS_COMMAND_H

#include "node/io/contexts/context_store.h"
#include "node/io/contexts/redis_link.h"

enum { REDIS_KEY_SIZE = NAME_SIZE + CONTEXT_ID_SIZE + 32 };

enum redis_key { REDIS_DUE, REDIS_SIZES, REDIS_TOTAL, REDIS_PENDING, REDIS_KEY_N };

/* The names under which a cluster's contexts stand. */
struct redis_names {
    char cluster[NAME_SIZE];
    char keys[REDIS_KEY_N][REDIS_KEY_SIZE];
};

void redis_names_init(struct redis_names *names, const char *cluster);

/* What only nodes that keep their own copies ask of each other is not asked of a shared store. */
bool redis_command_is_needed(enum context_op_kind kind);

/* Puts the operation's command into the link's buffer; an operation that needs none is passed over.
 * The link is ready. Returns 0 or ERR_NO_MEMORY. */
int redis_command_add(struct redis_link *link, const struct redis_names *names,
                      const struct context_limits *limits, const struct context_op *op);

/* ... and that so many replicas must have all that was written. */
int redis_command_add_wait(struct redis_link *link);

#endif
