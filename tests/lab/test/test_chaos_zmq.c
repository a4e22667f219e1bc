/* CURVE ZeroMQ traffic through the chaos proxy: whole, in order, and again after a cut. */
#include "tests/lab/test/assert.h"
#include "tests/lab/test/chaos_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

enum { KEY_BYTES = 41, BIG_BYTES = 3 * 1024 * 1024, RECEIVE_MS = 10000 };

struct pipe {
    void *context;
    void *puller; /* binds, CURVE server */
    void *pusher; /* connects through the proxy */
    struct chaos_process chaos;
};

static void option_set(void *socket, int option, int value)
{
    assert_int_equal(zmq_setsockopt(socket, option, &value, sizeof(value)), 0);
}

static void *socket_new(struct pipe *pipe, int type)
{
    void *socket = zmq_socket(pipe->context, type);

    assert_non_null(socket);
    option_set(socket, ZMQ_LINGER, 0);
    option_set(socket, ZMQ_RCVTIMEO, RECEIVE_MS);
    option_set(socket, ZMQ_SNDTIMEO, RECEIVE_MS);
    option_set(socket, ZMQ_IMMEDIATE, 1);
    option_set(socket, ZMQ_HEARTBEAT_IVL, 100);
    option_set(socket, ZMQ_HEARTBEAT_TIMEOUT, 300);
    option_set(socket, ZMQ_RECONNECT_IVL, 50);
    option_set(socket, ZMQ_HANDSHAKE_IVL, 1000);
    return socket;
}

static void key_set(void *socket, int option, const char *key)
{
    assert_int_equal(zmq_setsockopt(socket, option, key, KEY_BYTES), 0);
}

static int setup(void **state)
{
    struct pipe *pipe = calloc(1, sizeof(*pipe));
    char server_public[KEY_BYTES];
    char server_secret[KEY_BYTES];
    char client_public[KEY_BYTES];
    char client_secret[KEY_BYTES];
    char endpoint[64];
    uint16_t port = process_port_find();

    if (pipe == NULL)
        return -1;
    *state = pipe;
    assert_int_equal(zmq_curve_keypair(server_public, server_secret), 0);
    assert_int_equal(zmq_curve_keypair(client_public, client_secret), 0);
    pipe->context = zmq_ctx_new();
    pipe->puller = socket_new(pipe, ZMQ_PULL);
    option_set(pipe->puller, ZMQ_CURVE_SERVER, 1);
    key_set(pipe->puller, ZMQ_CURVE_SECRETKEY, server_secret);
    (void)snprintf(endpoint, sizeof(endpoint), "tcp://127.0.0.1:%u", (unsigned)port);
    assert_int_equal(zmq_bind(pipe->puller, endpoint), 0);
    chaos_start(&pipe->chaos, port);
    pipe->pusher = socket_new(pipe, ZMQ_PUSH);
    key_set(pipe->pusher, ZMQ_CURVE_SERVERKEY, server_public);
    key_set(pipe->pusher, ZMQ_CURVE_PUBLICKEY, client_public);
    key_set(pipe->pusher, ZMQ_CURVE_SECRETKEY, client_secret);
    (void)snprintf(endpoint, sizeof(endpoint), "tcp://127.0.0.1:%u",
                   (unsigned)pipe->chaos.ports[0]);
    assert_int_equal(zmq_connect(pipe->pusher, endpoint), 0);
    return 0;
}

static int teardown(void **state)
{
    struct pipe *pipe = *state;

    (void)zmq_close(pipe->pusher);
    (void)zmq_close(pipe->puller);
    (void)zmq_ctx_term(pipe->context);
    chaos_stop(&pipe->chaos);
    free(pipe);
    return 0;
}

static void small_messages_keep_their_order(void **state)
{
    struct pipe *pipe = *state;

    chaos_set(&pipe->chaos, "{\"delay_ms\":2,\"jitter_ms\":5,\"loss_percent\":5,\"stall_ms\":10}");
    for (uint32_t i = 0; i < 500; i++)
        assert_int_equal(zmq_send(pipe->pusher, &i, sizeof(i), 0), sizeof(i));
    for (uint32_t i = 0; i < 500; i++) {
        uint32_t got = 0;

        assert_int_equal(zmq_recv(pipe->puller, &got, sizeof(got), 0), sizeof(got));
        assert_int_equal(got, i);
    }
}

static void a_big_message_comes_whole(void **state)
{
    struct pipe *pipe = *state;
    uint8_t *sent = malloc(BIG_BYTES);
    uint8_t *got = malloc(BIG_BYTES);

    assert_true(sent != NULL && got != NULL);
    for (size_t i = 0; i < BIG_BYTES; i++)
        sent[i] = (uint8_t)(i * 2654435761u >> 24);
    chaos_set(&pipe->chaos, "{\"delay_ms\":5}");
    assert_int_equal(zmq_send(pipe->pusher, sent, BIG_BYTES, 0), BIG_BYTES);
    assert_int_equal(zmq_recv(pipe->puller, got, BIG_BYTES, 0), BIG_BYTES);
    assert_memory_equal(sent, got, BIG_BYTES);
    free(sent);
    free(got);
}

/* What was under way in the cut is gone; what is said after the heal must arrive. */
static void messages_flow_again_after_a_cut(void **state)
{
    struct pipe *pipe = *state;
    char got[16] = "";

    assert_int_equal(zmq_send(pipe->pusher, "before", 7, 0), 7);
    assert_int_equal(zmq_recv(pipe->puller, got, sizeof(got), 0), 7);
    chaos_set(&pipe->chaos, "{\"cut\":\"both\"}");
    ASSERT_SOON(chaos_count(&pipe->chaos, NULL, "accepted") >= 2);
    chaos_set(&pipe->chaos, "{\"cut\":\"no\"}");
    assert_int_equal(zmq_send(pipe->pusher, "after", 6, 0), 6);
    assert_int_equal(zmq_recv(pipe->puller, got, sizeof(got), 0), 6);
    assert_string_equal(got, "after");
}

#define ZMQ_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ZMQ_TEST(small_messages_keep_their_order),
        ZMQ_TEST(a_big_message_comes_whole),
        ZMQ_TEST(messages_flow_again_after_a_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
