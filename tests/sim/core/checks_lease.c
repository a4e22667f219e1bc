#include "tests/sim/core/checks_parts.h"
#include "tests/sim/core/stage_parts.h"

/* A leader's round is its heartbeat's number; when it was sent counts, not when it was answered. */
void checks_on_sent(struct stage *stage, node_id node, const struct raft_message *message)
{
    struct lease_checks *lease = &stage->checks->leases[node];
    uint64_t round =
        message->kind == RAFT_APPEND ? message->as.append.round : message->as.snapshot.round;
    invariants_on_send(&stage->rafts, message);
    if (message->kind != RAFT_APPEND && message->kind != RAFT_SNAPSHOT)
        return;
    if (lease->term != message->term)
        *lease = (struct lease_checks){.term = message->term};
    if (round <= lease->newest)
        return;
    lease->newest = round;
    lease->sent_ms[round % CHECKS_ROUNDS] = stage_own_ms(stage, node);
}

void checks_on_heard(struct stage *stage, node_id node, const struct raft_message *message)
{
    struct lease_checks *lease = &stage->checks->leases[node];
    uint64_t round = 0;
    if (message->term != lease->term)
        return;
    if (message->kind == RAFT_APPEND_REPLY)
        round = message->as.append_reply.round;
    else if (message->kind == RAFT_SNAPSHOT_REPLY)
        round = message->as.snapshot_reply.round;
    if (round > lease->answered[message->from] && round <= lease->newest)
        lease->answered[message->from] = round;
}

/* When the newest round was sent that a majority has answered, this node included. */
static time_ms majority_sent_ms(const struct stage *stage, node_id node)
{
    const struct lease_checks *lease = &stage->checks->leases[node];
    uint8_t quorum = raft_quorum(stage->node_count);
    uint64_t best = 0;
    for (node_id voter = 1; voter <= stage->node_count; voter++) {
        uint64_t round = lease->answered[voter];
        uint8_t count = 1;
        for (node_id other = 1; other <= stage->node_count; other++)
            if (other != node && lease->answered[other] >= round)
                count++;
        if (voter != node && count >= quorum && round > best)
            best = round;
    }
    bool known = best > 0 && lease->newest - best < CHECKS_ROUNDS;
    return known ? lease->sent_ms[best % CHECKS_ROUNDS] : RAFT_NEVER_MS;
}

/* Invariant 6: a write starts no later than base after that, and never beside a newer leader. */
void checks_lease(struct stage *stage, node_id node, const struct route_job *job)
{
    const struct raft *raft = &stage->actors[node].core->raft;
    time_ms own_ms = stage_own_ms(stage, node);
    if (own_ms >= job->start_before_ms || job->term != raft->term)
        stage_fail(stage, "n%u writes without a lease", node);
    if (stage->checks->leases[node].term != raft->term ||
        own_ms >= majority_sent_ms(stage, node) + stage->setup.election_ms)
        stage_fail(stage, "n%u writes later than base after its last answered round", node);
    for (node_id other = 1; other <= stage->node_count; other++) {
        const struct actor *actor = &stage->actors[other];
        if (actor->up && actor->core->raft.role == RAFT_LEADER &&
            actor->core->raft.term > raft->term)
            stage_fail(stage, "n%u writes while n%u leads", node, other);
    }
}
