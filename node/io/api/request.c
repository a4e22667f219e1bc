#include <stdlib.h>
#include <string.h>

#include "common/errors.h"
#include "node/io/api/error_json.h"
#include "node/io/contexts/context_content.h"

enum { BODY_BYTES_FIRST = 4096 };

/* Finds the route and checks the access; what is wrong becomes the answer, which is sent once the
 * body is read. */
static void look_at_head(struct request *request, const char *method, const char *url)
{
    int result = routes_find(method, url, request->argument, sizeof request->argument,
                             &request->route, &request->answer.allow);
    if (result == ERR_FORBIDDEN) {
        answer_error(request, MHD_HTTP_METHOD_NOT_ALLOWED, "method-not-allowed",
                     "%.200s takes %s, not %.16s", url, request->answer.allow, method);
        return;
    }
    if (result != 0) {
        answer_error(request, MHD_HTTP_NOT_FOUND, "not-found", "no such path: %.200s", url);
        return;
    }
    (void)access_check(request);
}

static enum MHD_Result begin(struct api *api, struct MHD_Connection *connection, const char *url,
                             const char *method, void **slot)
{
    struct request *request = calloc(1, sizeof *request);
    if (request == NULL)
        return MHD_NO;
    request->api = api;
    request->connection = connection;
    *slot = request;
    look_at_head(request, method, url);
    return MHD_YES;
}

/* A body that nobody wants is read all the same, within limits: a client that is still sending when
 * the connection closes never sees the answer. */
static enum MHD_Result drain(struct request *request, size_t length)
{
    request->drained += length;
    return request->drained <= API_DRAIN_BYTES_MAX ? MHD_YES : MHD_NO;
}

static size_t body_bytes_max(const struct request *request)
{
    return request->route->access == ACCESS_CONTEXT_WRITE ? CONTEXT_BODY_BYTES_MAX
                                                          : API_BODY_BYTES_MAX;
}

/* Returns false where memory does not suffice. */
static bool make_room(struct request *request, size_t length)
{
    size_t size = request->body_size > 0 ? request->body_size : BODY_BYTES_FIRST;
    while (size < request->body_length + length)
        size *= 2;
    if (size == request->body_size)
        return true;
    char *body = realloc(request->body, size);
    if (body == NULL)
        return false;
    request->body = body;
    request->body_size = size;
    return true;
}

static enum MHD_Result collect(struct request *request, const char *upload, size_t length)
{
    if (request->answer.status != 0)
        return drain(request, length);
    if (request->body_length + length > body_bytes_max(request)) {
        answer_error(request, MHD_HTTP_CONTENT_TOO_LARGE, "too-large", "the body is over %zu bytes",
                     body_bytes_max(request));
        return drain(request, length);
    }
    if (!make_room(request, length))
        return MHD_NO;
    memcpy(request->body + request->body_length, upload, length);
    request->body_length += length;
    return MHD_YES;
}

static void handle(struct request *request)
{
    struct node_view view = {.self = 0};
    request->handled = true;
    if (request->answer.status != 0)
        return;
    request->api->hooks.view(request->api->hooks.data, &view);
    request->route->handler(request, &view);
}

enum MHD_Result request_on_call(void *data, struct MHD_Connection *connection, const char *url,
                                const char *method, const char *version, const char *upload,
                                size_t *upload_size, void **slot)
{
    struct request *request = *slot;
    (void)version;
    if (request == NULL)
        return begin(data, connection, url, method, slot);
    if (*upload_size > 0) {
        size_t length = *upload_size;
        *upload_size = 0;
        return collect(request, upload, length);
    }
    if (!request->handled)
        handle(request);
    if (request->wait != WAIT_NOTHING) {
        request->suspended = true;
        MHD_suspend_connection(connection);
        return MHD_YES;
    }
    return answer_send(request);
}

void request_on_completed(void *data, struct MHD_Connection *connection, void **slot,
                          enum MHD_RequestTerminationCode code)
{
    struct request *request = *slot;
    (void)data, (void)connection, (void)code;
    if (request == NULL)
        return;
    waiting_remove(request);
    answer_clear(&request->answer);
    free(request->body);
    free(request);
    *slot = NULL;
}
