/* The words that travel: ids, sides, vote values and reasons, service settings, and the limits of
 * everything. Never holds behaviour beyond naming the values. Used by every layer from proto
 * upwards. */
#ifndef QUORATE_PROTO_TYPES_H
#define QUORATE_PROTO_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/duration.h"

enum {
    PROTO_VERSION = 1,      /* wire version spoken; see PROTOCOL.md */
    NODE_COUNT_MAX = 15,    /* voters in one cluster */
    SERVICE_COUNT_MAX = 64, /* services in one cluster */
    NAME_BYTES_MAX = 47,    /* node, zone, service, actor names */
    NAME_SIZE = NAME_BYTES_MAX + 1,
    REASON_BYTES_MAX = 119, /* an operator's own words */
    REASON_SIZE = REASON_BYTES_MAX + 1,
    CORRELATION_BYTES_MAX = 63, /* a platform's own name of one request; longer ones are cut */
    CORRELATION_SIZE = CORRELATION_BYTES_MAX + 1,
    KEY_BYTES = 32, /* Ed25519 public key */
    SIGNATURE_BYTES = 64,
    HASH_BYTES = 32, /* SHA-256 */
    CLUSTER_ID_BYTES = 16,
    FRAME_BYTES_MAX = 65536, /* any frame on any socket */
    ROLLING_COUNT_MAX = 9,   /* the largest `of` in a rule */
    REFERENCE_COUNT_MAX = 8,
    TOKEN_COUNT_MAX = 4,     /* platforms whose refresh token the cluster keeps */
    SEALED_BYTES_MAX = 8192, /* of such a platform's tokens, sealed */
    SAMPLE_DETAIL_BYTES_MAX = 31,
    SAMPLE_DETAIL_SIZE = SAMPLE_DETAIL_BYTES_MAX + 1,
};

typedef uint8_t node_id;       /* 1..NODE_COUNT_MAX; 0 is nobody. Assigned by order in the file that
                                  seeded the cluster. */
typedef uint64_t term_id;      /* Raft term */
typedef uint64_t log_index;    /* index in the ledger's log, 1 is the first; 0 is before it */
typedef uint16_t service_slot; /* a service's place in the ledger, the same on all nodes */

#define SERVICE_SLOT_NONE UINT16_MAX

struct name {
    char text[NAME_SIZE]; /* NUL-terminated, zero-filled, so that memcmp compares */
};

enum side { SIDE_PRIMARY, SIDE_STANDBY, SIDE_N };

/* What a node says about one side. Order is from worst to best for the three informative values. */
enum vote_value { VOTE_DOWN, VOTE_SLOW, VOTE_UP, VOTE_CANNOT_TELL, VOTE_VALUE_N };

/* How one probe ended: a row each in node/core/sample.c {result, short code, text, value,
 * authoritative}. */
enum sample_result {
    SAMPLE_OK,
    SAMPLE_OVER_LATENCY,    /* answered right, over the latency budget */
    SAMPLE_STATUS,          /* the target itself answered with a wrong status */
    SAMPLE_BODY,            /* right status, wrong body */
    SAMPLE_DNS,             /* the name did not resolve */
    SAMPLE_REFUSED,         /* TCP reset or refused at connect */
    SAMPLE_CONNECT_TIMEOUT, /* no TCP connection within connect_timeout */
    SAMPLE_TLS,             /* TLS failed or the certificate was not accepted */
    SAMPLE_TIMEOUT,         /* sent, no whole answer within timeout */
    SAMPLE_RESET,           /* the connection broke after it was sent */
    SAMPLE_PROXY,           /* a proxy answered for the target */
    SAMPLE_LOCAL,           /* this node could not even try: no socket, no memory */
    /* from level 3 on */
    SAMPLE_BOT,      /* the bot itself said that it failed */
    SAMPLE_PLATFORM, /* the platform did not let this node ask the bot: token, quota, its own error
                      */
    SAMPLE_RESULT_N
};

/* Why a vote says what it says. */
enum vote_reason {
    VOTE_REASON_OK,
    VOTE_REASON_OVER_LATENCY,
    VOTE_REASON_STATUS,
    VOTE_REASON_BODY,
    VOTE_REASON_NO_ANSWER,
    VOTE_REASON_REFERENCES_FAILED,   /* a majority of my references failed in the same round */
    VOTE_REASON_REFERENCES_INFLATED, /* ... or were inflated: when all is slow, it is me */
    VOTE_REASON_TIMER_LATE,          /* my own timers ran late */
    VOTE_REASON_CONFIG_DIFFERS,      /* my configuration of the service is not the call's */
    VOTE_REASON_LOCAL,               /* I could not even try */
    /* from level 3 on */
    VOTE_REASON_BOT,      /* the bot said that it failed */
    VOTE_REASON_PLATFORM, /* the platform did not let me ask the bot */
    VOTE_REASON_N
};

/* One probe's phases and result. Durations in microseconds; -1 where the phase was not reached. */
struct sample {
    enum sample_result result;
    int32_t dns_us;
    int32_t connect_us; /* TCP only, on the connection used; 0 where it was reused */
    int32_t tls_us;
    int32_t first_byte_us; /* from the request's sending */
    int32_t total_us;      /* from the request's sending to the answer's end */
    int32_t late_ms;       /* how late this node's own timers ran while it probed */
    int32_t status;        /* HTTP status, 0 where there is none */
    bool reused;
    char detail[SAMPLE_DETAIL_SIZE]; /* from level 3 on: what exactly was wrong, printable ASCII,
                                        zero-padded; "" where there is nothing to add */
};

/* One side's part of a vote. */
struct side_vote {
    enum vote_value value;
    enum vote_reason reason;
    struct sample sample;    /* the evidence */
    uint8_t reference_count; /* references asked in the same round */
    uint8_t reference_failed;
    uint8_t reference_inflated;
};

/* A node's word on both sides of a service: one leaf of a signed vote frame. */
struct vote {
    node_id voter;
    service_slot service;
    uint64_t config_hash;   /* the voter's own configuration of the service */
    log_index inquiry;      /* 0 for a patrol vote */
    uint32_t ballot;        /* the call's number, 0 for a patrol vote */
    uint64_t nonce;         /* the call's nonce, 0 for a patrol vote */
    uint64_t sequence;      /* rises with each vote of this voter's incarnation */
    int64_t probed_wall_ms; /* for display only */
    struct side_vote side[SIDE_N];
};

/* The leader's numbered request for votes. */
struct call {
    node_id caller;
    service_slot service;
    log_index inquiry;
    uint32_t ballot;
    term_id term;
    uint64_t nonce;
    uint64_t config_hash;
    time_ms deadline_ms; /* a duration from the call's arrival */
};

enum service_mode { MODE_OBSERVE, MODE_ACT, SERVICE_MODE_N };
enum severity { SEVERITY_SLOW, SEVERITY_DOWN, SEVERITY_N };
enum drain_kind { DRAIN_SLOW, DRAIN_DOWN, DRAIN_PLANNED, DRAIN_KIND_N };

/* Everything that apply needs to know of a service: it travels in the ledger, because apply reads
 * no file. Durations in ledger milliseconds. */
struct service_settings {
    uint64_t
        config_hash; /* of the service's whole configuration, so that a differing voter is seen */
    enum service_mode mode;
    uint8_t rule_fail;
    uint8_t rule_of;
    bool consecutive;
    uint8_t min_zones;
    uint8_t max_calls;  /* an inquiry lapses after so many */
    uint8_t max_aborts; /* aborted moves in a budget window */
    uint8_t verify_reads;
    uint8_t verify_canaries;
    uint8_t budget_moves;
    uint8_t max_concurrent;
    uint8_t priority; /* lower goes first */
    bool versioned;   /* the route's backend refuses a stale version */
    bool failback_auto;
    time_ms within_ms;
    time_ms interval_ms;
    time_ms confirm_interval_ms;
    time_ms ballot_deadline_ms;
    time_ms drain_ms[DRAIN_KIND_N];
    time_ms paused_max_ms;
    time_ms verify_every_ms;
    time_ms verify_within_ms;
    time_ms propagation_ms;
    time_ms cooldown_ms;
    time_ms budget_window_ms;
    time_ms failback_after_ms;
    time_ms blind_after_ms;
    /* from level 2 on */
    time_ms failback_longest_ms;
    time_ms actuator_deadline_ms; /* D, so that the ledger can tell how late a request may land */
    /* from level 3 on */
    time_ms drain_every_ms; /* conversations are counted so often in a drain; 0: it goes by time */
};

/* The lower-case words of the enums, for status, logs and explain; "?" out of range. Static
 * storage. */
const char *side_name(enum side side);
const char *vote_value_name(enum vote_value value);    /* "UP", "SLOW", "DOWN", "CANNOT_TELL" */
const char *vote_reason_text(enum vote_reason reason); /* a plain phrase */
const char *sample_result_name(enum sample_result result);
const char *service_mode_name(enum service_mode mode);
const char *severity_name(enum severity severity);

/* Fills a name, zero-padded. Returns 0, ERR_INVALID (empty, or a byte outside [A-Za-z0-9._-]) or
 * ERR_TOO_LARGE. */
int name_set(struct name *ret_name, const char *text);
bool name_equal(const struct name *a, const struct name *b);

static inline enum side side_other(enum side side)
{
    return side == SIDE_PRIMARY ? SIDE_STANDBY : SIDE_PRIMARY;
}

#endif
