/* What the two halves of the runner ask of each other: the open move of one service, and what may
 * be proposed and requested for it.
 * Never used outside of runner.c (what is due) and runner_answers.c (what came of it). */
#ifndef QUORATE_CORE_RUNNER_PARTS_H
#define QUORATE_CORE_RUNNER_PARTS_H

#include "node/core/core.h"

struct task {
    struct core *core;
    service_slot slot;
    struct lead *lead;
    struct runner *runner;
    const struct service_record *service;
    const struct move_record *move;
    struct update *update;
};

/* runner.c: each of them ends the turn; the runner is idle, reading, writing or backing off then.
 */
void runner_propose(struct task *task, struct command *command);
/* The outcome of the open intent. `seen`: the reading that shows it; NULL where there is none. */
void runner_propose_outcome(struct task *task, enum outcome outcome, enum why why,
                            const struct route_view *seen);
void runner_propose_input(struct task *task, enum move_input input, enum why why);
void runner_back_off(struct task *task, time_ms at_least_ms);
void runner_start_read(struct task *task);
/* The open intent's request, while this leader's lease allows one. */
void runner_start_write(struct task *task);

/* runner_answers.c: a reading, or a request, has ended. */
void runner_on_read(struct task *task, const struct event *event);
void runner_on_written(struct task *task, const struct event *event);

#endif
