#include "tests/lab/chaos/lane.h"

#include <stdlib.h>
#include <string.h>

enum chunk_kind { CHUNK_BYTES, CHUNK_FINISHED, CHUNK_BROKEN, CHUNK_KIND_N };

struct chunk {
    struct chunk *next;
    struct lane *lane;
    enum chunk_kind kind;
    uint64_t due_ms;
    uv_write_t write;
    size_t length;
    char bytes[];
};

static void lane_arm(struct lane *lane);

bool lane_is_cut(const struct lane_rules *rules)
{
    return rules->setting->cut == CUT_BOTH || rules->setting->cut == rules->cut;
}

static void lane_lose(struct lane *lane, size_t length)
{
    lane->lost = true;
    lane->rules->counts.bytes_lost += length;
}

static void lane_end(struct lane *lane, enum lane_end end)
{
    if (lane->ended)
        return;
    lane->ended = true;
    lane->on_end(lane, end, lane->data);
}

/* When a chunk that came now may leave, if the queue in front of it has left by then. */
static uint64_t chunk_due(struct lane *lane, uint64_t now_ms)
{
    const struct setting *setting = lane->rules->setting;
    uint64_t due_ms = now_ms + (uint64_t)setting->delay_ms;

    if (setting->jitter_ms > 0)
        due_ms += prng_below(lane->rules->prng, (uint64_t)setting->jitter_ms + 1);
    if (setting->loss_percent > 0 &&
        prng_below(lane->rules->prng, 100) < (uint64_t)setting->loss_percent) {
        due_ms += (uint64_t)setting->stall_ms;
        lane->rules->counts.chunks_stalled++;
    }
    return due_ms;
}

static void chunk_add(struct lane *lane, enum chunk_kind kind, uint64_t due_ms, const char *bytes,
                      size_t length)
{
    struct chunk *chunk = calloc(1, sizeof(*chunk) + length);

    if (chunk == NULL) {
        lane_end(lane, LANE_BROKEN);
        return;
    }
    chunk->lane = lane;
    chunk->kind = kind;
    chunk->due_ms = due_ms;
    chunk->length = length;
    if (length > 0)
        memcpy(chunk->bytes, bytes, length);
    if (lane->tail != NULL)
        lane->tail->next = chunk;
    else
        lane->head = chunk;
    lane->tail = chunk;
    lane->waiting_bytes += length;
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *ret_buffer)
{
    struct lane *lane = handle->data;

    (void)suggested;
    *ret_buffer = uv_buf_init(lane->rules->buffer, LANE_READ_BYTES);
}

/* What can leave at once does so without a copy. Returns how much left. */
static size_t bytes_pass(struct lane *lane, uint64_t due_ms, uint64_t now_ms, char *bytes,
                         size_t length)
{
    uv_buf_t buffer = uv_buf_init(bytes, (unsigned)length);
    int sent;

    if (lane->waiting_bytes > 0 || lane->head != NULL || due_ms > now_ms)
        return 0;
    sent = uv_try_write(lane->to, &buffer, 1);
    return sent < 0 ? 0 : (size_t)sent;
}

static void bytes_take(struct lane *lane, char *bytes, size_t length)
{
    uint64_t now_ms = uv_now(lane->timer.loop);
    uint64_t due_ms;
    size_t passed;

    lane->rules->counts.chunks++;
    if (lane->lost || lane->to == NULL || lane_is_cut(lane->rules)) {
        lane_lose(lane, length);
        return;
    }
    lane->rules->counts.bytes += length;
    due_ms = chunk_due(lane, now_ms);
    passed = bytes_pass(lane, due_ms, now_ms, bytes, length);
    if (passed < length)
        chunk_add(lane, CHUNK_BYTES, due_ms, bytes + passed, length - passed);
}

static void lane_pause(struct lane *lane)
{
    if (lane->reading)
        (void)uv_read_stop(lane->from);
    lane->reading = false;
}

/* An end takes its place behind the bytes; under a cut nobody hears of it. */
static void end_take(struct lane *lane, bool finished)
{
    lane_pause(lane);
    lane->closed = true;
    if (lane->lost || lane->to == NULL || lane_is_cut(lane->rules)) {
        lane_lose(lane, 0);
        lane_end(lane, LANE_FINISHED);
        return;
    }
    chunk_add(lane, finished ? CHUNK_FINISHED : CHUNK_BROKEN,
              chunk_due(lane, uv_now(lane->timer.loop)), NULL, 0);
    lane_arm(lane);
}

static void on_read(uv_stream_t *stream, ssize_t length, const uv_buf_t *buffer)
{
    struct lane *lane = stream->data;

    if (length < 0) {
        end_take(lane, length == UV_EOF);
        return;
    }
    if (length == 0)
        return;
    bytes_take(lane, buffer->base, (size_t)length);
    if (lane->waiting_bytes > LANE_WAITING_BYTES_MAX)
        lane_pause(lane);
    lane_arm(lane);
}

void lane_start(struct lane *lane)
{
    if (lane->reading || lane->ended || lane->closed || lane->from == NULL)
        return;
    lane->reading = uv_read_start(lane->from, on_alloc, on_read) == 0;
}

static void on_written(uv_write_t *write, int status)
{
    struct chunk *chunk = write->data;
    struct lane *lane = chunk->lane;

    lane->waiting_bytes -= chunk->length;
    free(chunk);
    if (status < 0) {
        lane_end(lane, LANE_BROKEN);
        return;
    }
    if (lane->waiting_bytes < LANE_WAITING_BYTES_MAX / 2)
        lane_start(lane);
}

static void bytes_release(struct lane *lane, struct chunk *chunk)
{
    uv_buf_t buffer = uv_buf_init(chunk->bytes, (unsigned)chunk->length);

    if (lane->lost || lane_is_cut(lane->rules)) {
        lane_lose(lane, chunk->length);
        lane->waiting_bytes -= chunk->length;
        free(chunk);
        return;
    }
    chunk->write.data = chunk;
    if (uv_write(&chunk->write, lane->to, &buffer, 1, on_written) == 0)
        return;
    lane->waiting_bytes -= chunk->length;
    free(chunk);
    lane_end(lane, LANE_BROKEN);
}

static void chunk_release(struct lane *lane, struct chunk *chunk)
{
    bool finished = chunk->kind == CHUNK_FINISHED;

    if (chunk->kind == CHUNK_BYTES) {
        bytes_release(lane, chunk);
        return;
    }
    free(chunk);
    if (lane->lost || lane_is_cut(lane->rules)) {
        lane_lose(lane, 0);
        finished = true;
    }
    lane_end(lane, finished ? LANE_FINISHED : LANE_BROKEN);
}

static void on_timer(uv_timer_t *timer)
{
    struct lane *lane = timer->data;

    while (lane->head != NULL && !lane->ended && lane->head->due_ms <= uv_now(timer->loop)) {
        struct chunk *chunk = lane->head;

        lane->head = chunk->next;
        if (lane->head == NULL)
            lane->tail = NULL;
        chunk_release(lane, chunk);
    }
    if (lane->ended)
        return;
    if (lane->waiting_bytes < LANE_WAITING_BYTES_MAX / 2)
        lane_start(lane);
    lane_arm(lane);
}

static void lane_arm(struct lane *lane)
{
    uint64_t now_ms = uv_now(lane->timer.loop);

    if (lane->head == NULL || lane->ended)
        return;
    (void)uv_timer_start(&lane->timer, on_timer,
                         lane->head->due_ms > now_ms ? lane->head->due_ms - now_ms : 0, 0);
}

void lane_init(struct lane *lane, uv_loop_t *loop, struct lane_rules *rules, uv_stream_t *from,
               uv_stream_t *to, lane_end_fn *on_end, void *data)
{
    *lane = (struct lane){.rules = rules, .from = from, .to = to, .on_end = on_end, .data = data};
    (void)uv_timer_init(loop, &lane->timer);
    lane->timer.data = lane;
    if (from != NULL)
        from->data = lane;
}

void lane_stop(struct lane *lane)
{
    lane_pause(lane);
    lane->ended = true;
    while (lane->head != NULL) {
        struct chunk *chunk = lane->head;

        lane->head = chunk->next;
        free(chunk);
    }
    lane->tail = NULL;
    (void)uv_timer_stop(&lane->timer);
}
