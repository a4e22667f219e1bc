#include "tests/sim/disk.h"

#include <stdlib.h>
#include <string.h>

#include "common/check.h"

void disk_init(struct disk *disk)
{
    memset(disk, 0, sizeof *disk);
    disk->first_index = 1;
    disk->queue = malloc(DISK_QUEUE_MAX * sizeof *disk->queue);
    CHECK(disk->queue != NULL);
}

void disk_fini(struct disk *disk)
{
    free(disk->entries);
    free(disk->queue);
    memset(disk, 0, sizeof *disk);
}

void disk_enqueue(struct disk *disk, const struct disk_job *job)
{
    CHECK(disk->queue_count < DISK_QUEUE_MAX);
    disk->queue[disk->queue_count++] = *job;
}

static void write_entry(struct disk *disk, const struct raft_entry *entry)
{
    if (entry->index >= disk->entry_capacity) {
        size_t capacity = (size_t)entry->index * 2 + 64;
        disk->entries = realloc(disk->entries, capacity * sizeof *disk->entries);
        CHECK(disk->entries != NULL);
        disk->entry_capacity = capacity;
    }
    CHECK(entry->index == disk->last_index + 1);
    disk->entries[entry->index] = *entry;
    disk->last_index = entry->index;
}

static void write_persist(struct disk *disk, const struct persist_job *job)
{
    if (job->has_vote) {
        disk->term = job->term;
        disk->voted_for = job->voted_for;
    }
    if (job->truncate_from != 0 && job->truncate_from <= disk->last_index)
        disk->last_index = job->truncate_from - 1;
    for (uint32_t i = 0; i < job->entry_count; i++)
        write_entry(disk, &job->entries[i]);
}

struct disk_job disk_complete(struct disk *disk)
{
    CHECK(disk->queue_count > 0);
    struct disk_job job = disk->queue[0];
    disk->queue_count--;
    memmove(&disk->queue[0], &disk->queue[1], disk->queue_count * sizeof disk->queue[0]);
    switch (job.kind) {
    case DISK_JOB_PERSIST:
        write_persist(disk, &job.persist);
        break;
    case DISK_JOB_TAKE:
        disk->snapshot = job.snapshot;
        if (job.compact_to >= disk->first_index)
            disk->first_index = job.compact_to + 1;
        break;
    case DISK_JOB_INSTALL:
        disk->snapshot = job.snapshot;
        disk->first_index = job.snapshot.index + 1;
        disk->last_index = job.snapshot.index;
        break;
    case DISK_JOB_ADMIT:
        disk->empty = false;
        disk->novice = true;
        break;
    case DISK_JOB_KIND_N:
        break;
    }
    return job;
}

void disk_crash(struct disk *disk, size_t kept)
{
    while (kept-- > 0)
        (void)disk_complete(disk);
    disk->queue_count = 0;
}

void disk_tear(struct disk *disk, size_t parts)
{
    if (disk->queue_count == 0 || disk->queue[0].kind != DISK_JOB_PERSIST || parts == 0)
        return;
    struct persist_job job = disk->queue[0].persist;
    parts -= job.has_vote ? 1 : 0;
    if (parts == 0)
        job.truncate_from = 0;
    else
        parts -= job.truncate_from != 0 ? 1 : 0;
    if (job.entry_count > parts)
        job.entry_count = (uint32_t)parts;
    write_persist(disk, &job);
}

struct members disk_members(const struct disk *disk, uint8_t node_count)
{
    struct members members = disk->snapshot.members;
    for (log_index at = disk->first_index; at <= disk->last_index; at++)
        if (at > disk->snapshot.index && disk->entries[at].kind == COMMAND_MEMBER)
            (void)members_change(&members, node_count, &disk->entries[at].member);
    return members;
}

term_id disk_term_at(const struct disk *disk, log_index index)
{
    if (index < disk->first_index || index > disk->last_index)
        return 0;
    return disk->entries[index].term;
}
