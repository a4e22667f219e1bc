#include "node/core/raft_parts.h"

#include "common/check.h"

bool raft_job_has_room(const struct raft *raft, bool for_vote)
{
    size_t limit = for_vote ? RAFT_JOBS_MAX : RAFT_JOBS_MAX - RAFT_JOBS_RESERVED;
    return ring_count(&raft->job_ring) < limit;
}

static struct persist_job *add_job(struct raft *raft, struct update *update)
{
    size_t slot = 0;
    CHECK(ring_put(&raft->job_ring, &slot) == 0);
    uint64_t ticket = raft->next_ticket++;
    raft->jobs[slot] = (struct raft_job){.ticket = ticket};
    struct persist_job *job = &update_add(update, EFFECT_PERSIST)->as.persist;
    job->ticket = ticket;
    return job;
}

void raft_job_add_vote(struct raft *raft, struct update *update)
{
    if (!raft->vote_dirty)
        return;
    struct persist_job *job = add_job(raft, update);
    job->has_vote = true;
    job->term = raft->term;
    job->voted_for = raft->voted_for;
    raft->vote_ticket = job->ticket;
    raft->vote_dirty = false;
}

struct persist_job *raft_job_add_entries(struct raft *raft, struct update *update)
{
    return add_job(raft, update);
}

void raft_job_entry(struct raft *raft, struct persist_job *job, const struct raft_entry *entry)
{
    CHECK(job->entry_count < RAFT_ENTRIES_MAX);
    job->entries[job->entry_count++] = *entry;
    /* Jobs are added one after the other: the newest one is this. */
    size_t slot = (size_t)((raft->job_ring.tail - 1) & (RAFT_JOBS_MAX - 1));
    raft->jobs[slot].last_index = entry->index;
}

void raft_job_cut(struct raft *raft, log_index from_index)
{
    for (uint64_t at = raft->job_ring.head; at != raft->job_ring.tail; at++) {
        struct raft_job *job = &raft->jobs[at & (RAFT_JOBS_MAX - 1)];
        if (job->last_index >= from_index)
            job->last_index = from_index - 1;
    }
    if (raft->persisted_index >= from_index)
        raft->persisted_index = from_index - 1;
}

bool raft_job_finish(struct raft *raft, uint64_t ticket)
{
    bool finished = false;
    while (ring_count(&raft->job_ring) > 0) {
        const struct raft_job *job = &raft->jobs[raft->job_ring.head & (RAFT_JOBS_MAX - 1)];
        if (job->ticket > ticket)
            break;
        raft->persisted_ticket = job->ticket;
        if (job->last_index > raft->persisted_index)
            raft->persisted_index = job->last_index;
        size_t slot = 0;
        CHECK(ring_take(&raft->job_ring, &slot) == 0);
        finished = true;
    }
    return finished;
}

bool raft_vote_is_durable(const struct raft *raft)
{
    return !raft->vote_dirty && raft->persisted_ticket >= raft->vote_ticket;
}
