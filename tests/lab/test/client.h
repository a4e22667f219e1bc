/* A plain HTTP client for tests, over libcurl's easy interface.
 * Never retries, never reuses a connection.
 * Called by the lab's tests. */
#ifndef QUORATE_LAB_TEST_CLIENT_H
#define QUORATE_LAB_TEST_CLIENT_H

#include "common/duration.h"

#include <cjson/cJSON.h>
#include <curl/curl.h>
#include <stddef.h>
#include <stdint.h>

enum { CLIENT_HEADERS_MAX = 6, CLIENT_TIMEOUT_MS = 10000 };

/* NULL and 0 leave a thing out; the timeout is then CLIENT_TIMEOUT_MS. */
struct client_request {
    const char *method;
    uint16_t port;
    const char *path;
    const char *user; /* ID:SECRET for Basic */
    const char *headers[CLIENT_HEADERS_MAX];
    const char *body;
    time_ms timeout_ms;
};

struct client_reply {
    CURLcode code;
    long status;
    double total_ms;
    char *headers;
    char *body;
};

/* The reply is freed with client_reply_free. */
void client_send(const struct client_request *request, struct client_reply *ret_reply);
void client_reply_free(struct client_reply *reply);

/* The value's copy in `buffer`, or "". */
const char *client_header(const struct client_reply *reply, const char *name, char *buffer,
                          size_t size);

/* Sends, demands the status and gives the JSON body, which the caller deletes. */
cJSON *client_json(uint16_t port, const char *method, const char *path, const char *body,
                   long status_wanted);

/* Of an object; fails the test where it is absent or of another type. */
const char *client_text(const cJSON *object, const char *key);
double client_number(const cJSON *object, const char *key);
int client_truth(const cJSON *object, const char *key);

#endif
