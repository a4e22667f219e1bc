/* A job on its way to the storage thread: checked against what was submitted before it, and copied
 * into one block. Never writes anything. Called by the ledger store. */
#ifndef QUORATE_IO_STORE_PARCEL_H
#define QUORATE_IO_STORE_PARCEL_H

#include "node/io/store/ledger_store.h"
#include "node/io/store/log_span.h"
#include "node/io/store/mark.h"
#include "node/io/store/worker.h"

struct parcel {
    struct worker_item item;
    struct store_job job; /* its pointers lead into this block */
};

/* What the folder will hold once all submitted jobs are written. */
struct parcel_plan {
    struct log_span span;
    term_id term;
    node_id voted_for;
    uint8_t cluster_id[CLUSTER_ID_BYTES];
    bool novice;
};

void parcel_plan_init(struct parcel_plan *plan, const struct mark *mark);

/* Moves the plan on by the job. Returns 0, or ERR_INVALID (see store_submit), then the plan is
 * unchanged. */
int parcel_plan_apply(struct parcel_plan *plan, const struct store_job *job);

/* Copies the job; the caller frees the block. Errors: ERR_TOO_LARGE, ERR_NO_MEMORY. */
int parcel_new(const struct store_job *job, struct parcel **ret_parcel);

#endif
