#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zmq.h>

#include "common/errors.h"
#include "node/io/bus/bus_pins.h"
#include "tests/unit/bus/bus_world.h"

static void start_all(struct world *world)
{
    for (node_id node = 1; node <= WORLD_NODE_COUNT; node++) {
        world_start(world, node);
    }
}

/* Conditions: each tries once more and says whether it has happened. */

static bool votes_of_1_are_heard(struct world *world)
{
    const uint8_t vote[] = {0x61, 1, 2};
    assert_int_equal(bus_publish(world->buses[1], vote, sizeof vote), 0);
    return world->ears[2].from[BUS_VOTES][1] > 0 && world->ears[3].from[BUS_VOTES][1] > 0;
}

static bool message_of_1_is_heard_by_3(struct world *world)
{
    const uint8_t message[] = {0x73};
    int rc = bus_send(world->buses[1], 3, message, sizeof message);
    assert_true(rc == 0 || rc == ERR_FULL);
    return world->ears[3].from[BUS_RAFT][1] > 0;
}

static bool message_of_1_is_refused(struct world *world)
{
    return !message_of_1_is_accepted(world);
}

static bool node_2_heard_the_burst(struct world *world)
{
    return world->ears[2].from[BUS_RAFT][1] >= 900;
}

static void votes_reach_all_peers_with_their_sender(void **state)
{
    struct world *world = *state;
    start_all(world);
    assert_true(world_until(world, votes_of_1_are_heard, WORLD_DEADLINE_MS) >= 0);
    assert_int_equal(world->ears[2].last_channel, BUS_VOTES);
    assert_int_equal(world->ears[2].last_sender, 1);
    assert_int_equal(world->ears[2].last_first_byte, 0x61);
    assert_int_equal(world->ears[2].last_length, 3);
    assert_int_equal(world->ears[1].count[BUS_VOTES], 0);
    assert_true(world_stats(world, 2).peers[0].received > 0);
    assert_true(world_stats(world, 2).peers[0].last_received_ms > 0);
    assert_true(world_stats(world, 2).zap_accepted > 0);
}

static void a_message_reaches_one_peer_with_its_sender(void **state)
{
    struct world *world = *state;
    start_all(world);
    assert_true(world_until(world, message_of_1_is_heard_by_2, WORLD_DEADLINE_MS) >= 0);
    assert_int_equal(world->ears[2].last_channel, BUS_RAFT);
    assert_int_equal(world->ears[2].last_sender, 1);
    assert_int_equal(world->ears[2].last_length, 2);
    assert_int_equal(world->ears[3].count[BUS_RAFT], 0);
    assert_true(world_stats(world, 1).peers[1].sent > 0);
}

static void a_burst_over_the_budget_of_a_turn_arrives_whole(void **state)
{
    struct world *world = *state;
    const uint8_t message[100] = {0x72};
    start_all(world);
    assert_true(world_until(world, message_of_1_is_accepted, WORLD_DEADLINE_MS) >= 0);
    for (size_t i = 0; i < 900; i++) {
        assert_int_equal(bus_send(world->buses[1], 2, message, sizeof message), 0);
    }
    assert_true(world_until(world, node_2_heard_the_burst, WORLD_DEADLINE_MS) >= 0);
}

static bool node_2_heard_the_largest(struct world *world)
{
    return world->ears[2].last_length == FRAME_BYTES_MAX;
}

static void a_frame_of_the_largest_size_is_heard(void **state)
{
    struct world *world = *state;
    static const uint8_t largest[FRAME_BYTES_MAX] = {0x72};
    world_start(world, 1);
    world_start(world, 2);
    assert_true(world_until(world, message_of_1_is_accepted, WORLD_DEADLINE_MS) >= 0);
    assert_int_equal(bus_send(world->buses[1], 2, largest, sizeof largest), 0);
    assert_true(world_until(world, node_2_heard_the_largest, WORLD_DEADLINE_MS) >= 0);
}

static void a_restarted_peer_is_reached_within_a_second(void **state)
{
    struct world *world = *state;
    start_all(world);
    assert_true(world_until(world, message_of_1_is_heard_by_2, WORLD_DEADLINE_MS) >= 0);
    world_stop(world, 2);
    world_turn(world, 1500); /* long enough for the reconnects to back off fully */
    world->ears[2] = (struct world_ear){0};
    world_start(world, 2);
    int64_t took_ms = world_until(world, message_of_1_is_heard_by_2, WORLD_DEADLINE_MS);
    assert_in_range(took_ms, 0, 1000);
    took_ms = world_until(world, vote_of_1_is_heard_by_2, WORLD_DEADLINE_MS);
    assert_in_range(took_ms, 0, 1000);
}

static void a_peer_that_does_not_read_blocks_nobody(void **state)
{
    struct world *world = *state;
    static const uint8_t frame[1024] = {0x72};
    start_all(world);
    assert_true(world_until(world, message_of_1_is_accepted, WORLD_DEADLINE_MS) >= 0);
    assert_true(world_until(world, message_of_1_is_heard_by_3, WORLD_DEADLINE_MS) >= 0);

    /* No turn of the loop from here: nobody reads, the queues fill. */
    uint64_t started_ns = uv_hrtime();
    int rc = 0;
    for (size_t i = 0; i < 200000 && rc == 0; i++) {
        rc = bus_send(world->buses[1], 2, frame, sizeof frame);
    }
    for (size_t i = 0; i < 20000; i++) {
        assert_int_equal(bus_publish(world->buses[1], frame, sizeof frame), 0);
    }
    assert_int_equal(rc, ERR_FULL);
    assert_true(uv_hrtime() - started_ns < UINT64_C(3000000000));
    assert_int_equal(world_stats(world, 1).send_full > 0, 1);
    world->ears[3] = (struct world_ear){0};
    assert_true(world_until(world, message_of_1_is_heard_by_3, WORLD_DEADLINE_MS) >= 0);
}

/* The child's life: node 2 on a loop of its own until it is killed. */
static _Noreturn void live_as_node_2(struct world *world)
{
    world_start(world, 2);
    world_turn(world, 60000);
    _exit(0);
}

static void a_stopped_process_is_noticed_and_found_again(void **state)
{
    struct world *world = *state;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        live_as_node_2(world);
    }
    world_start(world, 1);
    bool reached = world_until(world, message_of_1_is_accepted, WORLD_DEADLINE_MS) >= 0;
    (void)kill(child, SIGSTOP);
    int64_t noticed_ms = world_until(world, message_of_1_is_refused, WORLD_DEADLINE_MS);
    (void)kill(child, SIGCONT);
    int64_t found_ms = world_until(world, message_of_1_is_accepted, WORLD_DEADLINE_MS);
    (void)kill(child, SIGKILL);
    (void)waitpid(child, NULL, 0);
    assert_true(reached);
    assert_in_range(noticed_ms, 0, 1200);
    assert_in_range(found_ms, 0, 1500);
}

static void a_taken_port_is_named(void **state)
{
    struct world *world = *state;
    struct text why = {0};
    struct bus *second = NULL;
    world_start(world, 1);
    assert_int_equal(bus_new(&world->config, 1, &world->identities[1], NULL, NULL, &second, &why),
                     ERR_BUSY);
    assert_null(second);
    assert_non_null(strstr(why.bytes, world->config.nodes[0].host));
    assert_non_null(strstr(why.bytes, ":7701"));
}

static void an_address_of_another_machine_binds_all_addresses(void **state)
{
    struct world *world = *state;
    struct node_config *node = &world->config.nodes[1];
    char loopback[sizeof node->host];
    memcpy(loopback, node->host, sizeof loopback);
    /* TEST-NET-1 is nobody's; the peers reach it by local.connect_to. */
    (void)snprintf(node->host, sizeof node->host, "192.0.2.1");
    node->vote_port = 17711;
    node->raft_port = 17712;
    world->config.local.connect_to_count = 2;
    for (size_t i = 0; i < 2; i++) {
        struct connect_to_config *map = &world->config.local.connect_to[i];
        (void)snprintf(map->from, sizeof map->from, "192.0.2.1:%u", 17711 + (unsigned)i);
        (void)snprintf(map->to, sizeof map->to, "%s:%u", loopback, 17711 + (unsigned)i);
    }
    world_start(world, 1);
    world_start(world, 2);
    assert_true(world_until(world, message_of_1_is_heard_by_2, WORLD_DEADLINE_MS) >= 0);
    assert_true(world_until(world, vote_of_1_is_heard_by_2, WORLD_DEADLINE_MS) >= 0);
}

static void sending_to_nobody_is_an_error(void **state)
{
    struct world *world = *state;
    const uint8_t message[] = {1};
    world_start(world, 1);
    assert_int_equal(bus_send(world->buses[1], 0, message, 1), ERR_NOT_FOUND);
    assert_int_equal(bus_send(world->buses[1], 1, message, 1), ERR_NOT_FOUND);
    assert_int_equal(bus_send(world->buses[1], WORLD_NODE_COUNT + 1, message, 1), ERR_NOT_FOUND);
    assert_int_equal(bus_send(world->buses[1], 2, message, 1), ERR_FULL);
}

struct closer {
    struct bus *bus;
    bool closed;
};

static void on_closed(void *data)
{
    struct closer *closer = data;
    closer->closed = true;
}

static void close_at_once(enum bus_channel channel, node_id sender, const uint8_t *bytes,
                          size_t length, void *data)
{
    struct closer *closer = data;
    (void)channel;
    (void)sender;
    (void)bytes;
    (void)length;
    assert_non_null(closer->bus);
    bus_close(closer->bus, on_closed, closer);
    closer->bus = NULL;
}

static void a_bus_may_be_closed_by_its_own_callback(void **state)
{
    struct world *world = *state;
    struct closer closer = {0};
    struct text why = {0};
    const uint8_t message[] = {0x72};
    world_start(world, 1);
    assert_int_equal(bus_new(&world->config, 2, &world->identities[2], close_at_once, &closer,
                             &closer.bus, &why),
                     0);
    assert_int_equal(bus_attach(closer.bus, &world->loop), 0);
    assert_true(world_until(world, message_of_1_is_accepted, WORLD_DEADLINE_MS) >= 0);
    for (size_t i = 0; i < 10; i++) {
        (void)bus_send(world->buses[1], 2, message, sizeof message);
    }
    for (size_t i = 0; i < 500 && !closer.closed; i++) {
        world_turn(world, 10);
    }
    assert_true(closer.closed);
}

static void a_bus_that_was_never_attached_closes_at_once(void **state)
{
    struct world *world = *state;
    struct closer closer = {0};
    struct text why = {0};
    assert_int_equal(bus_new(&world->config, 2, &world->identities[2], close_at_once, &closer,
                             &closer.bus, &why),
                     0);
    bus_close(closer.bus, on_closed, &closer);
    assert_true(closer.closed);
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, world_enter, world_leave)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_WORLD(a_stopped_process_is_noticed_and_found_again),
        IN_WORLD(votes_reach_all_peers_with_their_sender),
        IN_WORLD(a_message_reaches_one_peer_with_its_sender),
        IN_WORLD(a_burst_over_the_budget_of_a_turn_arrives_whole),
        IN_WORLD(a_frame_of_the_largest_size_is_heard),
        IN_WORLD(a_restarted_peer_is_reached_within_a_second),
        IN_WORLD(a_peer_that_does_not_read_blocks_nobody),
        IN_WORLD(a_taken_port_is_named),
        IN_WORLD(an_address_of_another_machine_binds_all_addresses),
        IN_WORLD(sending_to_nobody_is_an_error),
        IN_WORLD(a_bus_may_be_closed_by_its_own_callback),
        IN_WORLD(a_bus_that_was_never_attached_closes_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
