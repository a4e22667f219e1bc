#include "tests/unit/bus/bus_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/errors.h"

enum { TICK_MS = 2, VOTE_PORT = 7701, RAFT_PORT = 7702 };

static void on_tick(uv_timer_t *timer)
{
    (void)timer;
}

void world_init(struct world *world)
{
    memset(world, 0, sizeof *world);
    assert_int_equal(uv_loop_init(&world->loop), 0);
    assert_int_equal(uv_timer_init(&world->loop, &world->tick), 0);
    assert_int_equal(uv_timer_start(&world->tick, on_tick, TICK_MS, TICK_MS), 0);
    world->config.node_count = WORLD_NODE_COUNT;
    for (node_id node = 1; node <= WORLD_NODE_COUNT; node++) {
        struct node_config *place = &world->config.nodes[node - 1];
        char name[] = "node-0";
        name[5] = (char)('0' + node);
        assert_int_equal(name_set(&place->name, name), 0);
        (void)snprintf(place->host, sizeof place->host, "127.%u.%u.%u",
                       (unsigned)(getpid() >> 8 & 0x7f) + 1, (unsigned)(getpid() & 0xff),
                       (unsigned)node);
        place->vote_port = VOTE_PORT;
        place->raft_port = RAFT_PORT;
        place->key_count = 1;
        world_new_key(world, node, 0);
    }
}

void world_new_key(struct world *world, node_id node, size_t place)
{
    assert_int_equal(identity_generate(&world->identities[node]), 0);
    memcpy(world->config.nodes[node - 1].keys[place], world->identities[node].public_key,
           KEY_BYTES);
}

static void on_frame(enum bus_channel channel, node_id sender, const uint8_t *bytes, size_t length,
                     void *data)
{
    struct world_ear *ear = data;
    ear->count[channel] += 1;
    ear->from[channel][sender] += 1;
    ear->last_sender = sender;
    ear->last_channel = channel;
    ear->last_first_byte = length > 0 ? bytes[0] : 0;
    ear->last_length = length;
}

void world_start(struct world *world, node_id node)
{
    struct text why = {0};
    int rc = bus_new(&world->config, node, &world->identities[node], on_frame, &world->ears[node],
                     &world->buses[node], &why);
    if (rc < 0) {
        fail_msg("node %u: %s", (unsigned)node, why.bytes);
    }
    assert_int_equal(bus_attach(world->buses[node], &world->loop), 0);
}

static void on_closed(void *data)
{
    struct world *world = data;
    world->closing_count -= 1;
}

static bool all_closed(struct world *world)
{
    return world->closing_count == 0;
}

void world_stop(struct world *world, node_id node)
{
    world->closing_count += 1;
    bus_close(world->buses[node], on_closed, world);
    world->buses[node] = NULL;
    assert_true(world_until(world, all_closed, WORLD_DEADLINE_MS) >= 0);
}

void world_fini(struct world *world)
{
    for (node_id node = 1; node <= WORLD_NODE_COUNT; node++) {
        if (world->buses[node] != NULL) {
            world_stop(world, node);
        }
    }
    uv_close((uv_handle_t *)&world->tick, NULL);
    (void)uv_run(&world->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&world->loop), 0);
}

static int64_t now_ms(void)
{
    return (int64_t)(uv_hrtime() / 1000000);
}

int64_t world_until(struct world *world, world_condition_fn *condition, int64_t deadline_ms)
{
    int64_t started_ms = now_ms();
    while (!condition(world)) {
        if (now_ms() - started_ms > deadline_ms) {
            return -1;
        }
        (void)uv_run(&world->loop, UV_RUN_ONCE);
    }
    return now_ms() - started_ms;
}

void world_turn(struct world *world, int64_t duration_ms)
{
    int64_t started_ms = now_ms();
    while (now_ms() - started_ms < duration_ms) {
        (void)uv_run(&world->loop, UV_RUN_ONCE);
    }
}

struct bus_stats world_stats(const struct world *world, node_id node)
{
    struct bus_stats stats = {0};
    bus_stats_get(world->buses[node], &stats);
    return stats;
}

int world_enter(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    world_init(world);
    *state = world;
    return 0;
}

int world_leave(void **state)
{
    struct world *world = *state;
    world_fini(world);
    free(world);
    return 0;
}

bool vote_of_1_is_heard_by_2(struct world *world)
{
    const uint8_t vote[] = {0x61};
    assert_int_equal(bus_publish(world->buses[1], vote, sizeof vote), 0);
    return world->ears[2].from[BUS_VOTES][1] > 0;
}

bool message_of_1_is_heard_by_2(struct world *world)
{
    const uint8_t message[] = {0x72, 9};
    int rc = bus_send(world->buses[1], 2, message, sizeof message);
    assert_true(rc == 0 || rc == ERR_FULL);
    return world->ears[2].from[BUS_RAFT][1] > 0;
}

bool message_of_1_is_accepted(struct world *world)
{
    const uint8_t message[] = {0x72};
    return bus_send(world->buses[1], 2, message, sizeof message) == 0;
}
