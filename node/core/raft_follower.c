#include "node/core/raft_parts.h"

#include "common/check.h"

void raft_send_refusal(struct raft *raft, node_id to, log_index hint_index, uint64_t round,
                       struct update *update)
{
    struct raft_message *reply = raft_send(raft, update, RAFT_APPEND_REPLY, to);
    reply->as.append_reply.hint_index = hint_index;
    reply->as.append_reply.round = round;
}

void raft_send_ack(struct raft *raft, struct update *update)
{
    bool whole = raft->matched_index <= raft->persisted_index;
    raft->ack_due = !whole || !raft_vote_is_durable(raft);
    if (!raft_vote_is_durable(raft))
        return;
    struct raft_message *reply = raft_send(raft, update, RAFT_APPEND_REPLY, raft->leader);
    reply->as.append_reply.matched = true;
    reply->as.append_reply.match_index = whole ? raft->matched_index : raft->persisted_index;
    reply->as.append_reply.round = raft->heard_round;
}

/* What was compacted is committed, and so equal everywhere. */
static bool has_position(const struct raft *raft, log_index index, term_id term)
{
    term_id own_term = 0;
    if (index < raft->log.first_index)
        return index + 1 < raft->log.first_index || raft->log.base_term == term;
    return raft_log_term(&raft->log, index, &own_term) == 0 && own_term == term;
}

/* Where the leader should try next: before all that this log holds of the term that differs, though
 * not before what is known to be equal. */
static log_index hint_before(const struct raft *raft, log_index prev_index)
{
    if (prev_index > raft->log.last_index)
        return raft->log.last_index;
    term_id term = raft_log_get(&raft->log, prev_index)->term;
    log_index equal = raft->commit_index;
    if (raft->matched_index > equal)
        equal = raft->matched_index;
    log_index hint = prev_index;
    while (hint > equal && hint >= raft->log.first_index &&
           raft_log_get(&raft->log, hint)->term == term)
        hint--;
    return hint;
}

/* The first entry that this log does not hold yet; entry_count where it holds all. */
static uint32_t first_new_entry(const struct raft *raft, const struct raft_message *message)
{
    uint32_t i = 0;
    while (i < message->as.append.entry_count) {
        const struct raft_entry *entry = &message->as.append.entries[i];
        if (!has_position(raft, entry->index, entry->term))
            break;
        i++;
    }
    return i;
}

static void append_new_entries(struct raft *raft, const struct raft_message *message, uint32_t from,
                               struct update *update)
{
    struct persist_job *job = raft_job_add_entries(raft, update);
    log_index index = message->as.append.entries[from].index;
    if (index <= raft->log.last_index) {
        job->truncate_from = index;
        raft_log_truncate_from(&raft->log, index);
        raft_job_cut(raft, index);
        raft_members_cut(raft, index);
    }
    for (uint32_t i = from; i < message->as.append.entry_count; i++) {
        struct raft_entry entry = message->as.append.entries[i];
        if (raft_log_room(&raft->log) == 0)
            break;
        raft_job_entry(raft, job, &entry);
        entry.handle = 0; /* from here on the driver finds the payload by index */
        CHECK(raft_log_append(&raft->log, &entry) == 0);
        raft_member_appended(raft, &entry);
    }
}

static bool can_append(const struct raft *raft, log_index index)
{
    return raft_job_has_room(raft, false) &&
           (raft_log_room(&raft->log) > 0 || index <= raft->log.last_index);
}

/* The message's previous entry is in this log: take what follows, and acknowledge what is on disk.
 */
static void take_entries(struct raft *raft, const struct raft_message *message,
                         struct update *update)
{
    uint32_t from = first_new_entry(raft, message);
    log_index equal_index = message->as.append.prev_index + from;
    bool grows = from < message->as.append.entry_count;
    if (grows && equal_index < raft->commit_index) {
        raft->rejected++; /* it would replace what is committed */
        return;
    }
    grows = grows && can_append(raft, equal_index + 1);
    if (grows) {
        append_new_entries(raft, message, from, update);
        equal_index = raft->log.last_index;
    }
    if (equal_index > raft->matched_index)
        raft->matched_index = equal_index;
    if (grows)
        raft->ack_due = true;
    else
        raft_send_ack(raft, update);
    log_index commit = message->as.append.commit;
    raft_commit_to(raft, commit < raft->matched_index ? commit : raft->matched_index, update);
}

void raft_on_append(struct raft *raft, const struct raft_message *message, time_ms now_ms,
                    struct update *update)
{
    uint64_t round = message->as.append.round;
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
    log_index prev_index = message->as.append.prev_index;
    if (raft->receipt.installing)
        raft_send_ack(raft, update);
    else if (has_position(raft, prev_index, message->as.append.prev_term))
        take_entries(raft, message, update);
    else if (prev_index <= raft->commit_index)
        raft->rejected++; /* it denies what is committed */
    else
        raft_send_refusal(raft, message->from, hint_before(raft, prev_index), round, update);
}
