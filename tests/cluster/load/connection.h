/* One kept-alive HTTP connection of the load: a request out, its answer in.
 * Never blocks, never decides what to send.
 * Called by load.c. */
#ifndef QUORATE_CLUSTER_LOAD_CONNECTION_H
#define QUORATE_CLUSTER_LOAD_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CONNECTION_BYTES = 4096 }; /* of a request, and of an answer with its head */

enum connection_state { CONNECTION_CLOSED, CONNECTION_IDLE, CONNECTION_BUSY };

struct connection {
    enum connection_state state;
    int fd;
    uint16_t port; /* on loopback */
    size_t got;
    char bytes[CONNECTION_BYTES]; /* of the answer, NUL-terminated */
    const char *body;             /* within `bytes`, of a whole answer */
    int status;
};

enum connection_step { CONNECTION_WAITS, CONNECTION_ANSWERED, CONNECTION_BROKE };

/* Connects where it is closed. Returns whether the request is on its way. */
bool connection_send(struct connection *connection, const char *request, size_t length);
/* After the socket became readable: a whole answer makes the connection idle, or closed where the
 * other side wants that. */
enum connection_step connection_read(struct connection *connection);
void connection_close(struct connection *connection);

#endif
