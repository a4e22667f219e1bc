#include "node/core/raft_parts.h"

static void change(struct members *members, const struct raft *raft, const struct raft_entry *entry)
{
    if (entry->kind == COMMAND_MEMBER)
        (void)members_change(members, raft->settings.node_count, &entry->member);
}

void raft_seed_members(struct raft *raft, const struct members *members)
{
    raft->settled = *members;
    raft->members = *members;
    raft->member_index = 0;
}

/* A folder that is new has acknowledged nothing, whatever the old one did. */
static void reset_peer(struct raft *raft, const struct member *member)
{
    if (raft->role != RAFT_LEADER || member->node == raft->settings.self || member->voter)
        return;
    if (raft->transfer.target == member->node && !raft->transfer.told)
        raft->transfer = (struct raft_transfer){0};
    raft_forget_peer(raft, member->node);
}

void raft_member_appended(struct raft *raft, const struct raft_entry *entry)
{
    if (entry->kind != COMMAND_MEMBER)
        return;
    raft->member_index = entry->index;
    if (members_change(&raft->members, raft->settings.node_count, &entry->member) == WHY_NONE)
        reset_peer(raft, &entry->member);
}

void raft_members_cut(struct raft *raft, log_index index)
{
    if (raft->member_index < index)
        return;
    raft->members = raft->settled;
    raft->member_index = 0;
    for (log_index at = raft->applied_index + 1; at <= raft->log.last_index; at++) {
        const struct raft_entry *entry = raft_log_get(&raft->log, at);
        if (entry == NULL || entry->kind != COMMAND_MEMBER)
            continue;
        change(&raft->members, raft, entry);
        raft->member_index = at;
    }
}

void raft_members_settle(struct raft *raft, log_index index)
{
    const struct raft_entry *entry = raft_log_get(&raft->log, index);
    if (entry != NULL)
        change(&raft->settled, raft, entry);
}

bool raft_is_outdated(const struct raft *raft, const struct raft_message *message)
{
    uint64_t recorded = raft->members.incarnation[message->from];
    return recorded != 0 && message->incarnation != recorded;
}

bool raft_is_known(const struct raft *raft)
{
    uint64_t recorded = raft->members.incarnation[raft->settings.self];
    return recorded == 0 ? !raft->settings.novice : recorded == raft->settings.incarnation;
}

void raft_members_step_down(struct raft *raft, time_ms now_ms)
{
    if (raft->role == RAFT_LEADER && !raft_is_voter(raft) &&
        raft->commit_index >= raft->member_index)
        raft_become_follower(raft, now_ms);
}

bool raft_pledge(struct raft *raft, node_id leader, struct update *update)
{
    if (!raft->settings.novice || raft_is_voter(raft) || raft->voted_for != 0)
        return true;
    if (!raft_job_has_room(raft, true))
        return false;
    raft->voted_for = leader;
    raft->vote_dirty = true;
    raft_job_add_vote(raft, update);
    return true;
}

static bool is_caught_up(const struct raft *raft, node_id node, time_ms now_ms)
{
    const struct raft_peer *peer = &raft->peers[node];
    return now_ms - peer->heard_ms < raft->settings.election_ms && !peer->probing &&
           peer->snapshot_index == 0 && peer->match_index + RAFT_CAUGHT_UP >= raft->log.last_index;
}

enum why raft_member_gate(const struct raft *raft, const struct member *member, time_ms now_ms)
{
    if (raft->role != RAFT_LEADER)
        return WHY_NOT_LEADER;
    if (raft->noop_index == 0 || raft->commit_index < raft->noop_index)
        return WHY_TERM_NOT_APPLIED;
    if (raft->commit_index < raft->member_index)
        return WHY_TOO_EARLY;
    enum why why = members_refusal(&raft->members, raft->settings.node_count, member);
    if (why == WHY_NONE && member->voter && member->node != raft->settings.self &&
        !is_caught_up(raft, member->node, now_ms))
        why = WHY_TOO_EARLY;
    return why;
}
