#include "node/core/raft_parts.h"

#include "common/check.h"

enum {
    ROOM_KEPT = EFFECT_COUNT_MAX / 2
}; /* effects left for whoever comes after in the same step */

static bool is_in_snapshot(const struct raft_peer *peer)
{
    return peer->snapshot_index != 0;
}

/* Entries from `index` on, as many as fit into one message. One that is larger than the bound goes
 * alone. */
static uint32_t fill_entries(const struct raft *raft, log_index index, struct raft_message *message)
{
    uint32_t count = 0;
    uint32_t bytes = 0;
    while (count < RAFT_ENTRIES_MAX) {
        const struct raft_entry *entry = raft_log_get(&raft->log, index + count);
        if (entry == NULL || (count > 0 && bytes + entry->length > RAFT_ENTRIES_BYTES_MAX))
            break;
        message->as.append.entries[count++] = *entry;
        bytes += entry->length;
    }
    message->as.append.entry_count = count;
    return count;
}

static struct raft_message *add_append(struct raft *raft, node_id to, log_index prev_index,
                                       time_ms now_ms, struct update *update)
{
    struct raft_message *message = raft_send(raft, update, RAFT_APPEND, to);
    message->as.append.prev_index = prev_index;
    CHECK(raft_log_term(&raft->log, prev_index, &message->as.append.prev_term) == 0);
    message->as.append.commit = raft->commit_index;
    message->as.append.round = raft_round(raft, false, now_ms);
    return message;
}

static void send_entries(struct raft *raft, node_id to, time_ms now_ms, struct update *update)
{
    struct raft_peer *peer = &raft->peers[to];
    struct raft_message *message = add_append(raft, to, peer->next_index - 1, now_ms, update);
    uint32_t count = fill_entries(raft, peer->next_index, message);
    if (!peer->probing)
        peer->next_index += count;
}

static bool has_window(const struct raft *raft, const struct raft_peer *peer)
{
    return !peer->probing && !is_in_snapshot(peer) && peer->next_index <= raft->log.last_index &&
           peer->next_index >= raft->log.first_index &&
           peer->next_index - peer->window_index <= RAFT_IN_FLIGHT_MAX;
}

/* A heartbeat, with entries where the peer keeps up. A peer that fell behind the log's start is
 * asked about the start: its refusal opens the way to a snapshot, and silence costs nothing. */
void raft_send_append(struct raft *raft, node_id to, time_ms now_ms, struct update *update)
{
    const struct raft_peer *peer = &raft->peers[to];
    if (has_window(raft, peer)) {
        send_entries(raft, to, now_ms, update);
        return;
    }
    log_index prev_index = peer->next_index - 1;
    if (is_in_snapshot(peer) || peer->next_index < raft->log.first_index)
        prev_index = raft->log.first_index - 1;
    add_append(raft, to, prev_index, now_ms, update);
}

void raft_replicate(struct raft *raft, node_id to, time_ms now_ms, struct update *update)
{
    while (has_window(raft, &raft->peers[to]) && update_room(update) > ROOM_KEPT)
        send_entries(raft, to, now_ms, update);
}

/* The logs differ at what was sent: go back to where they may agree, one message at a time. */
static void fall_back(struct raft *raft, const struct raft_message *message, time_ms now_ms,
                      struct update *update)
{
    struct raft_peer *peer = &raft->peers[message->from];
    log_index hint_index = message->as.append_reply.hint_index;
    if (message->as.append_reply.round < peer->probe_round)
        return; /* overtaken by what was sent since */
    if (hint_index > raft->log.last_index) {
        raft->rejected++; /* it speaks of what nobody sent */
        return;
    }
    bool forgot = hint_index < peer->match_index;
    if (forgot)
        hint_index = peer->match_index; /* old news, or a lost disk: the next heartbeat will tell */
    peer->next_index = hint_index + 1;
    peer->window_index = hint_index;
    peer->probing = true;
    peer->probe_round = raft_round(raft, true, now_ms);
    if (peer->next_index < raft->log.first_index)
        raft_send_snapshot(raft, message->from, 0, now_ms, update);
    else if (!forgot)
        send_entries(raft, message->from, now_ms, update);
}

void raft_match_to(struct raft *raft, node_id id, log_index index)
{
    struct raft_peer *peer = &raft->peers[id];
    if (index > peer->match_index)
        peer->match_index = index;
    if (index > peer->window_index)
        peer->window_index = index;
    if (index >= peer->next_index)
        peer->next_index = index + 1;
}

static void go_forward(struct raft *raft, const struct raft_message *message, time_ms now_ms,
                       struct update *update)
{
    struct raft_peer *peer = &raft->peers[message->from];
    log_index match_index = message->as.append_reply.match_index;
    if (match_index > raft->log.last_index) {
        raft->rejected++;
        return;
    }
    raft_match_to(raft, message->from, match_index);
    if (is_in_snapshot(peer) && peer->next_index < raft->log.first_index) {
        raft_retry_snapshot(raft, message->from, now_ms, update);
        return;
    }
    peer->snapshot_index = 0;
    peer->probing = false;
    raft_advance_commit(raft, update);
    raft_replicate(raft, message->from, now_ms, update);
    raft_transfer_go_on(raft, now_ms, update);
}

/* A folder that was replaced and has come back: it counts for nothing, but may read on until it
 * finds that out. */
static void teach(struct raft *raft, const struct raft_message *message, time_ms now_ms,
                  struct update *update)
{
    log_index hint_index = message->as.append_reply.hint_index;
    raft->outdated++;
    if (message->as.append_reply.matched || hint_index + 1 < raft->log.first_index ||
        hint_index >= raft->log.last_index)
        return;
    struct raft_message *append = add_append(raft, message->from, hint_index, now_ms, update);
    (void)fill_entries(raft, hint_index + 1, append);
}

void raft_on_append_reply(struct raft *raft, const struct raft_message *message, time_ms now_ms,
                          struct update *update)
{
    if (raft->role != RAFT_LEADER || message->term != raft->term)
        return;
    if (raft_is_outdated(raft, message)) {
        teach(raft, message, now_ms, update);
        return;
    }
    raft_note_answer(raft, message->from, message->as.append_reply.round, now_ms);
    if (message->as.append_reply.matched)
        go_forward(raft, message, now_ms, update);
    else if (is_in_snapshot(&raft->peers[message->from]))
        raft_retry_snapshot(raft, message->from, now_ms, update);
    else
        fall_back(raft, message, now_ms, update);
}
