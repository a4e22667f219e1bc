#include "node/core/raft_parts.h"

/* Index and term of a position: both are zero before the first entry, and neither is otherwise. */
static bool position_is_sound(log_index index, term_id term, term_id message_term)
{
    return (index == 0) == (term == 0) && index <= RAFT_INDEX_MAX && term <= message_term;
}

static bool append_is_sound(const struct raft_message *message)
{
    if (message->as.append.entry_count > RAFT_ENTRIES_MAX || message->as.append.round == 0)
        return false;
    if (message->as.append.commit > RAFT_INDEX_MAX)
        return false;
    log_index index = message->as.append.prev_index;
    term_id term = message->as.append.prev_term;
    if (!position_is_sound(index, term, message->term))
        return false;
    for (uint32_t i = 0; i < message->as.append.entry_count; i++) {
        const struct raft_entry *entry = &message->as.append.entries[i];
        if (entry->index != ++index || entry->term < term || entry->length > COMMAND_BYTES_MAX)
            return false;
        term = entry->term;
        if (!position_is_sound(index, term, message->term))
            return false;
    }
    return true;
}

static bool snapshot_is_sound(const struct raft_message *message)
{
    uint32_t total = message->as.snapshot.total;
    uint32_t offset = message->as.snapshot.offset;
    uint32_t length = message->as.snapshot.length;
    if (message->as.snapshot.index == 0 || message->as.snapshot.round == 0)
        return false;
    if (!position_is_sound(message->as.snapshot.index, message->as.snapshot.index_term,
                           message->term))
        return false;
    if (total == 0 || total > LEDGER_BYTES_MAX || offset > total)
        return false;
    return length <= RAFT_CHUNK_BYTES_MAX && length <= total - offset;
}

bool raft_message_is_sound(const struct raft *raft, const struct raft_message *message)
{
    if (message->from == 0 || message->from > raft->settings.node_count ||
        message->from == raft->settings.self || message->to != raft->settings.self)
        return false;
    if (message->term > RAFT_TERM_MAX)
        return false;
    switch (message->kind) {
    case RAFT_PREVOTE: /* asked and answered before the first term, too */
        return position_is_sound(message->as.vote.last_index, message->as.vote.last_term,
                                 message->term);
    case RAFT_PREVOTE_REPLY:
        return message->as.vote_reply.retry_ms >= 0;
    case RAFT_VOTE:
        return message->term > 0 && position_is_sound(message->as.vote.last_index,
                                                      message->as.vote.last_term, message->term);
    case RAFT_VOTE_REPLY:
        return message->term > 0;
    case RAFT_APPEND:
        return message->term > 0 && append_is_sound(message);
    case RAFT_APPEND_REPLY:
        return message->term > 0 && message->as.append_reply.match_index <= RAFT_INDEX_MAX &&
               message->as.append_reply.hint_index <= RAFT_INDEX_MAX;
    case RAFT_SNAPSHOT:
        return message->term > 0 && snapshot_is_sound(message);
    case RAFT_SNAPSHOT_REPLY:
        return message->term > 0 && message->as.snapshot_reply.index > 0 &&
               message->as.snapshot_reply.index <= RAFT_INDEX_MAX;
    case RAFT_TIMEOUT_NOW:
        return message->term > 0 && message->as.timeout_now.round > 0;
    case RAFT_MESSAGE_N:
        break;
    }
    return false;
}
