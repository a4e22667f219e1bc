#include "node/io/contexts/context_bus.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>

#include "common/errors.h"
#include "node/io/bus/bus_pins.h"
#include "node/io/bus/bus_socket.h"
#include "node/io/bus/zap.h"

enum { ZAP_BUDGET = 64, PART_COUNT = 2 };

struct context_bus {
    void *zmq_context;
    struct bus_curve own;
    struct bus_pins pins;
    struct zap zap;
    void *router;
    void *dealers[NODE_COUNT_MAX][PEER_KEY_COUNT];
};

void context_bus_free(struct context_bus **bus)
{
    struct context_bus *old = *bus;
    if (old == NULL)
        return;
    for (size_t place = 0; place < NODE_COUNT_MAX; place++)
        for (size_t i = 0; i < PEER_KEY_COUNT; i++)
            if (old->dealers[place][i] != NULL)
                (void)zmq_close(old->dealers[place][i]);
    if (old->router != NULL)
        (void)zmq_close(old->router);
    zap_fini(&old->zap);
    if (old->zmq_context != NULL)
        (void)zmq_ctx_term(old->zmq_context);
    sodium_memzero(&old->own, sizeof old->own);
    free(old);
    *bus = NULL;
}

static int prepare_keys(struct context_bus *bus, const struct config *config, node_id self,
                        const struct identity *identity, struct text *why)
{
    if (identity_curve_secret(identity, bus->own.secret_key) < 0 ||
        identity_curve_public(identity->public_key, bus->own.public_key) < 0) {
        text_set(why, "the key file's key has no CURVE key");
        return ERR_INVALID;
    }
    return bus_pins_set(&bus->pins, config, self, why);
}

static int connect_one(struct context_bus *bus, const struct config *config, size_t place,
                       size_t key)
{
    const struct node_config *node = &config->nodes[place];
    void **dealer = &bus->dealers[place][key];
    char url[BUS_URL_SIZE];
    int error = bus_socket_url(config, node->host, node->context_port, url);
    if (error == 0)
        error = bus_socket_client(bus->zmq_context, ZMQ_DEALER, &bus->own, dealer);
    if (error == 0)
        error = bus_socket_connect(*dealer, url, bus->pins.nodes[place].pins[key].curve);
    return error;
}

static int connect_all(struct context_bus *bus, const struct config *config, struct text *why)
{
    for (size_t place = 0; place < bus->pins.node_count; place++) {
        for (size_t key = 0; key < bus->pins.nodes[place].count; key++) {
            int error = connect_one(bus, config, place, key);
            if (error == 0)
                continue;
            text_set(why, "no connection for contexts to node %s: %s",
                     config->nodes[place].name.text, error_name(error));
            return error;
        }
    }
    return 0;
}

static int open_sockets(struct context_bus *bus, const struct config *config, node_id self,
                        struct text *why)
{
    const struct node_config *node = &config->nodes[self - 1];
    int error = zap_init(&bus->zap, bus->zmq_context, &bus->pins);
    if (error != 0) {
        text_set(why, "no authentication handler for contexts: %s", zmq_strerror(errno));
        return error;
    }
    error = bus_socket_bind(bus->zmq_context, ZMQ_ROUTER, &bus->own, node->host, node->context_port,
                            "contexts", &bus->router, why);
    return error != 0 ? error : connect_all(bus, config, why);
}

int context_bus_new(const struct config *config, node_id self, const struct identity *identity,
                    struct context_bus **ret_bus, struct text *why)
{
    struct context_bus *bus = calloc(1, sizeof *bus);
    int error = ERR_NO_MEMORY;
    if (bus != NULL)
        bus->zmq_context = zmq_ctx_new();
    if (bus != NULL && bus->zmq_context != NULL) {
        (void)zmq_ctx_set(bus->zmq_context, ZMQ_BLOCKY, 0);
        error = prepare_keys(bus, config, self, identity, why);
    }
    if (error == 0)
        error = open_sockets(bus, config, self, why);
    if (error == 0)
        *ret_bus = bus;
    else
        context_bus_free(&bus);
    return error;
}

void context_bus_poll_items(const struct context_bus *bus,
                            zmq_pollitem_t ret_items[CONTEXT_BUS_POLL_COUNT])
{
    ret_items[0] = (zmq_pollitem_t){.socket = bus->router, .events = ZMQ_POLLIN};
    ret_items[1] = (zmq_pollitem_t){.socket = bus->zap.socket, .events = ZMQ_POLLIN};
}

void context_bus_authenticate(struct context_bus *bus)
{
    for (int i = 0; i < ZAP_BUDGET && zap_answer(&bus->zap); i++) {
    }
}

/* A ROUTER puts the connection's id before the frame, which is the last part. */
int context_bus_receive(struct context_bus *bus, zmq_msg_t *message, node_id *ret_sender)
{
    size_t parts = 0;
    bool more = true;
    while (more) {
        if (zmq_msg_recv(message, bus->router, ZMQ_DONTWAIT) < 0)
            return ERR_NOT_FOUND;
        parts++;
        more = zmq_msg_more(message) != 0;
    }
    *ret_sender = bus_pins_sender(&bus->pins, zmq_msg_gets(message, "User-Id"));
    if (*ret_sender == 0)
        return ERR_AUTH;
    return parts == PART_COUNT ? 0 : ERR_MALFORMED;
}

int context_bus_send(struct context_bus *bus, node_id to, const uint8_t *bytes, size_t length)
{
    int error = ERR_NOT_FOUND;
    if (to == 0 || to > NODE_COUNT_MAX)
        return ERR_NOT_FOUND;
    for (size_t i = 0; i < PEER_KEY_COUNT; i++) {
        void *dealer = bus->dealers[to - 1][i];
        if (dealer == NULL)
            continue;
        if (zmq_send(dealer, bytes, length, ZMQ_DONTWAIT) >= 0)
            return 0;
        error = errno == EAGAIN ? ERR_FULL : ERR_NETWORK;
    }
    return error;
}
