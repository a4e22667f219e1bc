/* A small HTTP server on loopback that answers by script and remembers what it was asked.
 * Never understands what it serves.
 * Called by the tests of node/io/act. */
#ifndef QUORATE_TESTS_ACT_SERVER_H
#define QUORATE_TESTS_ACT_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SERVER_PATH_SIZE = 512,
    SERVER_HEAD_SIZE = 12288,
    SERVER_BODY_SIZE = 20480,
    SERVER_SEEN_COUNT_MAX = 64,
    SERVER_REPLY_COUNT_MAX = 8,
};

enum channel {
    CHANNEL_TOKEN, /* POST /oauth/token */
    CHANNEL_READ,  /* GET /api/... */
    CHANNEL_WRITE, /* PATCH /api/... */
    CHANNEL_OTHER,
    CHANNEL_N
};

enum reply_how {
    REPLY_ANSWER,
    REPLY_DROP,  /* close after the request was read, without a byte */
    REPLY_HANG,  /* hold the connection until the peer ends it */
    REPLY_BREAK, /* close in the middle of the body */
    REPLY_FLOOD, /* headers without end */
};

struct reply {
    int status;
    const char *headers; /* whole lines with \r\n, or NULL */
    const char *body;
    int delay_ms;
    enum reply_how how;
};

struct seen {
    enum channel channel;
    int64_t at_us; /* boot-time clock, when the head was complete */
    char path[SERVER_PATH_SIZE];
    char head[SERVER_HEAD_SIZE];
    char body[SERVER_BODY_SIZE];
};

struct server;

struct server *server_start(void);
void server_stop(struct server **server);
uint16_t server_port(const struct server *server);

/* Replies in order; the last one repeats. The strings must live as long as the server. */
void server_script(struct server *server, enum channel channel, const struct reply *replies,
                   size_t count);

size_t server_count(struct server *server, enum channel channel);
/* The n-th request of a channel, from 0; fails the test where there was none. Valid until
 * server_stop. */
const struct seen *server_seen(struct server *server, enum channel channel, size_t n);
size_t server_connection_count(struct server *server);
/* Waits up to two seconds for so many connections ended by a reset. */
bool server_await_resets(struct server *server, size_t count);
/* ... for so many requests of a channel. */
bool server_await_count(struct server *server, enum channel channel, size_t count);

/* Whether the head has this line ("Name: value", or "Name:" for any value). */
bool seen_has_header(const struct seen *seen, const char *line);

#endif
