/* The core: the whole brain of a node behind one function. It probes by asking, votes by asking,
 * and as a leader opens inquiries, closes ballots and takes moves step by step; everything it wants
 * done comes back in the update. Never blocks, allocates, logs or reads a clock. Called by the two
 * drivers, node/io/loop with the world and tests/sim with virtual time. */
#ifndef QUORATE_CORE_CORE_H
#define QUORATE_CORE_CORE_H

#include "node/core/ballot.h"
#include "node/core/guard.h"
#include "node/core/raft.h"
#include "node/core/vote.h"

enum {
    PEER_FRESH_MS =
        3000, /* a peer that answered no ping for so long is not at a normal round trip */
    PROPOSAL_PATIENCE_MS = 5000, /* a proposal that was not applied by then may be made again */
    INFLATION_ADOPT_MS =
        60000, /* an inflated time enters a reference's history this often: 8 of them adopt it */
    BACKOFF_FIRST_MS = 250, /* between tries of one request */
    BACKOFF_LAST_MS = 5000,
    COMPLAINT_BACKOFF_LAST_MS = 300000, /* DESIGN 2.5: interval, doubling, up to 5 min */
    CALL_GRACE_MS = 250,   /* for the votes' way back, beyond the voters' own deadline */
    MINT_EVERY_MS = 45000, /* while ballots run the token is kept younger than the fresh limit */
    DRIFT_READS = 2,       /* agreeing reads before a drift is believed */
    PROOF_RETRY_MS = 1000, /* after a proof that failed; doubling up to the proof interval */
    PROOF_FAILURES = 2,    /* in a row before a leader believes that it cannot act */
};

/* A platform whose refresh token the cluster keeps. */
struct platform_settings {
    struct name name;
    uint64_t seed_hash; /* of the refresh token in this node's file, keyed */
};

struct core_settings {
    node_id self;
    uint8_t cluster_id[CLUSTER_ID_BYTES];
    uint8_t node_count;
    struct ledger_node nodes[NODE_COUNT_MAX]; /* voters by the file that seeds the ledger */
    uint8_t reference_count;
    uint8_t level;        /* wire level that this build speaks: proto_level() */
    uint64_t incarnation; /* of this node's data folder */
    bool novice;          /* it was empty when the cluster was running already */
    struct trust_settings trust;
    time_ms election_ms;
    time_ms heartbeat_ms;
    time_ms actuator_deadline_ms; /* D */
    time_ms actuator_proof_ms;
    time_ms rate_limit_max_ms; /* the longest that one intent waits for 429s; 0: for ever */
    uint64_t seed;             /* jitter and nonces */
    uint32_t snapshot_every;   /* as in raft_settings; 0: its default */
    uint32_t snapshot_trailing;
    time_ms token_fresh_ms;
    uint8_t platform_count;
    struct platform_settings platforms[TOKEN_COUNT_MAX];
};

/* One round of probes of one service by this node: a patrol's, or for a call. */
struct round {
    uint64_t id; /* 0: none runs */
    bool for_call;
    struct call call;
    time_ms started_ms;
    time_ms deadline_ms;
    bool have[SIDE_N];
    struct sample sample[SIDE_N];
    bool reference_have[REFERENCE_COUNT_MAX];
    struct round_trust trust;
    bool proof_asked;
    uint64_t proof_ticket;
    bool proof_ended;
};

/* A service as this node's file has it, and this node's duty to watch it. */
struct watch {
    struct name name;
    struct service_settings settings;
    service_slot slot; /* SERVICE_SLOT_NONE until the ledger knows the service */
    uint8_t platform;  /* of settings.platforms, counted from 1; 0: its nodes mint by themselves */
    time_ms next_patrol_ms;
    time_ms patrolled_ms; /* when its last patrol began */
    node_id anchor;       /* the lowest voter whose patrol sets this node's phase */
    time_ms anchor_ms;
    struct round round;
    struct call answered; /* the last one; inquiry 0: none */
};

/* A voter's complaint as the leader remembers it. */
struct complaint {
    enum vote_value value;  /* last answered; VOTE_UP where there is none */
    time_ms quiet_until_ms; /* the same complaint opens nothing before */
    time_ms backoff_ms;
    bool path_fault; /* an inquiry on it ended without a conviction */
};

enum runner_state {
    RUNNER_IDLE,
    RUNNER_WAITING, /* an inherited intent: its writer may still be at it */
    RUNNER_READING,
    RUNNER_WRITING,
    RUNNER_BACKOFF,
    RUNNER_STATE_N
};

/* How many conversations are left on the side that the open move drains. */
struct live_count {
    uint64_t ticket; /* of the count under way; 0: none */
    time_ms asked_ms;
    bool decides; /* that count was begun after the pause had spread everywhere */
    bool known;
    uint64_t count; /* the last one that was told */
    time_ms counted_ms;
    bool emptied;              /* none is left, by a count that decides */
    enum route_result trouble; /* how the last count ended */
};

/* What the leader does about the open move's next request. */
struct runner {
    enum runner_state state;
    log_index move;
    uint32_t attempt; /* of the intent that it works on; 0: it prepares the next one */
    uint64_t ticket;  /* of the job under way */
    time_ms until_ms; /* WAITING, BACKOFF */
    time_ms backoff_ms;
    bool wrote;       /* a request of this attempt left, and nothing was waited for since */
    bool unsure;      /* one of this attempt's requests may still be under way */
    time_ms quiet_ms; /* ... but not from here on, as far as D promises */
    uint8_t astray;   /* readings in a row, and the last of them, that show neither the step's
                         target nor what the intent was made from */
    struct route_view astray_view;
    enum why refused;         /* a definite no; a unit is read before the ledger hears of it */
    time_ms refused_again_ms; /* after how long a pause that may not rest is tried again */
    time_ms
        limited_ms; /* since when the API answers this attempt's requests by 429; 0: it does not */
    uint8_t agreeing; /* verify: reads in a row that show the destination; unversioned: the step's
                         target */
    time_ms next_read_ms;
    char correlation[CORRELATION_SIZE]; /* of the request that showed this attempt's end */
    enum route_result last;             /* how the last request ended, for explain */
    struct live_count live;
    struct command_outcome told; /* what was proposed last: said again until it is applied */
};

/* The newest vote of each voter on a service, as this node heard it, whether it leads or not. */
struct heard {
    struct vote votes[NODE_COUNT_MAX + 1];
    time_ms at_ms[NODE_COUNT_MAX + 1]; /* 0: never */
};

/* The leader's own notes on a service: lost with the leadership, never replicated. */
struct lead {
    log_index inquiry;  /* the one that these notes are about */
    time_ms inquiry_ms; /* when this leader first saw it open */
    struct complaint complaint[NODE_COUNT_MAX + 1][SIDE_N];
    time_ms informative_ms; /* when a quorum last gave informative votes */
    bool blind;
    log_index told_paused;       /* the move whose long pause people know of */
    bool told_convicted[SIDE_N]; /* people know that the side is down, until it is acquitted */
    bool calling;
    struct call call;
    time_ms called_ms;
    time_ms call_deadline_ms;
    time_ms closed_ms;
    struct ballot ballot;
    bool side_closed[SIDE_N];
    bool proposed; /* a proposal about this service is on its way */
    time_ms proposed_ms;
    struct route_view view;
    time_ms view_ms;      /* when the reading came in; 0: none since the last request was over */
    uint64_t view_ticket; /* readings with a lower one were asked for before that */
    uint64_t read_ticket;
    time_ms read_asked_ms;
    time_ms minted_ms; /* when a fresh token was last asked for */
    uint8_t drift_reads;
    enum route_state drift_state;
    struct route_parts drift_parts;
    time_ms failback_asked_ms; /* when ballots were last asked for it; 0: never */
    time_ms late_asked_ms; /* when the route was read to see whether a given-up request landed */
    time_ms gated_ms;      /* since when a conviction waits; 0: none does */
    log_index told_gated;  /* the inquiry whose waiting people know of */
    bool has_operation;
    struct operation operation;
    time_ms operation_ms;
    log_index operation_index; /* the ledger's when it came */
    struct runner runner;
};

/* The leader's notes on the exchange of a platform's refresh token: lost with the leadership. */
struct exchange {
    uint64_t ticket; /* of the request under way; 0: none */
    bool proposed;
    time_ms proposed_ms;
    time_ms until_ms; /* nothing is tried before */
    time_ms backoff_ms;
    bool wanted;      /* a fresh token: an inquiry is open */
    uint64_t refused; /* the generation that the API refused last */
};

/* What the actuator of this node was last told of a platform's tokens. */
struct token_told {
    uint64_t generation;
    bool locked_out;
};

struct peer {
    time_ms heard_ms;
    int32_t rtt_us; /* -1: never */
    struct rolling_minimum minimum;
    time_ms hello_ms; /* when it last said the two below; 0: never */
    uint8_t level;
    bool can_act;
    time_ms join_ms; /* when it last said that its folder is empty; 0: never */
    uint64_t join_incarnation;
};

struct proof {
    bool ok;
    uint8_t failures; /* in a row */
    enum route_result result;
    time_ms answered_ms; /* 0: never */
    int32_t took_ms;
    struct rolling_minimum minimum; /* of its answers, in microseconds */
    time_ms next_ms;
    service_slot next_slot;
};

/* How this node last gave leadership away because it could not act. */
struct handover {
    uint32_t count;
    time_ms at_ms;
    node_id to;
};

struct core {
    struct core_settings settings;
    struct electorate electorate; /* zones by number */
    struct raft raft;
    struct ledger ledger;
    struct prng prng;
    uint16_t watch_count;
    struct watch watches[SERVICE_COUNT_MAX];
    struct heard heard[SERVICE_COUNT_MAX]; /* by slot */
    struct lead leads[SERVICE_COUNT_MAX];  /* by slot */
    struct rolling_minimum reference[REFERENCE_COUNT_MAX];
    time_ms reference_adopted_ms[REFERENCE_COUNT_MAX];
    struct peer peers[NODE_COUNT_MAX + 1];
    struct proof proof;
    struct handover handover;
    struct exchange exchanges[TOKEN_COUNT_MAX]; /* by place in settings.platforms */
    struct token_told told[TOKEN_COUNT_MAX];
    uint64_t next_ticket;
    uint64_t next_round;
    uint64_t vote_sequence;
    bool leading; /* was ready as leader after the last step */
    bool by_transfer;
    term_id leading_term;
    time_ms leading_since_ms;
    log_index leading_index; /* what was applied by then: later intents are this leadership's own */
    time_ms
        proposed_ms; /* when this leader's previous entry was proposed: ledger time's other end */
    time_ms level_proposed_ms;
    time_ms member_proposed_ms;
    time_ms file_proposed_ms; /* when the file's cluster and services were last compared */
    time_ms proposed_sum_ms;  /* elapsed time in proposals that are not applied yet */
    bool in_doubt; /* time jumped, or the node just started: no move is opened before a full round
                      of later votes was heard */
    time_ms doubt_ms; /* since when */
    bool has_quorum;
    time_ms quorum_lost_ms;
    time_ms now_ms;
    uint64_t dropped_calls;
    uint64_t dropped_votes;
};

/* Starts a node. `ledger` may be NULL for an empty one; the log is restored by raft_restore on
 * core->raft after this and before the first step. The storage is the caller's and large (static or
 * heap). */
void core_init(struct core *core, const struct core_settings *settings, const struct ledger *ledger,
               time_ms now_ms);

/* One event in, effects out. The update is cleared first. */
void core_step(struct core *core, const struct event *event, struct update *update);

/* This node leads, and an entry of its own term is applied: it may decide. */
bool core_is_leading(const struct core *core);

/* "idle", "waiting", "reading", "writing", "backoff"; "?" out of range. Static storage. */
const char *runner_state_name(enum runner_state state);

struct watch *core_watch_by_slot(struct core *core, service_slot slot);
/* Ledger time as this leader's next entry would make it. */
time_ms core_ledger_now(const struct core *core, time_ms now_ms);
/* This node's last proof that it could act is good and younger than two proof intervals. */
bool core_can_act(const struct core *core, time_ms now_ms);
/* The tokens of the service's platform; NULL where its nodes mint by themselves, or none are there
 * yet. */
const struct token_record *token_of_service(const struct core *core, service_slot slot);
/* What the leader adds to the guard: quorum, leadership, time in doubt. WHY_NONE: nothing. */
enum why core_leader_gate(const struct core *core);

#endif
