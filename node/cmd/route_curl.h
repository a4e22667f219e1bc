/* The requests of a route as commands for a shell with curl and jq, for when nothing else works.
 * Never prints a secret: the token and the client secret stay $TOKEN and $CLIENT_SECRET.
 * Called by `quorate route`. */
#ifndef QUORATE_CMD_ROUTE_CURL_H
#define QUORATE_CMD_ROUTE_CURL_H

#include <stdio.h>

#include "node/io/config/config.h"

/* Prints how to get a token and read the route and, where `to` is not SIDE_N, how to point it
 * there. Returns 0, or an error with `why`. */
int route_curl_print(const struct config *config, const struct service_config *service,
                     enum side to, FILE *out, struct text *why);

#endif
