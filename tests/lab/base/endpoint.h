/* Addresses: a listening socket by host and port, and HOST:PORT as people write it.
 * Never accepts, never connects.
 * Called by the web server and the chaos proxy at start, and when a bot comes back. */
#ifndef QUORATE_LAB_ENDPOINT_H
#define QUORATE_LAB_ENDPOINT_H

#include "common/text.h"

#include <stdint.h>
#include <sys/socket.h>

struct endpoint {
    char name[128]; /* as it was written */
    struct sockaddr_storage address;
    socklen_t length;
};

/* Finds the address of "HOST:PORT" (names are looked up). Errors: ERR_INVALID with `why`. */
int endpoint_parse(const char *word, struct endpoint *ret_endpoint, struct text *why);

/* Opens a listening, non-blocking socket that the caller owns; port 0 takes any. *ret_port is what
 * it got. Errors: ERR_INVALID, ERR_BUSY (the port is taken), ERR_IO, each with a `why` that names
 * host and port. */
int endpoint_listen(const char *host, uint16_t port, int *ret_fd, uint16_t *ret_port,
                    struct text *why);

#endif
