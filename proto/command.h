/* Ledger commands: what a leader proposes and every node applies in the same order.
 * Never says whether a command is accepted; node/core/ledger.c does, from the ledger alone.
 * Used by the core, the driver (encode before propose, decode before apply) and the tests. */
#ifndef QUORATE_PROTO_COMMAND_H
#define QUORATE_PROTO_COMMAND_H

#include "proto/level.h"
#include "proto/members.h"
#include "proto/move.h"
#include "proto/route.h"
#include "proto/types.h"
#include "proto/why.h"

enum command_kind {
    COMMAND_NOOP,        /* the first entry of a term */
    COMMAND_CLUSTER,     /* voters, keys and zones: seeds the ledger once */
    COMMAND_SERVICE_SET, /* a service's name and settings, new or changed */
    COMMAND_INQUIRY_OPEN,
    COMMAND_BALLOT_CLOSE, /* one or both sides of one ballot; may open a move in the same commit */
    COMMAND_INQUIRY_LAPSE,
    COMMAND_MOVE_OPEN, /* by an operator, or of a conviction that was gated */
    COMMAND_INTENT,
    COMMAND_OUTCOME,
    COMMAND_MOVE_INPUT, /* drained, verified, verify-expired, paused-too-long, stuck */
    COMMAND_ROUTE_SEEN, /* route first: what the leader's agreeing reads say */
    COMMAND_HOLD,
    COMMAND_RELEASE, /* ends a hold and a BLOCKED move */
    COMMAND_ARM,     /* mode act */
    COMMAND_DISARM,  /* mode observe */
    COMMAND_TICK,    /* ledger time goes on while a timer is open */
    COMMAND_ACK,     /* ends a BLOCKED move and leaves a hold in place */
    /* from level 2 on */
    COMMAND_LEVEL,  /* all voters speak this wire level: what it brings may be used from here on */
    COMMAND_MEMBER, /* a node becomes a learner, or a voter again */
    COMMAND_HOLD_ALL,     /* as HOLD, for every service */
    COMMAND_RELEASE_ALL,  /* ends that one; holds of single services stay */
    COMMAND_TOKEN_INTENT, /* the leader will exchange a platform's refresh token */
    COMMAND_TOKEN_SET,    /* what the platform answered, sealed; used only once it stands here */
    COMMAND_TOKEN_LOCKED_OUT, /* the platform knows the refresh token no more */
    COMMAND_KIND_N
};

enum ballot_result { BALLOT_VOID, BALLOT_PASS, BALLOT_FAIL, BALLOT_RESULT_N };

struct ledger_node {
    node_id id;
    struct name name;
    struct name zone;
    uint8_t key[KEY_BYTES];
};

struct command_cluster {
    uint8_t cluster_id[CLUSTER_ID_BYTES];
    uint8_t node_count;
    struct ledger_node nodes[NODE_COUNT_MAX];
};

struct command_service_set {
    struct name name; /* the header's service is SERVICE_SLOT_NONE: the name decides the slot */
    struct service_settings settings;
};

struct command_inquiry_open {
    node_id voter; /* whose complaint */
    enum side side;
    enum vote_value value;
};

/* How one side's ballot was closed. `closed` false: this side is not part of the command. */
struct side_close {
    bool closed;
    enum ballot_result result;
    enum severity severity; /* of a FAIL: DOWN where a quorum said DOWN */
    uint8_t votes[VOTE_VALUE_N];
    uint8_t zones; /* distinct zones of the not-UP voters */
};

/* The move and its first intent, in the same commit. */
struct move_opening {
    bool present;
    enum side to;
    enum move_cause cause;
    bool force; /* an operator insists on a destination that is not known to be UP */
    enum route_step first_step; /* PAUSE or SWITCH */
    struct route_base base;
};

struct command_ballot_close {
    log_index inquiry;
    uint32_t ballot;
    struct side_close side[SIDE_N];
    struct move_opening move;
};

struct command_lapse {
    log_index inquiry;
};

struct command_move_open {
    struct move_opening move;
    struct name actor; /* empty for a gated conviction */
    char reason[REASON_SIZE];
    bool expects; /* refuse unless `expected` serves */
    enum side expected;
};

struct command_intent {
    log_index move;
    enum route_step step;
    uint32_t attempt;
    struct route_base base;
};

enum outcome {
    OUTCOME_APPLIED,    /* the route is as the step wants it */
    OUTCOME_SUPERSEDED, /* the version was consumed by somebody else; a new attempt may follow */
    OUTCOME_STUCK,      /* a definite no, with why */
    OUTCOME_N
};

struct command_outcome {
    log_index move;
    enum route_step step;
    uint32_t attempt;
    enum outcome outcome;
    enum why why;
    enum route_state state; /* as last seen */
    uint64_t version;
    bool may_land; /* from level 2 on: an earlier request of the attempt may still be under way */
    char correlation[CORRELATION_SIZE]; /* from level 3 on: the platform's name of the request that
                                           showed it, "" where it gave none */
    struct route_parts parts;           /* from level 3 on; as last seen, with the state */
};

struct command_move_input {
    log_index move;
    enum move_input input;
    enum why why;
};

struct command_route_seen {
    enum route_state state;
    uint64_t version;
    struct route_parts parts; /* from level 3 on */
};

struct command_hold {
    struct name actor;
    char reason[REASON_SIZE];
    bool indefinite;
    time_ms for_ms;
};

struct command_actor { /* RELEASE, ARM, DISARM, ACK, RELEASE_ALL */
    struct name actor;
    char reason[REASON_SIZE];
};

struct command_level {
    uint8_t level;
};

/* What each exchange of a refresh token is about: its platform, and the number that rises with each
 * exchange. */
struct command_token_intent {
    struct name platform;
    uint64_t generation;
    uint64_t seed_hash; /* of the refresh token in the leader's file, keyed */
};

struct command_token_set {
    struct name platform;
    uint64_t generation;
    time_ms life_ms;       /* that is left */
    const uint8_t *sealed; /* not owned: lives as long as the bytes that it was decoded from */
    size_t sealed_length;
};

struct command_token_locked_out {
    struct name platform;
    uint64_t generation;
};

struct command {
    enum command_kind kind;
    uint8_t level; /* of its encoding; 0 is PROTO_LEVEL_FIRST. Kinds say which they need at least */
    service_slot service; /* SERVICE_SLOT_NONE where none is meant */
    time_ms elapsed_ms;   /* on the leader since its previous entry; 0 in a term's first */
    uint64_t request_id;  /* an operator's request, deduplicated in the ledger; 0 otherwise */
    union {
        struct command_cluster cluster;
        struct command_service_set service_set;
        struct command_inquiry_open inquiry_open;
        struct command_ballot_close ballot_close;
        struct command_lapse lapse;
        struct command_move_open move_open;
        struct command_intent intent;
        struct command_outcome outcome;
        struct command_move_input move_input;
        struct command_route_seen route_seen;
        struct command_hold hold;
        struct command_actor actor;
        struct command_level level;
        struct member member;
        struct command_token_intent token_intent;
        struct command_token_set token_set;
        struct command_token_locked_out token_locked_out;
    } as;
};

const char *command_kind_name(enum command_kind kind);
/* The lowest level that has the kind. */
static inline uint8_t command_kind_level(enum command_kind kind)
{
    return kind >= COMMAND_LEVEL ? PROTO_LEVEL_HELLO : PROTO_LEVEL_FIRST;
}

const char *ballot_result_name(enum ballot_result result);
const char *outcome_name(enum outcome outcome);

/* Bytes of an entry's payload. `evidence` (may be NULL) is carried behind the command: the signed
 * votes of a BALLOT_CLOSE as proto/evidence.h encodes them. Returns 0 or ERR_TOO_LARGE; *ret_length
 * is set on success. */
int command_encode(const struct command *command, const uint8_t *evidence, size_t evidence_length,
                   uint8_t *buffer, size_t size, size_t *ret_length);

/* ret_evidence points into `bytes`. Returns 0, ERR_MALFORMED, or ERR_VERSION for a kind this build
 * does not know (the node must then stop applying, loudly). On error *ret_command is zeroed. */
int command_decode(const uint8_t *bytes, size_t length, struct command *ret_command,
                   const uint8_t **ret_evidence, size_t *ret_evidence_length);

enum { COMMAND_BYTES_MAX = 32768 };

#endif
