/* One node's driver: it performs the effects of a step against the simulated disk and network. */
#include "tests/sim/world.h"

#include <stdlib.h>
#include <string.h>

#include "common/check.h"
#include "common/hash.h"

uint64_t *world_payload_at(struct world_node *node, log_index index)
{
    if (index >= node->payload_capacity) {
        size_t capacity = (size_t)index * 2 + 64;
        node->payloads = realloc(node->payloads, capacity * sizeof *node->payloads);
        CHECK(node->payloads != NULL);
        memset(node->payloads + node->payload_capacity, 0,
               (capacity - node->payload_capacity) * sizeof *node->payloads);
        node->payload_capacity = capacity;
    }
    return &node->payloads[index];
}

static void restore(struct world *world, node_id node)
{
    struct world_node *self = &world->nodes[node];
    const struct disk *disk = &self->disk;
    size_t count = (size_t)(disk->last_index + 1 - disk->first_index);
    const struct raft_entry *entries = count == 0 ? NULL : &disk->entries[disk->first_index];
    for (size_t i = 0; i < count; i++)
        *world_payload_at(self, entries[i].index) = entries[i].handle;
    self->snapshot = disk->snapshot;
    self->state = disk->snapshot.state;
    raft_seed_members(self->raft, &disk->snapshot.members);
    if (raft_restore(self->raft, disk->term, disk->voted_for, disk->snapshot.index,
                     disk->snapshot.term, entries, count) != 0)
        invariants_fail(world, "n%u cannot restore what its disk holds", node);
}

void world_start_node(struct world *world, node_id node)
{
    struct world_node *self = &world->nodes[node];
    struct raft_settings settings = {.self = node,
                                     .node_count = world->settings.voter_count,
                                     .incarnation = self->disk.incarnation,
                                     .novice = self->disk.novice,
                                     .election_ms = world->settings.election_ms,
                                     .heartbeat_ms = world->settings.heartbeat_ms,
                                     .seed = prng_next(&world->prng),
                                     .snapshot_every = world->settings.snapshot_every,
                                     .snapshot_trailing = world->settings.snapshot_trailing};
    invariants_forget(&world->invariants, node);
    self->up = true;
    self->incarnation++;
    self->paused_until_ms = 0;
    self->disk_free_ms = world->now_ms;
    self->disk_broken = false;
    self->disk_full = false;
    self->member_proposed_ms = RAFT_NEVER_MS;
    self->receipt = (struct world_receipt){0};
    world->brain->init(self->self, &settings, world->now_ms);
    self->raft = world->brain->raft(self->self);
    restore(world, node);
    self->deadline_ms = world->now_ms;
}

static void perform_send(struct world *world, node_id node, const struct raft_message *original)
{
    struct world_node *self = &world->nodes[node];
    struct raft_message message;
    world_copy_message(&message, original);
    message.incarnation = self->disk.incarnation;
    if (message.kind == RAFT_APPEND)
        for (uint32_t i = 0; i < message.as.append.entry_count; i++) {
            struct raft_entry *entry = &message.as.append.entries[i];
            entry->handle = *world_payload_at(self, entry->index);
        }
    if (message.kind == RAFT_SNAPSHOT) {
        uint32_t total = 300 + (uint32_t)(self->snapshot.index % 200);
        uint32_t rest = total > message.as.snapshot.offset ? total - message.as.snapshot.offset : 0;
        if (message.as.snapshot.index != self->snapshot.index)
            invariants_fail(world, "n%u sends a snapshot that it does not have", node);
        message.as.snapshot.total = total;
        message.as.snapshot.length =
            rest < world->settings.chunk_bytes ? rest : world->settings.chunk_bytes;
        message.as.snapshot.handle = self->snapshot.state;
    }
    world_trace_send(world, &message);
    invariants_on_send(world, &message);
    world_deliver(world, &message);
}

static void perform_apply(struct world *world, node_id node, log_index first, log_index last)
{
    struct world_node *self = &world->nodes[node];
    for (log_index index = first; index <= last; index++) {
        uint64_t payload = *world_payload_at(self, index);
        self->state = hash_u64(hash_u64(HASH_SEED, self->state), payload);
        invariants_on_apply(world, node, index, payload, self->state);
        struct event event = {.kind = EVENT_COMMITTED, .now_ms = world->now_ms};
        event.as.committed.index = index;
        world_step(world, node, &event);
        invariants_on_settled(world, node, index);
    }
}

static void perform_take(struct world *world, node_id node, const struct effect *effect)
{
    struct world_node *self = &world->nodes[node];
    self->snapshot = (struct disk_snapshot){.index = effect->as.snapshot_take.index,
                                            .term = effect->as.snapshot_take.term,
                                            .state = self->state,
                                            .members = self->raft->settled};
    struct disk_job job = {.kind = DISK_JOB_TAKE,
                           .snapshot = self->snapshot,
                           .compact_to = effect->as.snapshot_take.compact_to};
    trace_add(&world->trace, world->now_ms, node, "takes snapshot %llu, forgets up to %llu",
              (unsigned long long)self->snapshot.index, (unsigned long long)job.compact_to);
    world_disk_write(world, node, &job);
}

static void perform_chunk(struct world *world, node_id node, const struct effect *effect)
{
    struct world_receipt *receipt = &world->nodes[node].receipt;
    if (effect->as.snapshot_chunk.offset == 0)
        *receipt = (struct world_receipt){.snapshot = {.index = effect->as.snapshot_chunk.index,
                                                       .term = effect->as.snapshot_chunk.term,
                                                       .state = effect->as.snapshot_chunk.handle}};
    if (receipt->received != effect->as.snapshot_chunk.offset ||
        receipt->snapshot.state != effect->as.snapshot_chunk.handle)
        invariants_fail(world, "n%u puts chunks of a snapshot together wrongly", node);
    receipt->received += effect->as.snapshot_chunk.length;
}

static void perform_install(struct world *world, node_id node)
{
    struct disk_snapshot *snapshot = &world->nodes[node].receipt.snapshot;
    snapshot->members = *invariants_members_at(world, snapshot->index);
    struct disk_job job = {.kind = DISK_JOB_INSTALL, .snapshot = *snapshot};
    world_disk_write(world, node, &job);
}

static void perform_persist(struct world *world, node_id node, const struct persist_job *persist)
{
    struct disk_job job = {.kind = DISK_JOB_PERSIST, .persist = *persist};
    world_disk_write(world, node, &job);
}

static void perform(struct world *world, node_id node, const struct effect *effect)
{
    switch (effect->kind) {
    case EFFECT_SEND:
        perform_send(world, node, &effect->as.send);
        break;
    case EFFECT_PERSIST:
        perform_persist(world, node, &effect->as.persist);
        break;
    case EFFECT_APPLY:
        perform_apply(world, node, effect->as.apply.first, effect->as.apply.last);
        break;
    case EFFECT_SNAPSHOT_TAKE:
        perform_take(world, node, effect);
        break;
    case EFFECT_SNAPSHOT_CHUNK:
        perform_chunk(world, node, effect);
        break;
    case EFFECT_SNAPSHOT_INSTALL:
        perform_install(world, node);
        break;
    case EFFECT_PROPOSE:
        (void)world_propose(world, node, (uint8_t)effect->as.propose.kind);
        break;
    case EFFECT_PROBE:
    case EFFECT_VOTE:
    case EFFECT_CALL:
    case EFFECT_ROUTE:
    case EFFECT_EXCHANGE:
    case EFFECT_TOKEN:
    case EFFECT_NOTICE:
    case EFFECT_REPLY:
    case EFFECT_ADMIT:
    case EFFECT_APPLIED:
    case EFFECT_KIND_N:
        world->brain->effect(world, node, effect);
        break;
    }
}

/* The payloads of new entries are in the driver's memory before anything is done with them. */
static void learn_payloads(struct world *world, node_id node, const struct update *update)
{
    for (size_t i = 0; i < update->count; i++) {
        if (update->effects[i].kind != EFFECT_PERSIST)
            continue;
        const struct persist_job *job = &update->effects[i].as.persist;
        if (job->truncate_from != 0)
            trace_add(&world->trace, world->now_ms, node, "cuts its log from %llu",
                      (unsigned long long)job->truncate_from);
        for (uint32_t j = 0; j < job->entry_count; j++)
            *world_payload_at(&world->nodes[node], job->entries[j].index) = job->entries[j].handle;
        invariants_on_persist(world, node, job);
    }
}

void world_step(struct world *world, node_id node, const struct event *event)
{
    struct world_node *self = &world->nodes[node];
    CHECK(self->up && self->depth < WORLD_DEPTH);
    struct world_portrait before = world_portrait_of(self->raft);
    struct update *update = &self->updates[self->depth++];
    update_clear(update);
    world->brain->step(self->self, event, update);
    world->steps++;
    self->deadline_ms = update->deadline_ms;
    learn_payloads(world, node, update);
    world_trace_changes(world, node, &before);
    invariants_after_step(world, node);
    for (size_t i = 0; i < update->count && invariants_hold(&world->invariants); i++)
        perform(world, node, &update->effects[i]);
    self->depth--;
    if (self->depth == 0)
        world_members_after_step(world, node);
}

static void finish_install(struct world *world, node_id node, const struct disk_job *job)
{
    struct world_node *self = &world->nodes[node];
    self->snapshot = job->snapshot;
    self->state = job->snapshot.state;
    trace_add(&world->trace, world->now_ms, node, "has installed snapshot %llu",
              (unsigned long long)job->snapshot.index);
    invariants_on_install(world, node, job->snapshot.index, self->state);
    struct event event = {.kind = EVENT_SNAPSHOT_INSTALLED, .now_ms = world->now_ms};
    event.as.snapshot.index = job->snapshot.index;
    event.as.snapshot.term = job->snapshot.term;
    event.as.snapshot.members = &job->snapshot.members;
    world_step(world, node, &event);
}

void world_disk_done(struct world *world, node_id node)
{
    struct world_node *self = &world->nodes[node];
    struct event event = {.now_ms = world->now_ms};
    if (self->disk.queue_count == 0)
        return;
    if (self->disk_broken) {
        self->disk.queue_count = 0;
        event.kind = EVENT_PERSIST_FAILED;
        event.as.persist_failed.full = self->disk_full;
        trace_add(&world->trace, world->now_ms, node, "its disk fails");
        world_step(world, node, &event);
        return;
    }
    struct disk_job job = disk_complete(&self->disk);
    switch (job.kind) {
    case DISK_JOB_PERSIST:
        event.kind = EVENT_PERSISTED;
        event.as.persisted.ticket = job.persist.ticket;
        world_step(world, node, &event);
        break;
    case DISK_JOB_INSTALL:
        finish_install(world, node, &job);
        break;
    case DISK_JOB_ADMIT:
        trace_add(&world->trace, world->now_ms, node, "is a novice");
        world_start_node(world, node);
        break;
    case DISK_JOB_TAKE:
    case DISK_JOB_KIND_N:
        break;
    }
}
