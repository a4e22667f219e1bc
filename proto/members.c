#include "proto/members.h"

uint8_t members_voter_count(const struct members *members, uint8_t node_count)
{
    uint8_t count = 0;
    for (node_id node = 1; node <= node_count; node++)
        if (members_is_voter(members, node))
            count++;
    return count;
}

static enum why demotion_refusal(const struct members *members, uint8_t node_count,
                                 const struct member *member)
{
    if (!members_is_voter(members, member->node))
        return members->incarnation[member->node] == member->incarnation ? WHY_STALE : WHY_NONE;
    uint8_t left = (uint8_t)(members_voter_count(members, node_count) - 1);
    return left < node_count / 2 + 1 ? WHY_TOO_FEW_VOTERS : WHY_NONE;
}

enum why members_refusal(const struct members *members, uint8_t node_count,
                         const struct member *member)
{
    if (member->node == 0 || member->node > node_count || member->incarnation == 0)
        return WHY_ILLEGAL;
    if (!member->voter)
        return demotion_refusal(members, node_count, member);
    if (members_is_voter(members, member->node) ||
        members->incarnation[member->node] != member->incarnation)
        return WHY_STALE;
    return WHY_NONE;
}

enum why members_change(struct members *members, uint8_t node_count, const struct member *member)
{
    enum why why = members_refusal(members, node_count, member);
    if (why != WHY_NONE)
        return why;
    members->incarnation[member->node] = member->incarnation;
    members->learners &= ~(UINT32_C(1) << member->node);
    if (!member->voter)
        members->learners |= UINT32_C(1) << member->node;
    return WHY_NONE;
}
