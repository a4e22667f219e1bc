#include "node/core/parts.h"

/* A quorum of peers, this node included, answers pings at its normal round trip. */
bool proof_peers_normal(const struct core *core)
{
    uint8_t normal = 1;
    for (node_id node = 1; node <= core->settings.node_count; node++) {
        const struct peer *peer = &core->peers[node];
        if (node == core->settings.self || peer->rtt_us < 0 ||
            core->now_ms - peer->heard_ms > PEER_FRESH_MS)
            continue;
        if (!vote_is_inflated(peer->rtt_us, rolling_minimum_get(&peer->minimum),
                              &core->settings.trust))
            normal++;
    }
    return normal >= raft_quorum(core->settings.node_count);
}

bool core_can_act(const struct core *core, time_ms now_ms)
{
    const struct proof *proof = &core->proof;
    return proof->ok && now_ms - proof->answered_ms < 2 * core->settings.actuator_proof_ms;
}

uint64_t proof_read(struct core *core, service_slot slot, bool routine, struct update *update)
{
    struct route_job *job = &update_add(update, EFFECT_ROUTE)->as.route;
    job->ticket = core_ticket(core);
    job->kind = ROUTE_JOB_READ;
    job->service = slot;
    job->term = core->raft.term;
    job->routine = routine;
    return job->ticket;
}

static void read_in_turn(struct core *core, struct update *update)
{
    struct proof *proof = &core->proof;
    if (core->now_ms >= proof->next_ms) {
        uint16_t shares = core->leading ? core->ledger.service_count : 1;
        proof->next_ms = core->now_ms + core->settings.actuator_proof_ms / shares;
        proof->next_slot = (service_slot)((proof->next_slot + 1) % core->ledger.service_count);
        if (core_watch_by_slot(core, proof->next_slot) != NULL)
            proof_read(core, proof->next_slot, true, update);
    }
    update_deadline(update, proof->next_ms);
}

/* DESIGN 3, Route first: a new leader reads each route at once, not only in its turn. */
static void read_unread(struct core *core, struct update *update)
{
    for (service_slot slot = 0; slot < core->ledger.service_count; slot++) {
        struct lead *lead = &core->leads[slot];
        time_ms again_ms = lead->read_asked_ms + core->settings.actuator_deadline_ms;
        if (lead->view_ms != 0 || core_watch_by_slot(core, slot) == NULL)
            continue;
        if (lead->read_asked_ms != 0 && core->now_ms < again_ms) {
            update_deadline(update, again_ms);
            continue;
        }
        if (update_room(update) < EFFECT_COUNT_MAX / 4) {
            update_deadline(update, core->now_ms);
            return;
        }
        lead->read_ticket = proof_read(core, slot, false, update);
        lead->read_asked_ms = core->now_ms;
    }
}

/* Every voter keeps showing that it could act; the leader reads every route that it is responsible
 * for. */
void proof_tick(struct core *core, struct update *update)
{
    if (core->ledger.service_count == 0 || core->watch_count == 0)
        return;
    read_in_turn(core, update);
    if (core->leading)
        read_unread(core, update);
}

/* A node that may not be able to act finds out soon: the next proof comes after a second, then
 * after twice as long each time. */
static void note_failure(struct core *core, bool ok)
{
    struct proof *proof = &core->proof;
    if (ok) {
        proof->failures = 0;
        return;
    }
    if (proof->failures < UINT8_MAX)
        proof->failures++;
    time_ms retry_ms = PROOF_RETRY_MS;
    for (uint8_t i = 1; i < proof->failures && retry_ms < core->settings.actuator_proof_ms; i++)
        retry_ms *= 2;
    if (core->now_ms + retry_ms < proof->next_ms)
        proof->next_ms = core->now_ms + retry_ms;
}

static void note_proof(struct core *core, const struct event *event, struct update *update)
{
    struct proof *proof = &core->proof;
    bool ok = event->as.route.result == ROUTE_RESULT_OK;
    if (event->as.route.result == ROUTE_RESULT_CANCELED)
        return;
    int32_t took_us = (int32_t)(event->as.route.took_ms * 1000);
    bool inflated =
        vote_is_inflated(took_us, rolling_minimum_get(&proof->minimum), &core->settings.trust);
    bool was_ok = proof->ok || proof->answered_ms == 0;
    proof->ok = ok;
    note_failure(core, ok);
    proof->result = event->as.route.result;
    proof->answered_ms = core->now_ms;
    proof->took_ms = took_us / 1000;
    if (ok && !inflated)
        rolling_minimum_add(&proof->minimum, took_us);
    if (!ok && was_ok)
        core_notice(core, NOTICE_CANNOT_ACT, SERVICE_SLOT_NONE, SIDE_PRIMARY, WHY_NONE, update);
    patrol_on_proof(core, event->as.route.ticket, ok && !inflated, update);
}

void proof_propose_seen(struct core *core, service_slot slot, struct update *update)
{
    struct lead *lead = &core->leads[slot];
    struct command command = {.kind = COMMAND_ROUTE_SEEN, .service = slot};
    command.as.route_seen.state = lead->view.state;
    command.as.route_seen.version = lead->view.version;
    command.as.route_seen.parts = lead->view.parts;
    lead->proposed = true;
    lead->proposed_ms = core->now_ms;
    core_propose(core, &command, update);
}

bool proof_shows_ledger(const struct core *core, service_slot slot)
{
    const struct route_view *view = &core->leads[slot].view;
    const struct service_record *service = &core->ledger.services[slot];
    return view->state == service->route && route_parts_agree(&view->parts, &service->parts);
}

/* DESIGN 3, Route first: a reading that differs is read again, and believed when it agrees. */
static void note_drift(struct core *core, service_slot slot, struct update *update)
{
    struct lead *lead = &core->leads[slot];
    const struct service_record *service = &core->ledger.services[slot];
    time_ms since_ms = core_ledger_now(core, core->now_ms) - service->route_ms;
    bool moving = move_is_open(&service->move) && service->move.state != MOVE_BLOCKED;
    if (proof_shows_ledger(core, slot) || lead->view.state == ROUTE_UNKNOWN) {
        lead->drift_reads = 0;
        return;
    }
    if (moving || lead->proposed ||
        (service->route != ROUTE_UNKNOWN && since_ms < service->settings.propagation_ms))
        return;
    bool agrees = lead->view.state == lead->drift_state &&
                  route_parts_agree(&lead->view.parts, &lead->drift_parts);
    lead->drift_reads = agrees ? (uint8_t)(lead->drift_reads + 1) : 1;
    lead->drift_state = lead->view.state;
    lead->drift_parts = lead->view.parts;
    if (lead->drift_reads < DRIFT_READS && service->route != ROUTE_UNKNOWN) {
        lead->read_ticket = proof_read(core, slot, true, update);
        lead->read_asked_ms = core->now_ms;
        return;
    }
    lead->drift_reads = 0;
    proof_propose_seen(core, slot, update);
}

void proof_forget_view(struct core *core, service_slot slot)
{
    struct lead *lead = &core->leads[slot];
    lead->view_ms = 0;
    lead->read_asked_ms = 0;
    lead->view_ticket = core->next_ticket;
}

void proof_on_route(struct core *core, const struct event *event, struct update *update)
{
    service_slot slot = event->as.route.service;
    if (event->as.route.kind == ROUTE_JOB_READ)
        note_proof(core, event, update);
    if (!core->leading || slot >= core->ledger.service_count)
        return;
    struct lead *lead = &core->leads[slot];
    if (event->as.route.kind != ROUTE_JOB_READ)
        return;
    if (event->as.route.ticket == lead->read_ticket)
        lead->read_ticket = 0;
    if (event->as.route.result != ROUTE_RESULT_OK || !event->as.route.has_view ||
        event->as.route.ticket < lead->view_ticket)
        return;
    lead->view = event->as.route.view;
    lead->view_ms = core->now_ms;
    note_drift(core, slot, update);
}
