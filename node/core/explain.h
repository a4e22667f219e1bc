/* Explain: why a service moved, moves or does not move, and when it could at the earliest, as codes
 * and numbers. Never makes sentences; node/io/api and the commands do. Called by the status pages
 * and `quorate explain`. Pure. */
#ifndef QUORATE_CORE_EXPLAIN_H
#define QUORATE_CORE_EXPLAIN_H

#include "node/core/core.h"
#include "node/core/verdict.h"

struct explanation {
    enum why why; /* why there is no move now; WHY_MOVE_OPEN with the move's own why where there is
                     one */
    enum why detail;     /* of an open or blocked move, or of the gate */
    time_ms earliest_ms; /* a duration until a move could open at the earliest; -1 where time alone
                            changes nothing */
    time_ms timer_ms; /* a duration until cooldown, hold, drain or verification ends; -1 where none
                         runs */
    enum route_result last_request; /* of the open move, by this leader; OK where there was none */
    enum runner_state request;      /* what the leader does about the open move's next request */
    time_ms request_wait_ms;        /* ... until it goes on; -1 where it does not wait */
    time_ms
        failback_ms;   /* a duration until the return is due; 0: it is; -1 where none is awaited */
    enum why failback; /* what else stands against it */
    bool drain_counts; /* the open move drains, and its conversations are counted */
    struct live_count drain; /* ... so, by this node where it leads */
    bool locked_out;         /* the platform knows the cluster's refresh token no more */
    bool inquiry_open;
    uint32_t ballot; /* the running or last call's number */
    uint8_t fails_needed;
    struct finding finding[SIDE_N];
    bool live; /* this node leads: ballots, path faults and times are its own; else as it hears */
    bool heard[NODE_COUNT_MAX + 1];
    time_ms age_ms[NODE_COUNT_MAX + 1];
    bool path_fault[NODE_COUNT_MAX + 1][SIDE_N];
    struct vote votes[NODE_COUNT_MAX + 1];
};

/* Why the service is BLIND, WHY_NONE where it is not: its last inquiry lapsed with a FAIL, or (as
 * the leader alone sees) no quorum gave informative votes for `blind_after`. */
enum why explain_blind(const struct core *core, service_slot slot);

/* The hold that stands against the service's moves: its own before the one of all; NULL where there
 * is none. */
const struct hold_record *explain_hold(const struct ledger *ledger,
                                       const struct service_record *service);

/* Returns 0, or ERR_NOT_FOUND for a slot that the ledger does not have. */
int explain_service(const struct core *core, service_slot slot, time_ms now_ms,
                    struct explanation *ret_explanation);

#endif
