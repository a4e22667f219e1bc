/* What people are told about without asking: the kinds of notification.
 * Never sends anything.
 * Used by the core's effects, the configuration's `on:` and the notifier. */
#ifndef QUORATE_PROTO_NOTICE_H
#define QUORATE_PROTO_NOTICE_H

enum notice_kind {
    NOTICE_CONVICTED,
    NOTICE_STANDBY_CONVICTED,
    NOTICE_WOULD_HAVE_MOVED,
    NOTICE_MOVE_OPENED,
    NOTICE_MOVE_DONE,
    NOTICE_MOVE_ABORTED,
    NOTICE_MOVE_UNVERIFIED,
    NOTICE_BLOCKED,
    NOTICE_BLIND,
    NOTICE_QUORUM_LOST,
    NOTICE_QUORUM_BACK,
    NOTICE_PAUSED_TOO_LONG,
    NOTICE_CANNOT_ACT,
    NOTICE_ROUTE_FOREIGN,
    NOTICE_READMITTED, /* a node that lost its data learns the ledger anew; it does not vote */
    NOTICE_REJOINED,   /* ... and votes again */
    NOTICE_GATED,      /* the serving side is convicted, and something stands against the move */
    NOTICE_LOCKED_OUT,
    NOTICE_HALF_MOVED, /* the routes of a unit differ, and no move mends that, or not in time */
    NOTICE_PREFLIGHT_FAILED, /* a failover might go wrong: the leader's daily check says how */
    NOTICE_N
};

/* The word in `on:` and in payloads: "convicted", "would-have-moved", "quorum-lost",
 * "paused-too-long", ... */
const char *notice_name(enum notice_kind kind);

#endif
