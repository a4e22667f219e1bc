/* One connection to Redis that is made when it is needed, shows a user and password, has the
 * scripts loaded, and is given up at the first sign of trouble.
 * Never retries a request: what was sent before a break has an unknown outcome. Never logs a
 * password, an id or a content.
 * Called by store_redis.c, on the contexts' thread. */
#ifndef QUORATE_IO_REDIS_LINK_H
#define QUORATE_IO_REDIS_LINK_H

#include <hiredis/hiredis.h>

#include "common/text.h"
#include "node/io/config/config.h"
#include "node/io/contexts/redis_scripts.h"

enum {
    REDIS_SHA_SIZE = 48,
    REDIS_PAUSE_MS = 250, /* after a failure nothing is tried for so long */
};

struct redis_link {
    const struct redis_config *config;
    redisContext *context; /* NULL: not connected */
    char sha[REDIS_SCRIPT_N][REDIS_SHA_SIZE];
    time_ms not_before_ms; /* boot-time clock */
    uint64_t failures;     /* in a row, since the last good batch */
    bool durability_told;
};

/* The configuration must outlive the link. */
void redis_link_init(struct redis_link *link, const struct redis_config *config);
void redis_link_fini(struct redis_link *link);

/* Connects where that is needed. Returns 0, ERR_NETWORK (also before the pause is over) or
 * ERR_AUTH. */
int redis_link_ready(struct redis_link *link, time_ms now_ms);

/* The connection is of no more use: closes it, begins the pause, and logs the first failure. */
void redis_link_fail(struct redis_link *link, time_ms now_ms, const char *why);

/* A batch went well: logs the end of failures, with their count. */
void redis_link_well(struct redis_link *link);

/* The server's word why it cannot be trusted with what was acknowledged, or empty: what CONFIG says
 * of appendonly, appendfsync and maxmemory-policy. Returns 0 or ERR_NETWORK. */
int redis_link_durability(struct redis_link *link, struct text *ret_doubt);

#endif
