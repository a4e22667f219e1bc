/* What a route is seen as, what can be done to it, and how a request to its API ended.
 * Never speaks HTTP; the backends translate.
 * Used by the core's decisions, the ledger's commands and the actuator. */
#ifndef QUORATE_PROTO_ROUTE_H
#define QUORATE_PROTO_ROUTE_H

#include "proto/types.h"

/* The steps that write. */
enum route_step { ROUTE_PAUSE, ROUTE_SWITCH, ROUTE_RESUME, ROUTE_STEP_N };

enum route_state {
    ROUTE_UNKNOWN, /* never read, or the answer made no sense */
    ROUTE_PRIMARY, /* the effective entry is the primary flow */
    ROUTE_STANDBY, /* ... the standby flow */
    ROUTE_PAUSED,  /* no active entry, or the hold flow */
    ROUTE_FOREIGN, /* an id in no configured role */
    ROUTE_MIXED,   /* the routes of the unit differ, all of them are at states of ours; from level
                      3 on, below it this is FOREIGN */
    ROUTE_STATE_N
};

enum { ROUTE_PART_COUNT_MAX = 8 };

/* One route of a service that has several. */
struct route_part {
    enum route_state state;
    uint64_t version; /* 0 on an unversioned backend */
};

/* The routes that move as one unit, in the order of the configuration. */
struct route_parts {
    uint8_t count; /* 0: the service has the one route, and nothing is told of it here */
    struct route_part part[ROUTE_PART_COUNT_MAX];
};

/* What a write is based on: the version that was read (0 on unversioned backends). */
struct route_base {
    uint64_t version;
    uint64_t body_hash; /* of the body that the step would send; hash_bytes over the exact text */
};

/* One reading of a route, with the hash of the body that each possible step would send from here.
 * body_hash[step][side]: the side that becomes effective (PAUSE uses the same for both).
 * Of a unit: one state, and one number each for the versions and the bodies of all parts. */
struct route_view {
    enum route_state state;
    uint64_t version;
    uint64_t body_hash[ROUTE_STEP_N][SIDE_N];
    struct route_parts parts;
};

enum route_result {
    ROUTE_RESULT_OK,           /* answered 2xx */
    ROUTE_RESULT_NOT_SENT,     /* surely never left: no token, no connection, lease over */
    ROUTE_RESULT_UNKNOWN,      /* sent, no usable answer: timeout, dropped, 408, 502, 504 */
    ROUTE_RESULT_CONFLICT,     /* 409, or 400 about the version */
    ROUTE_RESULT_UNAUTHORIZED, /* 401 after one new token and one replay, or the token was refused
                                */
    ROUTE_RESULT_FORBIDDEN,    /* 403 */
    ROUTE_RESULT_NOT_FOUND,    /* 404 */
    ROUTE_RESULT_REJECTED,     /* another 4xx: the body is wrong */
    ROUTE_RESULT_RATE_LIMITED, /* 429 */
    ROUTE_RESULT_SERVER_ERROR, /* 500, 503: answered, so it is known not to be applied */
    ROUTE_RESULT_CANCELED,     /* the process stops, or start_before_ms had passed */
    ROUTE_RESULT_N
};

const char *route_step_name(enum route_step step);    /* "pause", "switch", "resume" */
const char *route_state_name(enum route_state state); /* "primary", ... */
const char *route_result_name(enum route_result result);

/* Several routes that move as one. */
static inline bool route_is_unit(const struct route_parts *parts)
{
    return parts->count > 1;
}

/* The same routes at the same states; their versions may differ. */
bool route_parts_agree(const struct route_parts *a, const struct route_parts *b);

/* The state in which the side is effective. */
static inline enum route_state route_state_of(enum side side)
{
    return side == SIDE_PRIMARY ? ROUTE_PRIMARY : ROUTE_STANDBY;
}

/* The state that a step to the side makes effective. */
static inline enum route_state route_state_after(enum route_step step, enum side to)
{
    return step == ROUTE_PAUSE ? ROUTE_PAUSED : route_state_of(to);
}

#endif
