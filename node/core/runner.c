#include <string.h>

#include "node/core/ledger.h"
#include "node/core/move.h"
#include "node/core/parts.h"
#include "proto/level.h"

const char *runner_state_name(enum runner_state state)
{
    static const char *const names[RUNNER_STATE_N] = {"idle", "waiting", "reading", "writing",
                                                      "backoff"};
    return (size_t)state < RUNNER_STATE_N ? names[state] : "?";
}

struct task {
    struct core *core;
    service_slot slot;
    struct lead *lead;
    struct runner *runner;
    const struct service_record *service;
    const struct move_record *move;
    struct update *update;
};

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

static void propose(struct task *task, struct command *command)
{
    command->service = task->slot;
    task->lead->proposed = true;
    task->lead->proposed_ms = task->core->now_ms;
    task->runner->state = RUNNER_IDLE;
    core_propose(task->core, command, task->update);
}

static void propose_input(struct task *task, enum move_input input, enum why why)
{
    struct command command = {.kind = COMMAND_MOVE_INPUT};
    command.as.move_input.move = task->move->id;
    command.as.move_input.input = input;
    command.as.move_input.why = why;
    propose(task, &command);
}

static void propose_outcome(struct task *task, enum outcome outcome, enum why why,
                            enum route_state state, uint64_t version)
{
    struct command command = {.kind = COMMAND_OUTCOME};
    command.as.outcome.move = task->move->id;
    command.as.outcome.step = task->move->intent.step;
    command.as.outcome.attempt = task->move->intent.attempt;
    command.as.outcome.outcome = outcome;
    command.as.outcome.why = why;
    command.as.outcome.state = state;
    command.as.outcome.version = version;
    command.as.outcome.may_land = outcome == OUTCOME_STUCK && task->runner->unsure;
    memcpy(command.as.outcome.correlation, task->runner->correlation,
           sizeof command.as.outcome.correlation);
    task->runner->agreeing = 0;
    task->runner->told = command.as.outcome;
    propose(task, &command);
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
    propose(task, &command);
}

static void back_off(struct task *task, time_ms at_least_ms)
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

/* What the API asks for in a Retry-After, as far as we obey it. */
static time_ms obeyed_ms(const struct task *task, time_ms retry_after_ms)
{
    time_ms limit_ms = task->core->settings.rate_limit_max_ms;
    return limit_ms > 0 && retry_after_ms > limit_ms ? limit_ms : retry_after_ms;
}

static void start_read(struct task *task)
{
    task->runner->state = RUNNER_READING;
    task->runner->ticket = proof_read(task->core, task->slot, task->update);
}

/* The request itself. The lease is checked once more by the actuator, immediately before it starts.
 */
static void start_write(struct task *task)
{
    const struct intent_record *intent = &task->move->intent;
    time_ms lease_ms = raft_lease_until_ms(&task->core->raft);
    if (task->core->now_ms >= lease_ms) {
        back_off(task, 0);
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
}

static enum route_state target_of(const struct intent_record *intent)
{
    return intent->step == ROUTE_PAUSE ? ROUTE_PAUSED : route_state_of(intent->to);
}

/* Once more, with the same key; after a request that just left only when a back-off lies between.
 */
static void repeat_write(struct task *task)
{
    if (!task->runner->wrote) {
        start_write(task);
        return;
    }
    task->runner->wrote = false;
    back_off(task, 0);
}

/* Unversioned backends tell less: the target must be read twice, or the request is repeated. */
static void judge_unversioned(struct task *task, const struct route_view *view)
{
    struct runner *runner = task->runner;
    if (view->state != target_of(&task->move->intent)) {
        runner->agreeing = 0;
        repeat_write(task);
    } else if (++runner->agreeing >= DRIFT_READS) {
        propose_outcome(task, OUTCOME_APPLIED, WHY_NONE, view->state, view->version);
    } else {
        back_off(task, 0);
    }
}

/* DESIGN 3: an outcome comes only from a write that consumes the version; until then the same
 * request, with the same key, may be repeated. A body that this leader would write otherwise is a
 * new attempt, on the same version, so that only one of the two can be taken. */
static void judge(struct task *task, const struct route_view *view)
{
    const struct intent_record *intent = &task->move->intent;
    bool consumed = view->version != intent->base.version;
    bool same_body = view->body_hash[intent->step][intent->to] == intent->base.body_hash;
    if (consumed && task->service->settings.versioned)
        task->runner->unsure = false; /* whatever is under way meets another version */
    if (view->state == ROUTE_UNKNOWN) {
        back_off(task, 0);
    } else if (view->state == ROUTE_FOREIGN) {
        propose_outcome(task, OUTCOME_STUCK, WHY_ROUTE_FOREIGN, view->state, view->version);
    } else if (!task->service->settings.versioned) {
        judge_unversioned(task, view);
    } else if (!consumed && same_body) {
        repeat_write(task);
    } else if (consumed && view->state == target_of(intent)) {
        propose_outcome(task, OUTCOME_APPLIED, WHY_NONE, view->state, view->version);
    } else {
        propose_outcome(task, OUTCOME_SUPERSEDED, WHY_NONE, view->state, view->version);
    }
}

static void propose_intent(struct task *task, enum route_step step, const struct route_view *view)
{
    struct command command = {.kind = COMMAND_INTENT};
    struct command_intent *intent = &command.as.intent;
    intent->move = task->move->id;
    intent->step = step;
    intent->attempt = task->move->attempt + 1;
    intent->base.version = view->version;
    intent->base.body_hash = view->body_hash[step][move_step_side(task->move, step)];
    propose(task, &command);
}

/* A route that turned foreign under an open move: the ledger learns it, then the move is stuck. */
static void report_foreign(struct task *task, const struct route_view *view)
{
    if (task->service->route == ROUTE_FOREIGN) {
        propose_input(task, MOVE_IN_STUCK, WHY_ROUTE_FOREIGN);
        return;
    }
    struct command command = {.kind = COMMAND_ROUTE_SEEN};
    command.as.route_seen.state = view->state;
    command.as.route_seen.version = view->version;
    propose(task, &command);
}

static void on_verify_read(struct task *task, const struct route_view *view)
{
    struct runner *runner = task->runner;
    bool agrees = view->state == route_state_of(task->move->to);
    runner->agreeing = agrees && runner->agreeing < UINT8_MAX ? (uint8_t)(runner->agreeing + 1) : 0;
    runner->state = RUNNER_IDLE;
    runner->next_read_ms = task->core->now_ms + task->service->settings.verify_every_ms;
}

/* What the platform calls the request that shows a step's end: the write's own name; that of the
 * reading where the write's answer was lost or its writer is gone. */
static void note_correlation(struct runner *runner, const struct event *event)
{
    if (event->as.route.correlation[0] != '\0' &&
        (event->as.route.kind == ROUTE_JOB_WRITE || runner->correlation[0] == '\0'))
        memcpy(runner->correlation, event->as.route.correlation, sizeof runner->correlation);
}

static void on_read(struct task *task, const struct event *event)
{
    enum route_step step;
    const struct route_view *view = &event->as.route.view;
    if (event->as.route.result != ROUTE_RESULT_OK || !event->as.route.has_view) {
        task->runner->last = event->as.route.result;
        back_off(task, obeyed_ms(task, event->as.route.retry_after_ms));
    } else if (task->move->intent.index != 0 &&
               task->runner->attempt != task->move->intent.attempt) {
        task->runner->state = RUNNER_IDLE; /* accepted while the route was read: adopted first */
    } else if (task->move->intent.index != 0) {
        note_correlation(task->runner, event);
        judge(task, view);
    } else if (task->move->state == MOVE_VERIFYING) {
        on_verify_read(task, view);
    } else if (view->state == ROUTE_FOREIGN) {
        report_foreign(task, view);
    } else if (move_step_due(task->move->state, &step) == 0) {
        propose_intent(task, step, view);
    } else {
        task->runner->state = RUNNER_IDLE;
    }
}

/* A definite no. Where it kept a pause from being taken back, that is tried again after a while. */
static void refuse(struct task *task, enum why why, time_ms again_ms)
{
    bool again = task->move->intent.step == ROUTE_RESUME;
    propose_outcome(task, OUTCOME_STUCK, why, ROUTE_UNKNOWN, task->service->route_version);
    if (again)
        back_off(task, again_ms);
}

/* 429: what the API asks for is waited for, up to a limit of one wait and of all of them together;
 * then it is a definite no. Below level 2 there is no word for that, and the waiting goes on. */
static void wait_for_rate(struct task *task, time_ms retry_after_ms)
{
    struct runner *runner = task->runner;
    const struct core *core = task->core;
    time_ms limit_ms = core->settings.rate_limit_max_ms;
    if (runner->limited_ms == 0)
        runner->limited_ms = core->now_ms;
    bool over = core->now_ms - runner->limited_ms + retry_after_ms > limit_ms;
    time_ms wait_ms = obeyed_ms(task, retry_after_ms);
    if (limit_ms > 0 && over && core->ledger.level >= PROTO_LEVEL_HELLO)
        refuse(task, WHY_RATE_LIMITED, wait_ms > BACKOFF_LAST_MS ? wait_ms : BACKOFF_LAST_MS);
    else
        back_off(task, wait_ms);
}

static void on_written(struct task *task, const struct event *event)
{
    const struct route_view *view = &event->as.route.view;
    note_correlation(task->runner, event);
    proof_forget_view(task->core, task->slot);
    task->runner->last = event->as.route.result;
    if (event->as.route.result != ROUTE_RESULT_RATE_LIMITED)
        task->runner->limited_ms = 0;
    switch (event->as.route.result) {
    case ROUTE_RESULT_OK:
        if (event->as.route.has_view && view->state == target_of(&task->move->intent))
            propose_outcome(task, OUTCOME_APPLIED, WHY_NONE, view->state, view->version);
        else
            start_read(task);
        break;
    case ROUTE_RESULT_UNKNOWN:
        task->runner->unsure = true;
        start_read(task);
        break;
    case ROUTE_RESULT_CONFLICT:
        start_read(task);
        break;
    case ROUTE_RESULT_NOT_SENT:
    case ROUTE_RESULT_CANCELED:
    case ROUTE_RESULT_UNAUTHORIZED:
    case ROUTE_RESULT_SERVER_ERROR:
        task->runner->wrote = false; /* this is the back-off before the next one */
        back_off(task, obeyed_ms(task, event->as.route.retry_after_ms));
        break;
    case ROUTE_RESULT_RATE_LIMITED:
        task->runner->wrote = false;
        wait_for_rate(task, event->as.route.retry_after_ms);
        break;
    case ROUTE_RESULT_FORBIDDEN:
        refuse(task, WHY_FORBIDDEN, BACKOFF_LAST_MS);
        break;
    case ROUTE_RESULT_NOT_FOUND:
        refuse(task, WHY_NOT_FOUND, BACKOFF_LAST_MS);
        break;
    case ROUTE_RESULT_REJECTED:
        refuse(task, WHY_REJECTED, BACKOFF_LAST_MS);
        break;
    case ROUTE_RESULT_N:
        break;
    }
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
        on_read(&task, event);
    else if (task.move->intent.index != 0)
        on_written(&task, event);
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
    runner->backoff_ms = 0;
    runner->correlation[0] = '\0';
    if (own) {
        start_write(task);
        return;
    }
    time_ms wait_ms =
        core->settings.actuator_deadline_ms + (core->by_transfer ? core->settings.election_ms : 0);
    runner->state = RUNNER_WAITING;
    runner->until_ms = core->leading_since_ms + wait_ms;
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
        propose_input(task, input, WHY_NONE);
}

static void tick_verifying(struct task *task)
{
    const struct service_settings *settings = &task->service->settings;
    struct runner *runner = task->runner;
    time_ms left_ms = remaining_ms(task, task->move->state_ms, settings->verify_within_ms);
    bool canaries = task->move->canaries >= settings->verify_canaries;
    if (canaries && runner->agreeing >= settings->verify_reads) {
        propose_input(task, MOVE_IN_VERIFIED, WHY_NONE);
    } else if (left_ms <= 0) {
        propose_input(task, MOVE_IN_VERIFY_EXPIRED, WHY_UNVERIFIED);
    } else if (runner->agreeing < settings->verify_reads &&
               task->core->now_ms >= runner->next_read_ms) {
        start_read(task);
    } else {
        update_deadline(task->update, task->core->now_ms + left_ms);
        if (runner->agreeing < settings->verify_reads)
            update_deadline(task->update, runner->next_read_ms);
    }
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
            propose_input(task, MOVE_IN_ABORT, why);
        else if (why == WHY_NONE || why == WHY_ROUTE_FOREIGN)
            start_read(task);
    } else if (move_step_due(task->move->state, &step) == 0) {
        start_read(task);
    }
}

static void tick_idle(struct task *task)
{
    if (paused_too_long(task)) /* an open intent's outcome still follows */
        propose_input(task, MOVE_IN_PAUSED_TOO_LONG, WHY_PAUSED_TOO_LONG);
    else if (task->move->intent.index == 0)
        tick_next(task);
    else if (is_told(task))
        tell_again(task);
    else if (task->runner->attempt != task->move->intent.attempt)
        adopt_intent(task);
    else
        start_read(task); /* read before repeat */
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
