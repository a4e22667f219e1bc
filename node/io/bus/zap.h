/* The ZeroMQ authentication handler (RFC 27/ZAP): lets pinned keys in and turns all others away.
 * Never runs on a thread of its own; without it bound, libzmq lets anybody in.
 * Called by the bus, which binds it before any server socket. */
#ifndef QUORATE_IO_ZAP_H
#define QUORATE_IO_ZAP_H

#include <stdbool.h>
#include <stdint.h>

#include "node/io/bus/bus_pins.h"

#define ZAP_DOMAIN "quorate"

struct zap {
    void *socket;                /* REP, owned */
    const struct bus_pins *pins; /* the bus's */
    uint64_t accepted;
    uint64_t refused;
};

/* Returns 0 or ERR_NETWORK (then nothing is held). */
int zap_init(struct zap *zap, void *zmq_context, const struct bus_pins *pins);
void zap_fini(struct zap *zap);

/* Answers one waiting request; false where none waits. */
bool zap_answer(struct zap *zap);

#endif
