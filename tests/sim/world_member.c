/* Nodes that lost their data: what node/core/membership.c and the driver do around bare Raft. */
#include "tests/sim/world.h"

enum { JOIN_EVERY_MS = 200, MEMBER_PATIENCE_MS = 300 };

void world_join_tick(struct world *world, node_id node)
{
    struct world_node *self = &world->nodes[node];
    self->deadline_ms = world->now_ms + JOIN_EVERY_MS;
    for (node_id id = 1; id <= world->settings.voter_count; id++)
        if (id != node)
            world_deliver_join(world, node, id, false, self->disk.incarnation);
}

static void propose(struct world *world, node_id leader, const struct member *member)
{
    struct world_node *self = &world->nodes[leader];
    if (world->now_ms - self->member_proposed_ms < MEMBER_PATIENCE_MS ||
        raft_member_gate(self->raft, member, world->now_ms) != WHY_NONE)
        return;
    self->member_proposed_ms = world->now_ms;
    world_propose_member(world, leader, member);
}

void world_on_join(struct world *world, node_id leader, const struct world_join *join)
{
    const struct raft *raft = world->nodes[leader].raft;
    const struct members *settled = &raft->settled;
    if (!raft_is_ready(raft))
        return;
    if (!members_is_voter(settled, join->node) &&
        settled->incarnation[join->node] == join->incarnation) {
        world_deliver_join(world, leader, join->node, true, join->incarnation);
        return;
    }
    struct member member = {.node = join->node, .incarnation = join->incarnation};
    propose(world, leader, &member);
}

void world_on_admit(struct world *world, node_id node, uint64_t incarnation)
{
    struct world_node *self = &world->nodes[node];
    if (!self->disk.empty || self->disk.queue_count > 0 || self->disk.incarnation != incarnation)
        return;
    struct disk_job job = {.kind = DISK_JOB_ADMIT};
    world_disk_write(world, node, &job);
}

static bool votes_again(const struct world_node *node)
{
    const struct members *settled = &node->raft->settled;
    node_id self = node->raft->settings.self;
    return node->wiped && !node->disk.empty && members_is_voter(settled, self) &&
           settled->incarnation[self] == node->disk.incarnation;
}

void world_members_after_step(struct world *world, node_id node)
{
    struct world_node *self = &world->nodes[node];
    const struct raft *raft = self->raft;
    if (votes_again(self)) {
        self->wiped = false;
        world->rejoins++;
        trace_add(&world->trace, world->now_ms, node, "votes again");
    }
    if (raft->members.learners == 0 || !raft_is_ready(raft))
        return;
    for (node_id id = 1; id <= world->settings.voter_count; id++) {
        struct member member = {
            .node = id, .voter = true, .incarnation = raft->members.incarnation[id]};
        if (!members_is_voter(&raft->members, id))
            propose(world, node, &member);
    }
}
