/* An embedded store in a folder of its own, and operations on it.
 * Never shared between tests.
 * Used by the store's tests. */
#ifndef QUORATE_TESTS_CONTEXTS_STORE_RIG_H
#define QUORATE_TESTS_CONTEXTS_STORE_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "node/io/contexts/store_sqlite.h"

enum { STORE_PATH_SIZE = 256 };

struct store_rig {
    char folder[STORE_PATH_SIZE];
    struct context_limits limits;
    struct context_store *store;
    time_ms now_ms;
};

int store_rig_setup(void **state);
int store_rig_teardown(void **state);
void store_rig_open(struct store_rig *rig);
void store_rig_close(struct store_rig *rig);
void store_rig_path(const struct store_rig *rig, const char *name, char ret_path[STORE_PATH_SIZE]);

/* One entry whose content is a line of text; "" makes a tombstone. */
enum context_outcome store_rig_put(struct store_rig *rig, const char *id, uint64_t seq,
                                   const char *content);
/* The content's line into the buffer, "" where nothing is found. */
void store_rig_get(struct store_rig *rig, const char *id, char *buffer, size_t size);
bool store_rig_has(struct store_rig *rig, const char *id, const char *content);
/* Runs one operation that has no content. */
void store_rig_run(struct store_rig *rig, struct context_op *op);
uint64_t store_rig_expire(struct store_rig *rig);

#endif
