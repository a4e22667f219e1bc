/* The last reading of each service's routes, from which the next write's bodies are made.
 * Never asks the API and never makes a body that differs from what a step's intent named.
 * Called by the actuator's jobs, from any lane. */
#ifndef QUORATE_IO_ACT_KEPT_H
#define QUORATE_IO_ACT_KEPT_H

#include <cjson/cJSON.h>

#include "node/io/act/routing.h"
#include "node/io/act/unit.h"

struct kept;

/* What one step sends: a body a route, NULL where there is nothing to write. Owned;
 * kept_free_bodies. */
struct kept_bodies {
    char *text[ROUTE_COUNT_MAX];
};

/* The configuration must outlive it. Returns 0 or ERR_NO_MEMORY. */
int kept_new(const struct config *config, struct kept **ret_kept);
void kept_free(struct kept **kept);

/* Reads an answer of the API and keeps it where it makes sense. Returns as routing_read does. */
int kept_store(struct kept *kept, size_t service, size_t route, const char *text, size_t length,
               struct unit_part *ret_part, struct text *why);

/* What the kept readings of all its routes show of the service. Returns 0 or ERR_NOT_FOUND. */
int kept_view(struct kept *kept, size_t service, struct route_view *ret_view);

/* The texts that the step sends from the kept readings, if versions and hash are still the base's.
 * A part of a unit that is as the step wants it gets none. Returns 0, ERR_NOT_FOUND (nothing kept),
 * ERR_CONFLICT (`why` says what differs), or an error of the backend. */
int kept_make_bodies(struct kept *kept, size_t service, enum route_step step, enum side to,
                     const struct route_base *base, struct kept_bodies *ret_bodies,
                     struct text *why);
void kept_free_bodies(struct kept_bodies *bodies);

#endif
