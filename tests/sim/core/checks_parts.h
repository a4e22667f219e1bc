/* What the parts of the checks share: one record a service, and tables that grow.
 * Never used outside of checks*.c.
 * checks.c: Raft, ledgers, the end. checks_ballots.c: closes against votes. checks_moves.c: moves
 * against their guards. checks_lease.c, checks_writes.c: requests and the API's route. */
#ifndef QUORATE_TESTS_SIM_CORE_CHECKS_PARTS_H
#define QUORATE_TESTS_SIM_CORE_CHECKS_PARTS_H

#include "tests/sim/core/checks.h"

enum { CHECKS_ROUNDS = 1024, CHECKS_RECORDS = 32, CHECKS_REQUESTS = 512 };

/* All that was said in one call's ballot: sets of values, by voter and side. */
struct said {
    log_index inquiry;
    uint32_t ballot;
    uint64_t nonce;
    uint32_t incarnation[NODE_COUNT_MAX + 1];
    uint8_t values[NODE_COUNT_MAX + 1][SIDE_N];
};

/* A request's key and everything that must not differ under it. */
struct key {
    log_index move;
    enum route_step step;
    uint32_t attempt;
    enum side to;
    struct route_base base;
    uint8_t part; /* of a unit, as the two that follow */
    uint64_t part_version;
    uint64_t part_edit;
};

/* A state that the API's route came to. */
struct visit {
    enum route_state state;
    uint64_t version;
    bool ours; /* we changed the state */
};

/* A decided ballot as it was closed, for a count of our own. */
struct decided {
    enum ballot_result result;
    time_ms closed_ms;
};

/* What one route went through. */
struct way {
    size_t visit_count;
    size_t visit_capacity;
    struct visit *visits;
    size_t visit_known; /* the ledger's outcomes reach up to this one */
};

struct service_checks {
    struct service_record before; /* as it was before the entry that is looked at */
    log_index opened;             /* the last move that was opened rightly */
    size_t decided_count[SIDE_N]; /* all ever; the table holds the last ones */
    struct decided decided[SIDE_N][CHECKS_RECORDS];
    struct way ways[PLATFORM_PARTS_MAX]; /* of each part */
    bool half;                           /* the last outcome showed a unit that differs */
    size_t key_count;
    size_t key_capacity;
    struct key *keys;
    size_t flying_count; /* requests that left and did not arrive yet */
    struct key flying;
    node_id flying_node;
    uint32_t flying_incarnation;
    time_ms over_ms;                     /* when the last request was over; -1: there was none */
    time_ms read_ms[NODE_COUNT_MAX + 1]; /* when the node's newest reading was taken */
    uint32_t read_incarnation[NODE_COUNT_MAX + 1];
};

/* A leader's heartbeats as they were seen to leave, and to be answered. */
struct lease_checks {
    term_id term;
    uint64_t newest;
    time_ms sent_ms[CHECKS_ROUNDS]; /* on the leader's own clock, by round */
    uint64_t answered[NODE_COUNT_MAX + 1];
};

struct checks {
    struct checks_counts counts;
    bool moves_forbidden;
    size_t said_count;
    size_t said_capacity;
    struct said *said;
    size_t hash_capacity;
    uint64_t *ledger_hash; /* by index; 0: nobody applied it */
    size_t request_count;
    uint64_t requests[CHECKS_REQUESTS]; /* the last ones */
    struct service_checks services[STAGE_SERVICES_MAX];
    struct lease_checks leases[NODE_COUNT_MAX + 1];
    uint8_t buffer[LEDGER_BYTES_MAX];
};

/* Makes room for one more row. */
void *checks_grow(void *table, size_t count, size_t *capacity, size_t row_bytes);

/* checks_ballots.c */
void checks_close(struct stage *stage, uint16_t service, const struct ledger *ledger,
                  const struct service_record *record, const struct command_ballot_close *close);
bool checks_convicted(const struct stage *stage, uint16_t service, enum side side, time_ms now_ms);

/* checks_moves.c */
void checks_move(struct stage *stage, uint16_t service, const struct ledger *ledger,
                 const struct service_record *record, const struct applied *applied,
                 const struct command *command);

/* checks_lease.c */
void checks_lease(struct stage *stage, node_id node, const struct route_job *job);

/* checks_writes.c */
void checks_outcome(struct stage *stage, uint16_t service, const struct command_outcome *outcome);
/* A reading that is taken for a late own write is a step of the move like any other. */
void checks_late_write(struct stage *stage, uint16_t service, const struct applied *applied,
                       const struct command_route_seen *seen);
void checks_routes_at_end(const struct stage *stage, uint16_t service);

#endif
