/* The body of a routing request as a program for jq that makes it from the route as it was read.
 * Never prints a secret, never runs anything. Called by `quorate route SERVICE curl`. */
#ifndef QUORATE_CMD_ROUTE_JQ_H
#define QUORATE_CMD_ROUTE_JQ_H

#include <stdio.h>

#include "node/io/act/routing.h"

/* Prints the program for the side. It is not quoted for a shell. Returns 0, or an error of the
 * backend with `why`. */
int route_jq_print(const struct service_config *service, const struct route_config *route,
                   enum side to, FILE *out, struct text *why);

#endif
