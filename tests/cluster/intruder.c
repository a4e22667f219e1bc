#include "tests/cluster/intruder.h"

#include "node/io/bus/bus_socket.h"
#include "tests/cluster/ask.h"
#include "tests/lab/test/assert.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <zmq.h>

static void *connect_to(struct intruder *intruder, int type, const struct bus_curve *own,
                        const struct cluster_node *victim, uint16_t port)
{
    uint8_t server_key[CURVE_KEY_BYTES];
    char url[BUS_URL_SIZE];
    void *socket = NULL;
    assert_int_equal(identity_curve_public(victim->identity.public_key, server_key), 0);
    (void)snprintf(url, sizeof url, "tcp://127.0.0.1:%u", (unsigned)port);
    assert_int_equal(bus_socket_client(intruder->context, type, own, &socket), 0);
    assert_int_equal(bus_socket_connect(socket, url, server_key), 0);
    return socket;
}

static void read_cluster_id(struct intruder *intruder, size_t victim)
{
    uint8_t *id = intruder->header.cluster_id;
    cJSON *page = ask_get(intruder->cluster, victim, "/v1/status");
    const char *hex = client_text(page, "cluster_id");
    size_t length = 0;
    assert_int_equal(sodium_hex2bin(id, CLUSTER_ID_BYTES, hex, strlen(hex), NULL, &length, NULL),
                     0);
    assert_int_equal(length, CLUSTER_ID_BYTES);
    cJSON_Delete(page);
}

void intruder_open(struct intruder *intruder, const struct cluster *cluster, size_t self,
                   const struct identity *identity, size_t victim)
{
    const struct cluster_node *node = &cluster->nodes[victim];
    struct bus_curve own;
    memset(intruder, 0, sizeof *intruder);
    intruder->cluster = cluster;
    intruder->header.sender = (node_id)(self + 1);
    intruder->header.incarnation = 0xbad;
    intruder->header.sequence = 1;
    read_cluster_id(intruder, victim);
    intruder->context = zmq_ctx_new();
    assert_non_null(intruder->context);
    assert_int_equal(identity_curve_public(identity->public_key, own.public_key), 0);
    assert_int_equal(identity_curve_secret(identity, own.secret_key), 0);
    intruder->raft = connect_to(intruder, ZMQ_DEALER, &own, node, node->raft_port);
    intruder->votes = connect_to(intruder, ZMQ_PUB, &own, node, node->vote_port);
}

void intruder_close(struct intruder *intruder)
{
    (void)zmq_close(intruder->raft);
    (void)zmq_close(intruder->votes);
    (void)zmq_ctx_term(intruder->context);
}

const struct frame_header *intruder_next(struct intruder *intruder)
{
    intruder->header.sequence++;
    return &intruder->header;
}

static bool is_sent(struct intruder *intruder, const uint8_t *bytes, size_t length)
{
    return zmq_send(intruder->raft, bytes, length, ZMQ_DONTWAIT) >= 0;
}

void intruder_send(struct intruder *intruder, const uint8_t *bytes, size_t length)
{
    WAIT_UNTIL(is_sent(intruder, bytes, length));
}

void intruder_publish(struct intruder *intruder, const uint8_t *bytes, size_t length)
{
    (void)zmq_send(intruder->votes, bytes, length, ZMQ_DONTWAIT);
}

bool intruder_is_let_in(struct intruder *intruder, time_ms within_ms)
{
    static const uint8_t byte = 0;
    time_ms until_ms = clock_boot_ms() + within_ms;
    while (clock_boot_ms() < until_ms) {
        if (is_sent(intruder, &byte, sizeof byte))
            return true;
        (void)poll(NULL, 0, 20);
    }
    return false;
}
