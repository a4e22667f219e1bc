/* URLs of routes: a platform's base, plain parts, and ids of which nothing is syntax.
 * Never sends anything. Called by the routing backends; pure. */
#ifndef QUORATE_IO_ACT_ROUTING_URL_H
#define QUORATE_IO_ACT_ROUTING_URL_H

#include "node/io/act/routing.h"

/* Begins with the platform's API, without a slash at its end. Returns 0 or ERR_TOO_LARGE. */
int routing_url_begin(const struct platform_config *platform, char ret_url[ROUTING_URL_SIZE]);
/* Adds what is written as it is. Returns as above. */
int routing_url_add(const char *part, char url[ROUTING_URL_SIZE]);
/* Adds an id as one segment of a path (RFC 3986: all but unreserved characters as %XX). Returns as
 * above. */
int routing_url_add_segment(const char *id, char url[ROUTING_URL_SIZE]);

/* The usual resource: read with GET, and written with PUT, at `path` and `id`. Returns as above. */
int routing_url_resource(const struct platform_config *platform, const char *path, const char *id,
                         enum route_call call, struct route_request *ret_request);

#endif
