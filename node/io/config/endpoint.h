/* The parts of a URL or a host:port, and when two of them are the same thing.
 * Never resolves a name.
 * Called by the configuration's values and rules. */
#ifndef QUORATE_IO_CONFIG_ENDPOINT_H
#define QUORATE_IO_CONFIG_ENDPOINT_H

#include <stdbool.h>
#include <stdint.h>

#include "common/text.h"

enum { ENDPOINT_HOST_SIZE = 192, ENDPOINT_PATH_SIZE = 512 };

struct endpoint {
    char scheme[8];                /* http, https, tcp, tls, or "" for a host:port */
    char host[ENDPOINT_HOST_SIZE]; /* lower case, without brackets and the last dot */
    char path[ENDPOINT_PATH_SIZE]; /* without query and fragment, "/" where there is none, "" for
                                      tcp and tls */
    uint16_t port;                 /* the scheme's own where none is written */
};

/* Returns 0 or ERR_INVALID with `why` appended ("has no scheme (...)"). */
int endpoint_parse_url(const char *url, struct endpoint *ret_endpoint, struct text *why);
/* A host, a colon, a port; an IPv6 address stands in brackets. Same errors. */
int endpoint_parse_host_port(const char *text, struct endpoint *ret_endpoint, struct text *why);
/* Is the text a host name or an address by its characters? An IPv6 address stands without brackets.
 */
bool endpoint_host_ok(const char *host);

/* http or https: requests can be sent there. */
bool endpoint_is_http(const struct endpoint *endpoint);
bool endpoint_is_loopback(const char *host);
/* Same machine: the same host, on loopback (where a lab puts everything) the same host and port. */
bool endpoint_same_machine(const struct endpoint *a, const struct endpoint *b);
/* Same host, port and path. */
bool endpoint_equal(const struct endpoint *a, const struct endpoint *b);

#endif
