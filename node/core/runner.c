#include <string.h>

#include "node/core/judge.h"
#include "node/core/ledger.h"
#include "node/core/move.h"
#include "node/core/parts.h"
#include "node/core/runner_parts.h"
#include "proto/level.h"

const char *runner_state_name(enum runner_state state)
{
    static const char *const names[RUNNER_STATE_N] = {"idle", "waiting", "reading", "writing",
                                                      "backoff"};
    return (size_t)state < RUNNER_STATE_N ? names[state] : "?";
}

static struct task task_of(struct core *core, service_slot slot, struct update *update)
{
    struct service_record *service = &core->ledger.services[slot];
    return (struct task){.core = core,
                         .slot = slot,
                         .lead = &core->leads[slot],
                         .runner = &core->leads[slot].runner,
                         .service = service,
                         .move = &service->move,
                         .update = update};
}

void runner_propose(struct task *task, struct command *command)
{
    command->service = task->slot;
    task->lead->proposed = true;
    task->lead->proposed_ms = task->core->now_ms;
    task->runner->state = RUNNER_IDLE;
    core_propose(task->core, command, task->update);
}

void runner_propose_input(struct task *task, enum move_input input, enum why why)
{
    struct command command = {.kind = COMMAND_MOVE_INPUT};
    command.as.move_input.move = task->move->id;
    command.as.move_input.input = input;
    command.as.move_input.why = why;
    runner_propose(task, &command);
}

/* `seen`: the reading that shows it; NULL where there is none. What follows a superseded request of
 * a unit, or on an unversioned backend, does not keep the request from landing. */
void runner_propose_outcome(struct task *task, enum outcome outcome, enum why why,
                            const struct route_view *seen)
{
    struct command command = {.kind = COMMAND_OUTCOME};
    struct command_outcome *told = &command.as.outcome;
    bool open = outcome == OUTCOME_SUPERSEDED && !judge_is_fenced(task->service, &seen->parts);
    told->move = task->move->id;
    told->step = task->move->intent.step;
    told->attempt = task->move->intent.attempt;
    told->outcome = outcome;
    told->why = why;
    told->version = task->service->route_version;
    if (seen != NULL) {
        told->state = seen->state;
        told->version = seen->version;
        told->parts = seen->parts;
    }
    told->may_land = (outcome == OUTCOME_STUCK || open) && task->runner->unsure;
    memcpy(told->correlation, task->runner->correlation, sizeof told->correlation);
    task->runner->agreeing = 0;
    task->runner->told = *told;
    runner_propose(task, &command);
}

/* The open attempt's outcome is on its way or got lost on it: no request of it may follow. */
static bool is_told(const struct task *task)
{
    const struct command_outcome *told = &task->runner->told;
    return told->move == task->move->id && told->attempt == task->move->intent.attempt;
}

static void tell_again(struct task *task)
{
    struct command command = {.kind = COMMAND_OUTCOME};
    command.as.outcome = task->runner->told;
    runner_propose(task, &command);
}

void runner_back_off(struct task *task, time_ms at_least_ms)
{
    struct runner *runner = task->runner;
    runner->backoff_ms = runner->backoff_ms == 0 ? BACKOFF_FIRST_MS : runner->backoff_ms * 2;
    if (runner->backoff_ms > BACKOFF_LAST_MS)
        runner->backoff_ms = BACKOFF_LAST_MS;
    time_ms jitter_ms =
        (time_ms)prng_below(&task->core->prng, (uint64_t)runner->backoff_ms / 4 + 1);
    time_ms wait_ms = runner->backoff_ms + jitter_ms;
    runner->state = RUNNER_BACKOFF;
    runner->until_ms = task->core->now_ms + (wait_ms > at_least_ms ? wait_ms : at_least_ms);
    update_deadline(task->update, runner->until_ms);
}

void runner_start_read(struct task *task)
{
    task->runner->state = RUNNER_READING;
    task->runner->ticket = proof_read(task->core, task->slot, false, task->update);
}

/* The request itself. The lease is checked once more by the actuator, immediately before it starts.
 */
void runner_start_write(struct task *task)
{
    const struct intent_record *intent = &task->move->intent;
    time_ms lease_ms = raft_lease_until_ms(&task->core->raft);
    if (task->core->now_ms >= lease_ms) {
        runner_back_off(task, 0);
        return;
    }
    struct route_job *job = &update_add(task->update, EFFECT_ROUTE)->as.route;
    *job = (struct route_job){.ticket = core_ticket(task->core),
                              .kind = ROUTE_JOB_WRITE,
                              .service = task->slot,
                              .step = intent->step,
                              .to = intent->to,
                              .move = task->move->id,
                              .attempt = intent->attempt,
                              .base = intent->base,
                              .term = task->core->raft.term,
                              .start_before_ms = lease_ms,
                              .token_minted_after_ms = task->lead->inquiry_ms};
    task->runner->state = RUNNER_WRITING;
    task->runner->ticket = job->ticket;
    task->runner->wrote = true;
    task->runner->quiet_ms = task->core->now_ms + task->core->settings.actuator_deadline_ms;
}

bool runner_on_route(struct core *core, service_slot slot, const struct event *event,
                     struct update *update)
{
    struct task task = task_of(core, slot, update);
    struct runner *runner = task.runner;
    if (drain_on_counted(core, slot, event))
        return true;
    bool busy = runner->state == RUNNER_READING || runner->state == RUNNER_WRITING;
    if (!busy || runner->ticket != event->as.route.ticket)
        return false;
    bool was_reading = runner->state == RUNNER_READING;
    runner->state = RUNNER_IDLE;
    if (!move_is_open(task.move) || task.move->id != runner->move)
        return true;
    if (was_reading)
        runner_on_read(&task, event);
    else if (task.move->intent.index != 0)
        runner_on_written(&task, event);
    return true;
}

/* An intent that was accepted since this leadership began is requested at once; an inherited one
 * only after its writer is surely done. That may be this very leader, before a hand-over that came
 * to nothing. */
static void adopt_intent(struct task *task)
{
    const struct intent_record *intent = &task->move->intent;
    struct runner *runner = task->runner;
    struct core *core = task->core;
    bool own = intent->index > core->leading_index;
    runner->attempt = intent->attempt;
    runner->wrote = false;
    runner->unsure = !own;
    runner->limited_ms = 0;
    runner->agreeing = 0;
    runner->astray = 0;
    runner->refused = WHY_NONE;
    runner->backoff_ms = 0;
    runner->correlation[0] = '\0';
    if (own) {
        runner_start_write(task);
        return;
    }
    time_ms wait_ms =
        core->settings.actuator_deadline_ms + (core->by_transfer ? core->settings.election_ms : 0);
    runner->state = RUNNER_WAITING;
    runner->until_ms = core->leading_since_ms + wait_ms;
    runner->quiet_ms = runner->until_ms;
}

static bool paused_too_long(const struct task *task)
{
    return core_ledger_now(task->core, task->core->now_ms) >=
           move_pause_until_ms(task->move, &task->service->settings);
}

/* Ledger time that the state still has to last, at most `length`. */
static time_ms remaining_ms(const struct task *task, time_ms since_ms, time_ms length_ms)
{
    return since_ms + length_ms - core_ledger_now(task->core, task->core->now_ms);
}

static void tick_draining(struct task *task)
{
    enum move_input input = drain_tick(task->core, task->slot, task->update);
    if (input != MOVE_INPUT_N)
        runner_propose_input(task, input, WHY_NONE);
}

static void tick_verifying(struct task *task)
{
    const struct service_settings *settings = &task->service->settings;
    struct runner *runner = task->runner;
    time_ms left_ms = remaining_ms(task, task->move->state_ms, settings->verify_within_ms);
    bool canaries = task->move->canaries >= settings->verify_canaries;
    if (canaries && runner->agreeing >= settings->verify_reads) {
        runner_propose_input(task, MOVE_IN_VERIFIED, WHY_NONE);
    } else if (left_ms <= 0) {
        runner_propose_input(task, MOVE_IN_VERIFY_EXPIRED, WHY_UNVERIFIED);
    } else if (runner->agreeing < settings->verify_reads &&
               task->core->now_ms >= runner->next_read_ms) {
        runner_start_read(task);
    } else {
        update_deadline(task->update, task->core->now_ms + left_ms);
        if (runner->agreeing < settings->verify_reads)
            update_deadline(task->update, runner->next_read_ms);
    }
}

/* Nothing keeps an earlier request from landing after the route was taken back where no version
 * does, nor at a part of a unit that is right already and not written: its time is waited for. */
static time_ms late_left_ms(const struct task *task)
{
    const struct late_list *late = &task->service->late;
    if (late->count == 0 || judge_is_fenced(task->service, &task->lead->view.parts))
        return 0;
    return remaining_ms(task, late->records[late->count - 1].until_ms, 0);
}

static void tick_step(struct task *task, enum route_step step)
{
    time_ms left_ms = step == ROUTE_RESUME ? late_left_ms(task) : 0;
    if (left_ms > 0)
        update_deadline(task->update, task->core->now_ms + left_ms);
    else
        runner_start_read(task);
}

/* No intent is open: what does the state ask for? */
static void tick_next(struct task *task)
{
    enum route_step step;
    if (task->move->state == MOVE_DRAINING) {
        tick_draining(task);
    } else if (task->move->state == MOVE_VERIFYING) {
        tick_verifying(task);
    } else if (task->move->state == MOVE_READY) {
        enum why why = guard_switch(&task->core->ledger, task->service);
        if (why == WHY_DESTINATION_NOT_BETTER)
            runner_propose_input(task, MOVE_IN_ABORT, why);
        else if (why == WHY_NONE || why == WHY_ROUTE_FOREIGN)
            runner_start_read(task);
    } else if (move_step_due(task->move->state, &step) == 0) {
        tick_step(task, step);
    }
}

static void tick_idle(struct task *task)
{
    if (paused_too_long(task)) /* an open intent's outcome still follows */
        runner_propose_input(task, MOVE_IN_PAUSED_TOO_LONG, WHY_PAUSED_TOO_LONG);
    else if (task->move->intent.index == 0)
        tick_next(task);
    else if (is_told(task))
        tell_again(task);
    else if (task->runner->attempt != task->move->intent.attempt)
        adopt_intent(task);
    else
        runner_start_read(task); /* read before repeat */
}

static void note_pause_deadline(struct task *task)
{
    time_ms until_ms = move_pause_until_ms(task->move, &task->service->settings);
    time_ms now_ms = core_ledger_now(task->core, task->core->now_ms);
    if (until_ms != TIME_NEVER && until_ms > now_ms)
        update_deadline(task->update, task->core->now_ms + until_ms - now_ms);
}

void runner_tick(struct core *core, service_slot slot, struct update *update)
{
    struct task task = task_of(core, slot, update);
    struct runner *runner = task.runner;
    if (!move_is_open(task.move) || task.move->state == MOVE_BLOCKED) {
        *runner = (struct runner){0};
        return;
    }
    if (runner->move != task.move->id)
        *runner = (struct runner){.move = task.move->id};
    if (task.lead->proposed)
        return;
    note_pause_deadline(&task);
    switch (runner->state) {
    case RUNNER_IDLE:
        tick_idle(&task);
        break;
    case RUNNER_WAITING:
    case RUNNER_BACKOFF:
        if (core->now_ms < runner->until_ms) {
            update_deadline(update, runner->until_ms);
        } else {
            runner->state = RUNNER_IDLE;
            tick_idle(&task);
        }
        break;
    case RUNNER_READING:
    case RUNNER_WRITING:
    case RUNNER_STATE_N:
        break;
    }
}
