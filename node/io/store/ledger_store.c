#include "node/io/store/ledger_store.h"

#include <stdlib.h>

#include "common/check.h"
#include "common/errors.h"
#include "common/log.h"
#include "node/io/store/ledger_files.h"
#include "node/io/store/parcel.h"
#include "node/io/store/worker.h"

/* A checkpoint costs several commits, so it waits for a quiet moment; under steady load the second
 * bound decides. */
enum {
    CHECKPOINT_QUIET_MS = 100,
    CHECKPOINT_PAGES_MIN = 128,
    CHECKPOINT_PAGES_MAX = 4096,
};

struct store {
    store_done_fn *done;
    void *data;
    pthread_mutex_t submit; /* the plan and the inbox move together */
    struct parcel_plan plan;
    struct worker worker;
    /* Of the storage thread alone: */
    struct ledger_files files;
    int failure; /* the first one, and the answer to everything after it */
    struct text why;
};

static void fail_for_good(struct store *store, int error)
{
    store->failure = error;
    ledger_db_abort(&store->files.ledger);
    log_error("store_failed", "error=%s why=\"%s\"", error_name(error), store->why.bytes);
}

/* All jobs as one transaction. */
static int write_group(struct store *store, const struct worker_item *first)
{
    struct ledger_db *ledger = &store->files.ledger;
    int error = ledger_db_begin(ledger);
    for (const struct worker_item *item = first; error == 0 && item != NULL; item = item->next)
        error = ledger_db_write(ledger, &((const struct parcel *)item)->job);
    if (error == 0)
        return ledger_files_commit(&store->files, &store->why);
    if (error == ERR_INVALID)
        text_set(&store->why, "%s: a job does not fit the log", ledger->path);
    else
        ledger_db_explain(ledger, &store->why);
    return error;
}

static void work_off(struct store *store, struct worker_item *first)
{
    if (store->failure == 0) {
        int error = write_group(store, first);
        if (error != 0)
            fail_for_good(store, error);
    }
    while (first != NULL) {
        struct parcel *parcel = (struct parcel *)first;
        first = first->next;
        store->done(parcel->job.ticket, store->failure, &store->why, store->data);
        free(parcel);
    }
}

static void checkpoint(struct store *store)
{
    int error = ledger_db_checkpoint(&store->files.ledger);
    if (error == 0)
        return;
    ledger_db_explain(&store->files.ledger, &store->why);
    fail_for_good(store, error);
}

static void *run(void *data)
{
    struct store *store = data;
    const int *pages = &store->files.ledger.wal_pages;
    for (;;) {
        struct worker_item *first = NULL;
        bool due = store->failure == 0 && *pages >= CHECKPOINT_PAGES_MIN;
        int error = worker_take(&store->worker, due ? CHECKPOINT_QUIET_MS : -1, &first);
        if (error == ERR_CANCELED)
            return NULL;
        if (error == 0)
            work_off(store, first);
        if (error == ERR_TIMEOUT || (store->failure == 0 && *pages >= CHECKPOINT_PAGES_MAX))
            checkpoint(store);
    }
}

static void release(struct store *store)
{
    worker_fini(&store->worker);
    pthread_mutex_destroy(&store->submit);
    free(store);
}

int store_open(const char *path, node_id self, store_done_fn *done, void *data,
               struct store **ret_store, struct store_loaded *ret_loaded, struct text *why)
{
    struct store_loaded loaded = {0};
    struct store *store = calloc(1, sizeof *store);
    if (store == NULL) {
        text_set(why, "%s: no memory for the store", path);
        return ERR_NO_MEMORY;
    }
    store->done = done;
    store->data = data;
    CHECK(pthread_mutex_init(&store->submit, NULL) == 0);
    worker_init(&store->worker, STORE_QUEUE_JOBS_MAX, STORE_QUEUE_BYTES_MAX);
    int error = ledger_files_open(path, self, &store->files, &loaded, why);
    if (error != 0)
        goto fail_files;
    parcel_plan_init(&store->plan, &store->files.ledger.mark);
    error = worker_start(&store->worker, "store", run, store);
    if (error != 0) {
        text_set(why, "%s: no thread for the store", path);
        goto fail_thread;
    }
    *ret_store = store;
    *ret_loaded = loaded;
    return 0;

fail_thread:
    store_loaded_fini(&loaded);
    ledger_files_close(&store->files);
fail_files:
    release(store);
    return error;
}

int store_submit(struct store *store, const struct store_job *job)
{
    struct parcel *parcel = NULL;
    int error = parcel_new(job, &parcel);
    if (error != 0)
        return error;
    pthread_mutex_lock(&store->submit);
    struct parcel_plan plan = store->plan;
    error = parcel_plan_apply(&plan, job);
    if (error == 0)
        error = worker_put(&store->worker, &parcel->item);
    if (error == 0)
        store->plan = plan;
    pthread_mutex_unlock(&store->submit);
    if (error != 0)
        free(parcel);
    return error;
}

void store_free(struct store **store)
{
    if (*store == NULL)
        return;
    worker_stop(&(*store)->worker);
    ledger_files_close(&(*store)->files);
    release(*store);
    *store = NULL;
}
