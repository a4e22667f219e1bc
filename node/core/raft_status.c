#include "node/core/raft_parts.h"

uint8_t raft_quorum(uint8_t voter_count)
{
    return (uint8_t)(voter_count / 2 + 1);
}

uint8_t raft_voter_count(const struct raft *raft)
{
    return members_voter_count(&raft->members, raft->settings.node_count);
}

bool raft_is_voter(const struct raft *raft)
{
    return members_is_voter(&raft->members, raft->settings.self) && raft_is_known(raft);
}

bool raft_is_ready(const struct raft *raft)
{
    return raft->role == RAFT_LEADER && raft->noop_index != 0 &&
           raft->applied_index >= raft->noop_index && raft->transfer.target == 0;
}

time_ms raft_lease_until_ms(const struct raft *raft)
{
    if (raft->role != RAFT_LEADER || raft->transfer.told)
        return 0;
    time_ms answered_ms = raft_quorum_answered_ms(raft);
    return answered_ms == RAFT_NEVER_MS ? 0 : answered_ms + raft->settings.election_ms;
}

uint8_t raft_live_voters(const struct raft *raft, time_ms now_ms)
{
    uint8_t live = raft_is_voter(raft) ? 1 : 0;
    for (node_id id = 1; id <= raft->settings.node_count; id++) {
        const struct raft_peer *peer = &raft->peers[id];
        if (id != raft->settings.self && raft_counts(raft, id) &&
            now_ms - peer->heard_ms < raft->settings.election_ms)
            live++;
    }
    return live;
}

const char *raft_role_name(enum raft_role role)
{
    switch (role) {
    case RAFT_FOLLOWER:
        return "follower";
    case RAFT_PRECANDIDATE:
        return "precandidate";
    case RAFT_CANDIDATE:
        return "candidate";
    case RAFT_LEADER:
        return "leader";
    case RAFT_ROLE_N:
        break;
    }
    return "?";
}
