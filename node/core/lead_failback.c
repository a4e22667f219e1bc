#include "node/core/failback.h"
#include "node/core/ledger.h"
#include "node/core/parts.h"

/* By their patrols a quorum sees the primary well: a ballot is worth its calls. */
static bool seems_well(const struct core *core, service_slot slot)
{
    const struct heard *heard = &core->heard[slot];
    time_ms young_ms = 2 * core->ledger.services[slot].settings.interval_ms;
    uint8_t well = 0;
    for (node_id voter = 1; voter <= core->settings.node_count; voter++)
        if (heard->at_ms[voter] != 0 && core->now_ms - heard->at_ms[voter] < young_ms &&
            heard->votes[voter].side[SIDE_PRIMARY].value == VOTE_UP)
            well++;
    return well >= raft_quorum(core->settings.node_count);
}

/* An inquiry that came to nothing is not repeated before its ballots are old. */
static void ask_ballots(struct core *core, service_slot slot, struct update *update)
{
    struct lead *lead = &core->leads[slot];
    const struct service_record *service = &core->ledger.services[slot];
    time_ms again_ms = lead->failback_asked_ms + service->settings.within_ms;
    if (service->inquiry.index != 0)
        return;
    if (lead->failback_asked_ms != 0 && core->now_ms < again_ms) {
        update_deadline(update, again_ms);
        return;
    }
    if (!seems_well(core, slot))
        return; /* the next vote comes with a step of its own */
    lead->failback_asked_ms = core->now_ms;
    inquiry_ask(core, slot, SIDE_PRIMARY, update);
}

static void open_failback(struct core *core, service_slot slot, struct update *update)
{
    struct lead *lead = &core->leads[slot];
    struct command command = {.kind = COMMAND_MOVE_OPEN, .service = slot};
    struct move_opening *opening = &command.as.move_open.move;
    enum why why =
        inquiry_opening(core, slot, SIDE_PRIMARY, CAUSE_FAILBACK, false, SEVERITY_SLOW, opening);
    if (why == WHY_ROUTE_UNREAD)
        inquiry_prepare(core, slot, update);
    if (why != WHY_NONE)
        return;
    lead->proposed = true;
    lead->proposed_ms = core->now_ms;
    core_propose(core, &command, update);
}

/* DESIGN 2.8: once the hold time is over the primary is asked for by ballots, and three PASSes in a
 * row take the service back. */
void failback_tick(struct core *core, service_slot slot, struct update *update)
{
    const struct service_record *service = &core->ledger.services[slot];
    const struct move_opening wanted = {.to = SIDE_PRIMARY, .cause = CAUSE_FAILBACK};
    time_ms due_ms = failback_due_ms(service);
    if (due_ms == TIME_UNKNOWN || service->mode != MODE_ACT || core->leads[slot].proposed ||
        move_is_open(&service->move) || service->inquiry.convicted[service->serving])
        return;
    time_ms left_ms = due_ms - core_ledger_now(core, core->now_ms);
    if (left_ms > 0) {
        update_deadline(update, core->now_ms + left_ms);
        return;
    }
    struct guard_answer answer = guard_open(&core->ledger, service, &wanted);
    if (answer.why == WHY_DESTINATION_UNKNOWN || answer.why == WHY_DESTINATION_NOT_BETTER)
        ask_ballots(core, slot, update);
    else if (inquiry_guard_passes(core, service, &wanted, update))
        open_failback(core, slot, update);
}
