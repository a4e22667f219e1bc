#include "node/io/bus/bus_zmq.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zmq.h>

#include "common/check.h"
#include "common/errors.h"
#include "node/io/bus/bus_link.h"
#include "node/io/bus/bus_pins.h"
#include "node/io/bus/bus_pump.h"
#include "node/io/bus/bus_socket.h"
#include "node/io/bus/zap.h"

struct bus {
    node_id self;
    void *zmq_context;
    struct bus_curve own;
    struct bus_pins pins;
    struct zap zap;
    struct bus_links links;
    void *servers[BUS_CHANNEL_N]; /* SUB, ROUTER */
    struct bus_pump pump;         /* no handles until bus_attach */
    bus_frame_fn *on_frame;
    void *data;
    bus_closed_fn *closed;
    void *closed_data;
    struct bus_stats stats;
};

static time_ms boot_time_ms(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_BOOTTIME, &now);
    return (time_ms)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void bus_free(struct bus *bus)
{
    bus_links_fini(&bus->links);
    for (size_t i = 0; i < BUS_CHANNEL_N; i++) {
        if (bus->servers[i] != NULL) {
            (void)zmq_close(bus->servers[i]);
        }
    }
    zap_fini(&bus->zap);
    if (bus->zmq_context != NULL) {
        (void)zmq_ctx_term(bus->zmq_context);
    }
    sodium_memzero(&bus->own, sizeof bus->own);
    free(bus);
}

/* A node whose key its peers have not pinned would be alone without knowing why. */
static int check_own_key(const struct node_config *node, const struct identity *identity,
                         struct text *why)
{
    char shown[IDENTITY_TEXT_SIZE];
    for (size_t i = 0; i < node->key_count; i++) {
        if (memcmp(node->keys[i], identity->public_key, KEY_BYTES) == 0) {
            return 0;
        }
    }
    text_set(why,
             "the key file's public key %s is not the one that the configuration gives node %s",
             identity_public_text(identity->public_key, shown), node->name.text);
    return ERR_AUTH;
}

static int prepare_keys(struct bus *bus, const struct config *config,
                        const struct identity *identity, struct text *why)
{
    int rc = check_own_key(&config->nodes[bus->self - 1], identity, why);
    if (rc < 0) {
        return rc;
    }
    if (identity_curve_secret(identity, bus->own.secret_key) < 0 ||
        identity_curve_public(identity->public_key, bus->own.public_key) < 0) {
        text_set(why, "the key file's key has no CURVE key");
        return ERR_INVALID;
    }
    return bus_pins_set(&bus->pins, config, bus->self, why);
}

/* The ZAP handler stands before the first server socket exists: without one, libzmq lets anybody
 * in. */
static int open_sockets(struct bus *bus, const struct config *config, struct text *why)
{
    const struct node_config *node = &config->nodes[bus->self - 1];
    int rc = zap_init(&bus->zap, bus->zmq_context, &bus->pins);
    if (rc < 0) {
        text_set(why, "no authentication handler: %s", zmq_strerror(errno));
        return rc;
    }
    rc = bus_socket_bind(bus->zmq_context, ZMQ_SUB, &bus->own, node->host, node->vote_port, "votes",
                         &bus->servers[BUS_VOTES], why);
    if (rc < 0) {
        return rc;
    }
    rc = bus_socket_bind(bus->zmq_context, ZMQ_ROUTER, &bus->own, node->host, node->raft_port,
                         "raft", &bus->servers[BUS_RAFT], why);
    if (rc < 0) {
        return rc;
    }
    rc = bus_links_set(&bus->links, &bus->pins);
    if (rc < 0) {
        text_set(why, "no connections to the peers: %s", zmq_strerror(errno));
    }
    return rc;
}

int bus_new(const struct config *config, node_id self, const struct identity *identity,
            bus_frame_fn *on_frame, void *data, struct bus **ret_bus, struct text *why)
{
    CHECK(self > 0 && self <= config->node_count);
    struct bus *bus = calloc(1, sizeof *bus);
    if (bus == NULL) {
        text_set(why, "no memory for the bus");
        return ERR_NO_MEMORY;
    }
    bus->self = self;
    bus->on_frame = on_frame;
    bus->data = data;
    bus->zmq_context = zmq_ctx_new();
    int rc = bus->zmq_context != NULL ? 0 : ERR_NO_MEMORY;
    if (rc < 0) {
        text_set(why, "no memory for the bus");
        goto fail;
    }
    (void)zmq_ctx_set(bus->zmq_context, ZMQ_BLOCKY, 0);
    rc = prepare_keys(bus, config, identity, why);
    if (rc < 0) {
        goto fail;
    }
    rc = bus_links_init(&bus->links, bus->zmq_context, &bus->own, config, why);
    if (rc < 0) {
        goto fail;
    }
    rc = open_sockets(bus, config, why);
    if (rc < 0) {
        goto fail;
    }
    *ret_bus = bus;
    return 0;

fail:
    bus_free(bus);
    return rc;
}

static void deliver(struct bus *bus, enum bus_channel channel, zmq_msg_t *message)
{
    node_id sender = bus_pins_sender(&bus->pins, zmq_msg_gets(message, "User-Id"));
    if (sender == 0) {
        bus->stats.dropped_no_user += 1;
        return;
    }
    if (zmq_msg_size(message) > FRAME_BYTES_MAX) {
        bus->stats.dropped_large += 1;
        return;
    }
    struct bus_peer_stats *peer = &bus->stats.peers[sender - 1];
    bus->stats.received += 1;
    peer->received += 1;
    peer->last_received_ms = boot_time_ms();
    bus->on_frame(channel, sender, zmq_msg_data(message), zmq_msg_size(message), bus->data);
}

/* A vote is one part; a ROUTER puts the connection's id before it. The frame is the last part. */
static bool take(struct bus *bus, enum bus_channel channel)
{
    const size_t parts_expected = channel == BUS_RAFT ? 2 : 1;
    size_t parts = 0;
    bool more = true;
    zmq_msg_t message;
    (void)zmq_msg_init(&message);
    while (more) {
        if (zmq_msg_recv(&message, bus->servers[channel], ZMQ_DONTWAIT) < 0) {
            (void)zmq_msg_close(&message);
            return false;
        }
        parts += 1;
        more = zmq_msg_more(&message) != 0;
    }
    if (parts == parts_expected) {
        deliver(bus, channel, &message);
    } else {
        bus->stats.dropped_parts += 1;
    }
    (void)zmq_msg_close(&message);
    return true;
}

static bool take_zap(void *data)
{
    struct bus *bus = data;
    return zap_answer(&bus->zap);
}

static bool take_vote(void *data)
{
    return take(data, BUS_VOTES);
}

static bool take_raft(void *data)
{
    return take(data, BUS_RAFT);
}

int bus_attach(struct bus *bus, uv_loop_t *loop)
{
    const struct bus_pump_source sources[] = {
        {bus->zap.socket, take_zap},
        {bus->servers[BUS_RAFT], take_raft},
        {bus->servers[BUS_VOTES], take_vote},
    };
    return bus_pump_init(&bus->pump, loop, sources, ARRAY_COUNT(sources), bus);
}

static void on_pump_closed(void *data)
{
    struct bus *bus = data;
    bus_closed_fn *closed = bus->closed;
    void *closed_data = bus->closed_data;
    bus_free(bus);
    closed(closed_data);
}

void bus_close(struct bus *bus, bus_closed_fn *closed, void *data)
{
    bus->closed = closed;
    bus->closed_data = data;
    bus->pump.data = bus;
    bus_pump_close(&bus->pump, on_pump_closed);
}

int bus_publish(struct bus *bus, const uint8_t *bytes, size_t length)
{
    if (length > FRAME_BYTES_MAX) {
        return ERR_TOO_LARGE;
    }
    bus_links_publish(&bus->links, bytes, length);
    bus->stats.published += 1;
    return 0;
}

int bus_send(struct bus *bus, node_id to, const uint8_t *bytes, size_t length)
{
    if (length > FRAME_BYTES_MAX) {
        return ERR_TOO_LARGE;
    }
    int rc = bus_links_send(&bus->links, to, bytes, length);
    if (rc == ERR_NOT_FOUND) {
        return rc;
    }
    struct bus_peer_stats *peer = &bus->stats.peers[to - 1];
    if (rc == 0) {
        peer->sent += 1;
    } else {
        peer->send_full += 1;
        bus->stats.send_full += 1;
    }
    return rc;
}

int bus_set_keys(struct bus *bus, const struct config *config, struct text *why)
{
    const struct bus_pins old = bus->pins;
    if (config->node_count != bus->pins.node_count) {
        text_set(why, "the nodes differ; their keys are taken over at the next start");
        return ERR_INVALID;
    }
    int rc = bus_pins_set(&bus->pins, config, bus->self, why);
    if (rc < 0) {
        return rc;
    }
    rc = bus_links_set(&bus->links, &bus->pins);
    if (rc < 0) {
        text_set(why, "no connections to the peers: %s", zmq_strerror(errno));
        bus->pins = old;
        (void)bus_links_set(&bus->links, &bus->pins);
    }
    return rc;
}

void bus_stats_get(const struct bus *bus, struct bus_stats *ret_stats)
{
    *ret_stats = bus->stats;
    ret_stats->zap_accepted = bus->zap.accepted;
    ret_stats->zap_refused = bus->zap.refused;
}
