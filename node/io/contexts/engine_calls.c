#include <stdlib.h>
#include <string.h>

#include "common/check.h"
#include "common/errors.h"
#include "node/io/contexts/context_order.h"
#include "node/io/contexts/engine_parts.h"

static struct engine_call *find_call(struct context_engine *engine, uint64_t round)
{
    uint64_t index = round & ((UINT64_C(1) << CALL_INDEX_BITS) - 1);
    if (index >= engine->settings.in_flight)
        return NULL;
    struct engine_call *call = &engine->calls[index];
    return call->phase != PHASE_FREE && call->round == round ? call : NULL;
}

static struct engine_call *free_call(struct context_engine *engine)
{
    for (uint32_t i = 0; i < engine->settings.in_flight; i++)
        if (engine->calls[i].phase == PHASE_FREE)
            return &engine->calls[i];
    return NULL;
}

/* The round's number says which call it is; answers to earlier rounds are nobody's. */
static void new_round(struct context_engine *engine, struct engine_call *call,
                      enum call_phase phase)
{
    uint64_t index = (uint64_t)(call - engine->calls);
    uint64_t number = engine->next_round++ << CALL_INDEX_BITS | index;
    call->phase = phase;
    call->round = number & ~ROUND_OF_SWEEP;
    call->resend_ms = engine_now(engine) + ENGINE_RESEND_MS;
    context_round_init(&call->answers, engine->settings.node_count);
}

static void drop_entry(struct engine_call *call)
{
    free(call->bytes);
    call->bytes = NULL;
    call->entry = (struct context_entry){.follows = false};
}

static void finish(struct context_engine *engine, struct engine_call *call,
                   enum context_result_kind kind)
{
    struct context_result result = {.kind = kind,
                                    .seq = call->entry.version.seq,
                                    .deleted = call->entry.version.deleted,
                                    .on_disk = context_round_count(call->answers.has),
                                    .of = engine->settings.node_count,
                                    .entry = kind == CONTEXT_RESULT_FOUND ? &call->entry : NULL};
    call->phase = PHASE_FREE;
    engine->open_calls--;
    engine->settings.done(engine->settings.data, call->caller, &result);
    drop_entry(call);
}

void calls_fini(struct context_engine *engine)
{
    for (uint32_t i = 0; engine->calls != NULL && i < engine->settings.in_flight; i++)
        if (engine->calls[i].phase != PHASE_FREE)
            finish(engine, &engine->calls[i], CONTEXT_RESULT_NO_QUORUM);
}

/* What the phase asks of each node. Returns the encoded length. */
static size_t make_question(struct context_engine *engine, const struct engine_call *call)
{
    size_t length = 0;
    if (call->phase == PHASE_READ) {
        engine_frame(engine, CONTEXT_FRAME_GET, call->round)->id = call->id;
    } else {
        struct context_frame *frame = engine_frame(engine, CONTEXT_FRAME_PUT, call->round);
        frame->entry = call->entry;
        frame->repair = call->phase == PHASE_BRING;
    }
    engine_encode(engine, &length);
    return length;
}

static void ask_peers(struct context_engine *engine, struct engine_call *call)
{
    size_t length = make_question(engine, call);
    for (node_id peer = 1; peer <= engine->settings.node_count; peer++) {
        if (peer == engine->settings.self || !context_round_lacks_answer(&call->answers, peer))
            continue;
        if (engine_send(engine, peer, length) != 0 && call->phase != PHASE_READ)
            engine->missed[peer] = true;
    }
}

static void ask_self(struct context_engine *engine, struct engine_call *call)
{
    static const enum context_op_kind kinds[] = {[PHASE_READ] = CONTEXT_OP_GET,
                                                 [PHASE_WRITE] = CONTEXT_OP_PUT,
                                                 [PHASE_BRING] = CONTEXT_OP_REPAIR};
    struct op_origin origin = {.source = OP_OF_CALL, .round = call->round};
    struct context_op op = {.kind = kinds[call->phase], .id = call->id, .entry = call->entry};
    if (context_round_lacks_answer(&call->answers, engine->settings.self))
        (void)engine_push(engine, &op, &origin); /* without memory: the others may suffice */
}

static void ask_all(struct context_engine *engine, struct engine_call *call)
{
    ask_peers(engine, call);
    ask_self(engine, call);
}

static int64_t next_stamp(struct context_engine *engine)
{
    int64_t wall_ms = engine->settings.wall_ms(engine->settings.data);
    int64_t after_ms = engine->stamp_ms < INT64_MAX ? engine->stamp_ms + 1 : INT64_MAX;
    engine->stamp_ms = wall_ms > after_ms ? wall_ms : after_ms;
    return engine->stamp_ms;
}

static void begin_read(struct context_engine *engine, struct engine_call *call)
{
    drop_entry(call);
    memset(call->versions, 0, sizeof call->versions);
    new_round(engine, call, PHASE_READ);
    ask_all(engine, call);
}

static void begin_write(struct context_engine *engine, struct engine_call *call)
{
    call->entry.version.stamp_ms = next_stamp(engine);
    new_round(engine, call, PHASE_WRITE);
    ask_all(engine, call);
}

int context_engine_begin(struct context_engine *engine, const struct context_call *begun)
{
    struct engine_call *call = free_call(engine);
    if (engine->error != 0)
        return ERR_IO;
    if (!engine->state.complete)
        return ERR_STATE;
    if (call == NULL)
        return ERR_FULL;
    *call = (struct engine_call){.verb = begun->verb, .id = begun->id, .caller = begun->caller};
    if (begun->verb == CONTEXT_VERB_PUT &&
        engine_copy_entry(&begun->entry, &call->entry, &call->bytes) != 0)
        return ERR_NO_MEMORY;
    call->until_ms = engine_now(engine) + engine->settings.patience_ms;
    engine->open_calls++;
    if (begun->verb == CONTEXT_VERB_PUT)
        begin_write(engine, call);
    else
        begin_read(engine, call);
    return 0;
}

static enum context_result_kind kind_of_read(const struct engine_call *call)
{
    if (call->entry.version.seq == 0)
        return call->superseded ? CONTEXT_RESULT_NO_QUORUM : CONTEXT_RESULT_ABSENT;
    if (call->superseded)
        return CONTEXT_RESULT_OLDER;
    return call->entry.version.deleted ? CONTEXT_RESULT_ABSENT : CONTEXT_RESULT_FOUND;
}

/* Those that hold it count from the start; the others are given it. */
static void begin_bring(struct context_engine *engine, struct engine_call *call)
{
    const struct context_round read = call->answers;
    new_round(engine, call, PHASE_BRING);
    for (node_id node = 1; node <= engine->settings.node_count; node++)
        if ((read.counted & UINT32_C(1) << node) != 0 &&
            context_version_compare(&call->versions[node], &call->entry.version) == 0)
            context_round_has(&call->answers, node);
    if (context_round_written(&call->answers) == CONTEXT_ON_DISK)
        finish(engine, call, kind_of_read(call));
    else
        ask_all(engine, call);
}

static void begin_tombstone(struct context_engine *engine, struct engine_call *call)
{
    uint64_t seq = call->entry.version.seq;
    drop_entry(call);
    call->entry.id = call->id;
    call->entry.version = (struct context_version){.seq = seq, .deleted = true};
    begin_write(engine, call);
}

static void after_read(struct context_engine *engine, struct engine_call *call)
{
    const struct context_version *best = &call->entry.version;
    if (context_round_read(&call->answers) == CONTEXT_WAITS)
        return;
    if (best->seq == 0)
        finish(engine, call, kind_of_read(call));
    else if (call->verb == CONTEXT_VERB_DELETE && !best->deleted)
        begin_tombstone(engine, call);
    else
        begin_bring(engine, call);
}

static void after_write(struct context_engine *engine, struct engine_call *call)
{
    switch (context_round_written(&call->answers)) {
    case CONTEXT_ON_DISK:
        finish(engine, call,
               call->verb == CONTEXT_VERB_PUT ? CONTEXT_RESULT_STORED : CONTEXT_RESULT_DELETED);
        break;
    case CONTEXT_SUPERSEDED: /* what beat it may be on one disk only: it is read and brought */
        call->superseded = call->verb == CONTEXT_VERB_PUT;
        begin_read(engine, call);
        break;
    case CONTEXT_DIFFERS:
        finish(engine, call, CONTEXT_RESULT_CONFLICT);
        break;
    case CONTEXT_NO_ROOM:
        finish(engine, call, CONTEXT_RESULT_FULL);
        break;
    case CONTEXT_BROKEN:
        finish(engine, call, CONTEXT_RESULT_FAILED);
        break;
    case CONTEXT_WAITS:
    case CONTEXT_KNOWN:
    case CONTEXT_VERDICT_N:
        break;
    }
}

/* Better than what was read is as good: the reading was before it. */
static void after_bring(struct context_engine *engine, struct engine_call *call)
{
    if (context_round_written(&call->answers) != CONTEXT_WAITS)
        finish(engine, call, kind_of_read(call));
}

/* No answer counts that comes after the patience: rule 4 of context_engine.h rests on it. */
static bool expire_call(struct context_engine *engine, struct engine_call *call)
{
    if (engine_now(engine) <= call->until_ms)
        return false;
    finish(engine, call,
           call->phase == PHASE_BRING ? kind_of_read(call) : CONTEXT_RESULT_NO_QUORUM);
    return true;
}

static void on_held(struct context_engine *engine, struct engine_call *call, node_id node,
                    bool complete, enum context_outcome outcome)
{
    if (call->phase == PHASE_READ || expire_call(engine, call) ||
        !context_round_held(&call->answers, node, complete, outcome))
        return;
    if (call->phase == PHASE_WRITE)
        after_write(engine, call);
    else
        after_bring(engine, call);
}

/* A new store's entry is as true as another's; it only does not count. */
static void on_entry(struct context_engine *engine, struct engine_call *call, node_id node,
                     bool complete, const struct context_entry *entry)
{
    struct context_entry copy;
    uint8_t *bytes = NULL;
    if (call->phase != PHASE_READ || expire_call(engine, call) ||
        !context_round_lacks_answer(&call->answers, node))
        return;
    if (entry != NULL && context_version_compare(&entry->version, &call->entry.version) > 0) {
        if (engine_copy_entry(entry, &copy, &bytes) != 0)
            return; /* as if the answer had been lost */
        drop_entry(call);
        call->entry = copy;
        call->bytes = bytes;
    } else if (entry != NULL &&
               context_version_compare(&entry->version, &call->entry.version) == 0 &&
               entry->age_ms > call->entry.age_ms) {
        call->entry.age_ms = entry->age_ms;
    }
    (void)context_round_entry(&call->answers, node, complete);
    if (entry != NULL)
        call->versions[node] = entry->version;
    after_read(engine, call);
}

void calls_on_own(struct context_engine *engine, uint64_t round, const struct context_op *op)
{
    struct engine_call *call = find_call(engine, round);
    bool complete = engine->state.complete;
    if (call == NULL)
        return;
    if (op->kind != CONTEXT_OP_GET)
        on_held(engine, call, engine->settings.self, complete, op->outcome);
    else if (op->error == 0)
        on_entry(engine, call, engine->settings.self, complete, op->found ? &op->entry : NULL);
}

void calls_on_frame(struct context_engine *engine, const struct context_frame *frame)
{
    struct engine_call *call = find_call(engine, frame->round);
    if (call == NULL)
        return; /* its call has ended */
    if (frame->kind == CONTEXT_FRAME_HELD)
        on_held(engine, call, frame->sender, frame->complete, frame->outcome);
    else if (frame->kind == CONTEXT_FRAME_ENTRY && strcmp(frame->id.text, call->id.text) == 0)
        on_entry(engine, call, frame->sender, frame->complete,
                 frame->present ? &frame->entry : NULL);
    else
        engine->counts.dropped++;
}

void calls_tick(struct context_engine *engine)
{
    time_ms now_ms = engine_now(engine);
    for (uint32_t i = 0; engine->open_calls > 0 && i < engine->settings.in_flight; i++) {
        struct engine_call *call = &engine->calls[i];
        if (call->phase == PHASE_FREE || expire_call(engine, call) || now_ms < call->resend_ms)
            continue;
        call->resend_ms = now_ms + ENGINE_RESEND_MS;
        ask_peers(engine, call);
    }
}
