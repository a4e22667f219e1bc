/* Drains ZeroMQ sockets on a libuv loop: woken by their edge-triggered descriptors, with a budget.
 * Never owns the sockets, never knows what a message means.
 * Called by the bus. */
#ifndef QUORATE_IO_BUS_PUMP_H
#define QUORATE_IO_BUS_PUMP_H

#include <stdbool.h>
#include <uv.h>

enum {
    PUMP_SOURCE_COUNT_MAX = 3,
    PUMP_BUDGET = 256, /* messages of one socket in one turn of the loop */
};

/* Handles one waiting message; false where none waits. May call bus_pump_close. */
typedef bool bus_pump_take_fn(void *data);
typedef void bus_pump_closed_fn(void *data);

struct bus_pump {
    uv_prepare_t prepare;
    uv_idle_t idle; /* keeps the loop turning while a budget ran out */
    uv_poll_t polls[PUMP_SOURCE_COUNT_MAX];
    bus_pump_take_fn *takes[PUMP_SOURCE_COUNT_MAX];
    size_t source_count;
    size_t open_count; /* handles that the loop still knows */
    bool closing;
    void *data;
    bus_pump_closed_fn *closed;
};

struct bus_pump_source {
    void *socket;
    bus_pump_take_fn *take;
};

/* Starts draining the sources, the first first. The pump's storage must stay until `closed`, also
 * after an error: then the caller calls bus_pump_close, too. Returns 0 or ERR_INTERNAL. */
int bus_pump_init(struct bus_pump *ret_pump, uv_loop_t *loop, const struct bus_pump_source *sources,
                  size_t source_count, void *data);

/* No source is drained any more; `closed` is called when the loop has let go of the handles, at
 * once where there are none. The sockets may be closed then, not before. */
void bus_pump_close(struct bus_pump *pump, bus_pump_closed_fn *closed);

#endif
