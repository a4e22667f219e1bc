/* One request to a route's API without a cluster: the actuator, waited for.
 * Never asks the cluster, its guard or its ledger; that is what break-glass means.
 * Called by `quorate route`. */
#ifndef QUORATE_CMD_ROUTE_JOB_H
#define QUORATE_CMD_ROUTE_JOB_H

#include "node/io/act/actuator.h"

struct route_desk;

/* Returns 0, or as actuator_new with `why`. The configuration must outlive the desk. */
int route_desk_open(const struct config *config, struct route_desk **ret_desk, struct text *why);
void route_desk_close(struct route_desk **desk);

/* Reads the route of config->services[place]. Always fills the result. */
void route_desk_read(struct route_desk *desk, size_t place, struct actuator_result *ret_result);
/* Points the route to the side, from the reading `view`. `key` becomes the Idempotency-Key. */
void route_desk_switch(struct route_desk *desk, size_t place, enum side to,
                       const struct route_view *view, const char *key,
                       struct actuator_result *ret_result);

#endif
