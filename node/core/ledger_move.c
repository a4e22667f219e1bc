#include <string.h>

#include "common/check.h"
#include "node/core/guard.h"
#include "node/core/ledger_parts.h"
#include "node/core/move.h"
#include "node/core/verdict.h"
#include "proto/level.h"

static void remember_time(struct time_list *list, time_ms at_ms)
{
    if (list->count == MOVE_TIME_COUNT_MAX) {
        memmove(&list->at_ms[0], &list->at_ms[1], sizeof list->at_ms - sizeof list->at_ms[0]);
        list->count--;
    }
    list->at_ms[list->count++] = at_ms;
}

/* From where the hold time of a failback runs: the end of a conviction's move to the standby, or of
 * a failback that came to nothing. */
static void note_failback(struct application *application)
{
    struct service_record *service = application->service;
    const struct move_record *move = &service->move;
    time_ms now_ms = application->ledger->now_ms;
    bool moved = move->state == MOVE_DONE || move->state == MOVE_UNVERIFIED;
    if (application->ledger->level < PROTO_LEVEL_HELLO)
        return;
    if (moved)
        service->failback_from_ms = 0;
    if (moved && move->cause == CAUSE_CONVICTION && move->to == SIDE_STANDBY) {
        remember_time(&service->failovers, now_ms);
        service->failback_from_ms = now_ms;
    }
    if (move->state == MOVE_ABORTED && move->cause == CAUSE_FAILBACK)
        service->failback_from_ms = now_ms;
}

/* What follows from a move's having ended or come to rest. */
static void settle(struct application *application, bool released)
{
    struct service_record *service = application->service;
    struct move_record *move = &service->move;
    const struct service_settings *settings = &service->settings;
    time_ms now_ms = application->ledger->now_ms;
    enum vote_value old_side;
    switch (move->state) {
    case MOVE_UNVERIFIED:
        service->reverse_exempt =
            verdict_last_value(&service->rolling[move->from], settings, now_ms, &old_side) == 0 &&
            old_side == VOTE_UP;
        service->cooldown_until_ms = now_ms + settings->cooldown_ms;
        break;
    case MOVE_DONE:
        service->cooldown_until_ms = now_ms + settings->cooldown_ms;
        break;
    case MOVE_ABORTED:
        if (move->cause == CAUSE_CONVICTION && !released)
            remember_time(&service->aborts, now_ms);
        break;
    case MOVE_BLOCKED:
        break;
    case MOVE_NONE:
    case MOVE_PAUSING:
    case MOVE_DRAINING:
    case MOVE_READY:
    case MOVE_SWITCHING:
    case MOVE_VERIFYING:
    case MOVE_RESUMING:
    case MOVE_RETREATING:
    case MOVE_STATE_N:
        return;
    }
    note_failback(application);
    service->would_have_moved = false;
    /* A new side that failed its canaries is convicted already: the way back needs no new
     * complaint. */
    if (move->state != MOVE_UNVERIFIED || !service->inquiry.convicted[service->serving])
        ledger_inquiry_end(service);
}

/* Where a move goes back to. One that only mends the route leads to the side that serves already.
 */
static enum side home_side(const struct application *application)
{
    const struct service_record *service = application->service;
    return ledger_knows_units(application->ledger) ? service->serving : service->move.from;
}

/* The side that a retreat makes effective: the destination only where it is strictly better. */
static enum side better_side(const struct application *application)
{
    const struct move_record *move = &application->service->move;
    enum why why = guard_destination(application->ledger, application->service, move->to);
    return why == WHY_NONE ? move->to : home_side(application);
}

/* Half of the unit was moved, the other half was refused for good: what cannot be finished is taken
 * back, wherever the bots are better. */
static bool is_refused_halfway(const struct application *application, enum move_input input)
{
    const struct command *command = application->command;
    return input == MOVE_IN_STUCK_PAUSED && application->service->route == ROUTE_MIXED &&
           command->kind == COMMAND_OUTCOME && command->as.outcome.step != ROUTE_PAUSE;
}

/* Once a move rested, the side that serves stays where neither is better. */
static enum side retreat_side(const struct application *application, enum move_input input)
{
    enum side better = better_side(application);
    if (is_refused_halfway(application, input))
        return home_side(application);
    bool rested = input == MOVE_IN_LATE_WRITE && better == application->service->move.from;
    return rested ? application->service->serving : better;
}

static enum why advance(struct application *application, enum move_input input, enum why why)
{
    struct move_record *move = &application->service->move;
    const struct move_row *row = move_find(move->state, input);
    bool again = move->state == MOVE_RETREATING && !is_refused_halfway(application, input);
    if (row != NULL && row->to == MOVE_RETREATING && !again)
        move->resume_to = retreat_side(application, input);
    enum why answer = move_advance(move, input, why, application->ledger->now_ms);
    if (answer != WHY_NONE)
        return answer;
    application->applied->row = row;
    settle(application, input == MOVE_IN_RELEASE);
    return WHY_NONE;
}

static void accept_intent(struct application *application, enum route_step step,
                          const struct route_base *base)
{
    struct move_record *move = &application->service->move;
    move->attempt++;
    move->intent = (struct intent_record){.index = application->index,
                                          .term = application->term,
                                          .step = step,
                                          .attempt = move->attempt,
                                          .to = move_step_side(move, step),
                                          .base = *base};
    if (step == ROUTE_PAUSE && move->paused_ms == 0)
        move->paused_ms = application->ledger->now_ms;
}

static enum why why_of_cause(enum move_cause cause)
{
    if (cause == CAUSE_CONVICTION)
        return WHY_FAIL_QUORUM;
    return cause == CAUSE_OPERATOR ? WHY_OPERATOR : WHY_FAILBACK;
}

enum why ledger_open_move(struct application *application, const struct move_opening *opening)
{
    struct ledger *ledger = application->ledger;
    struct service_record *service = application->service;
    struct guard_answer answer = guard_open(ledger, service, opening);
    enum severity severity = service->inquiry.severity[service->serving];
    enum drain_kind drain = ledger_drain_kind(opening->cause, severity);
    bool pause = opening->first_step == ROUTE_PAUSE;
    if (answer.why != WHY_NONE)
        return answer.why;
    if (opening->first_step == ROUTE_RESUME || (pause && service->settings.drain_ms[drain] <= 0))
        return WHY_ILLEGAL;
    service->move = (struct move_record){.id = application->index,
                                         .cause = opening->cause,
                                         .severity = severity,
                                         .from = side_other(opening->to),
                                         .to = opening->to,
                                         .resume_to = side_other(opening->to),
                                         .force = opening->force,
                                         .opened_ms = ledger->now_ms};
    service->reverse_exempt = false;
    service->late = (struct late_list){0};
    service->inquiry.gate = WHY_NONE;
    if (opening->cause != CAUSE_OPERATOR)
        remember_time(&service->moves, ledger->now_ms);
    if (service->inquiry.index == 0)
        service->inquiry = (struct inquiry_record){
            .index = application->index, .opened_ms = ledger->now_ms, .side = service->move.from};
    enum why why = advance(application, pause ? MOVE_IN_OPEN_WITH_PAUSE : MOVE_IN_OPEN_DIRECT,
                           why_of_cause(opening->cause));
    CHECK(why == WHY_NONE);
    accept_intent(application, opening->first_step, &opening->base);
    return WHY_NONE;
}

/* Invariant 1: an operator's move names its operator; a failback's hold time is the guard's to
 * check; nothing else than these opens one. */
static bool has_cause(const struct application *application)
{
    const struct command_move_open *open = &application->command->as.move_open;
    if (open->move.cause == CAUSE_OPERATOR)
        return open->actor.text[0] != '\0';
    if (open->move.cause == CAUSE_FAILBACK &&
        (application->ledger->level < PROTO_LEVEL_HELLO || open->move.to != SIDE_PRIMARY))
        return false;
    return !open->move.force;
}

/* By the rolling five as they are now: a conviction that waited at the gate may be too old. */
static bool is_convicted(const struct application *application, enum side side)
{
    const struct service_record *service = application->service;
    return service->inquiry.index != 0 && service->inquiry.convicted[side] &&
           verdict_of(&service->rolling[side], &service->settings, application->ledger->now_ms)
                   .verdict == VERDICT_CONVICTED;
}

enum why ledger_move_open(struct application *application)
{
    const struct command_move_open *open = &application->command->as.move_open;
    struct service_record *service = application->service;
    if (open->expects && service->serving != open->expected)
        return WHY_EXPECTATION;
    if (!open->move.present || !has_cause(application))
        return WHY_ILLEGAL;
    if (open->move.cause == CAUSE_CONVICTION &&
        !is_convicted(application, side_other(open->move.to)))
        return WHY_HEALTHY;
    enum why why = ledger_open_move(application, &open->move);
    if (why != WHY_NONE)
        return why;
    service->move.actor = open->actor;
    memcpy(service->move.reason, open->reason, sizeof service->move.reason);
    return WHY_NONE;
}

void ledger_abort_move(struct application *application, enum why why)
{
    struct move_record *move = &application->service->move;
    if (move_find(move->state, MOVE_IN_ABORT) == NULL)
        return;
    move->resume_to = home_side(application);
    enum why answer = advance(application, MOVE_IN_ABORT, why);
    CHECK(answer == WHY_NONE);
}

enum why ledger_release_move(struct application *application)
{
    struct service_record *service = application->service;
    if (service->move.intent.index != 0 || ledger_late_is_possible(application->ledger, service))
        return WHY_INTENT_OPEN;
    service->late = (struct late_list){0};
    service->cooldown_until_ms = application->ledger->now_ms + service->settings.cooldown_ms;
    return advance(application, MOVE_IN_RELEASE, WHY_OPERATOR);
}

enum why ledger_intent(struct application *application)
{
    const struct command_intent *intent = &application->command->as.intent;
    struct service_record *service = application->service;
    struct move_record *move = &service->move;
    enum route_step due;
    if (!move_is_open(move) || move->id != intent->move)
        return WHY_NO_MOVE;
    if (move->intent.index != 0)
        return WHY_INTENT_OPEN;
    if (move_step_due(move->state, &due) != 0 || due != intent->step)
        return WHY_ILLEGAL;
    if (intent->attempt != move->attempt + 1)
        return WHY_STALE;
    if (move->state == MOVE_READY) {
        enum why why = guard_switch(application->ledger, service);
        if (why == WHY_NONE)
            why = advance(application, MOVE_IN_SWITCH_INTENT, move->why);
        if (why != WHY_NONE)
            return why;
    }
    accept_intent(application, intent->step, &intent->base);
    return WHY_NONE;
}

static enum why outcome_applied(struct application *application, enum route_step step, enum why why)
{
    struct service_record *service = application->service;
    struct move_record *move = &service->move;
    switch (step) {
    case ROUTE_PAUSE:
        ledger_set_route(service, ROUTE_PAUSED);
        return advance(application, MOVE_IN_PAUSED, move->why);
    case ROUTE_SWITCH:
        ledger_set_route(service, route_state_of(move->to));
        service->serving = move->to;
        return advance(application, MOVE_IN_SWITCHED, move->why);
    case ROUTE_RESUME:
        ledger_set_route(service, route_state_of(move->resume_to));
        service->serving = move->resume_to;
        return advance(application, MOVE_IN_RESUMED, why == WHY_NONE ? move->why : why);
    case ROUTE_STEP_N:
        break;
    }
    return WHY_ILLEGAL;
}

/* A definite no about the step that the state still wants stops the move; about an older step it
 * only ends it. No move rests while the route is paused or half-moved, but where it is gone. */
static enum why outcome_stuck(struct application *application, enum route_step step, enum why why)
{
    struct service_record *service = application->service;
    enum route_step due;
    if (move_step_due(service->move.state, &due) != 0 || due != step)
        return WHY_NONE;
    bool whole = service->route != ROUTE_PAUSED && service->route != ROUTE_MIXED;
    bool rests = whole || why == WHY_NOT_FOUND;
    return advance(application, rests ? MOVE_IN_STUCK : MOVE_IN_STUCK_PAUSED, why);
}

/* A switch whose version somebody else took surely did not happen and never will, so that the move
 * is before its switch intent again; so is one on an unversioned backend after its time. Any other
 * attempt is followed by the next one. */
static enum why outcome_superseded(struct application *application,
                                   const struct intent_record *intent)
{
    struct move_record *move = &application->service->move;
    bool taken = application->command->as.outcome.version != intent->base.version;
    bool over =
        !application->service->settings.versioned && ledger_knows_units(application->ledger);
    if (intent->step != ROUTE_SWITCH || (!taken && !over))
        return WHY_NONE;
    return advance(application, MOVE_IN_SUPERSEDED, move->why);
}

static void remember_step(struct move_record *move, const struct command_outcome *outcome)
{
    struct step_record *step = &move->steps[outcome->step];
    *step = (struct step_record){
        .attempt = outcome->attempt, .outcome = outcome->outcome, .why = outcome->why};
    memcpy(step->correlation, outcome->correlation, sizeof step->correlation);
}

enum why ledger_outcome(struct application *application)
{
    const struct command_outcome *outcome = &application->command->as.outcome;
    struct service_record *service = application->service;
    struct move_record *move = &service->move;
    const struct intent_record intent = move->intent;
    application->applied->step = outcome->step;
    if (!move_is_open(move) || move->id != outcome->move)
        return WHY_NO_MOVE;
    if (move->intent.index == 0 || move->intent.step != outcome->step ||
        move->intent.attempt != outcome->attempt)
        return WHY_NO_INTENT;
    move->intent = (struct intent_record){0};
    if (application->ledger->level >= PROTO_LEVEL_STEPS)
        remember_step(move, outcome);
    ledger_learn_route(application, outcome->state, outcome->version, &outcome->parts);
    if (outcome->outcome != OUTCOME_STUCK)
        ledger_late_forget(service, outcome->version);
    if (outcome->outcome == OUTCOME_STUCK || ledger_knows_units(application->ledger))
        ledger_late_remember(application, &intent);
    switch (outcome->outcome) {
    case OUTCOME_APPLIED:
        return outcome_applied(application, outcome->step, outcome->why);
    case OUTCOME_SUPERSEDED:
        return outcome_superseded(application, &intent);
    case OUTCOME_STUCK:
        return outcome_stuck(application, outcome->step, outcome->why);
    case OUTCOME_N:
        break;
    }
    return WHY_ILLEGAL;
}

/* What was routed before the pause had spread everywhere must be among those that were counted. */
static enum why emptied_condition(const struct service_settings *settings, time_ms in_state_ms)
{
    if (settings->drain_every_ms <= 0)
        return WHY_ILLEGAL;
    return in_state_ms >= settings->propagation_ms ? WHY_NONE : WHY_TOO_EARLY;
}

/* Each input that a leader may ask for, with the condition that the ledger itself can check. */
static enum why input_condition(const struct application *application, enum move_input input)
{
    const struct service_record *service = application->service;
    const struct move_record *move = &service->move;
    const struct service_settings *settings = &service->settings;
    time_ms in_state_ms = application->ledger->now_ms - move->state_ms;
    enum drain_kind drain = ledger_drain_kind(move->cause, move->severity);
    switch (input) {
    case MOVE_IN_DRAINED:
        return in_state_ms >= settings->drain_ms[drain] ? WHY_NONE : WHY_TOO_EARLY;
    case MOVE_IN_EMPTIED:
        return emptied_condition(settings, in_state_ms);
    case MOVE_IN_VERIFIED:
        return move->canaries >= settings->verify_canaries ? WHY_NONE : WHY_TOO_EARLY;
    case MOVE_IN_VERIFY_EXPIRED:
        return in_state_ms >= settings->verify_within_ms ? WHY_NONE : WHY_TOO_EARLY;
    case MOVE_IN_PAUSED_TOO_LONG:
        return application->ledger->now_ms >= move_pause_until_ms(move, settings) ? WHY_NONE
                                                                                  : WHY_TOO_EARLY;
    case MOVE_IN_STUCK:
    case MOVE_IN_STUCK_PAUSED:
        return service->route == ROUTE_FOREIGN ? WHY_NONE : WHY_ILLEGAL;
    case MOVE_IN_ABORT: /* a pause that no switch may follow is taken back */
        return move->state == MOVE_READY &&
                       guard_switch(application->ledger, service) == WHY_DESTINATION_NOT_BETTER
                   ? WHY_NONE
                   : WHY_ILLEGAL;
    case MOVE_IN_OPEN_WITH_PAUSE:
    case MOVE_IN_OPEN_DIRECT:
    case MOVE_IN_PAUSED:
    case MOVE_IN_SWITCH_INTENT:
    case MOVE_IN_SWITCHED:
    case MOVE_IN_RESUMED:
    case MOVE_IN_RELEASE:
    case MOVE_IN_SUPERSEDED:
    case MOVE_IN_LATE_WRITE:
    case MOVE_INPUT_N:
        break;
    }
    return WHY_ILLEGAL;
}

enum why ledger_move_input(struct application *application)
{
    const struct command_move_input *wanted = &application->command->as.move_input;
    struct service_record *service = application->service;
    enum move_input input = wanted->input;
    if (!move_is_open(&service->move) || service->move.id != wanted->move)
        return WHY_NO_MOVE;
    if (input == MOVE_IN_STUCK && service->route == ROUTE_PAUSED)
        input = MOVE_IN_STUCK_PAUSED;
    enum why why = input_condition(application, input);
    if (why != WHY_NONE)
        return why;
    bool rests = input == MOVE_IN_STUCK || input == MOVE_IN_STUCK_PAUSED;
    if (rests && service->move.intent.index != 0)
        return WHY_INTENT_OPEN;
    if (input == MOVE_IN_ABORT)
        service->move.resume_to = home_side(application);
    return advance(application, input, wanted->why == WHY_NONE ? service->move.why : wanted->why);
}

enum why ledger_take_back(struct application *application)
{
    return advance(application, MOVE_IN_LATE_WRITE, WHY_LATE_WRITE);
}
