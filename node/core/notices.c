#include "node/core/ledger.h"
#include "node/core/parts.h"
#include "node/core/verdict.h"

static void announce(struct core *core, service_slot slot, enum side side, bool degraded,
                     struct update *update)
{
    struct route_job *job = &update_add(update, EFFECT_ROUTE)->as.route;
    job->ticket = core_ticket(core);
    job->kind = ROUTE_JOB_ANNOUNCE;
    job->service = slot;
    job->to = side;
    job->degraded = degraded;
}

/* DESIGN 2.7: one best-effort word to the serving side at the opening; normal mode on abort and
 * before a return. */
static void announce_on(struct core *core, const struct applied *applied,
                        const struct move_record *move, struct update *update)
{
    if (core_watch_by_slot(core, applied->service) == NULL)
        return;
    if (applied->move_after == MOVE_ABORTED && applied->move_before != MOVE_ABORTED)
        announce(core, applied->service, move->from, false, update);
    if (applied->move_before != MOVE_PAUSING && applied->move_before != MOVE_SWITCHING &&
        (applied->move_after == MOVE_PAUSING || applied->move_after == MOVE_SWITCHING) &&
        move->id == applied->index) {
        announce(core, applied->service, move->from, true, update);
        if (move->to == SIDE_PRIMARY)
            announce(core, applied->service, move->to, false, update);
    }
}

static int notice_of_state(enum move_state state)
{
    switch (state) {
    case MOVE_DONE:
        return NOTICE_MOVE_DONE;
    case MOVE_ABORTED:
        return NOTICE_MOVE_ABORTED;
    case MOVE_UNVERIFIED:
        return NOTICE_MOVE_UNVERIFIED;
    case MOVE_BLOCKED:
        return NOTICE_BLOCKED;
    case MOVE_NONE:
    case MOVE_PAUSING:
    case MOVE_DRAINING:
    case MOVE_READY:
    case MOVE_SWITCHING:
    case MOVE_VERIFYING:
    case MOVE_RESUMING:
    case MOVE_RETREATING:
    case MOVE_STATE_N:
        break;
    }
    return -1;
}

/* What rests as it may not: conversations are held, or one half of them goes elsewhere. */
static bool may_not_rest(const struct service_record *service)
{
    return service->route == ROUTE_PAUSED || service->route == ROUTE_MIXED;
}

static enum notice_kind notice_of_rest(const struct service_record *service)
{
    return service->route == ROUTE_MIXED ? NOTICE_HALF_MOVED : NOTICE_PAUSED_TOO_LONG;
}

/* The pause, or the half of a unit, that could not be taken back, and why: people hear of it at
 * once, and once a move. */
static void notice_refused_resume(struct core *core, const struct applied *applied,
                                  struct update *update)
{
    const struct service_record *service = &core->ledger.services[applied->service];
    const struct move_record *move = &service->move;
    struct lead *lead = &core->leads[applied->service];
    bool resuming = move->state == MOVE_RESUMING || move->state == MOVE_RETREATING;
    bool again = applied->kind == COMMAND_OUTCOME && applied->move_before == move->state &&
                 move->state_ms == core->ledger.now_ms;
    bool refused =
        move->why == WHY_FORBIDDEN || move->why == WHY_REJECTED || move->why == WHY_RATE_LIMITED;
    if (!resuming || !again || !refused || lead->told_paused == move->id)
        return;
    lead->told_paused = move->id;
    core_notice(core, notice_of_rest(service), applied->service, move->from, move->why, update);
}

static void notice_move(struct core *core, const struct applied *applied, struct update *update)
{
    const struct service_record *service = &core->ledger.services[applied->service];
    const struct move_record *move = &service->move;
    if (move->id == applied->index)
        core_notice(core, NOTICE_MOVE_OPENED, applied->service, move->to, move->why, update);
    notice_refused_resume(core, applied, update);
    if (applied->move_before == applied->move_after)
        return;
    int kind = notice_of_state(applied->move_after);
    if (kind >= 0)
        core_notice(core, (enum notice_kind)kind, applied->service, move->to, move->why, update);
    bool input = applied->kind == COMMAND_MOVE_INPUT;
    if (!input || move->why != WHY_PAUSED_TOO_LONG ||
        (move->state != MOVE_RETREATING && move->state != MOVE_READY))
        return;
    core->leads[applied->service].told_paused = move->id;
    core_notice(core, notice_of_rest(service), applied->service, move->from, move->why, update);
}

/* Inquiries on a side that stays down come again and again; people hear of it once, until it is
 * well. */
static void notice_other_side(struct core *core, service_slot slot, struct update *update)
{
    const struct service_record *service = &core->ledger.services[slot];
    bool *told = core->leads[slot].told_convicted;
    enum side other = side_other(service->serving);
    enum verdict verdict[SIDE_N];
    for (int side = 0; side < SIDE_N; side++) {
        verdict[side] =
            verdict_of(&service->rolling[side], &service->settings, core->ledger.now_ms).verdict;
        if (verdict[side] == VERDICT_ACQUITTED)
            told[side] = false;
    }
    if (verdict[other] != VERDICT_CONVICTED || told[other])
        return;
    told[other] = true;
    if (move_is_open(&service->move))
        return; /* the side that is being left: people know, if from another leader */
    core_notice(core, NOTICE_STANDBY_CONVICTED, slot, other, WHY_FAIL_QUORUM, update);
}

static void notice_verdict(struct core *core, const struct applied *applied, struct update *update)
{
    const struct service_record *service = &core->ledger.services[applied->service];
    bool moved = service->move.id == applied->index && applied->side == service->move.from;
    if (applied->kind != COMMAND_BALLOT_CLOSE)
        return;
    if (applied->convicted && (applied->side == service->serving || moved)) {
        core_notice(core, NOTICE_CONVICTED, applied->service, applied->side, WHY_FAIL_QUORUM,
                    update);
        core->leads[applied->service].told_convicted[applied->side] = true;
    }
    if (applied->would_have_moved)
        core_notice(core, NOTICE_WOULD_HAVE_MOVED, applied->service, service->serving,
                    WHY_OBSERVE_MODE, update);
    notice_other_side(core, applied->service, update);
}

static void notice_route(struct core *core, const struct applied *applied, struct update *update)
{
    const struct service_record *service = &core->ledger.services[applied->service];
    bool moving = move_is_open(&service->move) && service->move.state != MOVE_BLOCKED;
    if (applied->kind != COMMAND_ROUTE_SEEN || !applied->route_changed)
        return;
    if (service->route == ROUTE_FOREIGN)
        core_notice(core, NOTICE_ROUTE_FOREIGN, applied->service, service->serving,
                    WHY_ROUTE_FOREIGN, update);
    else if (service->route == ROUTE_MIXED && !moving)
        core_notice(core, NOTICE_HALF_MOVED, applied->service, service->serving, WHY_HALF_MOVED,
                    update);
    else if (service->route == ROUTE_PAUSED && !moving)
        core_notice(core, NOTICE_PAUSED_TOO_LONG, applied->service, service->serving, WHY_ADOPTED,
                    update);
    else if (service->hold.active && service->hold.indefinite && !moving)
        core_notice(core, NOTICE_ROUTE_FOREIGN, applied->service, service->serving, WHY_ADOPTED,
                    update);
}

void notices_on_applied(struct core *core, const struct applied *applied, struct update *update)
{
    if (!applied->accepted || applied->service >= core->ledger.service_count)
        return;
    const struct service_record *service = &core->ledger.services[applied->service];
    notice_verdict(core, applied, update);
    notice_move(core, applied, update);
    notice_route(core, applied, update);
    announce_on(core, applied, &service->move, update);
    if (applied->kind == COMMAND_INQUIRY_LAPSE && service->blind != WHY_NONE)
        core_notice(core, NOTICE_BLIND, applied->service, service->serving, service->blind, update);
}

static void tick_blind(struct core *core, struct update *update)
{
    for (service_slot slot = 0; slot < core->ledger.service_count; slot++) {
        struct lead *lead = &core->leads[slot];
        const struct service_record *service = &core->ledger.services[slot];
        time_ms blind_ms = lead->informative_ms + service->settings.blind_after_ms;
        if (lead->blind)
            continue;
        if (core->now_ms < blind_ms || update_room(update) == 0) {
            update_deadline(update, blind_ms);
            continue;
        }
        lead->blind = true;
        core_notice(core, NOTICE_BLIND, slot, service->serving, WHY_NO_QUORUM, update);
    }
}

/* A route last known as paused or half-moved is shouted about when nobody can take that back. */
static void shout_paused(struct core *core, struct update *update)
{
    for (service_slot slot = 0; slot < core->ledger.service_count; slot++) {
        const struct service_record *service = &core->ledger.services[slot];
        if (may_not_rest(service) && update_room(update) > 0)
            core_notice(core, notice_of_rest(service), slot, service->serving, WHY_NO_QUORUM,
                        update);
    }
}

/* Quorum is lost where no leader is known for four election bases: every node that sees it says so.
 */
static void tick_quorum(struct core *core, struct update *update)
{
    bool led = core->raft.leader != 0;
    if (led) {
        if (!core->has_quorum)
            core_notice(core, NOTICE_QUORUM_BACK, SERVICE_SLOT_NONE, SIDE_PRIMARY, WHY_NONE,
                        update);
        core->has_quorum = true;
        core->quorum_lost_ms = core->now_ms;
        return;
    }
    time_ms lost_ms = core->quorum_lost_ms + 4 * core->settings.election_ms;
    if (!core->has_quorum)
        return;
    if (core->now_ms < lost_ms) {
        update_deadline(update, lost_ms);
        return;
    }
    core->has_quorum = false;
    core_notice(core, NOTICE_QUORUM_LOST, SERVICE_SLOT_NONE, SIDE_PRIMARY, WHY_NO_QUORUM, update);
    shout_paused(core, update);
}

/* A move that cannot go on while the route is paused or half-moved, for instance because the API is
 * dark: once a move, where no row of the table ends the pause. */
static void tick_paused(struct core *core, service_slot slot, struct update *update)
{
    const struct service_record *service = &core->ledger.services[slot];
    const struct move_record *move = &service->move;
    struct lead *lead = &core->leads[slot];
    bool forward = move->state == MOVE_SWITCHING || move->state == MOVE_RESUMING ||
                   move->state == MOVE_RETREATING;
    bool perhaps_paused =
        may_not_rest(service) || (move->intent.index != 0 && move->intent.step == ROUTE_PAUSE);
    if (!forward || move->paused_ms == 0 || !perhaps_paused || lead->told_paused == move->id)
        return;
    time_ms left_ms =
        move->paused_ms + service->settings.paused_max_ms - core_ledger_now(core, core->now_ms);
    if (left_ms > 0) {
        update_deadline(update, core->now_ms + left_ms);
        return;
    }
    lead->told_paused = move->id;
    core_notice(core, notice_of_rest(service), slot, move->from, WHY_PAUSED_TOO_LONG, update);
}

void notices_tick(struct core *core, struct update *update)
{
    tick_quorum(core, update);
    if (!core->leading)
        return;
    tick_blind(core, update);
    for (service_slot slot = 0; slot < core->ledger.service_count; slot++)
        tick_paused(core, slot, update);
}
