/* Why something may not be, or was not, done: one list for the guard, the ledger, the move table
 * and explain. Never holds numbers; the explanation carries those beside the code. Used by every
 * layer from proto upwards. */
#ifndef QUORATE_PROTO_WHY_H
#define QUORATE_PROTO_WHY_H

enum why {
    WHY_NONE,      /* nothing stands against it */
    WHY_HEALTHY,   /* the serving side is not convicted */
    WHY_NO_QUORUM, /* fewer than a quorum of voters is heard */
    WHY_NOT_LEADER,
    WHY_TERM_NOT_APPLIED, /* this leader's own-term entry is not applied yet */
    WHY_TIME_IN_DOUBT, /* the clock jumped or the loop was late; a full round must be heard first */
    WHY_OBSERVE_MODE,
    WHY_ON_HOLD,
    WHY_COOLDOWN,
    WHY_BUDGET,
    WHY_ABORTS,                 /* too many aborted moves in the window */
    WHY_CONCURRENT,             /* max_concurrent services are moving */
    WHY_DESTINATION_NOT_BETTER, /* by the last closed ballot */
    WHY_DESTINATION_UNKNOWN,    /* no ballot of the destination is young enough */
    WHY_ROUTE_UNREAD,           /* the route was not read since the inquiry opened */
    WHY_ROUTE_FOREIGN,          /* the route points at something that is not ours */
    WHY_MOVE_OPEN,
    WHY_NO_MOVE,
    WHY_INTENT_OPEN,
    WHY_NO_INTENT,
    WHY_ILLEGAL,   /* the move table has no such row */
    WHY_TOO_EARLY, /* the ledger's time has not come */
    WHY_STALE,     /* of an older inquiry, ballot, attempt or term */
    WHY_UNKNOWN_SERVICE,
    WHY_DUPLICATE, /* this request id was answered before */
    WHY_ALREADY_SERVING,
    WHY_EXPECTATION, /* the caller expected another serving side */
    WHY_FULL,        /* a table of the ledger has no room */
    WHY_FAIL_QUORUM, /* a quorum said not-UP three times of five */
    WHY_OPERATOR,
    WHY_ACQUITTED, /* three PASSes in a row */
    WHY_LAPSED,
    WHY_FORBIDDEN,  /* 403: the credentials lack a permission */
    WHY_NOT_FOUND,  /* 404: the route does not exist */
    WHY_REJECTED,   /* another 4xx: the API does not accept the body */
    WHY_UNVERIFIED, /* switched, but not seen to work in time */
    WHY_PAUSED_TOO_LONG,
    WHY_ADOPTED,        /* somebody else changed the route; it was taken over */
    WHY_TOO_FEW_VOTERS, /* the log would be left to less than a majority of the nodes */
    WHY_DATA_LOST,      /* a node came back with an empty folder */
    WHY_RATE_LIMITED,   /* 429: the API wants us to wait for longer than we may */
    WHY_LATE_WRITE,     /* an own request landed after its intent had been given up */
    WHY_FAILBACK,       /* the hold time after a failover is over, and the primary is well */
    WHY_CANNOT_ACT,     /* this leader does not reach the API, and another node does */
    WHY_LEVEL,          /* not all voters speak the wire level that it needs */
    WHY_LOCKED_OUT,     /* the platform knows the cluster's refresh token no more */
    WHY_HALF_MOVED,     /* the routes of the service differ */
    WHY_N
};

/* "on-hold": the code in JSON. "?" out of range. Static storage. */
const char *why_code(enum why why);
/* A plain phrase for people. */
const char *why_text(enum why why);

#endif
