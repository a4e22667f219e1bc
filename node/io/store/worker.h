/* A thread with a bounded inbox of blocks that its owner allocated.
 * Never looks into a block; never drops one: a full inbox says so.
 * Called by the ledger store and the history. */
#ifndef QUORATE_IO_STORE_WORKER_H
#define QUORATE_IO_STORE_WORKER_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

/* First member of each block. */
struct worker_item {
    struct worker_item *next;
    size_t bytes; /* what it counts for in the inbox */
};

struct worker {
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    struct worker_item *first;
    struct worker_item *last;
    size_t count;
    size_t bytes;
    size_t count_max;
    size_t bytes_max;
    bool stopping;
};

/* The inbox may be filled from now on; the thread is started by worker_start. */
void worker_init(struct worker *worker, size_t count_max, size_t bytes_max);

/* Starts the thread, all signals blocked in it. `run` returns when worker_take said ERR_CANCELED.
 * Returns 0 or ERR_NO_MEMORY (no thread could be made). */
int worker_start(struct worker *worker, const char *name, void *(*run)(void *), void *data);

/* Hands the block over. Returns 0, or ERR_FULL, then the caller keeps it. Any thread. */
int worker_put(struct worker *worker, struct worker_item *item);

/* Takes everything that is there as a list in order; waits for it, at most wait_ms (-1: for ever).
 * Returns 0, ERR_TIMEOUT, or ERR_CANCELED once the worker stops and nothing is left. The worker's
 * own thread. */
int worker_take(struct worker *worker, int wait_ms, struct worker_item **ret_first);

/* Tells the thread to finish what is there, and waits for its end. */
void worker_stop(struct worker *worker);

/* After worker_stop, or instead of worker_start. */
void worker_fini(struct worker *worker);

#endif
