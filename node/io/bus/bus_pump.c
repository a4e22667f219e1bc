#include "node/io/bus/bus_pump.h"

#include <zmq.h>

#include "common/check.h"
#include "common/errors.h"

static void on_idle(uv_idle_t *idle)
{
    (void)idle;
}

/* The descriptor only wakes the loop. It is edge-triggered: what it stands for is found by
 * draining. */
static void on_readable(uv_poll_t *poll, int status, int events)
{
    (void)poll;
    (void)status;
    (void)events;
}

/* Returns false where the budget ran out before the source did. */
static bool drain(struct bus_pump *pump, size_t source)
{
    for (size_t count = 0; count < PUMP_BUDGET && !pump->closing; count++) {
        if (!pump->takes[source](pump->data)) {
            return true;
        }
    }
    return false;
}

static void on_prepare(uv_prepare_t *prepare)
{
    struct bus_pump *pump = prepare->data;
    bool drained = true;
    for (size_t i = 0; i < pump->source_count; i++) {
        drained = drain(pump, i) && drained;
    }
    if (pump->closing) {
        return;
    }
    if (drained) {
        (void)uv_idle_stop(&pump->idle);
    } else {
        (void)uv_idle_start(&pump->idle, on_idle);
    }
}

static int source_init(struct bus_pump *pump, uv_loop_t *loop, const struct bus_pump_source *source)
{
    int fd = -1;
    size_t size = sizeof fd;
    uv_poll_t *poll = &pump->polls[pump->source_count];
    if (zmq_getsockopt(source->socket, ZMQ_FD, &fd, &size) != 0 ||
        uv_poll_init(loop, poll, fd) != 0) {
        return ERR_INTERNAL;
    }
    poll->data = pump;
    pump->takes[pump->source_count] = source->take;
    pump->source_count += 1;
    pump->open_count += 1;
    return uv_poll_start(poll, UV_READABLE, on_readable) == 0 ? 0 : ERR_INTERNAL;
}

int bus_pump_init(struct bus_pump *ret_pump, uv_loop_t *loop, const struct bus_pump_source *sources,
                  size_t source_count, void *data)
{
    CHECK(source_count <= PUMP_SOURCE_COUNT_MAX);
    *ret_pump = (struct bus_pump){.data = data};
    (void)uv_prepare_init(loop, &ret_pump->prepare);
    (void)uv_idle_init(loop, &ret_pump->idle);
    ret_pump->prepare.data = ret_pump;
    ret_pump->idle.data = ret_pump;
    ret_pump->open_count = 2;
    for (size_t i = 0; i < source_count; i++) {
        int rc = source_init(ret_pump, loop, &sources[i]);
        if (rc < 0) {
            return rc;
        }
    }
    return uv_prepare_start(&ret_pump->prepare, on_prepare) == 0 ? 0 : ERR_INTERNAL;
}

static void on_closed(uv_handle_t *handle)
{
    struct bus_pump *pump = handle->data;
    pump->open_count -= 1;
    if (pump->open_count == 0) {
        pump->closed(pump->data);
    }
}

void bus_pump_close(struct bus_pump *pump, bus_pump_closed_fn *closed)
{
    CHECK(!pump->closing);
    pump->closing = true;
    pump->closed = closed;
    if (pump->open_count == 0) {
        closed(pump->data);
        return;
    }
    for (size_t i = 0; i < pump->source_count; i++) {
        uv_close((uv_handle_t *)&pump->polls[i], on_closed);
    }
    uv_close((uv_handle_t *)&pump->idle, on_closed);
    uv_close((uv_handle_t *)&pump->prepare, on_closed);
}
