#include "node/core/ledger.h"
#include "node/core/parts.h"
#include "node/core/verdict.h"

/* Would this FAIL convict the serving side, if it is closed now? */
static bool convicts(const struct core *core, service_slot slot, const struct side_close *close,
                     enum severity *ret_severity)
{
    const struct service_record *service = &core->ledger.services[slot];
    struct rolling rolling = service->rolling[service->serving];
    time_ms now_ms = core_ledger_now(core, core->now_ms);
    struct ballot_record record = {
        .result = close->result, .severity = close->severity, .closed_ms = now_ms};
    rolling_push(&rolling, &record, service->settings.rule_of);
    struct finding finding = verdict_of(&rolling, &service->settings, now_ms);
    *ret_severity = finding.severity;
    return finding.verdict == VERDICT_CONVICTED;
}

/* DESIGN 2.6: the third FAIL, the move and the first intent are one commit. */
static void attach_move(struct core *core, service_slot slot, struct command_ballot_close *close)
{
    const struct service_record *service = &core->ledger.services[slot];
    const struct side_close *serving = &close->side[service->serving];
    enum severity severity;
    if (!serving->closed || serving->result != BALLOT_FAIL || move_is_open(&service->move) ||
        core->leads[slot].proposed || !convicts(core, slot, serving, &severity))
        return;
    struct move_opening opening;
    if (inquiry_opening(core, slot, side_other(service->serving), CAUSE_CONVICTION, false, severity,
                        &opening) == WHY_NONE)
        close->move = opening;
}

static bool tally(struct core *core, service_slot slot, struct command_ballot_close *close)
{
    struct lead *lead = &core->leads[slot];
    const struct service_record *service = &core->ledger.services[slot];
    struct electorate electorate = core->electorate;
    electorate.min_zones = service->settings.min_zones;
    bool over = core->now_ms >= lead->call_deadline_ms;
    bool any = false;
    for (int side = 0; side < SIDE_N; side++) {
        struct side_close part;
        if (lead->side_closed[side])
            continue;
        ballot_tally(&lead->ballot, &electorate, (enum side)side, &part);
        if (part.result == BALLOT_VOID && !over)
            continue;
        close->side[side] = part;
        lead->side_closed[side] = true;
        if (part.result != BALLOT_VOID)
            core->in_doubt = false; /* a quorum answered a call that was made after the doubt */
        any = true;
    }
    return any;
}

void ballots_close(struct core *core, service_slot slot, struct update *update)
{
    struct lead *lead = &core->leads[slot];
    struct command command = {.kind = COMMAND_BALLOT_CLOSE, .service = slot};
    struct command_ballot_close *close = &command.as.ballot_close;
    close->inquiry = lead->call.inquiry;
    close->ballot = lead->call.ballot;
    if (!tally(core, slot, close))
        return;
    if (lead->side_closed[SIDE_PRIMARY] && lead->side_closed[SIDE_STANDBY]) {
        lead->calling = false;
        lead->closed_ms = core->now_ms;
    }
    attach_move(core, slot, close);
    core_propose(core, &command, update);
}
