/* The peers' pinned keys as CURVE sees them, and the User-Id that stands for each.
 * Never opens a socket.
 * Called by the bus and its ZAP handler. */
#ifndef QUORATE_IO_BUS_PINS_H
#define QUORATE_IO_BUS_PINS_H

#include "common/text.h"
#include "node/io/bus/identity.h"
#include "node/io/config/config.h"

enum { USER_ID_SIZE = 4 + 2 * CURVE_KEY_BYTES + 1 }; /* "12:" and the key in hexadecimal */

struct bus_pin {
    uint8_t curve[CURVE_KEY_BYTES];
    char user_id[USER_ID_SIZE];
};

struct bus_pins {
    struct {
        struct bus_pin pins[PEER_KEY_COUNT];
        size_t count;
    } nodes[NODE_COUNT_MAX];
    size_t node_count;
};

/* All keys of all nodes but `self`. Returns 0 or ERR_INVALID with `why` naming the node. */
int bus_pins_set(struct bus_pins *ret_pins, const struct config *config, node_id self,
                 struct text *why);

/* The User-Id for a key, or NULL where no node has it. */
const char *bus_pins_user_id(const struct bus_pins *pins, const uint8_t curve[CURVE_KEY_BYTES]);

/* The node behind a User-Id (may be NULL), or 0 where that is nobody's, or its key is pinned no
 * longer. */
node_id bus_pins_sender(const struct bus_pins *pins, const char *user_id);

#endif
