#include <stdlib.h>
#include <string.h>

#include "common/check.h"
#include "tests/sim/core/checks.h"
#include "tests/sim/core/stage_parts.h"

/* A disk's snapshot says by `state` which payload holds the ledger's bytes. */

uint64_t stage_store_payload(struct stage *stage, const uint8_t *bytes, size_t length)
{
    if (stage->payload_count == stage->payload_capacity) {
        stage->payload_capacity = stage->payload_capacity * 2 + 256;
        stage->payloads =
            realloc(stage->payloads, stage->payload_capacity * sizeof *stage->payloads);
        CHECK(stage->payloads != NULL);
    }
    struct payload *payload = malloc(sizeof *payload + length);
    CHECK(payload != NULL);
    payload->length = length;
    memcpy(payload->bytes, bytes, length);
    if (stage->payload_count == 0)
        stage->payloads[stage->payload_count++] = NULL;
    stage->payloads[stage->payload_count] = payload;
    return stage->payload_count++;
}

struct disk *stage_disk(struct stage *stage, node_id node)
{
    return &stage->rafts.nodes[node].disk;
}

uint64_t *stage_payload_at(struct stage *stage, node_id node, log_index index)
{
    return world_payload_at(&stage->rafts.nodes[node], index);
}

static void write_later(struct stage *stage, node_id node, const struct disk_job *job)
{
    struct actor *actor = &stage->actors[node];
    disk_enqueue(stage_disk(stage, node), job);
    if (actor->disk_free_ms < stage->now_ms)
        actor->disk_free_ms = stage->now_ms;
    actor->disk_free_ms += actor->persist_ms;
    if (actor->persist_more_ms > 0)
        actor->disk_free_ms += (time_ms)prng_below(&stage->prng, (uint64_t)actor->persist_more_ms);
    struct stage_item *item =
        stage_later(stage, actor->disk_free_ms - stage->now_ms, ITEM_DISK, node);
    item->incarnation = actor->incarnation;
}

void stage_persist(struct stage *stage, node_id node, const struct persist_job *persist)
{
    struct disk_job job = {.kind = DISK_JOB_PERSIST, .persist = *persist};
    write_later(stage, node, &job);
}

void stage_snapshot_take(struct stage *stage, node_id node, const struct effect *effect)
{
    const struct core *core = stage->actors[node].core;
    struct world_node *self = &stage->rafts.nodes[node];
    static uint8_t buffer[LEDGER_BYTES_MAX];
    size_t length;
    CHECK(core->ledger.index == effect->as.snapshot_take.index);
    if (ledger_encode(&core->ledger, buffer, sizeof buffer, &length) != 0)
        stage_fail(stage, "n%u's ledger cannot be encoded", node);
    self->snapshot = (struct disk_snapshot){.index = effect->as.snapshot_take.index,
                                            .term = effect->as.snapshot_take.term,
                                            .state = stage_store_payload(stage, buffer, length)};
    struct disk_job job = {.kind = DISK_JOB_TAKE,
                           .snapshot = self->snapshot,
                           .compact_to = effect->as.snapshot_take.compact_to};
    write_later(stage, node, &job);
}

void stage_snapshot_fill(struct stage *stage, node_id node, struct raft_message *message)
{
    const struct disk_snapshot *snapshot = &stage->rafts.nodes[node].snapshot;
    if (message->as.snapshot.index != snapshot->index)
        stage_fail(stage, "n%u sends a snapshot that it does not have", node);
    uint32_t total = (uint32_t)stage->payloads[snapshot->state]->length;
    uint32_t rest = total > message->as.snapshot.offset ? total - message->as.snapshot.offset : 0;
    message->as.snapshot.total = total;
    message->as.snapshot.length = rest < STAGE_CHUNK_BYTES ? rest : STAGE_CHUNK_BYTES;
    message->as.snapshot.handle = snapshot->state;
}

void stage_snapshot_chunk(struct stage *stage, node_id node, const struct effect *effect)
{
    struct receipt *receipt = &stage->actors[node].receipt;
    const struct payload *whole = stage->payloads[effect->as.snapshot_chunk.handle];
    uint32_t offset = effect->as.snapshot_chunk.offset;
    uint32_t length = effect->as.snapshot_chunk.length;
    if (offset == 0) {
        receipt->index = effect->as.snapshot_chunk.index;
        receipt->received = 0;
    }
    if (receipt->received != offset || receipt->index != effect->as.snapshot_chunk.index ||
        (size_t)offset + length > whole->length)
        stage_fail(stage, "n%u puts chunks of a snapshot together wrongly", node);
    if (receipt->capacity < whole->length) {
        receipt->capacity = whole->length;
        receipt->bytes = realloc(receipt->bytes, receipt->capacity);
        CHECK(receipt->bytes != NULL);
    }
    memcpy(receipt->bytes + offset, whole->bytes + offset, length);
    receipt->received += length;
}

void stage_snapshot_install(struct stage *stage, node_id node, const struct effect *effect)
{
    const struct receipt *receipt = &stage->actors[node].receipt;
    struct disk_job job = {.kind = DISK_JOB_INSTALL,
                           .snapshot = {.index = effect->as.snapshot_install.index,
                                        .term = effect->as.snapshot_install.term}};
    job.snapshot.state = stage_store_payload(stage, receipt->bytes, receipt->received);
    write_later(stage, node, &job);
}

static void decode(const struct stage *stage, node_id node, uint64_t handle, struct ledger *ledger)
{
    const struct payload *payload = stage->payloads[handle];
    if (ledger_decode(payload->bytes, payload->length, ledger) != 0)
        stage_fail(stage, "n%u cannot decode a snapshot", node);
}

static void finish_install(struct stage *stage, node_id node, const struct disk_job *job)
{
    static struct ledger ledger;
    decode(stage, node, job->snapshot.state, &ledger);
    stage->rafts.nodes[node].snapshot = job->snapshot;
    stage->snapshot_count++;
    stage_say(stage, node, "has installed snapshot %llu", (unsigned long long)job->snapshot.index);
    struct event event = {.kind = EVENT_SNAPSHOT_INSTALLED};
    event.as.snapshot.index = job->snapshot.index;
    event.as.snapshot.term = job->snapshot.term;
    event.as.snapshot.ledger = &ledger;
    event.as.snapshot.members = &ledger.members;
    stage->actors[node].apply_to = job->snapshot.index;
    uint32_t incarnation = stage->actors[node].incarnation;
    stage_step(stage, node, &event);
    if (stage->actors[node].up && stage->actors[node].incarnation == incarnation)
        checks_on_installed(stage, node);
}

void stage_disk_done(struct stage *stage, node_id node)
{
    struct disk *disk = stage_disk(stage, node);
    struct event event = {.kind = EVENT_PERSISTED};
    if (disk->queue_count == 0)
        return;
    if (stage->actors[node].disk_full) {
        disk->queue_count = 0;
        stage_say(stage, node, "finds its disk full");
        event.kind = EVENT_PERSIST_FAILED;
        event.as.persist_failed.full = true;
        stage_step(stage, node, &event);
        return;
    }
    struct disk_job job = disk_complete(disk);
    switch (job.kind) {
    case DISK_JOB_PERSIST:
        event.as.persisted.ticket = job.persist.ticket;
        stage_step(stage, node, &event);
        break;
    case DISK_JOB_INSTALL:
        finish_install(stage, node, &job);
        break;
    case DISK_JOB_TAKE:
    case DISK_JOB_ADMIT: /* no folder is lost here */
    case DISK_JOB_KIND_N:
        break;
    }
}

/* Of the writes under way some are there, and the next one perhaps in part. */
void stage_disk_crash(struct stage *stage, node_id node)
{
    struct disk *disk = stage_disk(stage, node);
    size_t kept =
        stage->setup.wild ? (size_t)prng_below(&stage->prng, (uint64_t)disk->queue_count + 1) : 0;
    bool torn = stage->setup.wild && kept < disk->queue_count &&
                disk->queue[kept].kind == DISK_JOB_PERSIST &&
                disk->queue[kept].persist.entry_count > 1;
    if (torn) {
        struct persist_job *job = &disk->queue[kept].persist;
        job->entry_count = 1 + (uint32_t)prng_below(&stage->prng, job->entry_count - 1);
        kept++;
    }
    disk_crash(disk, kept);
}

void stage_disk_load(struct stage *stage, node_id node, const struct core_settings *settings)
{
    static struct ledger ledger;
    struct world_node *self = &stage->rafts.nodes[node];
    const struct disk *disk = &self->disk;
    struct core *core = stage->actors[node].core;
    size_t count = (size_t)(disk->last_index + 1 - disk->first_index);
    const struct raft_entry *entries = count == 0 ? NULL : &disk->entries[disk->first_index];
    bool has_snapshot = disk->snapshot.index != 0;
    if (has_snapshot)
        decode(stage, node, disk->snapshot.state, &ledger);
    core_init(core, settings, has_snapshot ? &ledger : NULL, stage_own_ms(stage, node));
    for (size_t i = 0; i < count; i++)
        *stage_payload_at(stage, node, entries[i].index) = entries[i].handle;
    self->snapshot = disk->snapshot;
    if (raft_restore(&core->raft, disk->term, disk->voted_for, disk->snapshot.index,
                     disk->snapshot.term, entries, count) != 0)
        stage_fail(stage, "n%u cannot restore what its disk holds", node);
}
