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
