#include "node/io/contexts/redis_answer.h"

#include <stdlib.h>
#include <string.h>

#include "common/check.h"
#include "common/errors.h"

void redis_cleanup_reply(redisReply **reply)
{
    if (*reply != NULL)
        freeReplyObject(*reply);
}

int64_t redis_answer_number(const redisReply *reply)
{
    if (reply->type == REDIS_REPLY_INTEGER)
        return reply->integer;
    return reply->type == REDIS_REPLY_STRING ? strtoll(reply->str, NULL, 10) : 0;
}

static bool is_array(const redisReply *reply, size_t count)
{
    return reply->type == REDIS_REPLY_ARRAY && reply->elements == count;
}

/* Four replies: seq, deleted, stamp, hash. Returns 0 or ERR_MALFORMED. */
static int read_version(redisReply *const *replies, struct context_version *ret_version)
{
    struct context_version version = {
        .seq = (uint64_t)redis_answer_number(replies[0]),
        .deleted = redis_answer_number(replies[1]) == 1,
        .stamp_ms = redis_answer_number(replies[2]),
    };
    if (replies[3]->type != REDIS_REPLY_STRING ||
        (version.seq > 0 && replies[3]->len != CONTEXT_HASH_BYTES))
        return ERR_MALFORMED;
    if (version.seq > 0)
        memcpy(version.hash, replies[3]->str, CONTEXT_HASH_BYTES);
    *ret_version = version;
    return 0;
}

static void take_totals(struct context_store_state *state, const redisReply *count,
                        const redisReply *bytes)
{
    state->count = (uint64_t)redis_answer_number(count);
    state->bytes = (uint64_t)redis_answer_number(bytes);
}

static int take_put(struct context_store_state *state, const redisReply *reply,
                    struct context_op *op)
{
    static const struct {
        const char *word;
        enum context_outcome outcome;
    } rows[] = {
        {"stored", CONTEXT_STORED},     {"same", CONTEXT_SAME}, {"older", CONTEXT_OLDER},
        {"conflict", CONTEXT_CONFLICT}, {"full", CONTEXT_FULL},
    };
    struct context_version held;
    if (!is_array(reply, 7) || reply->element[0]->type != REDIS_REPLY_STRING ||
        read_version(&reply->element[1], &held) != 0)
        return ERR_MALFORMED;
    take_totals(state, reply->element[5], reply->element[6]);
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        if (strcmp(reply->element[0]->str, rows[i].word) != 0)
            continue;
        op->outcome = rows[i].outcome;
        op->held = held;
        op->error = op->outcome == CONTEXT_FULL ? ERR_FULL : 0;
        return 0;
    }
    return ERR_MALFORMED;
}

static int take_get(const redisReply *reply, struct context_op *op)
{
    struct context_entry entry = {.id = op->id};
    op->found = false;
    if (reply->type == REDIS_REPLY_NIL)
        return 0;
    if (!is_array(reply, 8) || read_version(reply->element, &entry.version) != 0 ||
        reply->element[6]->type != REDIS_REPLY_STRING ||
        reply->element[7]->type != REDIS_REPLY_STRING)
        return ERR_MALFORMED;
    const redisReply *sealed = reply->element[6];
    const redisReply *secret = reply->element[7];
    size_t sealed_length = (size_t)sealed->len;
    size_t secret_length = (size_t)secret->len;
    if (sealed_length + secret_length > CONTEXT_SEALED_BYTES_MAX)
        return ERR_MALFORMED;
    uint8_t *bytes = malloc(sealed_length + secret_length + 1);
    if (bytes == NULL)
        return ERR_NO_MEMORY;
    memcpy(bytes, sealed->str, sealed_length);
    memcpy(bytes + sealed_length, secret->str, secret_length);
    entry.follows = redis_answer_number(reply->element[4]) == 1;
    entry.age_ms = redis_answer_number(reply->element[5]);
    entry.sealed = bytes;
    entry.sealed_length = sealed_length;
    entry.secret = bytes + sealed_length;
    entry.secret_length = secret_length;
    op->bytes = bytes;
    op->entry = entry;
    op->found = true;
    return 0;
}

/* The ids alone; their versions are asked for in a second round. */
static int take_pending(const redisReply *reply, struct context_op *op)
{
    op->stub_count = 0;
    if (reply->type != REDIS_REPLY_ARRAY)
        return ERR_MALFORMED;
    op->more = reply->elements > op->limit;
    for (size_t i = 0; i < reply->elements && i < op->limit; i++) {
        struct context_stub stub = {.version = {.seq = 0}};
        if (reply->element[i]->type != REDIS_REPLY_STRING ||
            context_id_set(&stub.id, reply->element[i]->str) != 0)
            return ERR_MALFORMED;
        op->stubs[op->stub_count++] = stub;
    }
    return 0;
}

static int take_expire(struct context_store_state *state, const redisReply *reply,
                       struct context_op *op)
{
    if (!is_array(reply, 3))
        return ERR_MALFORMED;
    op->count = (uint64_t)redis_answer_number(reply->element[0]);
    take_totals(state, reply->element[1], reply->element[2]);
    return 0;
}

int redis_answer_take(const redisReply *reply, struct context_op *op,
                      struct context_store_state *state)
{
    switch (op->kind) {
    case CONTEXT_OP_PUT:
    case CONTEXT_OP_REPAIR:
        return take_put(state, reply, op);
    case CONTEXT_OP_GET:
        return take_get(reply, op);
    case CONTEXT_OP_PENDING:
        return take_pending(reply, op);
    case CONTEXT_OP_EXPIRE:
        return take_expire(state, reply, op);
    case CONTEXT_OP_WRITTEN:
    case CONTEXT_OP_PAGE:
    case CONTEXT_OP_COMPARE:
    case CONTEXT_OP_COMPLETE:
    case CONTEXT_OP_KIND_N:
        break;
    }
    return 0;
}
