/* What of a run is worth a line in its trace. */
#include "tests/sim/world.h"

struct world_portrait world_portrait_of(const struct raft *raft)
{
    return (struct world_portrait){.role = raft->role,
                                   .term = raft->term,
                                   .leader = raft->leader,
                                   .commit_index = raft->commit_index,
                                   .rejected = raft->rejected};
}

void world_trace_changes(struct world *world, node_id node, const struct world_portrait *before)
{
    const struct raft *raft = world->nodes[node].raft;
    struct trace *trace = &world->trace;
    if (raft->role != before->role)
        trace_add(trace, world->now_ms, node, "%s -> %s, term %llu", raft_role_name(before->role),
                  raft_role_name(raft->role), (unsigned long long)raft->term);
    else if (raft->term != before->term)
        trace_add(trace, world->now_ms, node, "term %llu", (unsigned long long)raft->term);
    if (raft->leader != before->leader && raft->leader != 0 && raft->role != RAFT_LEADER)
        trace_add(trace, world->now_ms, node, "follows n%u", raft->leader);
    if (raft->commit_index != before->commit_index)
        trace_add(trace, world->now_ms, node, "commits %llu..%llu",
                  (unsigned long long)before->commit_index + 1,
                  (unsigned long long)raft->commit_index);
    if (raft->rejected != before->rejected)
        trace_add(trace, world->now_ms, node, "rejects a message");
}

static void trace_reply(struct world *world, const struct raft_message *message, const char *what)
{
    if (message->as.vote_reply.granted)
        trace_add(&world->trace, world->now_ms, message->from, "grants n%u its %s", message->to,
                  what);
    else if (message->as.vote_reply.retry_ms > 0)
        trace_add(&world->trace, world->now_ms, message->from, "denies n%u its %s for %lld ms",
                  message->to, what, (long long)message->as.vote_reply.retry_ms);
    else
        trace_add(&world->trace, world->now_ms, message->from, "denies n%u its %s", message->to,
                  what);
}

/* Heartbeats and answers to what was appended would drown the rest. */
void world_trace_send(struct world *world, const struct raft_message *message)
{
    struct trace *trace = &world->trace;
    uint32_t count = message->as.append.entry_count;
    switch (message->kind) {
    case RAFT_PREVOTE:
        trace_add(trace, world->now_ms, message->from, "asks n%u for a pre-vote", message->to);
        break;
    case RAFT_VOTE:
        trace_add(trace, world->now_ms, message->from, "asks n%u for its vote%s", message->to,
                  message->as.vote.transfer ? ", as the leader wished" : "");
        break;
    case RAFT_PREVOTE_REPLY:
        trace_reply(world, message, "pre-vote");
        break;
    case RAFT_VOTE_REPLY:
        trace_reply(world, message, "vote");
        break;
    case RAFT_APPEND:
        if (count > 0)
            trace_add(trace, world->now_ms, message->from, "sends n%u entries %llu..%llu",
                      message->to, (unsigned long long)message->as.append.prev_index + 1,
                      (unsigned long long)message->as.append.prev_index + count);
        break;
    case RAFT_SNAPSHOT:
        trace_add(trace, world->now_ms, message->from,
                  "sends n%u bytes %u..%u of %u of snapshot %llu", message->to,
                  message->as.snapshot.offset,
                  message->as.snapshot.offset + message->as.snapshot.length,
                  message->as.snapshot.total, (unsigned long long)message->as.snapshot.index);
        break;
    case RAFT_TIMEOUT_NOW:
        trace_add(trace, world->now_ms, message->from, "tells n%u to campaign", message->to);
        break;
    case RAFT_APPEND_REPLY:
    case RAFT_SNAPSHOT_REPLY:
    case RAFT_MESSAGE_N:
        break;
    }
}
