/* Raft: one agreed log among the voters, with pre-vote, check-quorum, transfer, snapshots, a lease.
 * Never reads a clock, allocates, touches payload bytes or knows a command beyond its kind.
 * Called by core_step alone, and by its own tests.
 * The paper is Ongaro, "Consensus: Bridging Theory and Practice", Stanford 2014. */
#ifndef QUORATE_CORE_RAFT_H
#define QUORATE_CORE_RAFT_H

#include "common/prng.h"
#include "common/ring.h"
#include "node/core/raft_log.h"
#include "node/core/update.h"

enum raft_role { RAFT_FOLLOWER, RAFT_PRECANDIDATE, RAFT_CANDIDATE, RAFT_LEADER, RAFT_ROLE_N };

enum {
    RAFT_ROUNDS_MAX = 64,          /* heartbeat rounds whose sending times are remembered */
    RAFT_IN_FLIGHT_MAX = 256,      /* entries sent to a follower before it answered */
    RAFT_UNCOMMITTED_MAX = 4096,   /* entries that a leader appends ahead of its commits */
    RAFT_JOBS_MAX = 256,           /* writes on their way to the disk; a power of two */
    RAFT_JOBS_RESERVED = 16,       /* ... of which so many are kept for terms and votes */
    RAFT_SNAPSHOT_EVERY = 4096,    /* applied entries between snapshots */
    RAFT_SNAPSHOT_TRAILING = 1024, /* entries kept behind a snapshot for laggards */
    RAFT_CAUGHT_UP = 16,           /* a learner that lacks no more entries may become a voter */
};

#define RAFT_TERM_MAX (UINT64_C(1) << 48)  /* a message that says more is malformed */
#define RAFT_INDEX_MAX (UINT64_C(1) << 56) /* ... likewise */
#define RAFT_NEVER_MS (INT64_MIN / 2)      /* in the past of any clock */

struct raft_settings {
    node_id self;
    uint8_t node_count;   /* ids 1..node_count; all vote where the members do not say otherwise */
    uint64_t incarnation; /* of this node's data folder; 0 where members never change */
    bool novice;          /* the folder was empty when the cluster was running already */
    time_ms election_ms;
    time_ms heartbeat_ms;
    uint64_t seed;              /* jitter and nonces */
    uint32_t snapshot_every;    /* 0: RAFT_SNAPSHOT_EVERY */
    uint32_t snapshot_trailing; /* 0: RAFT_SNAPSHOT_TRAILING */
};

/* What a leader or a candidate knows of another node. */
struct raft_peer {
    log_index next_index;
    log_index match_index;
    log_index window_index;   /* what was sent beyond it is in flight */
    time_ms answered_ms;      /* when the newest round that it answered was sent */
    time_ms heard_ms;         /* when anything of this term was heard from it */
    bool probing;             /* a message was refused: one at a time until it matches */
    uint64_t probe_round;     /* refusals of earlier rounds are old news */
    log_index snapshot_index; /* being sent; 0: none */
    uint32_t snapshot_offset; /* of the chunk on its way */
    time_ms snapshot_sent_ms;
    bool granted;   /* vote or pre-vote of the present campaign */
    time_ms ask_ms; /* when the campaign asks it again */
};

/* A write on its way. `last_index` is the newest entry in it that still stands, 0 where none does.
 */
struct raft_job {
    uint64_t ticket;
    log_index last_index;
};

/* A snapshot on its way in. */
struct raft_receipt {
    log_index index; /* 0: none */
    term_id index_term;
    uint32_t total;
    uint32_t received;
    bool installing; /* handed over; the log stands still until EVENT_SNAPSHOT_INSTALLED */
};

struct raft_transfer {
    node_id target; /* 0: none under way */
    time_ms until_ms;
    bool told; /* TIMEOUT_NOW left: no lease, and no newer round, until this transfer is over */
};

struct raft {
    struct raft_settings settings;
    enum raft_role role;
    bool failed; /* a persist failed: neither votes nor acks, only listens */
    term_id term;
    node_id voted_for;
    node_id leader; /* 0: none known */
    log_index commit_index;
    log_index emitted_index; /* EFFECT_APPLY asked up to here */
    log_index applied_index;
    log_index persisted_index; /* of the log as it stands, this much is on the own disk */
    log_index noop_index;      /* of this leader's own term; 0 until it is appended */
    uint64_t rejected;         /* messages that no sound voter sends */
    uint64_t outdated;         /* answers of a data folder that is gone */

    /* Who votes: a change counts from its append on, and is forgotten where it is cut. */
    struct members settled; /* by the entries up to applied_index */
    struct members members; /* ... and by all later ones */
    log_index member_index; /* the newest change in the log, 0: none since the snapshot */

    /* Tickets. */
    uint64_t next_ticket;
    uint64_t persisted_ticket;
    uint64_t vote_ticket; /* term and vote are on disk once this is */
    bool vote_dirty;      /* they changed, and no job says so yet */
    struct ring job_ring;
    struct raft_job jobs[RAFT_JOBS_MAX];

    /* As a voter and follower. */
    struct prng prng;
    time_ms start_ms;
    time_ms heard_ms;        /* the leader's last word, of whichever term */
    uint64_t heard_round;    /* the newest round of this term's leader */
    time_ms election_at_ms;  /* when this node loses patience */
    node_id vote_reply_to;   /* a granted vote waits for its ticket; 0: none */
    log_index matched_index; /* this far the log equals this term's leader's */
    bool ack_due;
    struct raft_receipt receipt;

    /* As a candidate and leader. */
    struct raft_peer peers[NODE_COUNT_MAX + 1]; /* by node id */
    uint64_t nonce;
    bool campaign_transfer;
    uint64_t campaign_round;
    bool asked; /* the requests of this campaign left */
    uint64_t round;
    uint64_t first_round; /* answers to earlier rounds prove nothing any more */
    time_ms round_sent_ms[RAFT_ROUNDS_MAX];
    time_ms quorum_since_ms; /* a quorum is taken for granted for one base from here */
    time_ms heartbeat_at_ms;
    struct raft_transfer transfer;

    struct raft_log log; /* the last, because raft_init does not touch its entries */
};

/* Starts as a follower with an empty log. The node refuses votes within one election base of
 * `now_ms`. `settings` is copied. */
void raft_init(struct raft *raft, const struct raft_settings *settings, time_ms now_ms);
/* Who votes as the snapshot has it, before raft_restore. */
void raft_seed_members(struct raft *raft, const struct members *members);
/* Restores term and vote, snapshot position and entries as they were on disk, before the first
 * step. The entries are in order without a gap and may begin before the snapshot's end. Returns 0,
 * ERR_FULL, or ERR_INVALID where they contradict each other, the snapshot or the term; then the
 * raft must not be used. */
int raft_restore(struct raft *raft, term_id term, node_id voted_for, log_index snapshot_index,
                 term_id snapshot_term, const struct raft_entry *entries, size_t entry_count);

/* Handles TICK, RAFT_MESSAGE, PERSISTED, PERSIST_FAILED, PROPOSE, COMMITTED (advances
 * applied_index), SNAPSHOT_INSTALLED, TRANSFER, TIME_DOUBT; ignores the others. Adds effects SEND,
 * PERSIST, APPLY, SNAPSHOT_*, and PROPOSE of a COMMAND_NOOP on becoming leader. May be called again
 * and again with the same update. */
void raft_step(struct raft *raft, const struct event *event, struct update *update);

/* This node leads, has applied an entry of its own term, and is not handing leadership over. */
bool raft_is_ready(const struct raft *raft);
/* Until when this leader may start a write to the outside: T + election base, where T is when it
 * sent the newest heartbeat round that a majority has answered (DESIGN section 3, Lease). 0 where
 * it does not lead, and from the moment at which it told a successor to campaign. */
time_ms raft_lease_until_ms(const struct raft *raft);
uint8_t raft_quorum(uint8_t voter_count);
uint8_t raft_voter_count(const struct raft *raft);
/* This node counts and may campaign: the newest members have it as a voter, with this very folder.
 * A novice is one once its log holds that it was made one. */
bool raft_is_voter(const struct raft *raft);
/* WHY_NONE: the change may be proposed now. A promotion waits until the learner has caught up;
 * nothing is changed before the previous change, and an entry of this term, are committed (Ongaro,
 * section 4.1, and the correction that followed it). */
enum why raft_member_gate(const struct raft *raft, const struct member *member, time_ms now_ms);
/* Voters heard within one election base, this node included; meaningful on the leader. */
uint8_t raft_live_voters(const struct raft *raft, time_ms now_ms);
/* "follower", "precandidate", "candidate", "leader"; "?" out of range. Static storage. */
const char *raft_role_name(enum raft_role role);

#endif
