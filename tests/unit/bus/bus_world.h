/* A few buses on loopback in one process and on one loop, for the bus's tests.
 * Never sleeps: conditions are polled with a deadline.
 * Called by the bus's tests. */
#ifndef QUORATE_TEST_BUS_WORLD_H
#define QUORATE_TEST_BUS_WORLD_H

#include <stdbool.h>
#include <uv.h>

#include "node/io/bus/bus_zmq.h"

enum { WORLD_NODE_COUNT = 3, WORLD_DEADLINE_MS = 5000 };

/* What one node has heard. */
struct world_ear {
    uint64_t count[BUS_CHANNEL_N];
    uint64_t from[BUS_CHANNEL_N][NODE_COUNT_MAX + 1];
    node_id last_sender;
    enum bus_channel last_channel;
    uint8_t last_first_byte;
    size_t last_length;
};

struct world {
    uv_loop_t loop;
    uv_timer_t tick;
    struct config config;
    struct identity identities[WORLD_NODE_COUNT + 1]; /* by node_id */
    struct bus *buses[WORLD_NODE_COUNT + 1];
    struct world_ear ears[WORLD_NODE_COUNT + 1];
    size_t closing_count;
};

typedef bool world_condition_fn(struct world *world);

/* Setup and teardown of a test; the state is a struct world. */
int world_enter(void **state);
int world_leave(void **state);

/* Addresses are 127.A.B.NODE with A and B from the process id, so tests may run side by side. */
void world_init(struct world *world);
void world_fini(struct world *world);

/* Starts a node with the world's configuration and its identity, and attaches it. */
void world_start(struct world *world, node_id node);
void world_stop(struct world *world, node_id node);

/* Makes a new key pair for the node and pins it in the given place (0 current, 1 next). */
void world_new_key(struct world *world, node_id node, size_t place);

/* Turns the loop until the condition holds; returns the milliseconds that it took, or -1 after the
 * deadline. */
int64_t world_until(struct world *world, world_condition_fn *condition, int64_t deadline_ms);
/* Turns the loop for so long. */
void world_turn(struct world *world, int64_t duration_ms);

/* Conditions: each sends once more and says whether it has happened. */
world_condition_fn vote_of_1_is_heard_by_2;
world_condition_fn message_of_1_is_heard_by_2;
world_condition_fn message_of_1_is_accepted;

struct bus_stats world_stats(const struct world *world, node_id node);

#endif
