#include "node/core/parts.h"

/* What speaks of this node's own way to the API, and not of the route, the body or the API itself,
 * which another leader would meet in the same way. */
static bool is_own_fault(enum route_result result)
{
    return result == ROUTE_RESULT_NOT_SENT || result == ROUTE_RESULT_UNKNOWN ||
           result == ROUTE_RESULT_UNAUTHORIZED;
}

static bool cannot_act(const struct core *core)
{
    return core->proof.failures >= PROOF_FAILURES && is_own_fault(core->proof.result);
}

/* A write is under way: its answer is worth more than a new leader. One whose answer is unknown is
 * the successor's to wait for. */
static bool is_writing(const struct core *core)
{
    for (service_slot slot = 0; slot < core->ledger.service_count; slot++)
        if (core->leads[slot].runner.state == RUNNER_WRITING)
            return true;
    return false;
}

/* The follower with the longest log among those that say that they can act. */
static node_id successor(const struct core *core)
{
    node_id best = 0;
    for (node_id node = 1; node <= core->settings.node_count; node++) {
        const struct peer *peer = &core->peers[node];
        const struct raft_peer *follower = &core->raft.peers[node];
        bool fresh = peer->hello_ms != 0 && core->now_ms - peer->hello_ms <= PEER_FRESH_MS;
        if (node == core->settings.self || !fresh || !peer->can_act ||
            !members_is_voter(&core->ledger.members, node) ||
            core->now_ms - follower->heard_ms >= core->settings.election_ms)
            continue;
        if (best == 0 || follower->match_index > core->raft.peers[best].match_index)
            best = node;
    }
    return best;
}

/* DESIGN 3: a leader that cannot act, while another can, transfers leadership. Whoever gave it away
 * waits for a proof interval before it does so again: where nobody can act, leadership comes round
 * once and rests. */
void leadership_tick(struct core *core, struct update *update)
{
    struct handover *handover = &core->handover;
    time_ms again_ms = handover->at_ms + core->settings.actuator_proof_ms;
    if (!cannot_act(core) || is_writing(core) || core->raft.transfer.target != 0)
        return;
    if (handover->count > 0 && core->now_ms < again_ms) {
        update_deadline(update, again_ms);
        return;
    }
    node_id node = successor(core);
    if (node == 0)
        return; /* the next hello comes with a step of its own */
    handover->count++;
    handover->at_ms = core->now_ms;
    handover->to = node;
    core_notice(core, NOTICE_CANNOT_ACT, SERVICE_SLOT_NONE, SIDE_PRIMARY, WHY_CANNOT_ACT, update);
    struct event event = {.kind = EVENT_TRANSFER, .now_ms = core->now_ms};
    event.as.transfer.node = node;
    raft_step(&core->raft, &event, update);
}
