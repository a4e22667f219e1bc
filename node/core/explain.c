#include "node/core/explain.h"

#include <string.h>

#include "common/errors.h"
#include "node/core/failback.h"
#include "node/core/ledger.h"

static void explain_votes(const struct core *core, service_slot slot, time_ms now_ms,
                          struct explanation *explanation)
{
    const struct lead *lead = &core->leads[slot];
    const struct heard *heard = &core->heard[slot];
    explanation->live = core->leading;
    for (node_id voter = 1; voter <= core->settings.node_count; voter++) {
        explanation->heard[voter] = heard->at_ms[voter] != 0;
        explanation->age_ms[voter] = now_ms - heard->at_ms[voter];
        explanation->votes[voter] = heard->votes[voter];
        for (int side = 0; side < SIDE_N; side++)
            explanation->path_fault[voter][side] = lead->complaint[voter][side].path_fault;
    }
}

const struct hold_record *explain_hold(const struct ledger *ledger,
                                       const struct service_record *service)
{
    if (service->hold.active)
        return &service->hold;
    return ledger->hold.active ? &ledger->hold : NULL;
}

/* The timer that the move's state or the gate waits for. */
static time_ms timer_left(const struct core *core, const struct service_record *service,
                          time_ms now_ms)
{
    time_ms ledger_ms = core_ledger_now(core, now_ms);
    const struct move_record *move = &service->move;
    enum drain_kind drain = ledger_drain_kind(move->cause, move->severity);
    if (move->state == MOVE_DRAINING)
        return move->state_ms + service->settings.drain_ms[drain] - ledger_ms;
    if (move->state == MOVE_VERIFYING)
        return move->state_ms + service->settings.verify_within_ms - ledger_ms;
    const struct hold_record *hold = explain_hold(&core->ledger, service);
    if (hold != NULL && !hold->indefinite)
        return hold->until_ms - ledger_ms;
    if (service->cooldown_until_ms > ledger_ms)
        return service->cooldown_until_ms - ledger_ms;
    return -1;
}

/* From the rule alone: how long the FAILs that are still needed take, with the calls that they
 * need. */
static time_ms rule_left(const struct core *core, service_slot slot, time_ms now_ms,
                         const struct explanation *explanation)
{
    const struct service_record *service = &core->ledger.services[slot];
    const struct lead *lead = &core->leads[slot];
    const struct service_settings *settings = &service->settings;
    uint8_t needed = explanation->fails_needed;
    if (needed == 0)
        return 0;
    time_ms first_ms = 0;
    if (service->inquiry.index == 0)
        first_ms = settings->interval_ms / core->settings.node_count;
    else if (core->leading && !lead->calling && lead->called_ms != 0)
        first_ms = lead->called_ms + settings->confirm_interval_ms - now_ms;
    return (first_ms > 0 ? first_ms : 0) + (needed - 1) * settings->confirm_interval_ms;
}

static void explain_gate(const struct core *core, const struct service_record *service,
                         struct explanation *explanation)
{
    struct move_opening opening = {.to = side_other(service->serving)};
    struct guard_answer answer = guard_open(&core->ledger, service, &opening);
    enum why gate = core_leader_gate(core);
    time_ms ledger_ms = core_ledger_now(core, core->now_ms);
    /* While no ballot is under way nothing is known of the other side, and that is not what stands
     * against a move. */
    bool quiet = service->inquiry.index == 0 && (answer.why == WHY_DESTINATION_UNKNOWN ||
                                                 answer.why == WHY_DESTINATION_NOT_BETTER);
    if (gate == WHY_NO_QUORUM)
        explanation->detail = gate;
    else if (explanation->why == WHY_FAIL_QUORUM && answer.why == WHY_NONE)
        explanation->detail = service->inquiry.gate;
    else if (!quiet)
        explanation->detail = answer.why;
    if (explanation->detail == WHY_NONE || gate == WHY_NO_QUORUM)
        return;
    if (answer.earliest_ms == TIME_UNKNOWN)
        explanation->earliest_ms = -1;
    else if (answer.earliest_ms - ledger_ms > explanation->earliest_ms)
        explanation->earliest_ms = answer.earliest_ms - ledger_ms;
}

static void explain_request(const struct core *core, service_slot slot, time_ms now_ms,
                            struct explanation *explanation)
{
    const struct runner *runner = &core->leads[slot].runner;
    bool waits = runner->state == RUNNER_WAITING || runner->state == RUNNER_BACKOFF;
    explanation->last_request = runner->last;
    explanation->request = runner->state;
    explanation->request_wait_ms = -1;
    if (waits)
        explanation->request_wait_ms = runner->until_ms > now_ms ? runner->until_ms - now_ms : 0;
}

static void explain_drain(const struct core *core, service_slot slot,
                          struct explanation *explanation)
{
    const struct service_record *service = &core->ledger.services[slot];
    const struct runner *runner = &core->leads[slot].runner;
    explanation->drain_counts =
        service->move.state == MOVE_DRAINING && service->settings.drain_every_ms > 0;
    if (explanation->drain_counts && core->leading && runner->move == service->move.id)
        explanation->drain = runner->live;
}

static void explain_failback(const struct core *core, const struct service_record *service,
                             time_ms now_ms, struct explanation *explanation)
{
    const struct move_opening wanted = {.to = SIDE_PRIMARY, .cause = CAUSE_FAILBACK};
    time_ms due_ms = failback_due_ms(service);
    time_ms left_ms = due_ms - core_ledger_now(core, now_ms);
    explanation->failback_ms = -1;
    if (due_ms == TIME_UNKNOWN)
        return;
    explanation->failback_ms = left_ms > 0 ? left_ms : 0;
    enum why why = guard_open(&core->ledger, service, &wanted).why;
    bool quiet =
        why == WHY_TOO_EARLY ||
        (left_ms > 0 && (why == WHY_DESTINATION_UNKNOWN || why == WHY_DESTINATION_NOT_BETTER));
    explanation->failback = quiet ? WHY_NONE : why;
}

enum why explain_blind(const struct core *core, service_slot slot)
{
    enum why lapsed = core->ledger.services[slot].blind;
    if (lapsed == WHY_NONE && core->leading && core->leads[slot].blind)
        return WHY_NO_QUORUM;
    return lapsed;
}

int explain_service(const struct core *core, service_slot slot, time_ms now_ms,
                    struct explanation *ret_explanation)
{
    if (slot >= core->ledger.service_count)
        return ERR_NOT_FOUND;
    const struct service_record *service = &core->ledger.services[slot];
    struct explanation *explanation = ret_explanation;
    memset(explanation, 0, sizeof *explanation);
    time_ms ledger_ms = core_ledger_now(core, now_ms);
    const struct token_record *token = token_of_service(core, slot);
    explanation->locked_out = token != NULL && token->locked_out;
    for (int side = 0; side < SIDE_N; side++)
        explanation->finding[side] =
            verdict_of(&service->rolling[side], &service->settings, ledger_ms);
    const struct finding *serving = &explanation->finding[service->serving];
    explain_votes(core, slot, now_ms, explanation);
    explanation->inquiry_open = service->inquiry.index != 0;
    explanation->ballot = core->leading && core->leads[slot].call.inquiry == service->inquiry.index
                              ? core->leads[slot].call.ballot
                              : service->inquiry.ballots;
    explanation->timer_ms = timer_left(core, service, now_ms);
    explain_request(core, slot, now_ms, explanation);
    explain_drain(core, slot, explanation);
    explain_failback(core, service, now_ms, explanation);
    if (move_is_open(&service->move)) {
        explanation->why = WHY_MOVE_OPEN;
        explanation->detail = service->move.why;
        explanation->earliest_ms = -1;
        return 0;
    }
    bool convicted = service->inquiry.convicted[service->serving];
    if (!convicted)
        explanation->fails_needed = serving->fails < service->settings.rule_fail
                                        ? (uint8_t)(service->settings.rule_fail - serving->fails)
                                        : 0;
    explanation->why = convicted ? WHY_FAIL_QUORUM : WHY_HEALTHY;
    explanation->earliest_ms = rule_left(core, slot, now_ms, explanation);
    explain_gate(core, service, explanation);
    return 0;
}
