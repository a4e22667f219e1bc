#include "node/core/parts.h"

static enum why gated_why(const struct core *core, service_slot slot)
{
    const struct service_record *service = &core->ledger.services[slot];
    const struct move_opening wanted = {.to = side_other(service->serving)};
    enum why why = core_leader_gate(core);
    if (why == WHY_NONE)
        why = guard_open(&core->ledger, service, &wanted).why;
    return why == WHY_NONE ? service->inquiry.gate : why;
}

static bool is_gated(const struct service_record *service)
{
    return service->inquiry.index != 0 && service->inquiry.convicted[service->serving] &&
           service->mode == MODE_ACT && !move_is_open(&service->move);
}

/* A convicted side that cannot be left is a page: once an inquiry, and not for what the next ballot
 * or reading ends. */
void gated_tick(struct core *core, service_slot slot, struct update *update)
{
    struct lead *lead = &core->leads[slot];
    const struct service_record *service = &core->ledger.services[slot];
    if (!is_gated(service)) {
        lead->gated_ms = 0;
        return;
    }
    if (lead->told_gated == service->inquiry.index)
        return;
    if (lead->gated_ms == 0)
        lead->gated_ms = core->now_ms;
    time_ms patience_ms = service->settings.confirm_interval_ms;
    if (core->now_ms - lead->gated_ms < patience_ms) {
        update_deadline(update, lead->gated_ms + patience_ms);
        return;
    }
    lead->told_gated = service->inquiry.index;
    core_notice(core, NOTICE_GATED, slot, service->serving, gated_why(core, slot), update);
}
