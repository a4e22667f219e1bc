#include "node/io/contexts/store_redis.h"

#include <stdlib.h>
#include <string.h>

#include "common/check.h"
#include "common/cleanup.h"
#include "common/errors.h"
#include "node/io/contexts/redis_answer.h"
#include "node/io/contexts/redis_command.h"

struct store_redis {
    struct context_store store; /* first */
    struct redis_link link;
    struct redis_names names;
    struct context_limits limits;
    struct context_store_state state;
};

/* A batch on its way. */
struct batch {
    struct store_redis *redis;
    struct context_op *ops;
    size_t count;
    bool broken; /* an answer was of no use: the connection is not trusted any more */
    struct text why;
};

static struct store_redis *of(struct context_store *store)
{
    return (struct store_redis *)(void *)store;
}

static bool is_write(const struct context_op *op)
{
    return op->kind == CONTEXT_OP_PUT || op->kind == CONTEXT_OP_REPAIR;
}

static void fail_op(struct context_op *op, int error)
{
    op->error = error;
    op->outcome = error == ERR_FULL ? CONTEXT_FULL : CONTEXT_FAILED;
    op->found = false;
    op->more = false;
    context_op_fini(op);
    if (op->kind == CONTEXT_OP_PENDING)
        op->stub_count = 0;
}

/* Until its answer is there, an operation has failed. */
static void fail_all(const struct batch *batch)
{
    for (size_t i = 0; i < batch->count; i++) {
        struct context_op *op = &batch->ops[i];
        op->bytes = NULL;
        fail_op(op, redis_command_is_needed(op->kind) ? ERR_NETWORK : 0);
    }
}

/* The next reply. Returns 0, ERR_NETWORK (no more replies come), ERR_FULL (Redis is at its memory's
 * end) or ERR_IO (it says no). */
static int receive(struct batch *batch, redisReply **ret_reply)
{
    redisContext *context = batch->redis->link.context;
    void *reply = NULL;
    if (redisGetReply(context, &reply) != REDIS_OK) {
        text_set(&batch->why, "%s", context->errstr);
        return ERR_NETWORK;
    }
    *ret_reply = reply;
    if ((*ret_reply)->type != REDIS_REPLY_ERROR)
        return 0;
    if (strncmp((*ret_reply)->str, "OOM", 3) == 0)
        return ERR_FULL;
    text_set(&batch->why, "%s", (*ret_reply)->str);
    return ERR_IO;
}

/* Behind a PENDING's ids: how many there are. */
static int settle_count(struct batch *batch, struct context_op *op)
{
    CLEANUP(redis_cleanup_reply) redisReply *reply = NULL;
    int rc = receive(batch, &reply);
    if (rc == 0)
        op->count = (uint64_t)redis_answer_number(reply);
    return rc == ERR_NETWORK ? rc : 0;
}

/* One operation's answer into it. Returns 0 or ERR_NETWORK; after an answer that makes no sense
 * those behind it are still read. */
static int settle(struct batch *batch, struct context_op *op)
{
    CLEANUP(redis_cleanup_reply) redisReply *reply = NULL;
    int rc = receive(batch, &reply);
    if (rc == ERR_NETWORK)
        return rc;
    op->error = 0;
    if (rc == 0)
        rc = redis_answer_take(reply, op, &batch->redis->state);
    if (rc == ERR_MALFORMED)
        text_set(&batch->why, "an answer of another form");
    if (rc < 0)
        fail_op(op, rc);
    batch->broken = batch->broken || rc == ERR_MALFORMED || rc == ERR_IO;
    return op->kind == CONTEXT_OP_PENDING ? settle_count(batch, op) : 0;
}

static bool is_waited_for(const struct batch *batch)
{
    bool writes = false;
    for (size_t i = 0; i < batch->count; i++)
        writes = writes || is_write(&batch->ops[i]);
    return writes && batch->redis->link.config->replicas_wait > 0;
}

/* Behind the writes of a batch: so many replicas have them, or none is acknowledged. */
static int settle_wait(struct batch *batch)
{
    CLEANUP(redis_cleanup_reply) redisReply *reply = NULL;
    int rc = receive(batch, &reply);
    if (rc == 0 && redis_answer_number(reply) >= (int64_t)batch->redis->link.config->replicas_wait)
        return 0;
    for (size_t i = 0; i < batch->count; i++) {
        if (is_write(&batch->ops[i]) && batch->ops[i].error == 0)
            fail_op(&batch->ops[i], ERR_TIMEOUT);
    }
    return rc == ERR_NETWORK ? rc : 0;
}

static int send_all(struct batch *batch, bool wait)
{
    struct store_redis *redis = batch->redis;
    int rc = 0;
    for (size_t i = 0; i < batch->count && rc == 0; i++)
        rc = redis_command_add(&redis->link, &redis->names, &redis->limits, &batch->ops[i]);
    if (rc == 0 && wait)
        rc = redis_command_add_wait(&redis->link);
    if (rc < 0)
        text_set(&batch->why, "no memory");
    return rc;
}

/* Sends all, then reads all answers: one way there and back. Returns 0, or what broke it off. */
static int run(struct batch *batch)
{
    const bool wait = is_waited_for(batch);
    fail_all(batch);
    int rc = send_all(batch, wait);
    for (size_t i = 0; i < batch->count && rc == 0; i++) {
        if (redis_command_is_needed(batch->ops[i].kind))
            rc = settle(batch, &batch->ops[i]);
    }
    if (wait && rc == 0)
        return settle_wait(batch);
    for (size_t i = 0; i < batch->count && wait; i++) {
        if (is_write(&batch->ops[i]))
            fail_op(&batch->ops[i], rc);
    }
    return rc;
}

/* The versions of the ids that are pending; one that expired meanwhile is left out. */
static int fill_stubs(struct batch *batch, struct context_op *pending)
{
    struct context_op lookups[CONTEXT_PENDING_COUNT_MAX] = {{.found = false}};
    struct batch inner = {.redis = batch->redis, .ops = lookups, .count = pending->stub_count};
    size_t kept = 0;
    CHECK(pending->stub_count <= CONTEXT_PENDING_COUNT_MAX);
    for (size_t i = 0; i < inner.count; i++) {
        lookups[i].kind = CONTEXT_OP_GET;
        lookups[i].id = pending->stubs[i].id;
    }
    int rc = run(&inner);
    for (size_t i = 0; i < inner.count; i++) {
        if (lookups[i].error == 0 && lookups[i].found)
            pending->stubs[kept++] =
                (struct context_stub){.id = lookups[i].id, .version = lookups[i].entry.version};
        context_op_fini(&lookups[i]);
    }
    pending->stub_count = kept;
    batch->broken = batch->broken || inner.broken;
    if (inner.broken || rc < 0)
        batch->why = inner.why;
    return rc;
}

static int fill_pending(struct batch *batch)
{
    int rc = 0;
    for (size_t i = 0; i < batch->count && rc == 0; i++) {
        if (batch->ops[i].kind == CONTEXT_OP_PENDING && batch->ops[i].error == 0)
            rc = fill_stubs(batch, &batch->ops[i]);
    }
    return rc;
}

/* Whatever becomes of Redis, the store can go on: the next batch tries again. */
static int apply(struct context_store *store, time_ms now_ms, struct context_op *ops, size_t count)
{
    struct batch batch = {.redis = of(store), .ops = ops, .count = count};
    struct redis_link *link = &batch.redis->link;
    CHECK(count <= CONTEXT_BATCH_COUNT_MAX);
    if (redis_link_ready(link, now_ms) < 0) {
        fail_all(&batch);
        return 0;
    }
    int rc = run(&batch);
    if (rc == 0)
        rc = fill_pending(&batch);
    if (rc < 0 || batch.broken)
        redis_link_fail(link, now_ms, batch.why.bytes);
    else
        redis_link_well(link);
    return 0;
}

static void state(const struct context_store *store, struct context_store_state *ret_state)
{
    *ret_state = ((const struct store_redis *)(const void *)store)->state;
}

static void close_store(struct context_store *store)
{
    struct store_redis *redis = of(store);
    redis_link_fini(&redis->link);
    free(redis);
}

int store_redis_open(const struct store_redis_options *options, struct context_store **ret_store,
                     struct text *why)
{
    static const struct context_store_vtable vtable = {
        .name = "redis", .shared = true, .apply = apply, .state = state, .close = close_store};
    struct store_redis *redis = calloc(1, sizeof *redis);
    if (redis == NULL) {
        text_set(why, "no memory");
        return ERR_NO_MEMORY;
    }
    redis->store.vtable = &vtable;
    redis->limits = options->limits;
    redis->state.complete = true;
    redis_link_init(&redis->link, options->redis);
    redis_names_init(&redis->names, options->cluster);
    *ret_store = &redis->store;
    return 0;
}
