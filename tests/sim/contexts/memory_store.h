/* A store in memory that keeps a store's promises, for many engines in one process.
 * Never a cap, a time or a disk; what a crash leaves is what was applied.
 * Used by the contexts' world. */
#ifndef QUORATE_TESTS_SIM_CONTEXTS_MEMORY_STORE_H
#define QUORATE_TESTS_SIM_CONTEXTS_MEMORY_STORE_H

#include "node/io/contexts/context_store.h"

enum { MEMORY_ID_COUNT_MAX = 16, MEMORY_BYTES_MAX = 64 };

struct memory_row {
    struct context_id id;
    struct context_version version; /* seq 0: none */
    uint8_t bytes[MEMORY_BYTES_MAX];
    size_t length;
};

struct memory_store {
    struct context_store store;
    struct memory_row rows[MEMORY_ID_COUNT_MAX]; /* in the order of their ids */
    size_t count;
    uint64_t store_id;
    bool complete;
};

/* As on a new disk. */
void memory_store_init(struct memory_store *ret_store, uint64_t store_id);
/* What is held of an id; zeros for nothing. */
struct context_version memory_store_version(const struct memory_store *store,
                                            const struct context_id *id);

#endif
