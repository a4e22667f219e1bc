#include "tests/unit/contexts/store_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/check.h"

enum { TTL_MS = 100000 };

int store_rig_setup(void **state)
{
    struct store_rig *rig = calloc(1, sizeof *rig);
    if (rig == NULL)
        return -1;
    (void)snprintf(rig->folder, sizeof rig->folder, "/tmp/quorate-contexts-XXXXXX");
    assert_non_null(mkdtemp(rig->folder));
    rig->limits = (struct context_limits){.ttl_ms = TTL_MS, .count_max = 100, .bytes_max = 10000};
    rig->now_ms = 1000;
    store_rig_open(rig);
    *state = rig;
    return 0;
}

int store_rig_teardown(void **state)
{
    static const char *const names[] = {CONTEXTS_FILE, CONTEXTS_FILE "-wal", CONTEXTS_FILE "-shm",
                                        CONTEXTS_FILE ".damaged"};
    struct store_rig *rig = *state;
    char path[STORE_PATH_SIZE];
    store_rig_close(rig);
    for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
        store_rig_path(rig, names[i], path);
        (void)unlink(path);
    }
    (void)rmdir(rig->folder);
    free(rig);
    return 0;
}

void store_rig_path(const struct store_rig *rig, const char *name, char ret_path[STORE_PATH_SIZE])
{
    (void)snprintf(ret_path, STORE_PATH_SIZE, "%.100s/%s", rig->folder, name);
}

void store_rig_open(struct store_rig *rig)
{
    struct text why = {.length = 0};
    if (store_sqlite_open(rig->folder, &rig->limits, rig->now_ms, false, &rig->store, &why) != 0)
        fail_msg("%s", why.bytes);
}

void store_rig_close(struct store_rig *rig)
{
    context_store_free(&rig->store);
}

void store_rig_run(struct store_rig *rig, struct context_op *op)
{
    assert_int_equal(context_store_apply(rig->store, rig->now_ms, op, 1), 0);
}

enum context_outcome store_rig_put(struct store_rig *rig, const char *id, uint64_t seq,
                                   const char *content)
{
    struct context_op op = {.kind = CONTEXT_OP_PUT,
                            .entry = {.version = {.seq = seq, .deleted = content[0] == '\0'},
                                      .follows = content[0] != '\0',
                                      .sealed = (const uint8_t *)content,
                                      .sealed_length = strlen(content),
                                      .secret = (const uint8_t *)""}};
    assert_int_equal(context_id_set(&op.entry.id, id), 0);
    op.id = op.entry.id;
    memcpy(op.entry.version.hash, content, strnlen(content, CONTEXT_HASH_BYTES));
    store_rig_run(rig, &op);
    return op.outcome;
}

void store_rig_get(struct store_rig *rig, const char *id, char *buffer, size_t size)
{
    struct context_op op = {.kind = CONTEXT_OP_GET};
    assert_int_equal(context_id_set(&op.id, id), 0);
    store_rig_run(rig, &op);
    buffer[0] = '\0';
    if (op.found)
        (void)snprintf(buffer, size, "%.*s", (int)op.entry.sealed_length,
                       (const char *)op.entry.sealed);
    context_op_fini(&op);
}

bool store_rig_has(struct store_rig *rig, const char *id, const char *content)
{
    char found[128];
    store_rig_get(rig, id, found, sizeof found);
    return strcmp(found, content) == 0;
}

uint64_t store_rig_expire(struct store_rig *rig)
{
    struct context_op op = {.kind = CONTEXT_OP_EXPIRE, .limit = 10};
    store_rig_run(rig, &op);
    return op.count;
}
