/* The bus between the nodes: votes over PUB/SUB, ledger messages over DEALER/ROUTER, under CURVE.
 * Never decodes a frame, never blocks, never delivers what no pinned key has sent.
 * Called by the control loop alone, on its thread. */
#ifndef QUORATE_IO_BUS_ZMQ_H
#define QUORATE_IO_BUS_ZMQ_H

#include <uv.h>

#include "common/text.h"
#include "node/io/bus/identity.h"
#include "node/io/config/config.h"
#include "proto/types.h"

struct bus;

enum bus_channel {
    BUS_VOTES, /* published to all peers; lossy */
    BUS_RAFT,  /* sent to one peer; ordered while its connection lives, lost with it */
    BUS_CHANNEL_N
};

/* A whole frame of at most FRAME_BYTES_MAX bytes, valid during the call. `sender` is the node whose
 * pinned key authenticated the connection; the frame's own sender must still be compared with it.
 * May publish, send and call bus_close. */
typedef void bus_frame_fn(enum bus_channel channel, node_id sender, const uint8_t *bytes,
                          size_t length, void *data);
typedef void bus_closed_fn(void *data);

/* Counters since the start. Times are boot-time clock readings, 0 for never. */
struct bus_peer_stats {
    uint64_t sent; /* over BUS_RAFT; publishing has no receiver that the sender knows of */
    uint64_t received;
    uint64_t send_full;
    time_ms last_received_ms;
};

struct bus_stats {
    uint64_t published;
    uint64_t received;
    uint64_t dropped_no_user; /* no User-Id, or one whose key is pinned no longer */
    uint64_t dropped_parts;   /* not the number of message parts that the channel has */
    uint64_t dropped_large;   /* over FRAME_BYTES_MAX; over twice that the connection ends */
    uint64_t zap_accepted;
    uint64_t zap_refused;
    uint64_t send_full;
    struct bus_peer_stats peers[NODE_COUNT_MAX]; /* place is node_id - 1 */
};

/* Binds both ports of node `self` and starts connecting to its peers. Copies what it needs of the
 * configuration and of the identity. The node's own address is bound where it is one of this
 * machine, else all addresses. Returns 0; ERR_BUSY (a port is taken); ERR_AUTH (the identity is not
 * the one that the configuration pins for this node); ERR_INVALID (a peer's key or address);
 * ERR_NETWORK or ERR_NO_MEMORY; with `why`. */
int bus_new(const struct config *config, node_id self, const struct identity *identity,
            bus_frame_fn *on_frame, void *data, struct bus **ret_bus, struct text *why);

/* Starts delivering frames on the loop. Once, before bus_close. Returns 0 or ERR_INTERNAL. */
int bus_attach(struct bus *bus, uv_loop_t *loop);

/* Ends everything and frees the bus; `closed` comes once, when the loop has let go of its handles
 * (at once for a bus that was not attached). No frame is delivered any more. */
void bus_close(struct bus *bus, bus_closed_fn *closed, void *data);

/* To all peers that are connected and keep up. Returns 0 or ERR_TOO_LARGE. */
int bus_publish(struct bus *bus, const uint8_t *bytes, size_t length);

/* To one peer. Returns 0, ERR_FULL (not connected, or its queue is full: it was not sent),
 * ERR_TOO_LARGE, ERR_NOT_FOUND (no such peer) or ERR_NETWORK. */
int bus_send(struct bus *bus, node_id to, const uint8_t *bytes, size_t length);

/* Takes over the peers' keys of a reloaded configuration, which has the same nodes. Connections to
 * peers whose keys are the same stay; what comes in under a key that was removed is dropped from
 * now on. Returns 0, or ERR_INVALID or ERR_NETWORK with `why` and the old keys in place. */
int bus_set_keys(struct bus *bus, const struct config *config, struct text *why);

void bus_stats_get(const struct bus *bus, struct bus_stats *ret_stats);

#endif
