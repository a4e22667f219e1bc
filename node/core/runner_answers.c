#include "node/core/judge.h"
#include "node/core/move.h"
#include "node/core/parts.h"
#include "node/core/runner_parts.h"
#include "proto/level.h"

#include <string.h>

/* What the API asks for in a Retry-After, as far as we obey it. */
static time_ms obeyed_ms(const struct task *task, time_ms retry_after_ms)
{
    time_ms limit_ms = task->core->settings.rate_limit_max_ms;
    return limit_ms > 0 && retry_after_ms > limit_ms ? limit_ms : retry_after_ms;
}

/* Once more, with the same key; after a request that just left only when a back-off lies between.
 */
static void repeat_write(struct task *task)
{
    if (!task->runner->wrote) {
        runner_start_write(task);
        return;
    }
    task->runner->wrote = false;
    runner_back_off(task, 0);
}

/* A definite no. Where it kept a pause, or half of a unit, from being taken back, that is tried
 * again after a while. */
static void give_up(struct task *task, const struct route_view *seen)
{
    time_ms again_ms = task->runner->refused_again_ms;
    bool again = task->move->intent.step == ROUTE_RESUME;
    runner_propose_outcome(task, OUTCOME_STUCK, task->runner->refused, seen);
    if (again)
        runner_back_off(task, again_ms);
}

static void judge(struct task *task, const struct route_view *view)
{
    struct runner *runner = task->runner;
    switch (judge_reading(runner, task->service, view, task->core->now_ms)) {
    case JUDGEMENT_READ_AGAIN:
        runner_back_off(task, 0);
        break;
    case JUDGEMENT_WAIT:
        runner_back_off(task, runner->quiet_ms - task->core->now_ms);
        break;
    case JUDGEMENT_REPEAT:
        repeat_write(task);
        break;
    case JUDGEMENT_APPLIED:
        runner_propose_outcome(task, OUTCOME_APPLIED, WHY_NONE, view);
        break;
    case JUDGEMENT_SUPERSEDED:
        runner_propose_outcome(task, OUTCOME_SUPERSEDED, WHY_NONE, view);
        break;
    case JUDGEMENT_FOREIGN:
        runner_propose_outcome(task, OUTCOME_STUCK, WHY_ROUTE_FOREIGN, view);
        break;
    case JUDGEMENT_REFUSED:
        give_up(task, view);
        break;
    case JUDGEMENT_N:
        break;
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
    runner_propose(task, &command);
}

static void report_seen(struct task *task, const struct route_view *view)
{
    struct command command = {.kind = COMMAND_ROUTE_SEEN};
    command.as.route_seen.state = view->state;
    command.as.route_seen.version = view->version;
    command.as.route_seen.parts = view->parts;
    runner_propose(task, &command);
}

/* A route that turned foreign under an open move: the ledger learns it, then the move is stuck. */
static void report_foreign(struct task *task, const struct route_view *view)
{
    if (task->service->route == ROUTE_FOREIGN)
        runner_propose_input(task, MOVE_IN_STUCK, WHY_ROUTE_FOREIGN);
    else
        report_seen(task, view);
}

/* Before the next request of a unit the ledger learns what its parts are, each of them: a late
 * request may have changed one. */
static void prepare_intent(struct task *task, enum route_step step, const struct route_view *view)
{
    if (route_parts_agree(&view->parts, &task->service->parts))
        propose_intent(task, step, view);
    else
        report_seen(task, view);
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

void runner_on_read(struct task *task, const struct event *event)
{
    enum route_step step;
    const struct route_view *view = &event->as.route.view;
    if (event->as.route.result != ROUTE_RESULT_OK || !event->as.route.has_view) {
        task->runner->last = event->as.route.result;
        runner_back_off(task, obeyed_ms(task, event->as.route.retry_after_ms));
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
        prepare_intent(task, step, view);
    } else {
        task->runner->state = RUNNER_IDLE;
    }
}

/* Half of a unit may be done: it is read first, but where there is nothing to be read any more. */
static void refuse(struct task *task, enum why why, time_ms again_ms)
{
    task->runner->refused = why;
    task->runner->refused_again_ms = again_ms;
    if (route_is_unit(&task->lead->view.parts) && why != WHY_NOT_FOUND)
        runner_start_read(task);
    else
        give_up(task, NULL);
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
        runner_back_off(task, wait_ms);
}

void runner_on_written(struct task *task, const struct event *event)
{
    const struct route_view *view = &event->as.route.view;
    note_correlation(task->runner, event);
    proof_forget_view(task->core, task->slot);
    task->runner->last = event->as.route.result;
    if (event->as.route.result != ROUTE_RESULT_RATE_LIMITED)
        task->runner->limited_ms = 0;
    switch (event->as.route.result) {
    case ROUTE_RESULT_OK:
        if (event->as.route.has_view && view->state == judge_target(&task->move->intent))
            runner_propose_outcome(task, OUTCOME_APPLIED, WHY_NONE, view);
        else
            runner_start_read(task);
        break;
    case ROUTE_RESULT_UNKNOWN:
        task->runner->unsure = true;
        runner_start_read(task);
        break;
    case ROUTE_RESULT_CONFLICT:
        runner_start_read(task);
        break;
    case ROUTE_RESULT_NOT_SENT:
    case ROUTE_RESULT_CANCELED:
    case ROUTE_RESULT_UNAUTHORIZED:
    case ROUTE_RESULT_SERVER_ERROR:
        task->runner->wrote = false; /* this is the back-off before the next one */
        runner_back_off(task, obeyed_ms(task, event->as.route.retry_after_ms));
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
