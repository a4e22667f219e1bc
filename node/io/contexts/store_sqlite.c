#include "node/io/contexts/store_sqlite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/check.h"
#include "common/errors.h"
#include "common/log.h"
#include "node/io/contexts/context_order.h"
#include "node/io/contexts/sqlite_rows.h"
#include "node/io/store/folder.h"

struct sqlite_store {
    struct context_store store;
    struct context_limits limits;
    struct rows rows;
    struct rows_state state;
    time_ms opened_ms; /* boot-time clock */
    time_ms clock_at_open_ms;
    time_ms clock_ms; /* of the batch that is worked on */
    uint64_t count;
    uint64_t bytes;
    int64_t stamp_max_ms;
    uint64_t count_before; /* the batch, for when it fails */
    uint64_t bytes_before;
    bool complete_before;
    bool wrote;
};

static int64_t wall_now_ms(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static uint64_t bytes_of(const struct context_entry *entry)
{
    return strlen(entry->id.text) + entry->sealed_length + entry->secret_length;
}

/* What is over but not removed yet counts as nothing. */
static int held_of(struct sqlite_store *store, const struct context_id *id,
                   struct rows_held *ret_held, struct context_version *ret_version)
{
    int error = rows_held(&store->rows, id, ret_held);
    bool over = error == 0 && context_is_over(&store->limits, &ret_held->version,
                                              store->clock_ms - ret_held->stored_ms);
    *ret_version = over ? (struct context_version){.seq = 0} : ret_held->version;
    return error;
}

static bool has_room(const struct sqlite_store *store, const struct context_op *op,
                     const struct rows_held *held)
{
    if (op->kind == CONTEXT_OP_REPAIR || op->entry.version.deleted || held->version.seq != 0)
        return true;
    return store->count < store->limits.count_max &&
           store->bytes + bytes_of(&op->entry) <= store->limits.bytes_max;
}

static int store_entry(struct sqlite_store *store, struct context_op *op,
                       const struct rows_held *held)
{
    const struct context_entry *entry = &op->entry;
    time_ms stored_ms = store->clock_ms - entry->age_ms;
    time_ms life_ms = (entry->version.deleted ? 2 : 1) * store->limits.ttl_ms;
    int error = rows_put(&store->rows, entry, stored_ms, stored_ms + life_ms, held->written_seq);
    if (error != 0)
        return error;
    store->wrote = true;
    store->count += held->version.seq == 0;
    store->bytes += bytes_of(entry) - held->bytes;
    if (entry->version.stamp_ms > store->stamp_max_ms)
        store->stamp_max_ms = entry->version.stamp_ms;
    op->held = entry->version;
    return 0;
}

static int do_put(struct sqlite_store *store, struct context_op *op)
{
    struct rows_held held;
    bool replaces = false;
    if (context_is_over(&store->limits, &op->entry.version, op->entry.age_ms)) {
        op->outcome = CONTEXT_SAME;
        op->held = op->entry.version;
        return 0;
    }
    int error = held_of(store, &op->entry.id, &held, &op->held);
    if (error != 0)
        return error;
    op->outcome = context_merge(&op->held, &op->entry.version, &replaces);
    if (!replaces)
        return 0;
    if (!has_room(store, op, &held)) {
        op->outcome = CONTEXT_FULL;
        op->error = ERR_FULL;
        return 0;
    }
    return store_entry(store, op, &held);
}

static int do_get(struct sqlite_store *store, struct context_op *op)
{
    int error = rows_get(&store->rows, &op->id, &op->found, &op->entry, &op->bytes);
    if (!op->found)
        return error;
    op->entry.age_ms = store->clock_ms - op->entry.age_ms;
    op->found = !context_is_over(&store->limits, &op->entry.version, op->entry.age_ms);
    return 0;
}

static int do_compare(struct sqlite_store *store, struct context_op *op)
{
    size_t kept = 0;
    for (size_t i = 0; i < op->stub_count; i++) {
        struct context_stub *stub = &op->stubs[i];
        struct context_version version;
        struct rows_held held;
        int error = held_of(store, &stub->id, &held, &version);
        if (error != 0)
            return error;
        if (context_version_compare(&stub->version, &version) > 0)
            op->stubs[kept++] = *stub;
    }
    op->stub_count = kept;
    return 0;
}

static int do_expire(struct sqlite_store *store, struct context_op *op)
{
    uint64_t bytes = 0;
    int error = rows_expire(&store->rows, store->clock_ms, op->limit, &op->count, &bytes);
    store->count -= op->count;
    store->bytes -= bytes;
    store->wrote = store->wrote || op->count > 0;
    return error;
}

static int do_pending(struct sqlite_store *store, struct context_op *op)
{
    int error = rows_page(&store->rows, ROWS_PENDING, &op->id, op->limit, op->stubs,
                          &op->stub_count, &op->more);
    if (error == 0 && op->seq != 0)
        error = rows_pending_count(&store->rows, &op->count);
    return error;
}

static int do_op(struct sqlite_store *store, struct context_op *op)
{
    switch (op->kind) {
    case CONTEXT_OP_PUT:
    case CONTEXT_OP_REPAIR:
        return do_put(store, op);
    case CONTEXT_OP_GET:
        return do_get(store, op);
    case CONTEXT_OP_PAGE:
        return rows_page(&store->rows, ROWS_PAGE, &op->id, op->limit, op->stubs, &op->stub_count,
                         &op->more);
    case CONTEXT_OP_COMPARE:
        return do_compare(store, op);
    case CONTEXT_OP_EXPIRE:
        return do_expire(store, op);
    case CONTEXT_OP_COMPLETE:
        store->state.complete = true;
        store->wrote = true;
        return 0;
    case CONTEXT_OP_PENDING:
        return do_pending(store, op);
    case CONTEXT_OP_WRITTEN:
        store->wrote = true;
        return rows_written(&store->rows, &op->id, op->seq);
    case CONTEXT_OP_KIND_N:
        break;
    }
    CHECK(false);
    return ERR_INTERNAL;
}

/* Nothing of the batch is there. */
static void undo(struct sqlite_store *store, int error, struct context_op *ops, size_t count)
{
    (void)rows_run(&store->rows, ROWS_ROLLBACK); /* SQLite may have rolled back already */
    store->count = store->count_before;
    store->bytes = store->bytes_before;
    store->state.complete = store->complete_before;
    for (size_t i = 0; i < count; i++) {
        context_op_fini(&ops[i]);
        ops[i].error = error;
        ops[i].outcome = error == ERR_FULL ? CONTEXT_FULL : CONTEXT_FAILED;
        ops[i].held = (struct context_version){.seq = 0};
        ops[i].found = false;
    }
}

static int commit(struct sqlite_store *store)
{
    int error = 0;
    if (store->wrote) {
        store->state.clock_ms = store->clock_ms;
        store->state.wall_ms = wall_now_ms();
        error = rows_save_state(&store->rows, &store->state);
    }
    return error != 0 ? error : rows_run(&store->rows, ROWS_COMMIT);
}

static int sqlite_apply(struct context_store *base, time_ms now_ms, struct context_op *ops,
                        size_t count)
{
    struct sqlite_store *store = (struct sqlite_store *)base;
    store->clock_ms = store->clock_at_open_ms + (now_ms - store->opened_ms);
    store->count_before = store->count;
    store->bytes_before = store->bytes;
    store->complete_before = store->state.complete;
    store->wrote = false;
    int error = rows_run(&store->rows, ROWS_BEGIN);
    for (size_t i = 0; error == 0 && i < count; i++) {
        ops[i].error = 0;
        error = do_op(store, &ops[i]);
    }
    if (error == 0)
        error = commit(store);
    if (error == 0)
        return 0;
    undo(store, error, ops, count);
    return error == ERR_DAMAGED || error == ERR_IO ? error : 0;
}

static void sqlite_state(const struct context_store *base, struct context_store_state *ret_state)
{
    const struct sqlite_store *store = (const struct sqlite_store *)base;
    *ret_state = (struct context_store_state){.store_id = store->state.store_id,
                                              .complete = store->state.complete,
                                              .count = store->count,
                                              .bytes = store->bytes,
                                              .stamp_max_ms = store->stamp_max_ms};
}

static void sqlite_close(struct context_store *base)
{
    struct sqlite_store *store = (struct sqlite_store *)base;
    rows_close(&store->rows);
    free(store);
}

static const struct context_store_vtable vtable = {
    .name = "embedded", .apply = sqlite_apply, .state = sqlite_state, .close = sqlite_close};

/* It is new then, and learns from the others: nothing that a majority holds is lost. */
static int move_away(const char *path, struct text *why)
{
    static const char *const companions[] = {"-wal", "-shm"};
    char to[FOLDER_PATH_SIZE + 16];
    log_warn("contexts_damaged", "path=%s why=\"%s\" kept_as=%s.damaged", path, why->bytes, path);
    (void)snprintf(to, sizeof to, "%s.damaged", path);
    if (rename(path, to) != 0) {
        text_add(why, "; it cannot be moved away");
        return ERR_IO;
    }
    for (size_t i = 0; i < ARRAY_COUNT(companions); i++) {
        (void)snprintf(to, sizeof to, "%s%s", path, companions[i]);
        (void)unlink(to);
    }
    text_clear(why);
    return 0;
}

static int open_file(struct sqlite_store *store, const char *path, bool anew, struct text *why)
{
    int error = anew ? ERR_DAMAGED : rows_open(path, &store->rows, &store->state, why);
    if (error == ERR_DAMAGED) {
        error = move_away(path, why);
        if (error == 0)
            error = rows_open(path, &store->rows, &store->state, why);
    }
    if (error != 0)
        return error;
    error = rows_sum(&store->rows, &store->count, &store->bytes, &store->stamp_max_ms);
    if (error != 0)
        text_set(why, "%s cannot be read", path);
    return error;
}

/* A new store's id must be there at the next start, or it would be another store. */
static int start_clock(struct sqlite_store *store, time_ms now_ms, struct text *why)
{
    int64_t away_ms = store->state.wall_ms > 0 ? wall_now_ms() - store->state.wall_ms : 0;
    store->opened_ms = now_ms;
    store->clock_at_open_ms = store->state.clock_ms + (away_ms > 0 ? away_ms : 0);
    store->state.clock_ms = store->clock_at_open_ms;
    store->state.wall_ms = wall_now_ms();
    int error = rows_save_state(&store->rows, &store->state);
    if (error != 0)
        text_set(why, "%s cannot be written: %s", CONTEXTS_FILE, error_name(error));
    return error;
}

int store_sqlite_open(const char *folder, const struct context_limits *limits, time_ms now_ms,
                      bool anew, struct context_store **ret_store, struct text *why)
{
    char path[FOLDER_PATH_SIZE];
    struct sqlite_store *store = calloc(1, sizeof *store);
    if (store == NULL)
        return ERR_NO_MEMORY;
    store->store.vtable = &vtable;
    store->limits = *limits;
    int error = folder_path(folder, CONTEXTS_FILE, path);
    if (error != 0)
        text_set(why, "the data folder's name is too long: %s", folder);
    if (error == 0)
        error = open_file(store, path, anew, why);
    if (error == 0)
        error = start_clock(store, now_ms, why);
    if (error != 0) {
        rows_close(&store->rows);
        free(store);
        return error;
    }
    *ret_store = &store->store;
    return 0;
}
