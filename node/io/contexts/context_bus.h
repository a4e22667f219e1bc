/* The contexts' own sockets: a ROUTER that receives, a DEALER for each peer and pinned key, under
 * CURVE, with a ZAP handler of their own; as the ledger's have (node/io/bus).
 * Never decodes a frame, never blocks, never delivers what no pinned key has sent.
 * Called by contexts.c; made on one thread, used on another. */
#ifndef QUORATE_IO_CONTEXT_BUS_H
#define QUORATE_IO_CONTEXT_BUS_H

#include <zmq.h>

#include "common/text.h"
#include "node/io/bus/identity.h"
#include "node/io/config/config.h"

struct context_bus;

/* Binds the node's ports.contexts and starts connecting to its peers. Returns 0; ERR_BUSY,
 * ERR_AUTH, ERR_INVALID, ERR_NETWORK or ERR_NO_MEMORY with `why`. */
int context_bus_new(const struct config *config, node_id self, const struct identity *identity,
                    struct context_bus **ret_bus, struct text *why);
void context_bus_free(struct context_bus **bus);

/* What to poll for: two items. */
enum { CONTEXT_BUS_POLL_COUNT = 2 };
void context_bus_poll_items(const struct context_bus *bus,
                            zmq_pollitem_t ret_items[CONTEXT_BUS_POLL_COUNT]);

/* Answers connections that want in. */
void context_bus_authenticate(struct context_bus *bus);

/* The next frame, in a message that the caller has initialised and closes. Returns 0 with the
 * sender whose key the connection proved, ERR_NOT_FOUND where none waits, or ERR_AUTH or
 * ERR_MALFORMED for one to drop. */
int context_bus_receive(struct context_bus *bus, zmq_msg_t *message, node_id *ret_sender);

/* Returns 0, ERR_FULL (not connected, or its queue is full), ERR_NOT_FOUND or ERR_NETWORK. */
int context_bus_send(struct context_bus *bus, node_id to, const uint8_t *bytes, size_t length);

#endif
