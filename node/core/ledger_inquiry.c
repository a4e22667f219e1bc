#include <string.h>

#include "node/core/guard.h"
#include "node/core/ledger_parts.h"
#include "node/core/verdict.h"

enum why ledger_inquiry_open(struct application *application)
{
    const struct command_inquiry_open *open = &application->command->as.inquiry_open;
    struct inquiry_record *inquiry = &application->service->inquiry;
    if (inquiry->index != 0)
        return WHY_STALE;
    if (application->service->move.state == MOVE_BLOCKED)
        return WHY_MOVE_OPEN;
    *inquiry = (struct inquiry_record){.index = application->index,
                                       .opened_ms = application->ledger->now_ms,
                                       .voter = open->voter,
                                       .side = open->side};
    return WHY_NONE;
}

void ledger_inquiry_end(struct service_record *service)
{
    memset(&service->inquiry, 0, sizeof service->inquiry);
}

/* Canaries are ballots that the new side passes in a row after the switch. */
static void count_canary(struct service_record *service, enum side side, enum ballot_result result)
{
    struct move_record *move = &service->move;
    if (move->state != MOVE_VERIFYING || side != move->to)
        return;
    if (result == BALLOT_PASS && move->canaries < UINT8_MAX)
        move->canaries++;
    else if (result == BALLOT_FAIL)
        move->canaries = 0;
}

static void close_side(struct application *application, enum side side)
{
    struct service_record *service = application->service;
    const struct command_ballot_close *close = &application->command->as.ballot_close;
    struct inquiry_record *inquiry = &service->inquiry;
    const struct side_close *part = &close->side[side];
    inquiry->closed[side] = close->ballot;
    application->applied->ballots[part->result]++;
    if (close->ballot > inquiry->ballots)
        inquiry->ballots = close->ballot;
    if (part->result == BALLOT_VOID)
        return;
    struct ballot_record record = {.index = application->index,
                                   .inquiry = close->inquiry,
                                   .ballot = close->ballot,
                                   .result = part->result,
                                   .severity = part->severity,
                                   .closed_ms = application->ledger->now_ms};
    rolling_push(&service->rolling[side], &record, service->settings.rule_of);
    count_canary(service, side, part->result);
}

static void judge_side(struct application *application, enum side side)
{
    struct service_record *service = application->service;
    struct inquiry_record *inquiry = &service->inquiry;
    struct finding finding =
        verdict_of(&service->rolling[side], &service->settings, application->ledger->now_ms);
    if (finding.verdict == VERDICT_CONVICTED) {
        if (!inquiry->convicted[side]) {
            /* where one close convicts both, the serving side is the news */
            if (!application->applied->convicted || side == service->serving)
                application->applied->side = side;
            application->applied->convicted = true;
        }
        inquiry->convicted[side] = true;
        inquiry->severity[side] = finding.severity;
        return;
    }
    /* What convicted is too old by now, or outvoted; a move that it opened goes on. */
    if (!move_is_open(&service->move) || finding.verdict == VERDICT_ACQUITTED)
        inquiry->convicted[side] = false;
    if (finding.verdict == VERDICT_ACQUITTED && service->move.cause == CAUSE_CONVICTION &&
        side == service->move.from)
        ledger_abort_move(application, WHY_ACQUITTED);
}

/* Nothing but `mode: observe` stands against the move. */
static bool only_observed(const struct application *application)
{
    struct service_record armed = *application->service;
    struct move_opening wanted = {.to = side_other(armed.serving)};
    armed.mode = MODE_ACT;
    return guard_open(application->ledger, &armed, &wanted).why == WHY_NONE;
}

/* A conviction of the serving side opens a move where the guard passes; else the gate remembers why
 * not. */
static void consider_move(struct application *application)
{
    struct service_record *service = application->service;
    const struct move_opening *opening = &application->command->as.ballot_close.move;
    if (!service->inquiry.convicted[service->serving] || move_is_open(&service->move))
        return;
    enum why gate = WHY_ROUTE_UNREAD;
    if (opening->present && (opening->cause != CAUSE_CONVICTION || opening->force)) {
        gate = WHY_ILLEGAL; /* a close opens a move by its conviction alone */
    } else if (opening->present && opening->to == side_other(service->serving)) {
        gate = ledger_open_move(application, opening);
    } else {
        struct move_opening wanted = {.to = side_other(service->serving)};
        struct guard_answer answer = guard_open(application->ledger, service, &wanted);
        if (answer.why != WHY_NONE)
            gate = answer.why;
    }
    service->inquiry.gate = gate;
    if (gate == WHY_OBSERVE_MODE && !service->would_have_moved && only_observed(application)) {
        service->would_have_moved = true;
        application->applied->would_have_moved = true;
    }
}

/* The side's newest ballot is this inquiry's: what earlier ones left must not answer the new
 * complaint. */
static bool was_asked(const struct service_record *service, enum side side)
{
    const struct rolling *rolling = &service->rolling[side];
    return rolling->count > 0 &&
           rolling->records[rolling->count - 1].inquiry == service->inquiry.index;
}

/* An inquiry without a move ends when the serving side is acquitted and the other side's case is
 * decided. */
static void end_if_decided(struct application *application)
{
    struct service_record *service = application->service;
    time_ms now_ms = application->ledger->now_ms;
    enum side other = side_other(service->serving);
    if (service->inquiry.index == 0 || move_is_open(&service->move))
        return;
    struct finding here =
        verdict_of(&service->rolling[service->serving], &service->settings, now_ms);
    struct finding there = verdict_of(&service->rolling[other], &service->settings, now_ms);
    if (here.verdict != VERDICT_ACQUITTED || there.verdict == VERDICT_OPEN ||
        !was_asked(service, SIDE_PRIMARY) || !was_asked(service, SIDE_STANDBY))
        return;
    service->blind = WHY_NONE;
    service->would_have_moved = false;
    ledger_inquiry_end(service);
}

enum why ledger_ballot_close(struct application *application)
{
    struct service_record *service = application->service;
    const struct command_ballot_close *close = &application->command->as.ballot_close;
    bool any = false;
    if (service->inquiry.index == 0 || service->inquiry.index != close->inquiry)
        return WHY_STALE;
    for (int side = 0; side < SIDE_N; side++) {
        if (!close->side[side].closed || close->ballot <= service->inquiry.closed[side])
            continue;
        close_side(application, (enum side)side);
        any = true;
    }
    if (!any)
        return WHY_STALE;
    for (int side = 0; side < SIDE_N; side++)
        judge_side(application, (enum side)side);
    consider_move(application);
    end_if_decided(application);
    return WHY_NONE;
}

static bool holds_fail(const struct service_record *service)
{
    for (int side = 0; side < SIDE_N; side++)
        for (uint8_t i = 0; i < service->rolling[side].count; i++) {
            const struct ballot_record *record = &service->rolling[side].records[i];
            if (record->inquiry == service->inquiry.index && record->result == BALLOT_FAIL)
                return true;
        }
    return false;
}

enum why ledger_inquiry_lapse(struct application *application)
{
    struct service_record *service = application->service;
    const struct inquiry_record *inquiry = &service->inquiry;
    time_ms age_ms = application->ledger->now_ms - inquiry->opened_ms;
    if (inquiry->index == 0 || inquiry->index != application->command->as.lapse.inquiry)
        return WHY_STALE;
    if (move_is_open(&service->move))
        return WHY_MOVE_OPEN;
    if (age_ms < service->settings.within_ms && inquiry->ballots < service->settings.max_calls)
        return WHY_TOO_EARLY;
    service->blind = holds_fail(service) ? WHY_LAPSED : WHY_NONE;
    ledger_inquiry_end(service);
    return WHY_NONE;
}
