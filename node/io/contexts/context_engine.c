#include "node/io/contexts/context_engine.h"

#include <stdlib.h>
#include <string.h>

#include "common/check.h"
#include "common/errors.h"
#include "node/io/contexts/engine_parts.h"

static void refresh(struct context_engine *engine)
{
    engine->state = context_store_state(engine->store);
    engine_see_stamp(engine, engine->state.stamp_max_ms);
}

/* Rule 4 of the header: what a lost disk said is no longer waited for by then. */
static void start_store(struct context_engine *engine)
{
    time_ms now_ms = engine_now(engine);
    engine->error = 0;
    engine->learn_from_ms = now_ms + engine->settings.patience_ms * 5 / 4 + ENGINE_RESEND_MS;
    engine->sweep_ms = now_ms + SWEEP_EVERY_MS;
    refresh(engine);
    sweep_reset(engine);
}

int context_engine_new(const struct context_engine_settings *settings,
                       struct context_engine **ret_engine)
{
    struct context_engine *engine = calloc(1, sizeof *engine);
    CHECK(settings->self > 0 && settings->self <= settings->node_count);
    CHECK(settings->in_flight > 0 && settings->in_flight <= 1U << CALL_INDEX_BITS);
    if (engine == NULL)
        return ERR_NO_MEMORY;
    engine->settings = *settings;
    engine->store = settings->store;
    engine->next_round = settings->round_first;
    engine->batch = &engine->batches[0];
    engine->calls = calloc(settings->in_flight, sizeof *engine->calls);
    bool fine = engine->calls != NULL;
    for (node_id peer = 1; fine && peer <= settings->node_count; peer++) {
        engine->sweeps[peer].stubs = calloc(CONTEXT_STUB_COUNT_MAX, sizeof(struct context_stub));
        fine = engine->sweeps[peer].stubs != NULL;
    }
    if (!fine) {
        context_engine_free(&engine);
        return ERR_NO_MEMORY;
    }
    start_store(engine);
    *ret_engine = engine;
    return 0;
}

/* A page's stubs are the engine's own, those of a comparison its sweep's. */
static void release_op(struct context_op *op)
{
    if (op->kind == CONTEXT_OP_PAGE)
        free(op->stubs);
    context_op_fini(op);
}

void context_engine_free(struct context_engine **engine)
{
    struct context_engine *old = *engine;
    if (old == NULL)
        return;
    for (int i = 0; i < 2; i++)
        for (size_t j = 0; j < old->batches[i].count; j++)
            release_op(&old->batches[i].ops[j]);
    for (node_id peer = 0; peer <= NODE_COUNT_MAX; peer++)
        free(old->sweeps[peer].stubs);
    calls_fini(old);
    free(old->calls);
    free(old);
    *engine = NULL;
}

void engine_see_stamp(struct context_engine *engine, int64_t stamp_ms)
{
    if (stamp_ms > engine->stamp_ms)
        engine->stamp_ms = stamp_ms;
}

struct context_frame *engine_frame(struct context_engine *engine, enum context_frame_kind kind,
                                   uint64_t round)
{
    struct context_frame *frame = &engine->out;
    memset(frame, 0, offsetof(struct context_frame, stubs)); /* stubs count by stub_count */
    frame->cluster = engine->settings.cluster;
    frame->sender = engine->settings.self;
    frame->kind = kind;
    frame->round = round;
    frame->store_id = engine->state.store_id;
    frame->complete = engine->state.complete;
    return frame;
}

void engine_encode(struct context_engine *engine, size_t *ret_length)
{
    *ret_length = 0;
    if (context_frame_encode(&engine->out, engine->bytes, sizeof engine->bytes, ret_length) != 0) {
        *ret_length = 0;
        engine->counts.dropped++;
    }
}

int engine_send(struct context_engine *engine, node_id to, size_t length)
{
    if (length == 0)
        return ERR_INVALID;
    return engine->settings.send(engine->settings.data, to, engine->bytes, length);
}

static int send_frame(struct context_engine *engine, node_id to)
{
    size_t length = 0;
    engine_encode(engine, &length);
    return engine_send(engine, to, length);
}

int engine_copy_entry(const struct context_entry *entry, struct context_entry *ret_entry,
                      uint8_t **ret_bytes)
{
    uint8_t *bytes = malloc(entry->sealed_length + entry->secret_length + 1);
    if (bytes == NULL)
        return ERR_NO_MEMORY;
    if (entry->sealed_length > 0)
        memcpy(bytes, entry->sealed, entry->sealed_length);
    if (entry->secret_length > 0)
        memcpy(bytes + entry->sealed_length, entry->secret, entry->secret_length);
    *ret_entry = *entry;
    ret_entry->sealed = bytes;
    ret_entry->secret = bytes + entry->sealed_length;
    *ret_bytes = bytes;
    return 0;
}

int engine_push(struct context_engine *engine, const struct context_op *op,
                const struct op_origin *origin)
{
    bool carries = op->kind == CONTEXT_OP_PUT || op->kind == CONTEXT_OP_REPAIR;
    if (engine->batch->count == CONTEXT_BATCH_COUNT_MAX)
        context_engine_flush(engine);
    struct engine_batch *batch = engine->batch;
    CHECK(batch->count < CONTEXT_BATCH_COUNT_MAX); /* a result asks for one operation at most */
    struct context_op *place = &batch->ops[batch->count];
    *place = *op;
    if (carries && engine_copy_entry(&op->entry, &place->entry, &place->bytes) != 0)
        return ERR_NO_MEMORY;
    batch->origins[batch->count] = *origin;
    batch->count++;
    return 0;
}

static void answer_peer(struct context_engine *engine, const struct op_origin *origin,
                        const struct context_op *op)
{
    struct context_frame *frame = NULL;
    if (op->kind == CONTEXT_OP_PUT || op->kind == CONTEXT_OP_REPAIR) {
        frame = engine_frame(engine, CONTEXT_FRAME_HELD, origin->round);
        frame->outcome = op->outcome;
        frame->version = op->held;
    } else if (op->error != 0) {
        return; /* who asked hears from others */
    } else if (op->kind == CONTEXT_OP_GET) {
        frame = engine_frame(engine, CONTEXT_FRAME_ENTRY, origin->round);
        frame->id = op->id;
        frame->present = op->found;
        frame->entry = op->entry;
    } else {
        frame = engine_frame(engine, CONTEXT_FRAME_PAGE, origin->round);
        frame->more = op->more;
        frame->stub_count = (uint16_t)op->stub_count;
        memcpy(frame->stubs, op->stubs, op->stub_count * sizeof *op->stubs);
    }
    (void)send_frame(engine, origin->peer); /* an answer that is lost is asked for again */
}

static void on_house_done(struct context_engine *engine, const struct context_op *op)
{
    if (op->kind == CONTEXT_OP_EXPIRE && op->error == 0) {
        engine->counts.expired += op->count;
        if (op->count == ENGINE_EXPIRE_COUNT)
            engine->expire_ms = engine_now(engine);
    }
}

static void give_result(struct context_engine *engine, const struct op_origin *origin,
                        const struct context_op *op)
{
    switch (origin->source) {
    case OP_OF_CALL:
        calls_on_own(engine, origin->round, op);
        break;
    case OP_OF_PEER:
        answer_peer(engine, origin, op);
        break;
    case OP_OF_SWEEP:
        sweep_on_done(engine, origin, op);
        break;
    case OP_OF_HOUSE:
        on_house_done(engine, op);
        break;
    }
}

static void fail_all(struct engine_batch *batch, int error)
{
    for (size_t i = 0; i < batch->count; i++) {
        batch->ops[i].error = error;
        batch->ops[i].outcome = CONTEXT_FAILED;
        batch->ops[i].found = false;
    }
}

static void work_on(struct context_engine *engine, struct engine_batch *batch)
{
    if (engine->error == 0)
        engine->error =
            context_store_apply(engine->store, engine_now(engine), batch->ops, batch->count);
    if (engine->error != 0)
        fail_all(batch, engine->error);
    else
        engine->counts.commits++;
    if (engine->error == 0)
        refresh(engine);
    for (size_t i = 0; i < batch->count; i++) {
        give_result(engine, &batch->origins[i], &batch->ops[i]);
        release_op(&batch->ops[i]);
    }
    batch->count = 0;
}

/* Results may ask for further operations: those are in the other batch, and done next. */
void context_engine_flush(struct context_engine *engine)
{
    CHECK(!engine->flushing);
    engine->flushing = true;
    while (engine->batch->count > 0) {
        struct engine_batch *batch = engine->batch;
        engine->batch = batch == &engine->batches[0] ? &engine->batches[1] : &engine->batches[0];
        work_on(engine, batch);
    }
    engine->flushing = false;
}

static void take_put(struct context_engine *engine, const struct context_frame *frame)
{
    struct op_origin origin = {OP_OF_PEER, frame->sender, frame->round};
    struct context_op op = {.kind = frame->repair ? CONTEXT_OP_REPAIR : CONTEXT_OP_PUT,
                            .id = frame->entry.id,
                            .entry = frame->entry};
    engine_see_stamp(engine, frame->entry.version.stamp_ms);
    (void)engine_push(engine, &op, &origin); /* without memory: as if it had been lost */
}

static void take_get(struct context_engine *engine, const struct context_frame *frame)
{
    struct op_origin origin = {OP_OF_PEER, frame->sender, frame->round};
    struct context_op op = {.kind = CONTEXT_OP_GET, .id = frame->id};
    (void)engine_push(engine, &op, &origin);
}

static void take_page_ask(struct context_engine *engine, const struct context_frame *frame)
{
    struct op_origin origin = {OP_OF_PEER, frame->sender, frame->round};
    struct context_op op = {.kind = CONTEXT_OP_PAGE,
                            .id = frame->id,
                            .limit = CONTEXT_STUB_COUNT_MAX,
                            .stubs = calloc(CONTEXT_STUB_COUNT_MAX, sizeof(struct context_stub))};
    if (op.stubs != NULL)
        (void)engine_push(engine, &op, &origin);
}

static void mark_written(struct context_engine *engine, const struct context_id *id, uint64_t seq)
{
    struct op_origin origin = {.source = OP_OF_HOUSE};
    struct context_op op = {.kind = CONTEXT_OP_WRITTEN, .id = *id, .seq = seq};
    (void)engine_push(engine, &op, &origin); /* carries no bytes: cannot fail */
}

static void hear(struct context_engine *engine, node_id peer)
{
    time_ms now_ms = engine_now(engine);
    time_ms *heard_ms = &engine->heard_ms[peer];
    if (*heard_ms == 0 || now_ms - *heard_ms > ENGINE_SILENT_MS)
        sweep_want(engine, peer);
    *heard_ms = now_ms;
}

static bool is_peer(const struct context_engine *engine, const struct context_frame *frame)
{
    return frame->sender != engine->settings.self && frame->sender <= engine->settings.node_count &&
           name_equal(&frame->cluster, &engine->settings.cluster);
}

void context_engine_frame(struct context_engine *engine, const struct context_frame *frame)
{
    if (!is_peer(engine, frame)) {
        engine->counts.dropped++;
        return;
    }
    hear(engine, frame->sender);
    switch (frame->kind) {
    case CONTEXT_FRAME_PUT:
        take_put(engine, frame);
        break;
    case CONTEXT_FRAME_GET:
        take_get(engine, frame);
        break;
    case CONTEXT_FRAME_PAGE_ASK:
        take_page_ask(engine, frame);
        break;
    case CONTEXT_FRAME_HELD:
    case CONTEXT_FRAME_ENTRY:
    case CONTEXT_FRAME_PAGE:
        if ((frame->round & ROUND_OF_SWEEP) != 0)
            sweep_on_frame(engine, frame);
        else
            calls_on_frame(engine, frame);
        break;
    case CONTEXT_FRAME_HELLO:
        sweep_on_hello(engine, frame);
        break;
    case CONTEXT_FRAME_WRITTEN:
        mark_written(engine, &frame->id, frame->seq);
        break;
    case CONTEXT_FRAME_KIND_N:
        break;
    }
}

/* A mark that is lost costs one request more, once another node leads. */
void context_engine_written(struct context_engine *engine, const struct context_id *id,
                            uint64_t seq)
{
    mark_written(engine, id, seq);
    for (node_id peer = 1; peer <= engine->settings.node_count; peer++) {
        if (peer == engine->settings.self)
            continue;
        struct context_frame *frame = engine_frame(engine, CONTEXT_FRAME_WRITTEN, 0);
        frame->id = *id;
        frame->seq = seq;
        (void)send_frame(engine, peer);
    }
}

static void say_hello(struct context_engine *engine)
{
    for (node_id peer = 1; peer <= engine->settings.node_count; peer++) {
        if (peer == engine->settings.self)
            continue;
        engine_frame(engine, CONTEXT_FRAME_HELLO, 0)->missed = engine->missed[peer];
        if (send_frame(engine, peer) == 0)
            engine->missed[peer] = false;
    }
}

void context_engine_tick(struct context_engine *engine)
{
    time_ms now_ms = engine_now(engine);
    context_engine_flush(engine);
    if (now_ms >= engine->hello_ms) {
        engine->hello_ms = now_ms + ENGINE_HELLO_MS;
        say_hello(engine);
    }
    if (now_ms >= engine->expire_ms && engine->error == 0) {
        struct op_origin origin = {.source = OP_OF_HOUSE};
        struct context_op op = {.kind = CONTEXT_OP_EXPIRE, .limit = ENGINE_EXPIRE_COUNT};
        engine->expire_ms = now_ms + ENGINE_EXPIRE_MS;
        (void)engine_push(engine, &op, &origin); /* carries no bytes: cannot fail */
    }
    calls_tick(engine);
    sweep_tick(engine);
    context_engine_flush(engine);
}

int context_engine_error(const struct context_engine *engine)
{
    return engine->error;
}

void context_engine_replace(struct context_engine *engine, struct context_store *store)
{
    context_engine_flush(engine);
    engine->store = store;
    start_store(engine);
}

uint32_t context_engine_open_calls(const struct context_engine *engine)
{
    return engine->open_calls;
}

bool context_engine_complete(const struct context_engine *engine)
{
    return engine->error == 0 && engine->state.complete;
}

uint8_t context_engine_heard(const struct context_engine *engine, time_ms within_ms)
{
    time_ms now_ms = engine_now(engine);
    uint8_t count = 0;
    for (node_id peer = 1; peer <= engine->settings.node_count; peer++)
        if (engine->heard_ms[peer] != 0 && now_ms - engine->heard_ms[peer] <= within_ms)
            count++;
    return count;
}

void context_engine_counts_get(const struct context_engine *engine,
                               struct context_engine_counts *ret_counts)
{
    *ret_counts = engine->counts;
}
