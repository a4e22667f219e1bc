/* A TCP server on loopback that plays a script, one step a request, one connection at a time.
 * Never speaks TLS.
 * Called by the prober's tests. */
#ifndef QUORATE_TEST_SCRIPTED_SERVER_H
#define QUORATE_TEST_SCRIPTED_SERVER_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

enum server_act {
    SERVE_KEEP,          /* sends the text and keeps the connection */
    SERVE_CLOSE,         /* sends the text and closes */
    SERVE_RESET,         /* resets the connection after the request */
    SERVE_RESET_AT_ONCE, /* ... before it */
    SERVE_HANG,          /* sends the text, then nothing until the client leaves */
    SERVE_ENDLESS,       /* sends the text, then letters until the client leaves */
};

struct server_step {
    enum server_act act;
    int delay_ms;
    const char *text;
};

struct server {
    int listener;
    uint16_t port;
    pthread_t thread;
    const struct server_step *steps; /* the last is repeated */
    size_t step_count;
    pthread_mutex_t lock; /* guards what follows */
    int connection;       /* -1 where there is none */
    size_t connection_count;
    size_t request_count;
    char request[4096]; /* the newest, whole */
};

void server_start(struct server *server, const struct server_step *steps, size_t step_count);
void server_stop(struct server *server);
size_t server_connection_count(struct server *server);
/* Requests that were read whole; an answer may still be on its way. */
size_t server_request_count(struct server *server);
/* Copies the newest request's text. */
void server_request(struct server *server, char *ret_text, size_t size);

/* A listener that never accepts and whose queue is full, so that a connect hangs; the descriptors
 * are closed by server_close_silent. Returns its port. */
enum { SILENT_FD_COUNT = 4 };
uint16_t server_open_silent(int ret_fds[SILENT_FD_COUNT]);
void server_close_silent(int fds[SILENT_FD_COUNT]);

/* A port of loopback on which nobody listens. */
uint16_t server_free_port(void);

#endif
