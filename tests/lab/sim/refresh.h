/* Refresh tokens of the simulated platform: which are alive, and their rotation.
 * Never reads a clock, never answers a request.
 * Called by the API and the control interface under the platform's lock. */
#ifndef QUORATE_LAB_REFRESH_H
#define QUORATE_LAB_REFRESH_H

#include "common/duration.h"

#include <stdbool.h>
#include <stddef.h>

enum { REFRESH_BYTES = 128, REFRESHES_MAX = 64 };

struct refresh {
    char value[REFRESH_BYTES];
    time_ms dies_ms; /* INT64_MAX while it is the newest of its chain */
};

struct refresh_book {
    time_ms grace_ms; /* how long a rotated one still counts; 0: it is dead at once */
    struct refresh refreshes[REFRESHES_MAX]; /* the oldest slot is used again */
    size_t made_count;
};

/* Errors: ERR_INVALID (empty, too long). */
int refresh_add(struct refresh_book *book, const char *value);

/* Exchanges one that is alive for a new one, which *ret_value then is. Errors: ERR_NOT_FOUND (dead
 * or unknown), ERR_INTERNAL (no randomness). */
int refresh_rotate(struct refresh_book *book, const char *value, time_ms now_ms,
                   const char **ret_value);

/* Kills all. Returns how many were alive. */
size_t refresh_revoke_all(struct refresh_book *book, time_ms now_ms);

#endif
