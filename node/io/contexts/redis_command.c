#include "node/io/contexts/redis_command.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/check.h"
#include "common/errors.h"

enum { NUMBER_SIZE = 24, WORD_COUNT_MAX = 24 /* of one command */ };

/* What one command is made of. */
struct maker {
    struct redis_link *link;
    const struct redis_names *names;
    const struct context_limits *limits;
};

/* One command's words, each with its length: contents hold any byte. */
struct words {
    const char *at[WORD_COUNT_MAX];
    size_t length[WORD_COUNT_MAX];
    int count;
    char numbers[WORD_COUNT_MAX][NUMBER_SIZE];
};

static void add_bytes(struct words *words, const void *bytes, size_t length)
{
    CHECK(words->count < WORD_COUNT_MAX);
    words->at[words->count] = length == 0 ? "" : bytes;
    words->length[words->count++] = length;
}

static void add_text(struct words *words, const char *text)
{
    add_bytes(words, text, strlen(text));
}

static void add_number(struct words *words, int64_t number)
{
    char *text = words->numbers[words->count];
    int length = snprintf(text, NUMBER_SIZE, "%" PRId64, number);
    CHECK(length > 0 && length < NUMBER_SIZE);
    add_text(words, text);
}

static void begin_script(const struct maker *maker, struct words *words, enum redis_script script,
                         int key_count)
{
    words->count = 0;
    add_text(words, "EVALSHA");
    add_text(words, maker->link->sha[script]);
    add_number(words, key_count);
}

static int send_words(const struct maker *maker, const struct words *words)
{
    const char *at[WORD_COUNT_MAX];
    memcpy(at, words->at, sizeof at);
    int rc = redisAppendCommandArgv(maker->link->context, words->count, at, words->length);
    return rc == REDIS_OK ? 0 : ERR_NO_MEMORY;
}

static void entry_key(const struct redis_names *names, const struct context_id *id,
                      char ret_key[REDIS_KEY_SIZE])
{
    int length = snprintf(ret_key, REDIS_KEY_SIZE, "quorate:{%s}:e:%s", names->cluster, id->text);
    CHECK(length > 0 && length < REDIS_KEY_SIZE);
}

static int send_put(const struct maker *maker, const struct context_op *op, const char *key)
{
    const struct context_entry *entry = &op->entry;
    const struct context_limits *limits = maker->limits;
    const bool capped = op->kind == CONTEXT_OP_PUT;
    time_ms ttl_ms = entry->version.deleted ? 2 * limits->ttl_ms : limits->ttl_ms;
    time_ms left_ms = entry->age_ms < ttl_ms ? ttl_ms - entry->age_ms : 1;
    struct words words;
    begin_script(maker, &words, REDIS_PUT, 5);
    add_text(&words, key);
    for (int i = REDIS_DUE; i <= REDIS_PENDING; i++)
        add_text(&words, maker->names->keys[i]);
    add_text(&words, entry->id.text);
    add_number(&words, (int64_t)entry->version.seq);
    add_number(&words, entry->version.deleted);
    add_number(&words, entry->version.stamp_ms);
    add_bytes(&words, entry->version.hash, CONTEXT_HASH_BYTES);
    add_number(&words, entry->follows);
    add_bytes(&words, entry->sealed, entry->sealed_length);
    add_bytes(&words, entry->secret, entry->secret_length);
    add_number(&words, left_ms);
    add_number(&words, entry->age_ms);
    add_number(&words, capped ? (int64_t)limits->count_max : 0);
    add_number(&words, capped ? (int64_t)limits->bytes_max : 0);
    return send_words(maker, &words);
}

static int send_get(const struct maker *maker, const char *key)
{
    struct words words;
    begin_script(maker, &words, REDIS_GET, 1);
    add_text(&words, key);
    return send_words(maker, &words);
}

static int send_written(const struct maker *maker, const struct context_op *op, const char *key)
{
    struct words words;
    begin_script(maker, &words, REDIS_WRITTEN, 2);
    add_text(&words, key);
    add_text(&words, maker->names->keys[REDIS_PENDING]);
    add_text(&words, op->id.text);
    add_number(&words, (int64_t)op->seq);
    return send_words(maker, &words);
}

static int send_expire(const struct maker *maker, const struct context_op *op)
{
    struct words words;
    begin_script(maker, &words, REDIS_EXPIRE, 4);
    for (int i = REDIS_DUE; i <= REDIS_PENDING; i++)
        add_text(&words, maker->names->keys[i]);
    add_number(&words, (int64_t)op->limit);
    return send_words(maker, &words);
}

/* Ids after op->id, one more than are wanted: whether there are further ones. */
static int send_pending(const struct maker *maker, const struct context_op *op)
{
    char after[CONTEXT_ID_SIZE + 1] = "-";
    struct words words = {.count = 0};
    if (op->id.text[0] != '\0')
        (void)snprintf(after, sizeof after, "(%s", op->id.text);
    add_text(&words, "ZRANGEBYLEX");
    add_text(&words, maker->names->keys[REDIS_PENDING]);
    add_text(&words, after);
    add_text(&words, "+");
    add_text(&words, "LIMIT");
    add_number(&words, 0);
    add_number(&words, (int64_t)op->limit + 1);
    if (send_words(maker, &words) != 0)
        return ERR_NO_MEMORY;
    words.count = 0;
    add_text(&words, "ZCARD");
    add_text(&words, maker->names->keys[REDIS_PENDING]);
    return send_words(maker, &words);
}

bool redis_command_is_needed(enum context_op_kind kind)
{
    return kind != CONTEXT_OP_COMPLETE && kind != CONTEXT_OP_PAGE && kind != CONTEXT_OP_COMPARE;
}

int redis_command_add(struct redis_link *link, const struct redis_names *names,
                      const struct context_limits *limits, const struct context_op *op)
{
    const struct maker of_op = {.link = link, .names = names, .limits = limits};
    const struct maker *maker = &of_op;
    char key[REDIS_KEY_SIZE];
    const bool puts = op->kind == CONTEXT_OP_PUT || op->kind == CONTEXT_OP_REPAIR;
    entry_key(maker->names, puts ? &op->entry.id : &op->id, key);
    switch (op->kind) {
    case CONTEXT_OP_PUT:
    case CONTEXT_OP_REPAIR:
        return send_put(maker, op, key);
    case CONTEXT_OP_GET:
        return send_get(maker, key);
    case CONTEXT_OP_WRITTEN:
        return send_written(maker, op, key);
    case CONTEXT_OP_EXPIRE:
        return send_expire(maker, op);
    case CONTEXT_OP_PENDING:
        return send_pending(maker, op);
    case CONTEXT_OP_PAGE:
    case CONTEXT_OP_COMPARE:
    case CONTEXT_OP_COMPLETE:
    case CONTEXT_OP_KIND_N:
        break;
    }
    return 0;
}

int redis_command_add_wait(struct redis_link *link)
{
    const struct maker maker = {.link = link};
    struct words words = {.count = 0};
    add_text(&words, "WAIT");
    add_number(&words, link->config->replicas_wait);
    add_number(&words, link->config->timeout_ms / 2);
    return send_words(&maker, &words);
}

void redis_names_init(struct redis_names *names, const char *cluster)
{
    static const char *const ends[REDIS_KEY_N] = {
        [REDIS_DUE] = "due",
        [REDIS_SIZES] = "sizes",
        [REDIS_TOTAL] = "total",
        [REDIS_PENDING] = "pending",
    };
    CHECK(text_copy(names->cluster, sizeof names->cluster, cluster) == 0);
    for (int i = 0; i < REDIS_KEY_N; i++) {
        int length = snprintf(names->keys[i], REDIS_KEY_SIZE, "quorate:{%s}:%s", cluster, ends[i]);
        CHECK(length > 0 && length < REDIS_KEY_SIZE);
    }
}
