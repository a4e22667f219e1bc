#include "node/io/contexts/store_redis.h"

#include "common/check.h"
#include "common/errors.h"
#include "node/io/contexts/redis_link.h"
#include "tests/lab/base/clock.h"
#include "tests/lab/test/assert.h"
#include "tests/lab/test/redis_fixture.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TTL_MS = 60000, COUNT_MAX = 1000, BYTES_MAX = 1024 * 1024, LINE_SIZE = 256 };

struct rig {
    struct redis_process server;
    struct redis_config config;
    struct context_store *store;
};

static void open_store(struct rig *rig, const struct context_limits *limits)
{
    const struct store_redis_options options = {
        .redis = &rig->config, .cluster = "test", .limits = *limits};
    struct text why = {0};
    assert_int_equal(store_redis_open(&options, &rig->store, &why), 0);
}

static struct rig *rig_new(const char *const *options)
{
    static const struct context_limits limits = {
        .ttl_ms = TTL_MS, .count_max = COUNT_MAX, .bytes_max = BYTES_MAX};
    struct rig *rig = calloc(1, sizeof(*rig));
    assert_non_null(rig);
    for (size_t i = 0; options != NULL && options[i] != NULL; i++)
        rig->server.options[i] = options[i];
    redis_start(&rig->server);
    rig->config =
        (struct redis_config){.host = "127.0.0.1", .port = rig->server.port, .timeout_ms = 1000};
    open_store(rig, &limits);
    return rig;
}

static int setup(void **state)
{
    *state = rig_new(NULL);
    return 0;
}

static int teardown(void **state)
{
    struct rig *rig = *state;
    context_store_free(&rig->store);
    redis_finish(&rig->server);
    free(rig);
    return 0;
}

static void run(struct rig *rig, struct context_op *ops, size_t count)
{
    assert_int_equal(context_store_apply(rig->store, clock_boot_ms(), ops, count), 0);
}

/* Once the pause after a failure is over. */
static void run_later(struct rig *rig, struct context_op *op)
{
    (void)poll(NULL, 0, REDIS_PAUSE_MS + 20);
    run(rig, op, 1);
}

static struct context_op put_of(const char *id, uint64_t seq, const char *content)
{
    struct context_op op = {.kind = CONTEXT_OP_PUT};
    struct context_entry *entry = &op.entry;
    assert_int_equal(context_id_set(&entry->id, id), 0);
    entry->version = (struct context_version){.seq = seq, .stamp_ms = 1700000000123};
    for (size_t i = 0; i < CONTEXT_HASH_BYTES; i++)
        entry->version.hash[i] = (uint8_t)((size_t)content[i % strlen(content)] ^ (i * 37));
    entry->follows = true;
    entry->sealed = (const uint8_t *)content;
    entry->sealed_length = strlen(content);
    return op;
}

static struct context_op op_of(enum context_op_kind kind, const char *id)
{
    struct context_op op = {.kind = kind};
    if (id != NULL)
        assert_int_equal(context_id_set(&op.id, id), 0);
    return op;
}

static enum context_outcome put(struct rig *rig, const char *id, uint64_t seq, const char *content)
{
    struct context_op op = put_of(id, seq, content);
    run(rig, &op, 1);
    return op.outcome;
}

static void assert_holds(struct rig *rig, const char *id, uint64_t seq, const char *content)
{
    struct context_op op = op_of(CONTEXT_OP_GET, id);
    run(rig, &op, 1);
    assert_int_equal(op.error, 0);
    assert_true(op.found);
    assert_int_equal(op.entry.version.seq, seq);
    assert_int_equal(op.entry.sealed_length, strlen(content));
    assert_memory_equal(op.entry.sealed, content, strlen(content));
    context_op_fini(&op);
}

static void what_was_put_is_got_with_every_byte(void **state)
{
    struct rig *rig = *state;
    uint8_t secret[256];
    struct context_op op = put_of("1", CONTEXT_SEQ_MAX, "sealed");
    for (size_t i = 0; i < sizeof(secret); i++)
        secret[i] = (uint8_t)i;
    op.entry.secret = secret;
    op.entry.secret_length = sizeof(secret);
    run(rig, &op, 1);
    assert_int_equal(op.outcome, CONTEXT_STORED);
    assert_int_equal(op.held.seq, CONTEXT_SEQ_MAX);
    struct context_op got = op_of(CONTEXT_OP_GET, "1");
    run(rig, &got, 1);
    assert_true(got.found && got.entry.follows && !got.entry.version.deleted);
    assert_int_equal(got.entry.version.seq, CONTEXT_SEQ_MAX);
    assert_int_equal(got.entry.version.stamp_ms, op.entry.version.stamp_ms);
    assert_memory_equal(got.entry.version.hash, op.entry.version.hash, CONTEXT_HASH_BYTES);
    assert_int_equal(got.entry.secret_length, sizeof(secret));
    assert_memory_equal(got.entry.secret, secret, sizeof(secret));
    assert_in_range(got.entry.age_ms, 0, 5000);
    context_op_fini(&got);
    assert_int_equal(context_store_state(rig->store).count, 1);
    assert_int_equal(context_store_state(rig->store).bytes, 1 + 6 + 256);
}

static void a_context_only_moves_forward(void **state)
{
    struct rig *rig = *state;
    assert_int_equal(put(rig, "c", 5, "five"), CONTEXT_STORED);
    assert_int_equal(put(rig, "c", 5, "five"), CONTEXT_SAME);
    assert_int_equal(put(rig, "c", 5, "other"), CONTEXT_CONFLICT);
    assert_int_equal(put(rig, "c", 4, "four"), CONTEXT_OLDER);
    assert_holds(rig, "c", 5, "five");
    assert_int_equal(put(rig, "c", 6, "six"), CONTEXT_STORED);
    assert_holds(rig, "c", 6, "six");
    assert_int_equal(context_store_state(rig->store).count, 1);
    assert_int_equal(context_store_state(rig->store).bytes, 1 + 3);
}

static void a_tombstone_wins_over_its_seq_and_loses_to_a_higher_one(void **state)
{
    struct rig *rig = *state;
    struct context_op grave = put_of("c", 5, "x");
    grave.entry.version.deleted = true;
    grave.entry.sealed_length = 0;
    assert_int_equal(put(rig, "c", 5, "five"), CONTEXT_STORED);
    run(rig, &grave, 1);
    assert_int_equal(grave.outcome, CONTEXT_STORED);
    run(rig, &grave, 1);
    assert_int_equal(grave.outcome, CONTEXT_SAME);
    assert_int_equal(put(rig, "c", 5, "five"), CONTEXT_OLDER);
    struct context_op got = op_of(CONTEXT_OP_GET, "c");
    run(rig, &got, 1);
    assert_true(got.found && got.entry.version.deleted);
    context_op_fini(&got);
    assert_int_equal(put(rig, "c", 6, "six"), CONTEXT_STORED);
    assert_holds(rig, "c", 6, "six");
}

static void what_is_not_there_is_not_found(void **state)
{
    struct context_op op = op_of(CONTEXT_OP_GET, "nobody");
    run(*state, &op, 1);
    assert_int_equal(op.error, 0);
    assert_false(op.found);
}

static void a_batch_is_answered_op_by_op(void **state)
{
    struct context_op ops[6] = {put_of("a", 1, "one"),         put_of("a", 1, "one"),
                                op_of(CONTEXT_OP_GET, "a"),    op_of(CONTEXT_OP_COMPLETE, NULL),
                                op_of(CONTEXT_OP_GET, "none"), put_of("b", 2, "two")};
    run(*state, ops, ARRAY_COUNT(ops));
    assert_int_equal(ops[0].outcome, CONTEXT_STORED);
    assert_int_equal(ops[1].outcome, CONTEXT_SAME);
    assert_true(ops[2].found);
    assert_int_equal(ops[3].error, 0);
    assert_false(ops[4].found);
    assert_int_equal(ops[5].outcome, CONTEXT_STORED);
    context_op_fini(&ops[2]);
}

static void over_a_cap_new_ids_are_refused_and_known_ones_go_on(void **state)
{
    static const struct context_limits limits = {.ttl_ms = TTL_MS, .count_max = 2, .bytes_max = 64};
    struct rig *rig = *state;
    context_store_free(&rig->store);
    open_store(rig, &limits);
    assert_int_equal(put(rig, "a", 1, "one"), CONTEXT_STORED);
    assert_int_equal(put(rig, "b", 1, "one"), CONTEXT_STORED);
    struct context_op third = put_of("c", 1, "one");
    run(rig, &third, 1);
    assert_int_equal(third.outcome, CONTEXT_FULL);
    assert_int_equal(third.error, ERR_FULL);
    assert_int_equal(put(rig, "a", 2, "two"), CONTEXT_STORED);
    third.kind = CONTEXT_OP_REPAIR;
    run(rig, &third, 1);
    assert_int_equal(third.outcome, CONTEXT_STORED);
    context_store_free(&rig->store);
    open_store(rig, &(struct context_limits){.ttl_ms = TTL_MS, .count_max = 9, .bytes_max = 20});
    assert_int_equal(put(rig, "d", 1, "fifteen letters"), CONTEXT_FULL);
}

static void an_entry_is_gone_after_its_ttl_and_out_of_the_counts(void **state)
{
    static const struct context_limits limits = {.ttl_ms = 150, .count_max = 1, .bytes_max = 99};
    struct rig *rig = *state;
    context_store_free(&rig->store);
    open_store(rig, &limits);
    assert_int_equal(put(rig, "a", 1, "one"), CONTEXT_STORED);
    struct context_op got = op_of(CONTEXT_OP_GET, "a");
    struct context_op over = {.kind = CONTEXT_OP_EXPIRE, .limit = 8};
    for (time_ms until_ms = clock_boot_ms() + 5000; clock_boot_ms() < until_ms;) {
        run(rig, &got, 1);
        if (!got.found)
            break;
        context_op_fini(&got);
    }
    assert_false(got.found);
    (void)poll(NULL, 0, 5);
    run(rig, &over, 1);
    assert_int_equal(over.count, 1);
    assert_int_equal(context_store_state(rig->store).count, 0);
    assert_int_equal(context_store_state(rig->store).bytes, 0);
    assert_int_equal(put(rig, "b", 1, "one"), CONTEXT_STORED);
}

static size_t pending_of(struct rig *rig, const char *after, size_t limit,
                         struct context_stub *stubs, bool *ret_more)
{
    struct context_op op = op_of(CONTEXT_OP_PENDING, after);
    op.limit = limit;
    op.stubs = stubs;
    run(rig, &op, 1);
    assert_int_equal(op.error, 0);
    *ret_more = op.more;
    return op.stub_count;
}

static void what_is_not_written_through_is_listed_newest_seq_only(void **state)
{
    struct rig *rig = *state;
    struct context_stub stubs[4];
    bool more = false;
    struct context_op alone = put_of("d", 1, "alone");
    alone.entry.follows = false;
    run(rig, &alone, 1);
    assert_int_equal(put(rig, "a", 1, "one"), CONTEXT_STORED);
    assert_int_equal(put(rig, "a", 2, "two"), CONTEXT_STORED);
    assert_int_equal(put(rig, "b", 7, "one"), CONTEXT_STORED);
    assert_int_equal(put(rig, "c", 1, "one"), CONTEXT_STORED);
    assert_int_equal(pending_of(rig, NULL, 2, stubs, &more), 2);
    assert_true(more);
    assert_string_equal(stubs[0].id.text, "a");
    assert_int_equal(stubs[0].version.seq, 2);
    assert_string_equal(stubs[1].id.text, "b");
    assert_int_equal(pending_of(rig, "b", 2, stubs, &more), 1);
    assert_false(more);
    assert_string_equal(stubs[0].id.text, "c");
    struct context_op written = op_of(CONTEXT_OP_WRITTEN, "a");
    written.seq = 1;
    run(rig, &written, 1);
    assert_int_equal(pending_of(rig, NULL, 4, stubs, &more), 3);
    written.seq = 2;
    run(rig, &written, 1);
    assert_int_equal(pending_of(rig, NULL, 4, stubs, &more), 2);
    assert_string_equal(stubs[0].id.text, "b");
    assert_int_equal(put(rig, "a", 3, "three"), CONTEXT_STORED);
    assert_int_equal(pending_of(rig, NULL, 4, stubs, &more), 3);
}

static void while_redis_is_away_everything_fails_and_nothing_is_acknowledged(void **state)
{
    struct rig *rig = *state;
    assert_int_equal(put(rig, "a", 1, "one"), CONTEXT_STORED);
    redis_kill(&rig->server);
    struct context_op ops[2] = {put_of("a", 2, "two"), op_of(CONTEXT_OP_GET, "a")};
    for (int i = 0; i < 3; i++) {
        run(rig, ops, 2);
        assert_int_equal(ops[0].outcome, CONTEXT_FAILED);
        assert_int_equal(ops[0].error, ERR_NETWORK);
        assert_int_equal(ops[1].error, ERR_NETWORK);
        assert_false(ops[1].found);
    }
    redis_restart(&rig->server);
    run_later(rig, &ops[0]);
    assert_int_equal(ops[0].outcome, CONTEXT_STORED);
}

static void what_was_acknowledged_is_there_after_a_kill(void **state)
{
    enum { ROUNDS = 6, IDS = 40 };
    struct rig *rig = *state;
    uint64_t acknowledged[IDS] = {0};
    char id[16];
    for (uint64_t round = 1; round <= ROUNDS; round++) {
        for (int i = 0; i < IDS; i++) {
            (void)snprintf(id, sizeof(id), "c%d", i);
            struct context_op op = put_of(id, round, "content");
            run(rig, &op, 1);
            if (op.outcome == CONTEXT_STORED)
                acknowledged[i] = round;
            if (i == IDS / 2)
                redis_kill(&rig->server);
        }
        redis_restart(&rig->server);
        struct context_op any = op_of(CONTEXT_OP_GET, "c0");
        run_later(rig, &any);
        context_op_fini(&any);
    }
    for (int i = 0; i < IDS; i++) {
        (void)snprintf(id, sizeof(id), "c%d", i);
        struct context_op got = op_of(CONTEXT_OP_GET, id);
        run(rig, &got, 1);
        assert_int_equal(got.error, 0);
        assert_true(got.entry.version.seq >= acknowledged[i]);
        context_op_fini(&got);
    }
    assert_int_equal(acknowledged[0], ROUNDS);
}

static void without_its_replicas_a_write_is_not_acknowledged(void **state)
{
    struct rig *rig = *state;
    rig->config.replicas_wait = 1;
    rig->config.timeout_ms = 300;
    struct context_op op = put_of("a", 1, "one");
    run(rig, &op, 1);
    assert_int_equal(op.outcome, CONTEXT_FAILED);
    assert_int_equal(op.error, ERR_TIMEOUT);
    struct redis_process replica = {.port = 0};
    char primary[16];
    (void)snprintf(primary, sizeof(primary), "%u", (unsigned)rig->server.port);
    replica.options[0] = "--replicaof";
    replica.options[1] = "127.0.0.1";
    replica.options[2] = primary;
    redis_start(&replica);
    for (time_ms until_ms = clock_boot_ms() + 10000; clock_boot_ms() < until_ms;) {
        run(rig, &op, 1);
        if (op.outcome != CONTEXT_FAILED)
            break;
    }
    assert_int_equal(op.outcome, CONTEXT_SAME);
    char line[LINE_SIZE] = "";
    redis_ask(&replica, "HGET quorate:{test}:e:a s", line, sizeof(line));
    assert_string_equal(line, "$1");
    redis_finish(&replica);
    run(rig, &op, 1);
    assert_int_equal(op.outcome, CONTEXT_FAILED);
}

static void a_password_is_shown_and_a_wrong_one_answers_nothing(void **state)
{
    static const char *const options[] = {"--requirepass", "sesame", NULL};
    (void)state;
    struct rig *rig = rig_new(options);
    assert_int_equal(put(rig, "a", 1, "one"), CONTEXT_FAILED);
    assert_int_equal(text_copy(rig->config.password, sizeof(rig->config.password), "sesame"), 0);
    struct context_op op = put_of("a", 1, "one");
    run_later(rig, &op);
    assert_int_equal(op.outcome, CONTEXT_STORED);
    (void)teardown((void **)&rig);
}

static void a_full_redis_refuses_and_keeps_what_it_has(void **state)
{
    struct rig *rig = *state;
    char line[LINE_SIZE] = "";
    assert_int_equal(put(rig, "a", 1, "one"), CONTEXT_STORED);
    redis_ask(&rig->server, "CONFIG SET maxmemory 1", line, sizeof(line));
    assert_int_equal(put(rig, "b", 1, "one"), CONTEXT_FULL);
    redis_ask(&rig->server, "CONFIG SET maxmemory 0", line, sizeof(line));
    assert_holds(rig, "a", 1, "one");
    assert_int_equal(put(rig, "b", 1, "one"), CONTEXT_STORED);
}

static void what_the_server_promises_is_told(void **state)
{
    struct rig *rig = *state;
    struct redis_link link;
    struct text doubt = {0};
    char line[LINE_SIZE] = "";
    redis_link_init(&link, &rig->config);
    assert_int_equal(redis_link_ready(&link, clock_boot_ms()), 0);
    assert_int_equal(redis_link_durability(&link, &doubt), 0);
    assert_string_equal(doubt.bytes, "");
    redis_ask(&rig->server, "CONFIG SET appendfsync everysec", line, sizeof(line));
    redis_ask(&rig->server, "CONFIG SET maxmemory-policy allkeys-lru", line, sizeof(line));
    assert_int_equal(redis_link_durability(&link, &doubt), 0);
    assert_string_equal(doubt.bytes,
                        "appendfsync is everysec: a crash of its machine loses up to a second; "
                        "maxmemory-policy is allkeys-lru: it may throw acknowledged entries away");
    redis_link_fini(&link);
}

static void two_stores_are_one(void **state)
{
    static const struct context_limits limits = {
        .ttl_ms = TTL_MS, .count_max = COUNT_MAX, .bytes_max = BYTES_MAX};
    struct rig *rig = *state;
    struct rig other = {.config = rig->config};
    open_store(&other, &limits);
    assert_int_equal(put(rig, "a", 2, "two"), CONTEXT_STORED);
    assert_int_equal(put(&other, "a", 1, "one"), CONTEXT_OLDER);
    assert_holds(&other, "a", 2, "two");
    assert_true(rig->store->vtable->shared);
    context_store_free(&other.store);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_was_put_is_got_with_every_byte),
        TEST(a_context_only_moves_forward),
        TEST(a_tombstone_wins_over_its_seq_and_loses_to_a_higher_one),
        TEST(what_is_not_there_is_not_found),
        TEST(a_batch_is_answered_op_by_op),
        TEST(over_a_cap_new_ids_are_refused_and_known_ones_go_on),
        TEST(an_entry_is_gone_after_its_ttl_and_out_of_the_counts),
        TEST(what_is_not_written_through_is_listed_newest_seq_only),
        TEST(while_redis_is_away_everything_fails_and_nothing_is_acknowledged),
        TEST(what_was_acknowledged_is_there_after_a_kill),
        TEST(without_its_replicas_a_write_is_not_acknowledged),
        cmocka_unit_test(a_password_is_shown_and_a_wrong_one_answers_nothing),
        TEST(a_full_redis_refuses_and_keeps_what_it_has),
        TEST(what_the_server_promises_is_told),
        TEST(two_stores_are_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
