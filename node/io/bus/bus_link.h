/* The outgoing half of the bus: a PUB for all peers and a DEALER for each, once per pinned key.
 * Never waits: what cannot be sent now is not sent.
 * Called by the bus. */
#ifndef QUORATE_IO_BUS_LINK_H
#define QUORATE_IO_BUS_LINK_H

#include "node/io/bus/bus_pins.h"
#include "node/io/bus/bus_socket.h"

/* One connection can hold one server key, so during a rotation each of a peer's two keys has its
 * own links; those to the key that the peer does not use fail their handshake and carry nothing. */
struct bus_link {
    void *dealer; /* NULL where the link is not open */
    uint8_t server_key[CURVE_KEY_BYTES];
};

struct bus_links {
    void *zmq_context;
    const struct bus_curve *own;
    void *pub[PEER_KEY_COUNT]; /* NULL until a peer has a key in that place */
    struct {
        char vote_url[BUS_URL_SIZE];
        char raft_url[BUS_URL_SIZE];
        struct bus_link links[PEER_KEY_COUNT];
    } peers[NODE_COUNT_MAX];
    size_t peer_count;
};

/* Resolves the peers' URLs; nothing is connected before bus_links_set. Returns 0 or ERR_INVALID
 * with `why`. */
int bus_links_init(struct bus_links *ret_links, void *zmq_context, const struct bus_curve *own,
                   const struct config *config, struct text *why);
void bus_links_fini(struct bus_links *links);

/* Opens links to new keys and closes those to keys that are no longer pinned. Returns 0 or
 * ERR_NETWORK. */
int bus_links_set(struct bus_links *links, const struct bus_pins *pins);

void bus_links_publish(struct bus_links *links, const uint8_t *bytes, size_t length);

/* Returns 0, ERR_FULL, ERR_NOT_FOUND or ERR_NETWORK. */
int bus_links_send(struct bus_links *links, node_id to, const uint8_t *bytes, size_t length);

#endif
