#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <zmq.h>

#include "common/errors.h"
#include "node/io/bus/bus_pins.h"
#include "tests/unit/bus/bus_world.h"

static bool node_2_refused_somebody(struct world *world)
{
    return world_stats(world, 2).zap_refused > 0;
}

static bool node_2_dropped_by_parts(struct world *world)
{
    return world_stats(world, 2).dropped_parts > 0;
}

static bool node_2_dropped_by_user(struct world *world)
{
    (void)message_of_1_is_accepted(world);
    return world_stats(world, 2).dropped_no_user > 0;
}

static void an_unknown_key_is_refused_until_it_is_pinned(void **state)
{
    struct world *world = *state;
    struct text why = {0};
    struct config without = world->config;
    memset(without.nodes[0].keys[0], 0, KEY_BYTES);
    memcpy(without.nodes[0].keys[0], world->identities[3].public_key, KEY_BYTES);
    world_start(world, 1);
    world_start(world, 2);
    assert_int_equal(bus_set_keys(world->buses[2], &without, &why), 0);
    assert_true(world_until(world, node_2_refused_somebody, WORLD_DEADLINE_MS) >= 0);
    assert_int_equal(world_until(world, message_of_1_is_heard_by_2, 1500), -1);
    assert_int_equal(world->ears[2].count[BUS_VOTES], 0);

    assert_int_equal(bus_set_keys(world->buses[2], &world->config, &why), 0);
    assert_true(world_until(world, message_of_1_is_heard_by_2, WORLD_DEADLINE_MS) >= 0);
    assert_true(world_until(world, vote_of_1_is_heard_by_2, WORLD_DEADLINE_MS) >= 0);
}

static void a_removed_key_is_not_heard_over_its_living_connection(void **state)
{
    struct world *world = *state;
    struct text why = {0};
    world_start(world, 1);
    world_start(world, 2);
    assert_true(world_until(world, message_of_1_is_heard_by_2, WORLD_DEADLINE_MS) >= 0);
    struct config rotated = world->config;
    struct identity fresh = {0};
    assert_int_equal(identity_generate(&fresh), 0);
    memcpy(rotated.nodes[0].keys[0], fresh.public_key, KEY_BYTES);
    assert_int_equal(bus_set_keys(world->buses[2], &rotated, &why), 0);
    uint64_t heard = world->ears[2].count[BUS_RAFT];
    assert_true(world_until(world, node_2_dropped_by_user, WORLD_DEADLINE_MS) >= 0);
    assert_int_equal(world->ears[2].count[BUS_RAFT], heard);
}

static void a_peer_that_changes_to_its_next_key_is_heard_and_reached(void **state)
{
    struct world *world = *state;
    struct identity current = world->identities[2];
    world->config.nodes[1].key_count = 2;
    world_new_key(world, 2, 1);
    struct identity next = world->identities[2];

    world->identities[2] = current;
    world_start(world, 1);
    world_start(world, 2);
    assert_true(world_until(world, message_of_1_is_heard_by_2, WORLD_DEADLINE_MS) >= 0);
    world_stop(world, 2);

    world->identities[2] = next;
    world->ears[2] = (struct world_ear){0};
    world_start(world, 2);
    assert_true(world_until(world, message_of_1_is_heard_by_2, WORLD_DEADLINE_MS) >= 0);
    assert_true(world_until(world, vote_of_1_is_heard_by_2, WORLD_DEADLINE_MS) >= 0);
}

static void keys_that_are_no_keys_leave_the_old_ones_in_place(void **state)
{
    struct world *world = *state;
    struct text why = {0};
    struct config broken = world->config;
    memset(broken.nodes[0].keys[0], 0, KEY_BYTES);
    world_start(world, 1);
    world_start(world, 2);
    assert_int_equal(bus_set_keys(world->buses[2], &broken, &why), ERR_INVALID);
    assert_non_null(strstr(why.bytes, "node-1"));
    assert_true(world_until(world, message_of_1_is_heard_by_2, WORLD_DEADLINE_MS) >= 0);
}

/* A raw client that dials node 2's raft port, with the keys given, or in plain where `identity` is
 * NULL. */
static void *raw_dealer(void *context, const struct world *world, const struct identity *identity)
{
    char url[256];
    const int linger_ms = 0;
    const int handshake_ms = 500;
    const struct node_config *to = &world->config.nodes[1];
    void *socket = zmq_socket(context, ZMQ_DEALER);
    assert_non_null(socket);
    (void)zmq_setsockopt(socket, ZMQ_LINGER, &linger_ms, sizeof linger_ms);
    (void)zmq_setsockopt(socket, ZMQ_HANDSHAKE_IVL, &handshake_ms, sizeof handshake_ms);
    if (identity != NULL) {
        uint8_t key[CURVE_KEY_BYTES];
        assert_int_equal(identity_curve_public(to->keys[0], key), 0);
        assert_int_equal(zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, key, sizeof key), 0);
        assert_int_equal(identity_curve_public(identity->public_key, key), 0);
        assert_int_equal(zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, key, sizeof key), 0);
        assert_int_equal(identity_curve_secret(identity, key), 0);
        assert_int_equal(zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, key, sizeof key), 0);
    }
    (void)snprintf(url, sizeof url, "tcp://%s:%u", to->host, (unsigned)to->raft_port);
    assert_int_equal(zmq_connect(socket, url), 0);
    return socket;
}

static void an_oversized_frame_is_dropped_and_the_next_is_heard(void **state)
{
    struct world *world = *state;
    static const uint8_t large[FRAME_BYTES_MAX + 1];
    world_start(world, 1);
    world_start(world, 2);
    assert_int_equal(bus_send(world->buses[1], 2, large, sizeof large), ERR_TOO_LARGE);
    assert_int_equal(bus_publish(world->buses[1], large, sizeof large), ERR_TOO_LARGE);

    void *context = zmq_ctx_new();
    void *raw = raw_dealer(context, world, &world->identities[3]);
    assert_int_equal(zmq_send(raw, large, sizeof large, 0), sizeof large);
    world_turn(world, 500);
    assert_int_equal(world->ears[2].count[BUS_RAFT], 0);
    assert_true(world_until(world, message_of_1_is_heard_by_2, WORLD_DEADLINE_MS) >= 0);
    (void)zmq_close(raw);
    (void)zmq_ctx_term(context);
}

static void a_message_in_several_parts_is_dropped_and_counted(void **state)
{
    struct world *world = *state;
    world_start(world, 2);
    void *context = zmq_ctx_new();
    void *raw = raw_dealer(context, world, &world->identities[3]);
    assert_int_equal(zmq_send(raw, "a", 1, ZMQ_SNDMORE), 1);
    assert_int_equal(zmq_send(raw, "b", 1, 0), 1);
    assert_true(world_until(world, node_2_dropped_by_parts, WORLD_DEADLINE_MS) >= 0);
    assert_int_equal(world->ears[2].count[BUS_RAFT], 0);
    (void)zmq_close(raw);
    (void)zmq_ctx_term(context);
}

static void a_client_without_curve_is_not_heard(void **state)
{
    struct world *world = *state;
    world_start(world, 1);
    world_start(world, 2);
    void *context = zmq_ctx_new();
    void *raw = raw_dealer(context, world, NULL);
    assert_int_equal(zmq_send(raw, "a", 1, 0), 1);
    world_turn(world, 700);
    assert_int_equal(world->ears[2].count[BUS_RAFT], 0);
    assert_true(world_until(world, message_of_1_is_heard_by_2, WORLD_DEADLINE_MS) >= 0);
    (void)zmq_close(raw);
    (void)zmq_ctx_term(context);
}

static void a_key_that_is_not_the_nodes_own_is_refused_at_the_start(void **state)
{
    struct world *world = *state;
    struct text why = {0};
    struct bus *bus = NULL;
    assert_int_equal(bus_new(&world->config, 1, &world->identities[2], NULL, NULL, &bus, &why),
                     ERR_AUTH);
    assert_non_null(strstr(why.bytes, "node-1"));
    assert_non_null(strstr(why.bytes, "ed25519:"));
}

static void a_user_id_stands_for_its_pinned_key_only(void **state)
{
    struct world *world = *state;
    struct bus_pins pins = {0};
    struct text why = {0};
    uint8_t curve[CURVE_KEY_BYTES];
    assert_int_equal(bus_pins_set(&pins, &world->config, 1, &why), 0);
    assert_int_equal(identity_curve_public(world->identities[2].public_key, curve), 0);
    const char *user_id = bus_pins_user_id(&pins, curve);
    assert_non_null(user_id);
    assert_int_equal(bus_pins_sender(&pins, user_id), 2);
    assert_int_equal(bus_pins_sender(&pins, NULL), 0);
    assert_int_equal(bus_pins_sender(&pins, "2"), 0);
    assert_int_equal(identity_curve_public(world->identities[1].public_key, curve), 0);
    assert_null(bus_pins_user_id(&pins, curve)); /* nobody else may be me */
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, world_enter, world_leave)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_WORLD(an_unknown_key_is_refused_until_it_is_pinned),
        IN_WORLD(a_removed_key_is_not_heard_over_its_living_connection),
        IN_WORLD(a_peer_that_changes_to_its_next_key_is_heard_and_reached),
        IN_WORLD(keys_that_are_no_keys_leave_the_old_ones_in_place),
        IN_WORLD(an_oversized_frame_is_dropped_and_the_next_is_heard),
        IN_WORLD(a_message_in_several_parts_is_dropped_and_counted),
        IN_WORLD(a_client_without_curve_is_not_heard),
        IN_WORLD(a_key_that_is_not_the_nodes_own_is_refused_at_the_start),
        IN_WORLD(a_user_id_stands_for_its_pinned_key_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
