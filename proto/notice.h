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
    NOTICE_LOCKED_OUT,
    NOTICE_N
};

/* The word in `on:` and in payloads: "convicted", "would-have-moved", "quorum-lost",
 * "paused-too-long", ... */
const char *notice_name(enum notice_kind kind);

#endif
