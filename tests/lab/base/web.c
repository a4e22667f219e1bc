#include "tests/lab/base/web.h"

#include "common/errors.h"
#include "tests/lab/base/clock.h"
#include "tests/lab/base/endpoint.h"

#include <microhttpd.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { THREAD_STACK_BYTES = 256 * 1024 };

struct web {
    struct MHD_Daemon *daemon;
    web_handle_fn *handle;
    void *data;
    int closing_fd;
    uint16_t port;
};

/* One request while its body arrives. */
struct upload {
    char *bytes;
    size_t length;
    size_t capacity;
    bool too_large;
};

static int upload_add(struct upload *upload, const char *bytes, size_t length)
{
    size_t capacity = upload->capacity == 0 ? 4096 : upload->capacity;
    char *grown;

    if (upload->too_large || length > WEB_BODY_BYTES_MAX - upload->length) {
        upload->too_large = true;
        return 0;
    }
    while (capacity < upload->length + length + 1)
        capacity *= 2;
    if (capacity != upload->capacity) {
        grown = realloc(upload->bytes, capacity);
        if (grown == NULL)
            return ERR_NO_MEMORY;
        upload->bytes = grown;
        upload->capacity = capacity;
    }
    memcpy(upload->bytes + upload->length, bytes, length);
    upload->length += length;
    upload->bytes[upload->length] = '\0';
    return 0;
}

static uint16_t peer_port_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    struct sockaddr_in v4 = {0};

    /* The port stands at the same place in both families. */
    if (info == NULL || info->client_addr == NULL)
        return 0;
    memcpy(&v4, info->client_addr, sizeof(v4));
    return ntohs(v4.sin_port);
}

static int fd_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);

    return info == NULL ? -1 : info->connect_fd;
}

static enum MHD_Result answer_send(struct MHD_Connection *connection, struct web_answer *answer)
{
    char *body = answer->body;
    struct MHD_Response *response;
    enum MHD_Result result;

    if (answer->status == 0) {
        free(body);
        return MHD_NO;
    }
    response = MHD_create_response_from_buffer(body == NULL ? 0 : strlen(body), body,
                                               MHD_RESPMEM_MUST_FREE);
    if (response == NULL) {
        free(body);
        return MHD_NO;
    }
    (void)MHD_add_response_header(response, "Content-Type", "application/json");
    for (size_t i = 0; i < answer->header_count; i++)
        (void)MHD_add_response_header(response, answer->headers[i].name, answer->headers[i].value);
    result = MHD_queue_response(connection, (unsigned)answer->status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result upload_serve(struct web *web, struct MHD_Connection *connection,
                                    const char *path, const char *method,
                                    const struct upload *upload)
{
    bool whole = upload->bytes != NULL && !upload->too_large;
    struct web_request request = {
        .method = method,
        .path = path,
        .body = whole ? upload->bytes : "",
        .body_length = whole ? upload->length : 0,
        .body_too_large = upload->too_large,
        .peer_port = peer_port_of(connection),
        .boot_ms = clock_boot_ms(),
        .wall_ms = clock_wall_ms(),
        .connection = connection,
        .connection_fd = fd_of(connection),
        .closing_fd = web->closing_fd,
    };
    struct web_answer answer = {.status = MHD_HTTP_OK};

    web->handle(&request, &answer, web->data);
    return answer_send(connection, &answer);
}

/* Called once when the headers are there, once for each piece of the body, and once at its end. */
static enum MHD_Result on_request(void *data, struct MHD_Connection *connection, const char *path,
                                  const char *method, const char *version, const char *bytes,
                                  size_t *length, void **upload_slot)
{
    struct upload *upload = *upload_slot;

    (void)version;
    if (upload == NULL) {
        *upload_slot = calloc(1, sizeof(*upload));
        return *upload_slot == NULL ? MHD_NO : MHD_YES;
    }
    if (*length > 0) {
        int result = upload_add(upload, bytes, *length);

        *length = 0;
        return result == 0 ? MHD_YES : MHD_NO;
    }
    return upload_serve(data, connection, path, method, upload);
}

static void on_completed(void *data, struct MHD_Connection *connection, void **upload_slot,
                         enum MHD_RequestTerminationCode code)
{
    struct upload *upload = *upload_slot;

    (void)data;
    (void)connection;
    (void)code;
    if (upload != NULL)
        free(upload->bytes);
    free(upload);
    *upload_slot = NULL;
}

static unsigned flags_of(enum web_mode mode)
{
    switch (mode) {
    case WEB_THREADS:
        return MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL |
               MHD_USE_ITC;
    case WEB_LOOP:
        return MHD_USE_EPOLL;
    case WEB_MODE_N:
        break;
    }
    return 0;
}

int web_new(const char *host, uint16_t port, enum web_mode mode, web_handle_fn *handle, void *data,
            struct web **ret_web, struct text *why)
{
    struct web *web = calloc(1, sizeof(*web));
    int fd = -1;
    int result = ERR_INTERNAL;

    text_set(why, "no server for port %u on %s", (unsigned)port, host);
    if (web == NULL)
        return ERR_NO_MEMORY;
    web->handle = handle;
    web->data = data;
    web->closing_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (web->closing_fd < 0)
        goto fail_web;
    result = endpoint_listen(host, port, &fd, &web->port, why);
    if (result != 0)
        goto fail_closing;
    web->daemon =
        MHD_start_daemon(flags_of(mode), 0, NULL, NULL, on_request, web, MHD_OPTION_LISTEN_SOCKET,
                         fd, MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL,
                         MHD_OPTION_THREAD_STACK_SIZE, (size_t)THREAD_STACK_BYTES, MHD_OPTION_END);
    if (web->daemon == NULL) {
        result = ERR_INTERNAL;
        goto fail_listen;
    }
    text_clear(why);
    *ret_web = web;
    return 0;

fail_listen:
    (void)close(fd);
fail_closing:
    (void)close(web->closing_fd);
fail_web:
    free(web);
    return result;
}

void web_free(struct web **web)
{
    struct web *old = *web;

    if (old == NULL)
        return;
    *web = NULL;
    (void)eventfd_write(old->closing_fd, 1);
    MHD_stop_daemon(old->daemon);
    (void)close(old->closing_fd);
    free(old);
}

uint16_t web_port(const struct web *web)
{
    return web->port;
}

struct MHD_Daemon *web_daemon(const struct web *web)
{
    return web->daemon;
}

const char *web_request_header(const struct web_request *request, const char *name)
{
    return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

const char *web_request_query(const struct web_request *request, const char *name)
{
    return MHD_lookup_connection_value(request->connection, MHD_GET_ARGUMENT_KIND, name);
}

void web_answer_header(struct web_answer *answer, const char *name, const char *format, ...)
{
    va_list arguments;

    if (answer->header_count == WEB_HEADERS_MAX)
        return;
    answer->headers[answer->header_count].name = name;
    va_start(arguments, format);
    (void)vsnprintf(answer->headers[answer->header_count].value, sizeof(answer->headers[0].value),
                    format, arguments);
    va_end(arguments);
    answer->header_count++;
}

void web_answer_json(struct web_answer *answer, int status, cJSON *json)
{
    free(answer->body);
    answer->body = cJSON_PrintUnformatted(json);
    answer->status = status;
    cJSON_Delete(json);
}

void web_answer_refusal(struct web_answer *answer, int status, const char *format, ...)
{
    cJSON *json = cJSON_CreateObject();
    char message[TEXT_BYTES] = "";
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    (void)cJSON_AddStringToObject(json, "error", message);
    web_answer_json(answer, status, json);
}
