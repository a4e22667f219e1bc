#include "node/core/raft_parts.h"

#include "common/check.h"

void raft_take_snapshot(struct raft *raft, struct update *update)
{
    log_index index = raft->applied_index;
    log_index trailing = raft->settings.snapshot_trailing;
    term_id term = 0;
    if (raft->failed || raft->receipt.installing)
        return;
    CHECK(raft_log_term(&raft->log, index, &term) == 0);
    struct effect *effect = update_add(update, EFFECT_SNAPSHOT_TAKE);
    effect->as.snapshot_take.index = index;
    effect->as.snapshot_take.term = term;
    effect->as.snapshot_take.compact_to = index > trailing ? index - trailing : 0;
    raft_log_snapshot(&raft->log, index, term, effect->as.snapshot_take.compact_to);
}

/* Always of the newest snapshot, which is the one that the driver keeps: a newer one starts again.
 */
void raft_send_snapshot(struct raft *raft, node_id to, uint32_t offset, time_ms now_ms,
                        struct update *update)
{
    struct raft_peer *peer = &raft->peers[to];
    CHECK(raft->log.snapshot_index > 0);
    if (peer->snapshot_index != raft->log.snapshot_index)
        offset = 0;
    peer->snapshot_index = raft->log.snapshot_index;
    peer->snapshot_offset = offset;
    peer->snapshot_sent_ms = now_ms;
    struct raft_message *message = raft_send(raft, update, RAFT_SNAPSHOT, to);
    message->as.snapshot.index = raft->log.snapshot_index;
    message->as.snapshot.index_term = raft->log.snapshot_term;
    message->as.snapshot.offset = offset;
    message->as.snapshot.round = raft_round(raft, false, now_ms);
}

static bool is_overdue(const struct raft *raft, const struct raft_peer *peer, time_ms now_ms)
{
    return now_ms - peer->snapshot_sent_ms >= 2 * raft->settings.heartbeat_ms;
}

/* The peer is alive, but says nothing of its chunk: one of the two was lost. */
void raft_retry_snapshot(struct raft *raft, node_id to, time_ms now_ms, struct update *update)
{
    const struct raft_peer *peer = &raft->peers[to];
    if (is_overdue(raft, peer, now_ms))
        raft_send_snapshot(raft, to, peer->snapshot_offset, now_ms, update);
}

void raft_on_snapshot_reply(struct raft *raft, const struct raft_message *message, time_ms now_ms,
                            struct update *update)
{
    struct raft_peer *peer = &raft->peers[message->from];
    if (raft->role != RAFT_LEADER || message->term != raft->term)
        return;
    if (raft_is_outdated(raft, message)) {
        raft->outdated++;
        return;
    }
    raft_note_answer(raft, message->from, message->as.snapshot_reply.round, now_ms);
    if (peer->snapshot_index == 0 || message->as.snapshot_reply.index != peer->snapshot_index)
        return;
    uint32_t received = message->as.snapshot_reply.received;
    if (!message->as.snapshot_reply.installed) {
        /* Less than what was sent before means that it restarted; the same, that the chunk is still
         * on its way. */
        if (received != peer->snapshot_offset || is_overdue(raft, peer, now_ms))
            raft_send_snapshot(raft, message->from, received, now_ms, update);
        return;
    }
    raft_match_to(raft, message->from, peer->snapshot_index);
    peer->snapshot_index = 0;
    peer->probing = false;
    raft_advance_commit(raft, update);
    raft_replicate(raft, message->from, now_ms, update);
    raft_transfer_go_on(raft, now_ms, update);
}

static void send_reply(struct raft *raft, log_index index, bool installed, struct update *update)
{
    struct raft_message *reply = raft_send(raft, update, RAFT_SNAPSHOT_REPLY, raft->leader);
    reply->as.snapshot_reply.index = index;
    reply->as.snapshot_reply.received = raft->receipt.received;
    reply->as.snapshot_reply.installed = installed;
    reply->as.snapshot_reply.round = raft->heard_round;
}

/* The log itself reaches as far: what follows in it must stay, for it may have been acknowledged.
 */
static bool has_already(const struct raft *raft, const struct raft_message *message)
{
    term_id term = 0;
    log_index index = message->as.snapshot.index;
    if (index <= raft->commit_index)
        return true;
    return raft_log_term(&raft->log, index, &term) == 0 && term == message->as.snapshot.index_term;
}

static void keep_chunk(struct raft *raft, const struct raft_message *message, struct update *update)
{
    struct raft_receipt *receipt = &raft->receipt;
    struct effect *effect = update_add(update, EFFECT_SNAPSHOT_CHUNK);
    effect->as.snapshot_chunk.index = receipt->index;
    effect->as.snapshot_chunk.term = receipt->index_term;
    effect->as.snapshot_chunk.offset = receipt->received;
    effect->as.snapshot_chunk.total = receipt->total;
    effect->as.snapshot_chunk.length = message->as.snapshot.length;
    effect->as.snapshot_chunk.handle = message->as.snapshot.handle;
    receipt->received += message->as.snapshot.length;
    if (receipt->received < receipt->total)
        return;
    receipt->installing = true;
    effect = update_add(update, EFFECT_SNAPSHOT_INSTALL);
    effect->as.snapshot_install.index = receipt->index;
    effect->as.snapshot_install.term = receipt->index_term;
}

static void take_chunk(struct raft *raft, const struct raft_message *message, struct update *update)
{
    struct raft_receipt *receipt = &raft->receipt;
    bool same = receipt->index == message->as.snapshot.index &&
                receipt->index_term == message->as.snapshot.index_term &&
                receipt->total == message->as.snapshot.total;
    if (!same)
        *receipt = (struct raft_receipt){.index = message->as.snapshot.index,
                                         .index_term = message->as.snapshot.index_term,
                                         .total = message->as.snapshot.total};
    if (message->as.snapshot.offset == receipt->received && message->as.snapshot.length > 0)
        keep_chunk(raft, message, update);
    if (!receipt->installing)
        send_reply(raft, receipt->index, false, update);
}

void raft_on_snapshot(struct raft *raft, const struct raft_message *message, time_ms now_ms,
                      struct update *update)
{
    log_index index = message->as.snapshot.index;
    uint64_t round = message->as.snapshot.round;
    if (message->term < raft->term) {
        raft_send_refusal(raft, message->from, 0, round, update);
        return;
    }
    if (raft->role == RAFT_LEADER || (raft->leader != 0 && raft->leader != message->from)) {
        raft->rejected++; /* two leaders in one term */
        return;
    }
    if (!raft_pledge(raft, message->from, update))
        return;
    raft_hear_leader(raft, message->from, round, now_ms);
    if (raft->receipt.installing)
        return;
    if (!has_already(raft, message)) {
        take_chunk(raft, message, update);
        return;
    }
    if (index > raft->matched_index)
        raft->matched_index = index;
    raft_commit_to(raft, index, update);
    if (raft->persisted_index >= index && raft_vote_is_durable(raft))
        send_reply(raft, index, true, update);
}

void raft_on_installed(struct raft *raft, const struct event *event, struct update *update)
{
    log_index index = event->as.snapshot.index;
    if (raft->failed || !raft->receipt.installing || index != raft->receipt.index)
        return;
    raft_job_cut(raft, raft->log.first_index);
    raft_log_reset(&raft->log, index, event->as.snapshot.term);
    raft_seed_members(raft, event->as.snapshot.members);
    raft->commit_index = index;
    raft->emitted_index = index;
    raft->applied_index = index;
    raft->persisted_index = index;
    if (index > raft->matched_index)
        raft->matched_index = index;
    if (raft->leader != 0 && raft_vote_is_durable(raft))
        send_reply(raft, index, true, update);
    raft->receipt = (struct raft_receipt){0};
}
