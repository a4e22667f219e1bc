#include "node/core/raft_parts.h"

static node_id best_follower(const struct raft *raft, time_ms now_ms)
{
    node_id best = 0;
    for (node_id id = 1; id <= raft->settings.node_count; id++) {
        const struct raft_peer *peer = &raft->peers[id];
        if (id == raft->settings.self || !raft_counts(raft, id) ||
            now_ms - peer->heard_ms >= raft->settings.election_ms)
            continue;
        if (best == 0 || peer->match_index > raft->peers[best].match_index)
            best = id;
    }
    return best;
}

void raft_on_transfer(struct raft *raft, node_id target, time_ms now_ms, struct update *update)
{
    if (raft->role != RAFT_LEADER || raft->transfer.target != 0)
        return;
    if (target == 0)
        target = best_follower(raft, now_ms);
    if (target == 0 || target == raft->settings.self || target > raft->settings.node_count ||
        !raft_counts(raft, target))
        return;
    raft->transfer.target = target;
    raft->transfer.until_ms = now_ms + raft->settings.election_ms;
    raft_transfer_go_on(raft, now_ms, update);
}

static void tell_successor(struct raft *raft, struct update *update)
{
    struct raft_message *message = raft_send(raft, update, RAFT_TIMEOUT_NOW, raft->transfer.target);
    message->as.timeout_now.round = raft->round;
}

/* No new round is opened from here on, so that each voter can tell that the permission is still the
 * leader's newest word; and the lease ends here, for the successor does not wait for loyalty to run
 * out. */
void raft_transfer_go_on(struct raft *raft, time_ms now_ms, struct update *update)
{
    struct raft_transfer *transfer = &raft->transfer;
    if (transfer->target == 0 || transfer->told)
        return;
    if (raft->peers[transfer->target].match_index < raft->log.last_index)
        return;
    raft_round(raft, true, now_ms);
    transfer->told = true;
    tell_successor(raft, update);
}

void raft_transfer_repeat(struct raft *raft, struct update *update)
{
    if (raft->transfer.told)
        tell_successor(raft, update);
}

/* The successor did not come: lead on, with a lease that rests on later rounds only. */
void raft_transfer_tick(struct raft *raft, time_ms now_ms)
{
    if (raft->transfer.target == 0 || now_ms < raft->transfer.until_ms)
        return;
    bool told = raft->transfer.told;
    raft->transfer = (struct raft_transfer){0};
    if (!told)
        return;
    raft->first_round = raft_round(raft, true, now_ms);
    raft->quorum_since_ms = now_ms;
    raft->heartbeat_at_ms = now_ms;
    for (node_id id = 1; id <= raft->settings.node_count; id++)
        raft->peers[id].answered_ms = RAFT_NEVER_MS;
}

void raft_on_timeout_now(struct raft *raft, const struct raft_message *message, time_ms now_ms,
                         struct update *update)
{
    uint64_t round = message->as.timeout_now.round;
    if (message->term != raft->term || raft->role != RAFT_FOLLOWER ||
        raft->leader != message->from || round < raft->heard_round)
        return;
    if (!raft_is_voter(raft) || raft->receipt.installing ||
        now_ms < raft->start_ms + raft->settings.election_ms)
        return;
    raft_campaign_vote(raft, true, round, now_ms, update);
}
