/* The durable half of the ledger: term, vote, log and snapshot in SQLite, pinned by a watermark
 * file. Never decides what is written, never retries a failed write and never repairs lost rows.
 * Called by the control loop; results come back through one callback on the storage thread. */
#ifndef QUORATE_IO_STORE_LEDGER_STORE_H
#define QUORATE_IO_STORE_LEDGER_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/text.h"
#include "proto/types.h"

enum {
    STORE_QUEUE_JOBS_MAX = 1024,
    STORE_QUEUE_BYTES_MAX = 64 * 1024 * 1024,    /* of all queued jobs together */
    STORE_ENTRY_BYTES_MAX = 1024 * 1024,         /* one entry */
    STORE_SNAPSHOT_BYTES_MAX = 32 * 1024 * 1024, /* one snapshot */
};

struct store;

/* One row of the log. `bytes` may be NULL where length is 0. */
struct store_entry {
    log_index index;
    term_id term;
    uint8_t kind; /* the core's own number, kept as it is */
    const uint8_t *bytes;
    size_t length;
};

/* The state up to and including `index`. length 0: there is none. */
struct store_snapshot {
    log_index index;
    term_id term;
    const uint8_t *bytes;
    size_t length;
};

/* What a folder held when it was opened. The caller owns it and ends it with store_loaded_fini.
 * The entries are contiguous and their terms never fall; the first is at most snapshot.index + 1,
 * rows that the snapshot covers may still be there. */
struct store_loaded {
    term_id term;
    node_id voted_for; /* 0: nobody in this term */
    struct store_snapshot snapshot;
    struct store_entry *entries;
    size_t entry_count;
    uint8_t cluster_id[CLUSTER_ID_BYTES]; /* zeros where the cluster was not initialised here yet */
    bool novice;                          /* ... and the cluster was running already when it was */
    uint64_t incarnation; /* random, made once with the folder's database; never 0 */
    uint8_t *block;       /* storage of the bytes above */
};

void store_loaded_fini(struct store_loaded *loaded);

/* One write, all or nothing. Its parts are done in this order: term and vote, truncation, snapshot,
 * compaction, entries. Nothing in it is looked at after store_submit has returned. */
struct store_job {
    uint64_t ticket; /* comes back unchanged */
    bool has_vote;   /* term and voted_for are to be written; a term never falls, a vote in a term
                        never changes */
    term_id term;
    node_id voted_for;
    log_index truncate_from;           /* rows from here on are deleted; 0: none */
    const struct store_entry *entries; /* continuing the log, or the snapshot where it is empty */
    size_t entry_count;
    bool has_snapshot;
    struct store_snapshot snapshot; /* replaces the older one */
    log_index compact_to; /* rows up to here are deleted; at most the snapshot's index; 0: none */
    bool has_cluster_id;  /* set once; the same again is fine */
    uint8_t cluster_id[CLUSTER_ID_BYTES];
    bool novice; /* with the cluster's id alone: see store_loaded */
};

/* Called on the storage thread, exactly once a job and in the order of submission, after SQLite's
 * commit (WAL, synchronous=FULL) and after the watermark's fdatasync. `error` is 0 or the store's
 * failure, with a text for people in `why` (never NULL, valid during the call). The first failure
 * is final: nothing is ever retried. From ERR_IO (disk, fsync), ERR_FULL (disk full; the
 * transaction was rolled back), ERR_DAMAGED or any other on, every later job is answered with the
 * same error, because a voter that dropped one persisted job may not persist a later one. What the
 * failed job left behind is unknown until the folder is opened again: it is there wholly or not at
 * all. store_submit may be called from here, store_free not. */
typedef void store_done_fn(uint64_t ticket, int error, const struct text *why, void *data);

/* Opens the folder of node `self`, making it (0700) and its database where nothing is there,
 * verifies every row and starts the storage thread.
 * Errors, each with a text naming the file: ERR_BUSY (another process uses the folder), ERR_DAMAGED
 * (a checksum does not hold, or the log lies behind its watermark; the text says how to rejoin),
 * ERR_CONFLICT (the folder belongs to another node), ERR_VERSION (another version wrote it),
 * ERR_IO, ERR_FULL, ERR_NO_MEMORY, ERR_TOO_LARGE (the folder's name). */
int store_open(const char *path, node_id self, store_done_fn *done, void *data,
               struct store **ret_store, struct store_loaded *ret_loaded, struct text *why);

/* Copies the job and queues it; jobs that queued up while one was written become one transaction.
 * Any thread. Errors, with nothing queued and `done` not called: ERR_FULL (queue), ERR_TOO_LARGE
 * (an entry or snapshot), ERR_NO_MEMORY, ERR_INVALID (a gap, a falling term, a changed vote, a
 * snapshot that goes back: the caller's mistake, refused before it can make a folder that would not
 * open again). */
int store_submit(struct store *store, const struct store_job *job);

/* Writes and reports what is queued, ends the thread, closes the folder. NULL is accepted. */
void store_free(struct store **store);

#endif
