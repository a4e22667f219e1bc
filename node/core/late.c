#include "node/core/ledger.h"
#include "node/core/parts.h"

/* A BLOCKED move whose last request may still land: the route is read when that is over. A reading
 * that differs is proof.c's drift; one that does not ends the waiting. */
void late_tick(struct core *core, service_slot slot, struct update *update)
{
    struct lead *lead = &core->leads[slot];
    const struct service_record *service = &core->ledger.services[slot];
    const struct late_list *late = &service->late;
    if (late->count == 0 || service->move.state != MOVE_BLOCKED || lead->proposed)
        return;
    time_ms left_ms = late->records[late->count - 1].until_ms - core_ledger_now(core, core->now_ms);
    if (left_ms > 0) {
        update_deadline(update, core->now_ms + left_ms);
        return;
    }
    bool seen = lead->late_asked_ms != 0 && lead->view_ms > lead->late_asked_ms;
    time_ms again_ms = lead->late_asked_ms + core->settings.actuator_deadline_ms;
    if (seen && proof_shows_ledger(core, slot)) {
        lead->late_asked_ms = 0;
        proof_propose_seen(core, slot, update);
    } else if (lead->late_asked_ms == 0 || core->now_ms >= again_ms) {
        (void)proof_read(core, slot, true, update);
        lead->late_asked_ms = core->now_ms;
        update_deadline(update, core->now_ms + core->settings.actuator_deadline_ms);
    } else {
        update_deadline(update, again_ms);
    }
}
