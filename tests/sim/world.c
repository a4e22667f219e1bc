#include "tests/sim/world.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "common/check.h"
#include "common/errors.h"

enum item_kind { ITEM_MESSAGE, ITEM_JOIN, ITEM_ADMIT, ITEM_DISK, ITEM_PROPOSE, ITEM_KIND_N };

struct world_item {
    time_ms at_ms;
    uint64_t sequence;
    enum item_kind kind;
    node_id node;
    uint32_t incarnation;         /* DISK and PROPOSE die with their process */
    struct raft_message *message; /* owned by the item */
    uint8_t propose_kind;
    uint64_t payload;
    struct member member;   /* PROPOSE */
    struct world_join join; /* JOIN, ADMIT */
};

static bool is_before(const struct world_item *a, const struct world_item *b)
{
    return a->at_ms != b->at_ms ? a->at_ms < b->at_ms : a->sequence < b->sequence;
}

static void swap_items(struct world_item *a, struct world_item *b)
{
    struct world_item item = *a;
    *a = *b;
    *b = item;
}

static void push_item(struct world *world, struct world_item item)
{
    if (world->item_count == world->item_capacity) {
        world->item_capacity = world->item_capacity * 2 + 64;
        world->items = realloc(world->items, world->item_capacity * sizeof *world->items);
        CHECK(world->items != NULL);
    }
    item.sequence = world->next_sequence++;
    size_t at = world->item_count++;
    world->items[at] = item;
    while (at > 0 && is_before(&world->items[at], &world->items[(at - 1) / 2])) {
        swap_items(&world->items[at], &world->items[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
}

static struct world_item pop_item(struct world *world)
{
    struct world_item top = world->items[0];
    world->items[0] = world->items[--world->item_count];
    size_t at = 0;
    for (;;) {
        size_t least = at;
        for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < world->item_count; child++)
            if (is_before(&world->items[child], &world->items[least]))
                least = child;
        if (least == at)
            return top;
        swap_items(&world->items[at], &world->items[least]);
        at = least;
    }
}

void world_init(struct world *world, const struct world_settings *settings,
                const struct world_brain *brain)
{
    memset(world, 0, sizeof *world);
    world->settings = *settings;
    world->brain = brain;
    world->network.latency_min_ms = settings->latency_min_ms;
    world->network.latency_max_ms = settings->latency_max_ms;
    world->trace.on = settings->trace;
    world->next_payload = 1;
    prng_init(&world->prng, settings->seed);
    invariants_init(&world->invariants);
    world->nodes = calloc((size_t)settings->voter_count + 1, sizeof *world->nodes);
    CHECK(world->nodes != NULL);
    for (node_id id = 1; id <= settings->voter_count; id++) {
        disk_init(&world->nodes[id].disk);
        world->nodes[id].disk.incarnation = 1000 * (uint64_t)id + 1;
        world->nodes[id].self = malloc(brain->bytes);
        world->nodes[id].updates = malloc(WORLD_DEPTH * sizeof(struct update));
        CHECK(world->nodes[id].self != NULL && world->nodes[id].updates != NULL);
        world_start_node(world, id);
    }
}

void world_fini(struct world *world)
{
    while (world->item_count > 0)
        free(pop_item(world).message);
    free(world->items);
    for (node_id id = 1; id <= world->settings.voter_count; id++) {
        disk_fini(&world->nodes[id].disk);
        disk_fini(&world->nodes[id].ghost);
        free(world->nodes[id].payloads);
        free(world->nodes[id].self);
        free(world->nodes[id].updates);
    }
    free(world->nodes);
    invariants_fini(&world->invariants);
    trace_fini(&world->trace);
    memset(world, 0, sizeof *world);
}

void world_copy_message(struct raft_message *copy, const struct raft_message *message)
{
    enum { HEAD_BYTES = offsetof(struct raft_message, as) + 64 };
    size_t bytes = HEAD_BYTES;
    if (message->kind == RAFT_APPEND && message->as.append.entry_count > 0)
        bytes = offsetof(struct raft_message, as.append.entries) +
                message->as.append.entry_count * sizeof(struct raft_entry);
    memcpy(copy, message, bytes > HEAD_BYTES ? bytes : HEAD_BYTES);
}

void world_deliver(struct world *world, const struct raft_message *message)
{
    struct network_fate fate =
        network_send(&world->network, &world->prng, message->from, message->to);
    for (uint8_t i = 0; i < fate.copy_count; i++) {
        struct raft_message *copy = malloc(sizeof *copy);
        CHECK(copy != NULL);
        world_copy_message(copy, message);
        push_item(world, (struct world_item){.at_ms = world->now_ms + fate.delay_ms[i],
                                             .kind = ITEM_MESSAGE,
                                             .node = message->to,
                                             .message = copy});
    }
}

void world_deliver_join(struct world *world, node_id from, node_id to, bool admit,
                        uint64_t incarnation)
{
    struct network_fate fate = network_send(&world->network, &world->prng, from, to);
    for (uint8_t i = 0; i < fate.copy_count; i++)
        push_item(world, (struct world_item){.at_ms = world->now_ms + fate.delay_ms[i],
                                             .kind = admit ? ITEM_ADMIT : ITEM_JOIN,
                                             .node = to,
                                             .join = {admit ? to : from, incarnation}});
}

void world_disk_write(struct world *world, node_id node, const struct disk_job *job)
{
    struct world_node *self = &world->nodes[node];
    time_ms spread_ms = world->settings.persist_max_ms - world->settings.persist_min_ms;
    time_ms start_ms = self->disk_free_ms > world->now_ms ? self->disk_free_ms : world->now_ms;
    self->disk_free_ms = start_ms + world->settings.persist_min_ms +
                         (time_ms)prng_below(&world->prng, (uint64_t)spread_ms + 1);
    disk_enqueue(&self->disk, job);
    push_item(world, (struct world_item){.at_ms = self->disk_free_ms,
                                         .kind = ITEM_DISK,
                                         .node = node,
                                         .incarnation = self->incarnation});
}

uint64_t world_propose(struct world *world, node_id node, uint8_t kind)
{
    uint64_t payload = world->next_payload++;
    push_item(world, (struct world_item){.at_ms = world->now_ms,
                                         .kind = ITEM_PROPOSE,
                                         .node = node,
                                         .incarnation = world->nodes[node].incarnation,
                                         .propose_kind = kind,
                                         .payload = payload});
    return payload;
}

void world_propose_member(struct world *world, node_id node, const struct member *member)
{
    push_item(world, (struct world_item){.at_ms = world->now_ms,
                                         .kind = ITEM_PROPOSE,
                                         .node = node,
                                         .incarnation = world->nodes[node].incarnation,
                                         .propose_kind = COMMAND_MEMBER,
                                         .member = *member,
                                         .payload = world->next_payload++});
}

static bool carries_member(const struct world_item *item)
{
    if (item->kind == ITEM_PROPOSE)
        return item->propose_kind == COMMAND_MEMBER;
    if (item->kind != ITEM_MESSAGE || item->message->kind != RAFT_APPEND)
        return false;
    for (uint32_t i = 0; i < item->message->as.append.entry_count; i++)
        if (item->message->as.append.entries[i].kind == COMMAND_MEMBER)
            return true;
    return false;
}

bool world_member_is_under_way(const struct world *world)
{
    for (size_t i = 0; i < world->item_count; i++)
        if (carries_member(&world->items[i]))
            return true;
    return false;
}

static bool is_of_process(const struct world_item *item)
{
    return item->kind == ITEM_DISK || item->kind == ITEM_PROPOSE;
}

static void run_item(struct world *world, const struct world_item *item)
{
    struct world_node *self = &world->nodes[item->node];
    struct event event = {.now_ms = world->now_ms};
    if (!self->up || (is_of_process(item) && item->incarnation != self->incarnation))
        return;
    if (self->disk.empty && item->kind != ITEM_ADMIT && item->kind != ITEM_DISK)
        return;
    switch (item->kind) {
    case ITEM_MESSAGE:
        event.kind = EVENT_RAFT_MESSAGE;
        event.as.message = item->message;
        world_step(world, item->node, &event);
        break;
    case ITEM_JOIN:
        world_on_join(world, item->node, &item->join);
        break;
    case ITEM_ADMIT:
        world_on_admit(world, item->node, item->join.incarnation);
        break;
    case ITEM_DISK:
        world_disk_done(world, item->node);
        break;
    case ITEM_PROPOSE:
        event.kind = EVENT_PROPOSE;
        event.as.propose.kind = item->propose_kind;
        event.as.propose.length = 8;
        event.as.propose.handle = item->payload;
        event.as.propose.member = item->member;
        world_step(world, item->node, &event);
        break;
    case ITEM_KIND_N:
        break;
    }
}

/* The node whose timer is due first, and when; 0: none is due up to `until_ms`. */
static node_id next_timer(const struct world *world, time_ms until_ms, time_ms *ret_at_ms)
{
    node_id node = 0;
    time_ms best_ms = until_ms;
    for (node_id id = 1; id <= world->settings.voter_count; id++) {
        const struct world_node *self = &world->nodes[id];
        time_ms at_ms = self->deadline_ms;
        if (at_ms < self->paused_until_ms)
            at_ms = self->paused_until_ms;
        if (at_ms < world->now_ms)
            at_ms = world->now_ms;
        if (!self->up || at_ms > best_ms || (node != 0 && at_ms == best_ms))
            continue;
        node = id;
        best_ms = at_ms;
    }
    *ret_at_ms = best_ms;
    return node;
}

/* The next occurrence up to `until_ms`. Sockets and disks come before timers of the same moment. */
static bool run_next(struct world *world, time_ms until_ms)
{
    time_ms timer_ms = 0;
    node_id node = next_timer(world, until_ms, &timer_ms);
    time_ms item_ms = world->item_count > 0 ? world->items[0].at_ms : TIME_NEVER;
    if (item_ms <= until_ms && (node == 0 || item_ms <= timer_ms)) {
        struct world_item item = pop_item(world);
        world->now_ms = item_ms;
        if (world->nodes[item.node].paused_until_ms > item_ms) {
            item.at_ms = world->nodes[item.node].paused_until_ms;
            push_item(world, item);
            return true;
        }
        run_item(world, &item);
        free(item.message);
        return true;
    }
    if (node == 0)
        return false;
    world->now_ms = timer_ms;
    if (world->nodes[node].disk.empty) {
        world_join_tick(world, node);
        return true;
    }
    struct event event = {.kind = EVENT_TICK, .now_ms = timer_ms};
    world_step(world, node, &event);
    return true;
}

void world_run(struct world *world, time_ms duration_ms)
{
    time_ms until_ms = world->now_ms + duration_ms;
    while (invariants_hold(&world->invariants) && run_next(world, until_ms))
        continue;
    if (invariants_hold(&world->invariants))
        world->now_ms = until_ms;
}

int world_run_until(struct world *world, bool (*question)(const struct world *world),
                    time_ms limit_ms)
{
    time_ms until_ms = world->now_ms + limit_ms;
    while (!question(world))
        if (!invariants_hold(&world->invariants) || !run_next(world, until_ms))
            return ERR_TIMEOUT;
    return 0;
}

node_id world_leader(const struct world *world)
{
    node_id leader = 0;
    for (node_id id = 1; id <= world->settings.voter_count; id++) {
        const struct world_node *self = &world->nodes[id];
        if (!self->up || self->raft->role != RAFT_LEADER)
            continue;
        if (leader == 0 || self->raft->term > world->nodes[leader].raft->term)
            leader = id;
    }
    return leader;
}

bool world_is_settled(const struct world *world)
{
    node_id leader = world_leader(world);
    if (leader == 0 || !raft_is_ready(world->nodes[leader].raft))
        return false;
    log_index last_index = world->nodes[leader].raft->log.last_index;
    for (node_id id = 1; id <= world->settings.voter_count; id++)
        if (!world->nodes[id].up || world->nodes[id].disk.empty ||
            !raft_is_voter(world->nodes[id].raft) ||
            world->nodes[id].raft->applied_index != last_index)
            return false;
    return true;
}
