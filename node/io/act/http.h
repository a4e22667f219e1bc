/* One bounded HTTP request at a time, driven on the calling thread, with a truthful word on how it
 * ended. Never follows redirects, never reads proxies from the environment, never logs; headers
 * stay with the caller. Called by the actuator's lanes, the token store and the notifier. */
#ifndef QUORATE_IO_ACT_HTTP_H
#define QUORATE_IO_ACT_HTTP_H

#include "common/text.h"
#include "node/io/config/config.h"
#include "proto/types.h"

enum {
    HTTP_BODY_BYTES_MAX = 256 * 1024, /* of an answer */
    HTTP_HEAD_BYTES_MAX = 64 * 1024,
    HTTP_HEADER_COUNT_MAX = 16, /* of a request */
    HTTP_HOST_SIZE = 256,
    HTTP_CORRELATION_SIZE = CORRELATION_SIZE,
};

#define HTTP_NO_START_LIMIT INT64_MAX

enum http_method {
    HTTP_GET,
    HTTP_POST,
    HTTP_PATCH,
    HTTP_PUT,
    HTTP_DELETE,
    HTTP_HEAD,
    HTTP_METHOD_N
};

enum http_end {
    HTTP_ANSWERED,   /* a status and a whole body */
    HTTP_ANSWER_CUT, /* a status, and a head or body over the limit */
    HTTP_NOT_SENT,   /* no byte of the request left: DNS, connect, TLS, no time */
    HTTP_LOST,       /* the request may have arrived, no whole answer did */
    HTTP_ABORTED, /* not sent, because of http_client_abort, an interruption or start_before_ms */
    HTTP_END_N
};

struct http_request {
    enum http_method method;
    const char *url;
    const char *headers[HTTP_HEADER_COUNT_MAX]; /* "Name: value", NULL where unused */
    const char *body;                           /* NULL for none; kept until the call returns */
    size_t body_length;
    time_ms deadline_ms;     /* boot-time clock; the whole request is over by then */
    time_ms start_before_ms; /* boot-time clock, or HTTP_NO_START_LIMIT */
    bool
        own_connection; /* fresh, not reused, closed by a reset so that nothing is delivered late */
};

/* -1 where the header was absent or no number. */
struct http_rate_limit {
    int32_t count;
    int32_t allowed;
    int32_t reset_s;
};

struct http_answer {
    enum http_end end;
    int status;       /* 0 where none was received */
    const char *body; /* NUL-terminated, in the client's storage until its next request */
    size_t body_length;
    time_ms started_ms; /* boot-time clock, just before the request's first byte; 0 where it never
                           came to that */
    time_ms retry_after_ms; /* 0 where absent */
    bool interrupted; /* http_client_interrupt ended it; what had been sent may have arrived */
    char correlation_id[HTTP_CORRELATION_SIZE];
    struct http_rate_limit rate_limit;
    struct text why; /* empty after HTTP_ANSWERED; else names the host and what went wrong */
};

struct http_client;

/* A client with its own connections; takes the proxy and `connect_to` of the local configuration,
 * which it copies. Returns 0, ERR_NO_MEMORY or ERR_INTERNAL. */
int http_client_new(const struct local_config *local, struct http_client **ret_client);
void http_client_free(struct http_client **client);

/* Always fills the answer. One caller at a time. */
void http_client_request(struct http_client *client, const struct http_request *request,
                         struct http_answer *ret_answer);

/* Ends the running request at once and all later ones before they start. Any thread. */
void http_client_abort(struct http_client *client);

/* Ends the running request at once, and all that follow, until the client is resumed. Any thread.
 */
void http_client_interrupt(struct http_client *client);
void http_client_resume(struct http_client *client);

/* "GET", "PUT", ... Static storage. */
const char *http_method_name(enum http_method method);

/* The host and port part of a URL, without user and password; "?" where there is none. */
void http_url_host(const char *url, char ret_host[HTTP_HOST_SIZE]);

#endif
