/* What an operator asks the leader for.
 * Never says whether it is allowed: the API checks the token, the ledger the rest.
 * Made by the API or the command line, carried by FRAME_OPERATE to the leader, fed to the core. */
#ifndef QUORATE_PROTO_OPERATION_H
#define QUORATE_PROTO_OPERATION_H

#include "proto/types.h"

enum operation_kind {
    OPERATION_FAILOVER, /* move to the standby */
    OPERATION_FAILBACK, /* move to the primary */
    OPERATION_HOLD,
    OPERATION_RELEASE,
    OPERATION_ARM,
    OPERATION_DISARM,
    OPERATION_ACK, /* a human has seen a BLOCKED move */
    /* from wire level 2 on; these name no service */
    OPERATION_HOLD_ALL,
    OPERATION_RELEASE_ALL,
    OPERATION_KIND_N
};

struct operation {
    uint64_t request_id; /* never 0 */
    enum operation_kind kind;
    struct name service;
    struct name actor;
    char reason[REASON_SIZE];
    bool force;
    bool expects;
    enum side expected;
    bool indefinite;
    time_ms for_ms;
};

/* The request is about every service and names none. */
static inline bool operation_is_of_all(enum operation_kind kind)
{
    return kind == OPERATION_HOLD_ALL || kind == OPERATION_RELEASE_ALL;
}

/* "failover", "hold", ...; "?" out of range. Static storage. */
const char *operation_kind_name(enum operation_kind kind);

/* UTF-8 without control characters. */
bool reason_is_clean(const char *bytes, size_t length);

/* Fills a reason, zero-padded; empty is allowed. Returns 0, ERR_INVALID (control characters, or not
 * UTF-8) or ERR_TOO_LARGE. What it accepts can be encoded; other bytes make an encoder answer
 * ERR_INVALID. */
int reason_set(char ret_reason[REASON_SIZE], const char *text);

#endif
