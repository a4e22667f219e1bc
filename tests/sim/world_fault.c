#include "tests/sim/world.h"

void world_crash(struct world *world, node_id node, size_t kept)
{
    struct world_node *self = &world->nodes[node];
    if (!self->up)
        return;
    trace_add(&world->trace, world->now_ms, node, "crashes");
    size_t pending = self->disk.queue_count;
    disk_crash(&self->disk, kept < pending ? kept : pending);
    self->up = false;
}

void world_crash_torn(struct world *world, node_id node, size_t kept, size_t parts)
{
    struct world_node *self = &world->nodes[node];
    if (!self->up)
        return;
    while (kept-- > 0 && self->disk.queue_count > 0)
        (void)disk_complete(&self->disk);
    disk_tear(&self->disk, parts);
    world_crash(world, node, 0);
}

void world_wipe(struct world *world, node_id node)
{
    struct world_node *self = &world->nodes[node];
    world_crash(world, node, 0);
    trace_add(&world->trace, world->now_ms, node, "loses its data");
    uint64_t incarnation = self->disk.incarnation + 1;
    if (self->disk.empty) {
        disk_fini(&self->disk);
    } else {
        disk_fini(&self->ghost);
        self->ghost = self->disk;
    }
    disk_init(&self->disk);
    self->disk.incarnation = incarnation;
    self->disk.empty = true;
    self->wiped = true;
    world->wipes++;
}

/* By what any node believes, or will believe again after a crash. */
static bool is_relied_upon(const struct world *world, node_id node)
{
    node_id count = world->settings.voter_count;
    if (world->nodes[node].wiped)
        return false;
    for (node_id id = 1; id <= count; id++) {
        const struct world_node *other = &world->nodes[id];
        struct members durable = disk_members(&other->disk, count);
        if (!other->disk.empty &&
            (!members_is_voter(&other->raft->members, node) || !members_is_voter(&durable, node)))
            return false;
    }
    return true;
}

bool world_may_lose(const struct world *world, node_id node)
{
    node_id count = world->settings.voter_count;
    uint8_t left = 0;
    if (world_member_is_under_way(world))
        return false;
    for (node_id id = 1; id <= count; id++)
        if (id != node && is_relied_upon(world, id))
            left++;
    return left >= raft_quorum(count);
}

void world_restart(struct world *world, node_id node)
{
    if (world->nodes[node].up)
        return;
    trace_add(&world->trace, world->now_ms, node, "starts");
    world_start_node(world, node);
}

void world_pause(struct world *world, node_id node, time_ms duration_ms)
{
    world->nodes[node].paused_until_ms = world->now_ms + duration_ms;
}

void world_break_disk(struct world *world, node_id node)
{
    world->nodes[node].disk_broken = true;
}

void world_heal(struct world *world)
{
    network_heal(&world->network);
    trace_add(&world->trace, world->now_ms, 0, "everything heals");
    for (node_id id = 1; id <= world->settings.voter_count; id++) {
        struct world_node *self = &world->nodes[id];
        self->paused_until_ms = 0;
        if (self->up && self->disk_broken)
            world_crash(world, id, 0);
        world_restart(world, id);
    }
}

void world_transfer(struct world *world, node_id from, node_id to)
{
    struct event event = {.kind = EVENT_TRANSFER, .now_ms = world->now_ms};
    event.as.transfer.node = to;
    if (world->nodes[from].up && world->nodes[from].paused_until_ms <= world->now_ms)
        world_step(world, from, &event);
}
