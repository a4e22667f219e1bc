/* The invariants of a cluster that moves routes, judged by what reached the API, what voters really
 * said, and what the ledgers hold: DESIGN section 3, 1 to 8. Raft's own are checked elsewhere.
 * Never trusts a core's own bookkeeping where the stage saw the thing itself.
 * Called by the stage at each vote, applied entry and request, and at a scenario's end. */
#ifndef QUORATE_TESTS_SIM_CORE_CHECKS_H
#define QUORATE_TESTS_SIM_CORE_CHECKS_H

#include "tests/sim/core/stage.h"

struct checks;

struct checks *checks_new(void);
void checks_free(struct checks **checks);
/* A voter said this. */
void checks_on_vote(struct stage *stage, const struct vote *vote);
/* An operator asked with this id. */
void checks_on_operation(struct stage *stage, uint64_t request_id);
/* The node applied an entry. Returns true where it is the first to apply this index. */
bool checks_on_applied(struct stage *stage, node_id node, const struct applied *applied,
                       const struct command *command);
/* The core asks for a job. */
void checks_on_job(struct stage *stage, node_id node, const struct route_job *job);
/* A write is about to be started. */
void checks_on_write(struct stage *stage, node_id node, const struct route_job *job);
/* The write has been answered, lost, or its deadline has passed. */
void checks_on_write_over(struct stage *stage);
void checks_at_end(struct stage *stage);

#endif
