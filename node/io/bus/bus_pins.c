#include "node/io/bus/bus_pins.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "common/errors.h"

static int pin_set(struct bus_pin *ret_pin, node_id node, const uint8_t public_key[KEY_BYTES])
{
    int rc = identity_curve_public(public_key, ret_pin->curve);
    if (rc < 0) {
        return rc;
    }
    int prefix = snprintf(ret_pin->user_id, sizeof ret_pin->user_id, "%u:", (unsigned)node);
    (void)sodium_bin2hex(ret_pin->user_id + prefix, sizeof ret_pin->user_id - (size_t)prefix,
                         ret_pin->curve, sizeof ret_pin->curve);
    return 0;
}

int bus_pins_set(struct bus_pins *ret_pins, const struct config *config, node_id self,
                 struct text *why)
{
    struct bus_pins made = {.node_count = config->node_count};
    for (size_t place = 0; place < config->node_count; place++) {
        const struct node_config *node = &config->nodes[place];
        if (place + 1 == self) {
            continue;
        }
        for (size_t i = 0; i < node->key_count; i++) {
            if (pin_set(&made.nodes[place].pins[i], (node_id)(place + 1), node->keys[i]) < 0) {
                text_set(why, "key %zu of node %s is not an Ed25519 public key", i + 1,
                         node->name.text);
                return ERR_INVALID;
            }
        }
        made.nodes[place].count = node->key_count;
    }
    *ret_pins = made;
    return 0;
}

const char *bus_pins_user_id(const struct bus_pins *pins, const uint8_t curve[CURVE_KEY_BYTES])
{
    for (size_t place = 0; place < pins->node_count; place++) {
        for (size_t i = 0; i < pins->nodes[place].count; i++) {
            const struct bus_pin *pin = &pins->nodes[place].pins[i];
            if (memcmp(pin->curve, curve, sizeof pin->curve) == 0) {
                return pin->user_id;
            }
        }
    }
    return NULL;
}

node_id bus_pins_sender(const struct bus_pins *pins, const char *user_id)
{
    if (user_id == NULL) {
        return 0;
    }
    for (size_t place = 0; place < pins->node_count; place++) {
        for (size_t i = 0; i < pins->nodes[place].count; i++) {
            if (strcmp(pins->nodes[place].pins[i].user_id, user_id) == 0) {
                return (node_id)(place + 1);
            }
        }
    }
    return 0;
}
