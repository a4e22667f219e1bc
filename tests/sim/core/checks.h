/* The invariants of a cluster that moves routes, judged by what reached the API, what voters really
 * said, what went between nodes, and what the ledgers hold: DESIGN section 3, 1 to 10.
 * Never trusts a core's own bookkeeping where the stage saw the thing itself.
 * Called by the stage at each step, message, vote, applied entry and request, and at a scenario's
 * end. */
#ifndef QUORATE_TESTS_SIM_CORE_CHECKS_H
#define QUORATE_TESTS_SIM_CORE_CHECKS_H

#include "tests/sim/core/stage.h"

struct checks;
struct stage_order;

/* What a run was made of. */
struct checks_counts {
    uint64_t move_steps;          /* accepted changes of a move: its state, an intent, an outcome */
    uint64_t moves[MOVE_CAUSE_N]; /* opened */
    uint64_t ended[MOVE_STATE_N]; /* by the state in which they came to rest */
    uint64_t writes;              /* requests that were started */
    uint64_t half_moved;          /* units that an outcome shows as differing */
    uint64_t finished;            /* ... and that were moved to the end then */
    uint64_t taken_back;
    uint64_t emptied; /* drains that a count ended */
    uint64_t inquiries;
    uint64_t ballots;             /* called */
    uint64_t votes[VOTE_VALUE_N]; /* in ballots, on the primary */
    uint64_t terms;
};

struct checks *checks_new(void);
void checks_free(struct checks **checks);
const struct checks_counts *checks_counts(const struct stage *stage);
/* Nothing but operators may move a route in this run: only a minority is ill. */
void checks_forbid_moves(struct stage *stage, bool forbidden);

/* checks.c: Raft's own invariants and equal ledgers. */
void checks_on_start(struct stage *stage, node_id node);
void checks_on_persist(struct stage *stage, node_id node, const struct persist_job *job);
void checks_on_step(struct stage *stage, node_id node);
void checks_on_installed(struct stage *stage, node_id node);
/* The node applied an entry. Returns true where it is the first to apply this index. */
bool checks_on_applied(struct stage *stage, node_id node, const struct applied *applied,
                       const struct command *command);
void checks_at_end(struct stage *stage);

/* checks_ballots.c: a voter said this; a liar may say more than one thing. */
void checks_on_vote(struct stage *stage, const struct vote *vote);
void checks_on_call(struct stage *stage);

/* checks_moves.c: an operator asked with this id. */
void checks_on_operation(struct stage *stage, uint64_t request_id);

/* checks_lease.c: Raft messages as they leave and arrive. */
void checks_on_sent(struct stage *stage, node_id node, const struct raft_message *message);
void checks_on_heard(struct stage *stage, node_id node, const struct raft_message *message);

/* checks_writes.c */
/* The core asks for a job. */
void checks_on_job(struct stage *stage, node_id node, const struct route_job *job);
/* A reading that the node will be told of is taken now. */
void checks_on_read(struct stage *stage, node_id node, uint16_t service);
/* A write is about to be started. */
void checks_on_write(struct stage *stage, node_id node, const struct route_job *job,
                     const struct stage_order *order);
/* The write has reached the API or was lost. */
void checks_on_write_over(struct stage *stage, uint16_t service);
/* A write, or a human's edit, was carried out or refused. */
void checks_on_route(struct stage *stage, uint16_t service, bool effective, bool by_human);

#endif
