/* A small HTTP server: whole requests in, whole answers out, over libmicrohttpd.
 * Never decides what to answer; never logs.
 * Called by the lab programs, either with a thread for each connection (WEB_THREADS: handlers may
 * wait) or on a libuv loop through web_loop.h (WEB_LOOP: handlers must not wait). */
#ifndef QUORATE_LAB_WEB_H
#define QUORATE_LAB_WEB_H

#include "common/duration.h"
#include "common/text.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WEB_BODY_BYTES_MAX = 512000, WEB_HEADERS_MAX = 8 };

struct web;
struct MHD_Connection;
struct MHD_Daemon;

/* Lives as long as the handler's call. */
struct web_request {
    const char *method;
    const char *path; /* without the query */
    const char *body; /* NUL-terminated; "" where none, or where it was too large */
    size_t body_length;
    bool body_too_large; /* over WEB_BODY_BYTES_MAX */
    uint16_t peer_port;
    time_ms boot_ms; /* when the whole request had arrived */
    time_ms wall_ms;
    struct MHD_Connection *connection;
    int connection_fd;
    int closing_fd; /* readable once the server closes */
};

/* What the handler leaves; starts as 200 with an empty body. Status 0 closes the connection
 * unanswered. */
struct web_answer {
    int status;
    char *body; /* malloc'ed; the server frees it */
    struct {
        const char *name; /* static storage */
        char value[128];
    } headers[WEB_HEADERS_MAX];
    size_t header_count;
};

typedef void web_handle_fn(const struct web_request *request, struct web_answer *answer,
                           void *data);

enum web_mode { WEB_THREADS, WEB_LOOP, WEB_MODE_N };

/* Listens and serves; port 0 takes any. Errors: those of endpoint_listen, ERR_INTERNAL, with `why`.
 */
int web_new(const char *host, uint16_t port, enum web_mode mode, web_handle_fn *handle, void *data,
            struct web **ret_web, struct text *why);
/* Wakes the waiting handlers, closes every connection and the listening socket. Not from a handler.
 */
void web_free(struct web **web);
uint16_t web_port(const struct web *web);
/* For web_loop.c alone. */
struct MHD_Daemon *web_daemon(const struct web *web);

/* NULL where absent. Header names in any case. */
const char *web_request_header(const struct web_request *request, const char *name);
const char *web_request_query(const struct web_request *request, const char *name);

/* Waits in the handler. The first ends early only when the server closes, the second also when the
 * client leaves; a negative time is for ever. True where the whole time passed. */
bool web_request_wait(const struct web_request *request, time_ms wait_ms);
bool web_request_wait_client(const struct web_request *request, time_ms wait_ms);

void web_answer_header(struct web_answer *answer, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Takes `json` and deletes it. */
void web_answer_json(struct web_answer *answer, int status, cJSON *json);
/* {"error": text}: for the control interfaces. */
void web_answer_refusal(struct web_answer *answer, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
