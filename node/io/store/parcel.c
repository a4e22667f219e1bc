#include "node/io/store/parcel.h"

#include <stdlib.h>
#include <string.h>

#include "common/errors.h"

static const uint8_t no_cluster_id[CLUSTER_ID_BYTES];

void parcel_plan_init(struct parcel_plan *plan, const struct mark *mark)
{
    *plan = (struct parcel_plan){.span = mark->span,
                                 .term = mark->term,
                                 .voted_for = mark->voted_for,
                                 .novice = mark->novice};
    memcpy(plan->cluster_id, mark->cluster_id, CLUSTER_ID_BYTES);
}

static bool vote_fits(const struct parcel_plan *plan, const struct store_job *job)
{
    if (job->term != plan->term)
        return job->term > plan->term;
    return plan->voted_for == 0 || job->voted_for == plan->voted_for;
}

static bool cluster_id_fits(const struct parcel_plan *plan, const struct store_job *job)
{
    return memcmp(plan->cluster_id, no_cluster_id, CLUSTER_ID_BYTES) == 0 ||
           (memcmp(plan->cluster_id, job->cluster_id, CLUSTER_ID_BYTES) == 0 &&
            plan->novice == job->novice);
}

/* SQLite's integers are signed; an index beyond them would sort before all others. */
static bool snapshot_fits(const struct store_snapshot *snapshot)
{
    return snapshot->index > 0 && snapshot->index < INT64_MAX && snapshot->length > 0;
}

static bool terms_rise(const struct store_job *job)
{
    for (size_t i = 1; i < job->entry_count; i++) {
        if (job->entries[i].term < job->entries[i - 1].term)
            return false;
    }
    return true;
}

int parcel_plan_apply(struct parcel_plan *plan, const struct store_job *job)
{
    if ((job->has_vote && !vote_fits(plan, job)) ||
        (job->has_cluster_id && !cluster_id_fits(plan, job)) ||
        (job->has_snapshot && !snapshot_fits(&job->snapshot)) || !terms_rise(job))
        return ERR_INVALID;
    int error = log_span_apply(&plan->span, job);
    if (error != 0)
        return error;
    if (job->has_vote) {
        plan->term = job->term;
        plan->voted_for = job->voted_for;
    }
    if (job->has_cluster_id) {
        memcpy(plan->cluster_id, job->cluster_id, CLUSTER_ID_BYTES);
        plan->novice = job->novice;
    }
    return 0;
}

/* The whole block's size; each addend is bounded before it is added. */
static int measure(const struct store_job *job, size_t *ret_bytes)
{
    if (job->has_snapshot && job->snapshot.length > STORE_SNAPSHOT_BYTES_MAX)
        return ERR_TOO_LARGE;
    size_t bytes = sizeof(struct parcel) + (job->has_snapshot ? job->snapshot.length : 0);
    for (size_t i = 0; i < job->entry_count; i++) {
        if (job->entries[i].length > STORE_ENTRY_BYTES_MAX)
            return ERR_TOO_LARGE;
        bytes += sizeof(struct store_entry) + job->entries[i].length;
        if (bytes > STORE_QUEUE_BYTES_MAX)
            return ERR_TOO_LARGE;
    }
    *ret_bytes = bytes;
    return 0;
}

static uint8_t *copy_bytes(uint8_t *at, const uint8_t **bytes, size_t length)
{
    if (length > 0)
        memcpy(at, *bytes, length);
    *bytes = at;
    return at + length;
}

int parcel_new(const struct store_job *job, struct parcel **ret_parcel)
{
    size_t bytes = 0;
    int error = measure(job, &bytes);
    if (error != 0)
        return error;
    struct parcel *parcel = malloc(bytes);
    if (parcel == NULL)
        return ERR_NO_MEMORY;
    parcel->item = (struct worker_item){.bytes = bytes};
    parcel->job = *job;
    struct store_entry *entries = (struct store_entry *)(parcel + 1);
    uint8_t *at = (uint8_t *)(entries + job->entry_count);
    if (job->has_snapshot)
        at = copy_bytes(at, &parcel->job.snapshot.bytes, job->snapshot.length);
    for (size_t i = 0; i < job->entry_count; i++) {
        entries[i] = job->entries[i];
        at = copy_bytes(at, &entries[i].bytes, entries[i].length);
    }
    parcel->job.entries = entries;
    *ret_parcel = parcel;
    return 0;
}
