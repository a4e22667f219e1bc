#include "node/core/ledger.h"
#include "node/core/parts.h"

static time_ms longest_ms(const struct service_record *service)
{
    enum drain_kind drain = ledger_drain_kind(service->move.cause, service->move.severity);
    return service->settings.drain_ms[drain];
}

/* Ledger time from which on a count of none says that nobody is left: the pause is confirmed, and
 * has had time to reach every edge of the platform. What an edge let in before is counted then. */
static time_ms decides_from_ms(const struct service_record *service)
{
    return service->move.state_ms + service->settings.propagation_ms;
}

static void ask(struct core *core, service_slot slot, struct update *update)
{
    const struct service_record *service = &core->ledger.services[slot];
    struct live_count *live = &core->leads[slot].runner.live;
    struct route_job *job = &update_add(update, EFFECT_ROUTE)->as.route;
    *job = (struct route_job){.ticket = core_ticket(core),
                              .kind = ROUTE_JOB_COUNT,
                              .service = slot,
                              .to = service->move.from,
                              .move = service->move.id,
                              .term = core->raft.term};
    live->ticket = job->ticket;
    live->asked_ms = core->now_ms;
    live->decides = core_ledger_now(core, core->now_ms) >= decides_from_ms(service);
}

/* One is due each `every`, and one as soon as it decides. */
static time_ms next_ms(const struct core *core, service_slot slot)
{
    const struct service_record *service = &core->ledger.services[slot];
    const struct live_count *live = &core->leads[slot].runner.live;
    time_ms decides_ms =
        core->now_ms + decides_from_ms(service) - core_ledger_now(core, core->now_ms);
    time_ms due_ms = live->asked_ms + service->settings.drain_every_ms;
    if (live->asked_ms == 0)
        return core->now_ms;
    return !live->decides && decides_ms < due_ms ? decides_ms : due_ms;
}

static void count(struct core *core, service_slot slot, struct update *update)
{
    const struct live_count *live = &core->leads[slot].runner.live;
    if (core->ledger.services[slot].settings.drain_every_ms <= 0 || live->ticket != 0)
        return;
    if (core->now_ms >= next_ms(core, slot))
        ask(core, slot, update);
    else
        update_deadline(update, next_ms(core, slot));
}

enum move_input drain_tick(struct core *core, service_slot slot, struct update *update)
{
    const struct service_record *service = &core->ledger.services[slot];
    time_ms ledger_ms = core_ledger_now(core, core->now_ms);
    time_ms left_ms = service->move.state_ms + longest_ms(service) - ledger_ms;
    if (left_ms <= 0)
        return MOVE_IN_DRAINED;
    if (core->leads[slot].runner.live.emptied)
        return MOVE_IN_EMPTIED;
    update_deadline(update, core->now_ms + left_ms);
    count(core, slot, update);
    return MOVE_INPUT_N;
}

bool drain_on_counted(struct core *core, service_slot slot, const struct event *event)
{
    struct live_count *live = &core->leads[slot].runner.live;
    if (event->as.route.kind != ROUTE_JOB_COUNT || live->ticket != event->as.route.ticket)
        return false;
    live->ticket = 0;
    live->trouble = event->as.route.result;
    if (event->as.route.result != ROUTE_RESULT_OK)
        return true; /* neither an end nor a reason to go on: the longest time ends the drain */
    live->known = true;
    live->count = event->as.route.live;
    live->counted_ms = core->now_ms;
    live->emptied = live->decides && live->count == 0;
    return true;
}
