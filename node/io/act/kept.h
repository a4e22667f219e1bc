/* The last reading of each service's route, from which the next write's body is made.
 * Never asks the API and never makes a body that differs from what a step's intent named.
 * Called by the actuator's jobs, from any lane. */
#ifndef QUORATE_IO_ACT_KEPT_H
#define QUORATE_IO_ACT_KEPT_H

#include <cjson/cJSON.h>

#include "node/io/act/routing.h"

struct kept;

/* The configuration must outlive it. Returns 0 or ERR_NO_MEMORY. */
int kept_new(const struct config *config, struct kept **ret_kept);
void kept_free(struct kept **kept);

/* Reads an answer of the API and keeps it where it makes sense. Returns as routing_read does. */
int kept_store(struct kept *kept, size_t service, const char *text, size_t length,
               struct route_view *ret_view, struct text *why);

/* The text that the step sends from the kept reading, if version and hash are still the base's; the
 * caller frees it with cJSON_free. Returns 0, ERR_NOT_FOUND (nothing kept), ERR_CONFLICT (`why`
 * says what differs), or an error of the backend. */
int kept_make_body(struct kept *kept, size_t service, enum route_step step, enum side to,
                   const struct route_base *base, char **ret_text, struct text *why);

#endif
