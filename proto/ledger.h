/* The replicated truth as data: who serves, rolling ballots, inquiries, moves, holds, budgets.
 * Never changes itself; node/core/ledger.c applies commands to it.
 * Used by the core, the snapshot's encoder, the status pages and the tests' invariants. */
#ifndef QUORATE_PROTO_LEDGER_H
#define QUORATE_PROTO_LEDGER_H

#include "proto/command.h"

enum {
    MOVE_TIME_COUNT_MAX = 16, /* automatic moves and aborts remembered for budgets */
    REQUEST_COUNT_MAX = 64,   /* operators' request ids remembered */
    LATE_COUNT_MAX = 4,       /* given-up intents of one move that may still take effect */
};

/* All times are ledger time unless the name says otherwise. */
struct ballot_record {
    log_index index; /* the entry that closed it */
    log_index inquiry;
    uint32_t ballot;
    enum ballot_result result; /* PASS or FAIL, never VOID */
    enum severity severity;
    time_ms closed_ms;
};

/* The decided ballots of a side, oldest first, at most settings.rule_of (and ROLLING_COUNT_MAX) of
 * them. */
struct rolling {
    uint8_t count;
    struct ballot_record records[ROLLING_COUNT_MAX];
};

struct inquiry_record {
    log_index index; /* 0: none is open */
    time_ms opened_ms;
    node_id voter;
    enum side side;   /* whose complaint, about which side; a move's own inquiry has voter 0 */
    uint32_t ballots; /* the highest ballot number that was closed on any side */
    uint32_t closed[SIDE_N]; /* the last ballot number closed on each side */
    bool convicted[SIDE_N];
    enum severity severity[SIDE_N];
    enum why gate; /* why a conviction did not open a move */
};

struct intent_record {
    log_index index; /* the entry that accepted it; 0: none is open */
    term_id term;
    enum route_step step;
    uint32_t attempt;
    enum side to; /* the side that the step makes effective; for a pause the move's destination */
    struct route_base base;
};

/* How a step's last request ended. */
struct step_record {
    uint32_t attempt; /* 0: the step has no outcome yet */
    enum outcome outcome;
    enum why why;
    char correlation[CORRELATION_SIZE];
};

struct move_record {
    log_index id; /* the entry that opened it; 0: there was never one */
    enum move_state state;
    enum move_cause cause;
    enum severity severity;
    enum side from;
    enum side to;
    enum side resume_to;
    bool force;
    struct name actor;
    char reason[REASON_SIZE];
    uint32_t attempt; /* rises with each intent of the move */
    uint8_t canaries; /* successive PASS ballots of the destination since the switch */
    enum why why;     /* of the present state */
    time_ms opened_ms;
    time_ms state_ms;  /* since when in this state */
    time_ms paused_ms; /* when the pause was intended, or the route was first seen half-moved;
                          0: neither */
    struct intent_record intent;
    struct step_record steps[ROUTE_STEP_N]; /* from level 3 on: the last outcome of each */
};

struct hold_record {
    bool active;
    bool indefinite;
    time_ms until_ms;
    struct name actor;
    char reason[REASON_SIZE];
};

/* An intent that ended in a definite no while an earlier request of it may still be under way. */
struct late_record {
    enum route_step step;
    enum side to;
    uint32_t attempt;
    struct route_base base;
    time_ms until_ms; /* what landed later than this was somebody else's */
};

struct late_list {
    uint8_t count;
    struct late_record records[LATE_COUNT_MAX]; /* oldest first */
};

struct time_list {
    uint8_t count;
    time_ms at_ms[MOVE_TIME_COUNT_MAX]; /* oldest first */
};

struct service_record {
    struct name name;
    struct service_settings settings;
    uint8_t settings_level; /* of the command that set them */
    enum service_mode mode; /* settings' mode until an operator arms or disarms */
    enum side serving;
    enum route_state route;
    uint64_t route_version;
    struct route_parts parts; /* of the route, where it is a unit; from level 3 on */
    time_ms route_ms;         /* when the ledger last learned it */
    struct rolling rolling[SIDE_N];
    struct inquiry_record inquiry;
    struct move_record move; /* the open one, or the last one */
    struct hold_record hold;
    time_ms cooldown_until_ms;
    bool reverse_exempt; /* after SWITCHED_UNVERIFIED one move back ignores the cooldown */
    bool would_have_moved;
    enum why blind; /* WHY_LAPSED where the last inquiry held a FAIL and lapsed */
    struct time_list moves;
    struct time_list aborts;
    /* from level 2 on */
    struct late_list late;      /* of the move above */
    struct time_list failovers; /* ends of convictions' moves to the standby */
    time_ms failback_from_ms;   /* since when the hold time of a failback runs; 0: none is due */
};

/* A platform whose refresh token the cluster keeps, exchanged by the leader alone. */
struct token_record {
    struct name platform;
    uint64_t seed_hash;  /* of the refresh token that the chain began with */
    uint64_t generation; /* of what is sealed; 0: nothing is */
    uint64_t intended;   /* the newest exchange that was intended */
    log_index intent;    /* that intent's entry, while it has no outcome; 0: none is open */
    term_id intent_term;
    bool locked_out; /* the platform knows the refresh token no more: a new seed is needed */
    time_ms set_ms;
    time_ms life_ms; /* from then on */
    uint16_t sealed_length;
    uint8_t sealed[SEALED_BYTES_MAX];
};

struct request_record {
    uint64_t id;
    bool accepted;
    enum why why;
    log_index move;
};

struct ledger {
    uint8_t level;   /* wire level that all voters speak; 0 is PROTO_LEVEL_FIRST */
    log_index index; /* last applied */
    term_id term;    /* of that entry */
    time_ms now_ms;  /* ledger time */
    uint8_t cluster_id[CLUSTER_ID_BYTES];
    uint8_t node_count;
    struct ledger_node nodes[NODE_COUNT_MAX];
    struct members members; /* who of the nodes votes on the log */
    uint16_t service_count;
    struct service_record services[SERVICE_COUNT_MAX];
    uint8_t request_next; /* ring */
    struct request_record requests[REQUEST_COUNT_MAX];
    struct hold_record hold; /* of all services; from level 2 on */
    uint8_t token_count;
    struct token_record tokens[TOKEN_COUNT_MAX];
};

/* A move that has not ended. */
static inline bool move_is_open(const struct move_record *move)
{
    return move->state != MOVE_NONE && move->state != MOVE_DONE && move->state != MOVE_UNVERIFIED &&
           move->state != MOVE_ABORTED;
}

/* The snapshot, in the ledger's own level: deterministic bytes, so that equal ledgers have equal
 * bytes and equal hashes. ledger_encode returns 0 or ERR_TOO_LARGE (size is at most
 * LEDGER_BYTES_MAX). ledger_decode returns 0 or ERR_MALFORMED / ERR_VERSION and then leaves
 * *ret_ledger zeroed. */
enum { LEDGER_BYTES_MAX = 1 << 20 };
int ledger_encode(const struct ledger *ledger, uint8_t *buffer, size_t size, size_t *ret_length);
int ledger_decode(const uint8_t *bytes, size_t length, struct ledger *ret_ledger);

#endif
