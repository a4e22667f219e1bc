#include "tests/sim/contexts/memory_store.h"

#include <stdlib.h>
#include <string.h>

#include "common/check.h"
#include "node/io/contexts/context_order.h"

static struct memory_row *find(struct memory_store *store, const struct context_id *id)
{
    for (size_t i = 0; i < store->count; i++)
        if (strcmp(store->rows[i].id.text, id->text) == 0)
            return &store->rows[i];
    return NULL;
}

struct context_version memory_store_version(const struct memory_store *store,
                                            const struct context_id *id)
{
    const struct memory_row *row = find((struct memory_store *)store, id);
    return row != NULL ? row->version : (struct context_version){.seq = 0};
}

static struct memory_row *insert(struct memory_store *store, const struct context_id *id)
{
    size_t at = 0;
    CHECK(store->count < MEMORY_ID_COUNT_MAX);
    while (at < store->count && strcmp(store->rows[at].id.text, id->text) < 0)
        at++;
    memmove(&store->rows[at + 1], &store->rows[at], (store->count - at) * sizeof store->rows[0]);
    store->rows[at] = (struct memory_row){.id = *id};
    store->count++;
    return &store->rows[at];
}

static void do_put(struct memory_store *store, struct context_op *op)
{
    const struct context_entry *entry = &op->entry;
    bool replaces = false;
    op->held = memory_store_version(store, &entry->id);
    op->outcome = context_merge(&op->held, &entry->version, &replaces);
    if (!replaces)
        return;
    struct memory_row *row = find(store, &entry->id);
    if (row == NULL)
        row = insert(store, &entry->id);
    CHECK(entry->sealed_length <= MEMORY_BYTES_MAX);
    row->version = entry->version;
    row->length = entry->sealed_length;
    memcpy(row->bytes, entry->sealed, entry->sealed_length);
    op->held = entry->version;
}

static void do_get(struct memory_store *store, struct context_op *op)
{
    const struct memory_row *row = find(store, &op->id);
    op->found = row != NULL;
    if (row == NULL)
        return;
    op->bytes = malloc(MEMORY_BYTES_MAX);
    CHECK(op->bytes != NULL);
    memcpy(op->bytes, row->bytes, row->length);
    op->entry = (struct context_entry){.id = row->id,
                                       .version = row->version,
                                       .sealed = op->bytes,
                                       .sealed_length = row->length,
                                       .secret = op->bytes};
}

/* Three at a time, so that pages follow one another. */
static void do_page(struct memory_store *store, struct context_op *op)
{
    for (size_t i = 0; i < store->count; i++) {
        if (strcmp(store->rows[i].id.text, op->id.text) <= 0)
            continue;
        op->more = op->stub_count == 3;
        if (op->more)
            return;
        op->stubs[op->stub_count++] =
            (struct context_stub){store->rows[i].id, store->rows[i].version};
    }
}

static void do_compare(struct memory_store *store, struct context_op *op)
{
    size_t kept = 0;
    for (size_t i = 0; i < op->stub_count; i++) {
        struct context_version held = memory_store_version(store, &op->stubs[i].id);
        if (context_version_compare(&op->stubs[i].version, &held) > 0)
            op->stubs[kept++] = op->stubs[i];
    }
    op->stub_count = kept;
}

static int memory_apply(struct context_store *base, time_ms now_ms, struct context_op *ops,
                        size_t count)
{
    struct memory_store *store = (struct memory_store *)base;
    (void)now_ms;
    for (size_t i = 0; i < count; i++) {
        if (ops[i].kind == CONTEXT_OP_PUT || ops[i].kind == CONTEXT_OP_REPAIR)
            do_put(store, &ops[i]);
        else if (ops[i].kind == CONTEXT_OP_GET)
            do_get(store, &ops[i]);
        else if (ops[i].kind == CONTEXT_OP_PAGE)
            do_page(store, &ops[i]);
        else if (ops[i].kind == CONTEXT_OP_COMPARE)
            do_compare(store, &ops[i]);
        else if (ops[i].kind == CONTEXT_OP_COMPLETE)
            store->complete = true;
    }
    return 0;
}

static void memory_state(const struct context_store *base, struct context_store_state *ret_state)
{
    const struct memory_store *store = (const struct memory_store *)base;
    *ret_state = (struct context_store_state){
        .store_id = store->store_id, .complete = store->complete, .count = store->count};
    for (size_t i = 0; i < store->count; i++)
        if (store->rows[i].version.stamp_ms > ret_state->stamp_max_ms)
            ret_state->stamp_max_ms = store->rows[i].version.stamp_ms;
}

static void memory_close(struct context_store *base)
{
    (void)base;
}

static const struct context_store_vtable vtable = {
    .name = "memory", .apply = memory_apply, .state = memory_state, .close = memory_close};

void memory_store_init(struct memory_store *ret_store, uint64_t store_id)
{
    *ret_store = (struct memory_store){.store = {.vtable = &vtable}, .store_id = store_id};
}
