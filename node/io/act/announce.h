/* The request that tells a side in which mode it is: its probe's URL with the configured header or
 * parameter. Never sends anything. Called by the actuator's jobs. */
#ifndef QUORATE_IO_ACT_ANNOUNCE_H
#define QUORATE_IO_ACT_ANNOUNCE_H

#include "common/text.h"
#include "node/io/config/config.h"

enum { ANNOUNCE_URL_SIZE = URL_SIZE + HEADER_SIZE + 16 };

struct announcement {
    char url[ANNOUNCE_URL_SIZE];
    char header[HEADER_SIZE + 16]; /* "" where only a parameter is configured */
};

/* Degraded uses the configured words; back to normal puts "normal" in place of the value.
 * Returns 0, ERR_NOT_FOUND (nothing is configured, or the probe is not HTTP), ERR_INVALID or
 * ERR_TOO_LARGE. */
int announce_make(const struct service_config *service, enum side to, bool degraded,
                  struct announcement *ret_announcement, struct text *why);

#endif
