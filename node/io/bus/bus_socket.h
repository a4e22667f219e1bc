/* The sockets of the bus: made with all options at once, bound as CURVE server or client.
 * Never sends or receives.
 * Called by the bus. */
#ifndef QUORATE_IO_BUS_SOCKET_H
#define QUORATE_IO_BUS_SOCKET_H

#include "common/text.h"
#include "node/io/bus/identity.h"
#include "node/io/config/config.h"

enum { BUS_URL_SIZE = URL_SIZE + 8 };

/* This node's own CURVE pair; wiped by its owner. */
struct bus_curve {
    uint8_t public_key[CURVE_KEY_BYTES];
    uint8_t secret_key[CURVE_KEY_BYTES];
};

/* Binds a CURVE server (`type` ZMQ_SUB, which then takes everything, or ZMQ_ROUTER) on host:port
 * where the host is an address of this machine, else on all addresses. `purpose` names the port in
 * `why`. Returns 0 and a socket that the caller closes, ERR_BUSY, or ERR_NETWORK. */
int bus_socket_bind(void *zmq_context, int type, const struct bus_curve *own, const char *host,
                    uint16_t port, const char *purpose, void **ret_socket, struct text *why);

/* A CURVE client (`type` ZMQ_PUB or ZMQ_DEALER) that is connected to nothing yet. Returns 0 or
 * ERR_NETWORK. */
int bus_socket_client(void *zmq_context, int type, const struct bus_curve *own, void **ret_socket);

/* Connects a client to the server that holds `server_key`. Returns 0 or ERR_NETWORK. */
int bus_socket_connect(void *socket, const char *url, const uint8_t server_key[CURVE_KEY_BYTES]);

/* The URL to dial for host:port, by local.connect_to. Returns 0 or ERR_TOO_LARGE. */
int bus_socket_url(const struct config *config, const char *host, uint16_t port,
                   char ret_url[BUS_URL_SIZE]);

#endif
