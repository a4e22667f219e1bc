#include <string.h>

#include "common/errors.h"
#include "node/io/contexts/engine_parts.h"

enum { PEER_BITS = 4 }; /* of a sweep's round */

static bool is_new(const struct context_engine *engine)
{
    return !engine->state.complete;
}

static uint64_t new_round(struct context_engine *engine, node_id peer)
{
    return ROUND_OF_SWEEP | engine->next_round++ << PEER_BITS | peer;
}

static int send_ask(struct context_engine *engine, node_id peer, enum context_frame_kind kind,
                    uint64_t round, const struct context_id *id)
{
    size_t length = 0;
    engine_frame(engine, kind, round)->id = *id;
    engine_encode(engine, &length);
    return engine_send(engine, peer, length);
}

/* The page behind what is had; also again, where the other node fell silent. */
static void ask_page(struct context_engine *engine, node_id peer)
{
    struct sweep *sweep = &engine->sweeps[peer];
    sweep->state = SWEEP_ASKING;
    sweep->round = new_round(engine, peer);
    sweep->progress_ms = engine_now(engine);
    (void)send_ask(engine, peer, CONTEXT_FRAME_PAGE_ASK, sweep->round, &sweep->after);
}

static void begin(struct context_engine *engine, node_id peer)
{
    struct sweep *sweep = &engine->sweeps[peer];
    sweep->wanted = false;
    sweep->after = (struct context_id){{0}};
    sweep->store_id = 0;
    sweep->counts = true;
    sweep->tries = 0;
    ask_page(engine, peer);
}

/* Rule 3 of context_engine.h. */
static bool knows_enough(const struct context_engine *engine)
{
    uint8_t node_count = engine->settings.node_count;
    uint8_t needed = (uint8_t)(node_count - context_majority(node_count) + 1);
    uint8_t done = 0;
    uint8_t counting = 0;
    for (node_id peer = 1; peer <= node_count; peer++) {
        const struct sweep *sweep = &engine->sweeps[peer];
        done = (uint8_t)(done + sweep->done);
        counting = (uint8_t)(counting + (sweep->done && sweep->counts));
    }
    return counting >= needed || done >= node_count - 1;
}

static void complete_where_enough(struct context_engine *engine)
{
    struct op_origin origin = {.source = OP_OF_HOUSE};
    struct context_op op = {.kind = CONTEXT_OP_COMPLETE};
    if (is_new(engine) && engine->error == 0 && knows_enough(engine))
        (void)engine_push(engine, &op, &origin); /* carries no bytes: cannot fail */
}

static void end(struct context_engine *engine, node_id peer)
{
    struct sweep *sweep = &engine->sweeps[peer];
    sweep->state = SWEEP_IDLE;
    sweep->done = true;
    engine->counts.sweeps++;
    complete_where_enough(engine);
}

static void end_page(struct context_engine *engine, node_id peer)
{
    struct sweep *sweep = &engine->sweeps[peer];
    time_ms now_ms = engine_now(engine);
    sweep->after = sweep->page_last;
    sweep->tries = 0;
    sweep->progress_ms = now_ms;
    if (!sweep->page_more) {
        end(engine, peer);
    } else if (is_new(engine)) {
        ask_page(engine, peer);
    } else {
        sweep->state = SWEEP_PAUSED;
        sweep->not_before_ms = now_ms + SWEEP_PAUSE_MS;
    }
}

static void fetch_more(struct context_engine *engine, node_id peer)
{
    struct sweep *sweep = &engine->sweeps[peer];
    while (sweep->open < SWEEP_WINDOW && sweep->asked < sweep->count) {
        if (send_ask(engine, peer, CONTEXT_FRAME_GET, sweep->round,
                     &sweep->stubs[sweep->asked].id) != 0)
            return; /* it stalls, and the page is asked for again */
        sweep->asked++;
        sweep->open++;
    }
    if (sweep->open == 0 && sweep->asked == sweep->count)
        end_page(engine, peer);
}

static void end_entry(struct context_engine *engine, node_id peer)
{
    struct sweep *sweep = &engine->sweeps[peer];
    sweep->open -= sweep->open > 0;
    sweep->progress_ms = engine_now(engine);
    fetch_more(engine, peer);
}

/* Another store than at the beginning: what was read of the first one proves nothing about it. */
static bool is_same_store(struct context_engine *engine, const struct context_frame *frame)
{
    struct sweep *sweep = &engine->sweeps[frame->sender];
    if (sweep->store_id == 0)
        sweep->store_id = frame->store_id;
    sweep->counts = sweep->counts && frame->complete;
    if (sweep->store_id == frame->store_id)
        return true;
    begin(engine, frame->sender);
    return false;
}

static void take_page(struct context_engine *engine, const struct context_frame *frame)
{
    struct sweep *sweep = &engine->sweeps[frame->sender];
    struct op_origin origin = {OP_OF_SWEEP, frame->sender, sweep->round};
    sweep->page_more = frame->more;
    sweep->page_last = sweep->after;
    sweep->count = frame->stub_count;
    sweep->asked = 0;
    sweep->open = 0;
    if (frame->stub_count == 0) {
        end_page(engine, frame->sender);
        return;
    }
    sweep->page_last = frame->stubs[frame->stub_count - 1].id;
    memcpy(sweep->stubs, frame->stubs, frame->stub_count * sizeof frame->stubs[0]);
    sweep->state = SWEEP_COMPARING;
    struct context_op op = {
        .kind = CONTEXT_OP_COMPARE, .stubs = sweep->stubs, .stub_count = sweep->count};
    (void)engine_push(engine, &op, &origin); /* carries no bytes: cannot fail */
}

/* The stub that was asked for and is not answered yet; an answer that comes twice is none. */
static struct context_stub *find_asked(struct sweep *sweep, const struct context_id *id)
{
    for (size_t i = 0; i < sweep->asked; i++)
        if (sweep->stubs[i].version.seq != 0 && strcmp(sweep->stubs[i].id.text, id->text) == 0)
            return &sweep->stubs[i];
    return NULL;
}

static void take_entry(struct context_engine *engine, const struct context_frame *frame)
{
    struct context_stub *stub = find_asked(&engine->sweeps[frame->sender], &frame->id);
    struct op_origin origin = {OP_OF_SWEEP, frame->sender, frame->round};
    struct context_op op = {
        .kind = CONTEXT_OP_REPAIR, .id = frame->entry.id, .entry = frame->entry};
    if (stub == NULL)
        return;
    stub->version.seq = 0;
    if (!frame->present)
        end_entry(engine, frame->sender);
    else
        (void)engine_push(engine, &op, &origin); /* without memory it stalls, and is repeated */
}

void sweep_on_frame(struct context_engine *engine, const struct context_frame *frame)
{
    struct sweep *sweep = &engine->sweeps[frame->sender];
    if (frame->kind == CONTEXT_FRAME_PAGE)
        context_engine_flush(engine); /* an older comparison may still point to the stubs */
    bool awaited = frame->round == sweep->round;
    if (!awaited || frame->kind == CONTEXT_FRAME_HELD || !is_same_store(engine, frame))
        return;
    if (frame->kind == CONTEXT_FRAME_PAGE && sweep->state == SWEEP_ASKING)
        take_page(engine, frame);
    else if (frame->kind == CONTEXT_FRAME_ENTRY && sweep->state == SWEEP_FETCHING)
        take_entry(engine, frame);
}

void sweep_on_done(struct context_engine *engine, const struct op_origin *origin,
                   const struct context_op *op)
{
    struct sweep *sweep = &engine->sweeps[origin->peer];
    if (origin->round != sweep->round || op->error != 0)
        return; /* begun anew meanwhile; or it stalls, and is repeated */
    if (op->kind == CONTEXT_OP_COMPARE) {
        sweep->count = op->stub_count;
        sweep->state = SWEEP_FETCHING;
        sweep->progress_ms = engine_now(engine);
        fetch_more(engine, origin->peer);
    } else {
        engine->counts.repaired += op->outcome == CONTEXT_STORED;
        end_entry(engine, origin->peer);
    }
}

void sweep_want(struct context_engine *engine, node_id peer)
{
    engine->sweeps[peer].wanted = true;
}

/* A store that was read while it was new may count now. */
void sweep_on_hello(struct context_engine *engine, const struct context_frame *frame)
{
    struct sweep *sweep = &engine->sweeps[frame->sender];
    if (frame->missed)
        sweep->wanted = true;
    if (is_new(engine) && sweep->done && !sweep->counts && frame->complete)
        sweep->done = false;
}

void sweep_reset(struct context_engine *engine)
{
    for (node_id peer = 1; peer <= engine->settings.node_count; peer++) {
        struct context_stub *stubs = engine->sweeps[peer].stubs;
        engine->sweeps[peer] = (struct sweep){.stubs = stubs, .wanted = true};
    }
}

static bool is_busy(const struct context_engine *engine)
{
    for (node_id peer = 1; peer <= engine->settings.node_count; peer++)
        if (engine->sweeps[peer].state != SWEEP_IDLE)
            return true;
    return false;
}

/* A new store reads all others at once, as soon as it may; others read one at a time. */
static bool may_begin(const struct context_engine *engine, const struct sweep *sweep,
                      time_ms now_ms)
{
    if (sweep->state != SWEEP_IDLE || now_ms < sweep->not_before_ms)
        return false;
    if (is_new(engine))
        return !sweep->done && now_ms >= engine->learn_from_ms;
    return sweep->wanted && !is_busy(engine);
}

static void unstall(struct context_engine *engine, node_id peer, time_ms now_ms)
{
    struct sweep *sweep = &engine->sweeps[peer];
    if (now_ms - sweep->progress_ms < SWEEP_STALLED_MS)
        return;
    if (sweep->tries < SWEEP_TRIES_MAX || is_new(engine)) {
        sweep->tries++;
        ask_page(engine, peer);
        return;
    }
    sweep->state = SWEEP_IDLE;
    sweep->wanted = true;
    sweep->not_before_ms = now_ms + SWEEP_RETRY_MS;
}

static void tick_one(struct context_engine *engine, node_id peer, time_ms now_ms)
{
    struct sweep *sweep = &engine->sweeps[peer];
    if (may_begin(engine, sweep, now_ms))
        begin(engine, peer);
    else if (sweep->state == SWEEP_PAUSED && now_ms >= sweep->not_before_ms)
        ask_page(engine, peer);
    else if (sweep->state != SWEEP_IDLE && sweep->state != SWEEP_PAUSED)
        unstall(engine, peer, now_ms);
}

void sweep_tick(struct context_engine *engine)
{
    time_ms now_ms = engine_now(engine);
    if (engine->error != 0)
        return;
    for (node_id peer = 1; peer <= engine->settings.node_count; peer++) {
        if (peer == engine->settings.self)
            continue;
        if (now_ms >= engine->sweep_ms)
            sweep_want(engine, peer);
        tick_one(engine, peer, now_ms);
    }
    if (now_ms >= engine->sweep_ms)
        engine->sweep_ms = now_ms + SWEEP_EVERY_MS;
    if (engine->settings.node_count == 1)
        complete_where_enough(engine);
}
