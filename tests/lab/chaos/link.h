/* One proxied connection: the client's socket, the target's, and a lane each way.
 * Never decides what is lost; the lanes do, by the pair's setting.
 * Called by its pair, on the loop. Frees itself when its last handle has closed. */
#ifndef QUORATE_LAB_LINK_H
#define QUORATE_LAB_LINK_H

#include "tests/lab/base/endpoint.h"
#include "tests/lab/chaos/lane.h"

#include <stdbool.h>

struct link;

/* Called once, when the link is gone from the network; it must not be used any more. */
typedef void link_gone_fn(struct link *link, void *data);

struct link {
    struct link *previous; /* the pair's list */
    struct link *next;
    uv_tcp_t client;
    uv_tcp_t server;
    bool has_server; /* false: the client talks to nobody */
    uv_connect_t connect;
    uv_shutdown_t shutdown_up;
    uv_shutdown_t shutdown_down;
    struct lane up;
    struct lane down;
    bool closing;
    int open_handles;
    link_gone_fn *on_gone;
    void *data;
};

struct link_rules {
    struct lane_rules *up;
    struct lane_rules *down;
};

/* Accepts from `listener`; the link is then the caller's to start. Errors: ERR_NO_MEMORY,
 * ERR_NETWORK. */
int link_new(uv_stream_t *listener, const struct link_rules *rules, link_gone_fn *on_gone,
             void *data, struct link **ret_link);
/* Connects to the target, unless a cut lets nothing through: then the client is left to silence.
 * May close. */
void link_start(struct link *link, const struct endpoint *target);
/* Closes both sides, by a reset where `reset`; on_gone is called before this returns, once. */
void link_close(struct link *link, bool reset);
/* True where bytes vanished: this connection can only be silent or wrong. */
bool link_has_lost(const struct link *link);

#endif
