#include "proto/raft_message.h"

#include "common/check.h"

static const char *const kind_names[RAFT_MESSAGE_N] = {
    [RAFT_PREVOTE] = "prevote",
    [RAFT_PREVOTE_REPLY] = "prevote-reply",
    [RAFT_VOTE] = "vote",
    [RAFT_VOTE_REPLY] = "vote-reply",
    [RAFT_APPEND] = "append",
    [RAFT_APPEND_REPLY] = "append-reply",
    [RAFT_SNAPSHOT] = "snapshot",
    [RAFT_SNAPSHOT_REPLY] = "snapshot-reply",
    [RAFT_TIMEOUT_NOW] = "timeout-now",
};

const char *raft_message_kind_name(enum raft_message_kind kind)
{
    return (size_t)kind < ARRAY_COUNT(kind_names) ? kind_names[kind] : "?";
}
