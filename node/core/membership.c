#include "node/core/parts.h"

/* Only a folder that is empty asks to join, so the asking alone says that the data is lost; whose
 * folder was recorded before, if any was, does not matter. */
void membership_on_join(struct core *core, const struct event *event, struct update *update)
{
    node_id node = event->as.join.node;
    if (node == 0 || node > core->settings.node_count || node == core->settings.self)
        return;
    struct peer *peer = &core->peers[node];
    peer->join_ms = core->now_ms;
    peer->join_incarnation = event->as.join.incarnation;
    peer->hello_ms = core->now_ms;
    peer->level = event->as.join.level;
    peer->can_act = false;
    const struct members *members = &core->ledger.members;
    if (!core->leading || members_is_voter(members, node) ||
        members->incarnation[node] != peer->join_incarnation)
        return;
    struct effect *effect = update_add(update, EFFECT_ADMIT);
    effect->as.admit.node = node;
    effect->as.admit.incarnation = peer->join_incarnation;
}

/* The change that is due for the node, if any. */
static bool is_due(const struct core *core, node_id node, struct member *ret_member)
{
    const struct members *members = &core->ledger.members;
    const struct peer *peer = &core->peers[node];
    bool joins = peer->join_ms != 0 && core->now_ms - peer->join_ms <= PEER_FRESH_MS;
    *ret_member = (struct member){.node = node, .incarnation = peer->join_incarnation};
    if (joins)
        return members_is_voter(members, node) ||
               members->incarnation[node] != peer->join_incarnation;
    ret_member->voter = true;
    ret_member->incarnation = members->incarnation[node];
    return !members_is_voter(members, node);
}

static void propose(struct core *core, const struct member *member, struct update *update)
{
    struct command command = {.kind = COMMAND_MEMBER, .service = SERVICE_SLOT_NONE};
    command.as.member = *member;
    core->member_proposed_ms = core->now_ms;
    core_propose(core, &command, update);
}

/* One change at a time; what stands against it is asked again at each step. */
void membership_tick(struct core *core, struct update *update)
{
    bool waits = core->member_proposed_ms != 0 &&
                 core->now_ms - core->member_proposed_ms < PROPOSAL_PATIENCE_MS;
    if (core->ledger.level < PROTO_LEVEL_HELLO || core->ledger.node_count == 0 || waits)
        return;
    for (node_id node = 1; node <= core->settings.node_count; node++) {
        struct member member;
        if (node == core->settings.self || !is_due(core, node, &member) ||
            raft_member_gate(&core->raft, &member, core->now_ms) != WHY_NONE)
            continue;
        propose(core, &member, update);
        return;
    }
}

void membership_on_applied(struct core *core, const struct applied *applied, struct update *update)
{
    if (applied->kind != COMMAND_MEMBER)
        return;
    core->member_proposed_ms = 0;
    if (!applied->accepted)
        return;
    enum notice_kind kind = applied->member.voter ? NOTICE_REJOINED : NOTICE_READMITTED;
    enum why why = applied->member.voter ? WHY_NONE : WHY_DATA_LOST;
    struct effect *effect = update_add(update, EFFECT_NOTICE);
    effect->as.notice.kind = kind;
    effect->as.notice.service = SERVICE_SLOT_NONE;
    effect->as.notice.why = why;
    effect->as.notice.node = applied->member.node;
}
