#include "tests/sim/swarm.h"

#include <stdio.h>
#include <string.h>

#include "common/check.h"

enum {
    ELECTION_MS = 500,
    HEARTBEAT_MS = 50,
    FAULT_COUNT = 60,
    DISKS_MS = 1000 * ELECTION_MS,  /* what a slow disk still owes is not the cluster's fault */
    PROGRESS_MS = 30 * ELECTION_MS, /* after the heal everybody must have settled within this */
};

struct swarm {
    struct world world;
    struct prng prng;
};

struct fault {
    uint32_t weight;
    void (*happen)(struct swarm *swarm);
};

static uint64_t draw(struct swarm *swarm, uint64_t bound)
{
    return prng_below(&swarm->prng, bound);
}

static node_id draw_node(struct swarm *swarm)
{
    return (node_id)(1 + draw(swarm, swarm->world.settings.voter_count));
}

/* Faults at the leader are where the history is made. */
static node_id draw_victim(struct swarm *swarm)
{
    node_id leader = world_leader(&swarm->world);
    return leader != 0 && draw(swarm, 2) == 0 ? leader : draw_node(swarm);
}

static void note(struct swarm *swarm, node_id node, const char *what)
{
    trace_add(&swarm->world.trace, swarm->world.now_ms, node, "%s", what);
}

static void happen_load(struct swarm *swarm)
{
    uint64_t count = 1 + draw(swarm, 40);
    for (uint64_t i = 0; i < count; i++)
        for (node_id id = 1; id <= swarm->world.settings.voter_count; id++)
            if (swarm->world.nodes[id].up && swarm->world.nodes[id].raft->role == RAFT_LEADER)
                (void)world_propose(&swarm->world, id, COMMAND_TICK);
}

static void happen_crash(struct swarm *swarm)
{
    node_id node = draw_victim(swarm);
    world_crash(&swarm->world, node, (size_t)draw(swarm, 4));
}

/* Down and up again within less than an election: what the voter promised is what its disk says. */
static void happen_quick_restart(struct swarm *swarm)
{
    node_id node = draw_node(swarm);
    world_crash(&swarm->world, node, (size_t)draw(swarm, 4));
    world_run(&swarm->world, (time_ms)draw(swarm, 20));
    world_restart(&swarm->world, node);
}

static void happen_restart(struct swarm *swarm)
{
    world_restart(&swarm->world, draw_node(swarm));
}

static void happen_isolate(struct swarm *swarm)
{
    node_id node = draw_victim(swarm);
    note(swarm, node, "is cut off");
    network_isolate(&swarm->world.network, node);
}

static void happen_one_way(struct swarm *swarm)
{
    node_id from = draw_victim(swarm);
    note(swarm, from, "is not heard by one");
    network_cut(&swarm->world.network, from, draw_node(swarm));
}

static void happen_split(struct swarm *swarm)
{
    note(swarm, 0, "the network splits");
    uint64_t sides = draw(swarm, UINT64_C(1) << swarm->world.settings.voter_count);
    for (node_id a = 1; a <= swarm->world.settings.voter_count; a++)
        for (node_id b = 1; b <= swarm->world.settings.voter_count; b++)
            if (((sides >> (a - 1)) & 1) != ((sides >> (b - 1)) & 1))
                network_cut(&swarm->world.network, a, b);
}

/* The voter that is cut off loses patience while the leader keeps its lease with the other, who
 * then forgets. */
static void happen_cut_link(struct swarm *swarm)
{
    node_id leader = world_leader(&swarm->world);
    node_id other = draw_node(swarm);
    if (leader == 0)
        return;
    note(swarm, other, "loses the leader");
    network_cut(&swarm->world.network, leader, other);
    network_cut(&swarm->world.network, other, leader);
}

static void happen_heal_network(struct swarm *swarm)
{
    note(swarm, 0, "the network heals");
    network_heal(&swarm->world.network);
}

static void happen_weather(struct swarm *swarm)
{
    struct network *network = &swarm->world.network;
    network->loss_permille = (uint32_t)draw(swarm, 300);
    network->duplicate_permille = (uint32_t)draw(swarm, 200);
    network->latency_max_ms = network->latency_min_ms + (time_ms)draw(swarm, 80);
}

static void happen_pause(struct swarm *swarm)
{
    node_id node = draw_victim(swarm);
    note(swarm, node, "is stopped for a while");
    world_pause(&swarm->world, node, (time_ms)draw(swarm, (uint64_t)3 * ELECTION_MS));
}

static void happen_slow_disk(struct swarm *swarm)
{
    struct world_settings *settings = &swarm->world.settings;
    uint64_t slowest_ms = draw(swarm, 4) == 0 ? 3 * ELECTION_MS : 60;
    settings->persist_max_ms = settings->persist_min_ms + (time_ms)draw(swarm, slowest_ms);
}

static void happen_bad_disk(struct swarm *swarm)
{
    node_id node = draw_node(swarm);
    note(swarm, node, "has a bad disk");
    world_break_disk(&swarm->world, node);
}

static void happen_full_disk(struct swarm *swarm)
{
    node_id node = draw_node(swarm);
    note(swarm, node, "has a full disk");
    world_break_disk(&swarm->world, node);
    swarm->world.nodes[node].disk_full = true;
}

static void happen_torn_write(struct swarm *swarm)
{
    node_id node = draw_victim(swarm);
    world_crash_torn(&swarm->world, node, (size_t)draw(swarm, 3), (size_t)draw(swarm, 8));
    if (draw(swarm, 2) == 0)
        world_restart(&swarm->world, node);
}

/* A folder that was deleted, or one whose flipped bit was seen at the start and that was moved
 * away. */
static void happen_wipe(struct swarm *swarm)
{
    node_id node = draw_victim(swarm);
    if (!world_may_lose(&swarm->world, node))
        return;
    world_wipe(&swarm->world, node);
    if (draw(swarm, 3) > 0)
        world_restart(&swarm->world, node);
}

/* Nothing is lost: the voter is made a learner, and a voter again when it keeps up. */
static void happen_demotion(struct swarm *swarm)
{
    node_id leader = world_leader(&swarm->world);
    node_id node = draw_node(swarm);
    struct member member = {.node = node, .incarnation = swarm->world.nodes[node].disk.incarnation};
    if (leader == 0 || swarm->world.nodes[node].disk.empty || !world_may_lose(&swarm->world, node))
        return;
    note(swarm, node, "is to be a learner");
    world_propose_member(&swarm->world, leader, &member);
}

static void happen_transfer(struct swarm *swarm)
{
    node_id leader = world_leader(&swarm->world);
    node_id to = (node_id)draw(swarm, (uint64_t)swarm->world.settings.voter_count + 1);
    if (leader != 0)
        world_transfer(&swarm->world, leader, to);
}

static const struct fault faults[] = {
    {30, happen_load},      {6, happen_crash},    {10, happen_quick_restart},
    {14, happen_restart},   {5, happen_isolate},  {6, happen_one_way},
    {4, happen_split},      {8, happen_cut_link}, {14, happen_heal_network},
    {5, happen_weather},    {6, happen_pause},    {3, happen_slow_disk},
    {1, happen_bad_disk},   {6, happen_transfer}, {1, happen_full_disk},
    {5, happen_torn_write}, {8, happen_wipe},     {5, happen_demotion},
};

static void happen_something(struct swarm *swarm)
{
    uint64_t total = 0;
    for (size_t i = 0; i < ARRAY_COUNT(faults); i++)
        total += faults[i].weight;
    uint64_t chosen = draw(swarm, total);
    size_t i = 0;
    while (chosen >= faults[i].weight)
        chosen -= faults[i++].weight;
    faults[i].happen(swarm);
}

static void prepare(struct swarm *swarm, uint64_t seed, bool trace)
{
    static const node_id sizes[] = {3, 3, 5, 3, 4, 5, 7};
    prng_init(&swarm->prng, seed);
    struct world_settings settings = {.seed = seed,
                                      .voter_count = sizes[draw(swarm, ARRAY_COUNT(sizes))],
                                      .election_ms = ELECTION_MS,
                                      .heartbeat_ms = HEARTBEAT_MS,
                                      .latency_min_ms = 1,
                                      .latency_max_ms = 1 + (time_ms)draw(swarm, 10),
                                      .persist_min_ms = 1,
                                      .persist_max_ms = 1 + (time_ms)draw(swarm, 10),
                                      .snapshot_every = 20 + (uint32_t)draw(swarm, 60),
                                      .snapshot_trailing = 1 + (uint32_t)draw(swarm, 15),
                                      .chunk_bytes = 64 + (uint32_t)draw(swarm, 400),
                                      .trace = trace};
    world_init(&swarm->world, &settings, &world_brain_raft);
}

static bool disks_are_idle(const struct world *world)
{
    for (node_id id = 1; id <= world->settings.voter_count; id++)
        if (world->nodes[id].disk.queue_count > 0)
            return false;
    return true;
}

/* Safety under faults, then heal and require progress: what is offered now must be applied
 * everywhere. */
static void require_progress(struct swarm *swarm)
{
    struct world *world = &swarm->world;
    world->settings.persist_max_ms = world->settings.persist_min_ms;
    world->network.latency_max_ms = world->network.latency_min_ms + 5;
    world_heal(world);
    (void)world_run_until(world, disks_are_idle, DISKS_MS);
    log_index before = world->invariants.commit_max;
    if (world_run_until(world, world_is_settled, PROGRESS_MS) != 0)
        invariants_fail(world, "no progress: not settled %d ms after the heal", PROGRESS_MS);
    node_id leader = world_leader(world);
    if (leader == 0)
        return;
    (void)world_propose(world, leader, COMMAND_TICK);
    world_run(world, 1);
    if (world_run_until(world, world_is_settled, PROGRESS_MS) != 0 ||
        world->invariants.commit_max <= before)
        invariants_fail(world, "no progress: the offered entry was not applied everywhere");
}

static bool some_lease(const struct world *world)
{
    for (node_id id = 1; id <= world->settings.voter_count; id++)
        if (world->nodes[id].up && raft_lease_until_ms(world->nodes[id].raft) > world->now_ms)
            return true;
    return false;
}

void swarm_run(uint64_t seed, struct trace *trace, struct swarm_result *ret_result)
{
    struct swarm swarm = {0};
    prepare(&swarm, seed, trace != NULL);
    struct world *world = &swarm.world;
    struct swarm_result result = {0};
    world_run(world, 3 * ELECTION_MS);
    for (int i = 0; i < FAULT_COUNT && invariants_hold(&world->invariants); i++) {
        happen_something(&swarm);
        if (some_lease(world))
            result.leases_seen++;
        time_ms longest_ms = draw(&swarm, 4) == 0 ? 2 * ELECTION_MS : ELECTION_MS / 4;
        world_run(world, (time_ms)draw(&swarm, (uint64_t)longest_ms));
    }
    if (invariants_hold(&world->invariants))
        require_progress(&swarm);
    result.passed = invariants_hold(&world->invariants);
    (void)snprintf(result.failure, sizeof result.failure, "%s", world->invariants.failure);
    result.events = world->steps;
    result.wipes = world->wipes;
    result.rejoins = world->rejoins;
    result.committed = world->invariants.commit_max;
    node_id leader = world_leader(world);
    result.term = leader == 0 ? 0 : world->nodes[leader].raft->term;
    if (trace != NULL) {
        *trace = world->trace;
        world->trace = (struct trace){0};
    }
    world_fini(world);
    *ret_result = result;
}
