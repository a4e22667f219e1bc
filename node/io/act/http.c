#include "node/io/act/http.h"

#include <curl/curl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "common/check.h"
#include "common/errors.h"
#include "node/io/act/clock.h"

enum {
    KEPT_CONNECTION_COUNT_MAX = 4,
    RETRY_AFTER_S_MAX = 24 * 3600,
};

struct http_client {
    CURLM *multi; /* drives the one handle, so that an abort can wake it */
    CURL *easy;
    struct curl_slist *connect_to;
    char proxy[URL_SIZE];
    atomic_bool aborted;
    atomic_bool interrupted;
    char *body; /* HTTP_BODY_BYTES_MAX + 1 bytes */
};

/* Everything that the callbacks of one request know. */
struct transfer {
    struct http_client *client;
    const struct http_request *request;
    struct curl_slist *headers;
    char error[CURL_ERROR_SIZE];
    size_t head_length;
    size_t body_length;
    time_ms started_ms;
    bool cut;
    bool late;
};

static const char *const method_names[HTTP_METHOD_N] = {"GET", "POST",   "PATCH",
                                                        "PUT", "DELETE", "HEAD"};

const char *http_method_name(enum http_method method)
{
    CHECK(method < HTTP_METHOD_N);
    return method_names[method];
}

static bool is_ended(struct http_client *client)
{
    return atomic_load(&client->aborted) || atomic_load(&client->interrupted);
}

static int add_connect_to(struct http_client *client, const struct connect_to_config *map)
{
    char line[2 * URL_SIZE + 2];
    int length = snprintf(line, sizeof line, "%s:%s", map->from, map->to);
    CHECK(length > 0 && (size_t)length < sizeof line);
    struct curl_slist *list = curl_slist_append(client->connect_to, line);
    if (list == NULL)
        return ERR_NO_MEMORY;
    client->connect_to = list;
    return 0;
}

int http_client_new(const struct local_config *local, struct http_client **ret_client)
{
    struct http_client *client = calloc(1, sizeof *client);
    if (client == NULL)
        return ERR_NO_MEMORY;
    int rc = ERR_NO_MEMORY;
    client->body = malloc(HTTP_BODY_BYTES_MAX + 1);
    client->multi = curl_multi_init();
    client->easy = curl_easy_init();
    if (client->body == NULL || client->multi == NULL || client->easy == NULL)
        goto fail;
    if (curl_multi_setopt(client->multi, CURLMOPT_MAXCONNECTS, (long)KEPT_CONNECTION_COUNT_MAX)) {
        rc = ERR_INTERNAL;
        goto fail;
    }
    rc = text_copy(client->proxy, sizeof client->proxy, local->proxy);
    for (size_t i = 0; rc == 0 && i < local->connect_to_count; i++)
        rc = add_connect_to(client, &local->connect_to[i]);
    if (rc < 0)
        goto fail;
    atomic_init(&client->aborted, false);
    atomic_init(&client->interrupted, false);
    *ret_client = client;
    return 0;
fail:
    http_client_free(&client);
    return rc;
}

void http_client_free(struct http_client **client)
{
    struct http_client *old = *client;
    if (old == NULL)
        return;
    *client = NULL;
    curl_easy_cleanup(old->easy);
    (void)curl_multi_cleanup(old->multi);
    curl_slist_free_all(old->connect_to);
    free(old->body);
    free(old);
}

void http_client_abort(struct http_client *client)
{
    atomic_store(&client->aborted, true);
    (void)curl_multi_wakeup(client->multi);
}

void http_client_interrupt(struct http_client *client)
{
    atomic_store(&client->interrupted, true);
    (void)curl_multi_wakeup(client->multi);
}

void http_client_resume(struct http_client *client)
{
    atomic_store(&client->interrupted, false);
}

void http_url_host(const char *url, char ret_host[HTTP_HOST_SIZE])
{
    const char *start = strstr(url, "://");
    start = start == NULL ? url : start + 3;
    size_t length = strcspn(start, "/?#");
    for (size_t i = length; i > 0; i--) {
        if (start[i - 1] == '@') {
            start += i;
            length -= i;
            break;
        }
    }
    if (length == 0 || length >= HTTP_HOST_SIZE) {
        start = "?";
        length = 1;
    }
    memcpy(ret_host, start, length);
    ret_host[length] = '\0';
}

/* The last moment before the first byte leaves: connected, TLS done, nothing sent. */
static int on_before_request(void *data, char *remote_ip, char *local_ip, int remote_port,
                             int local_port)
{
    (void)remote_ip;
    (void)local_ip;
    (void)remote_port;
    (void)local_port;
    struct transfer *transfer = data;
    time_ms now_ms = clock_now_ms();
    if (is_ended(transfer->client))
        return CURL_PREREQFUNC_ABORT;
    if (now_ms >= transfer->request->start_before_ms) {
        transfer->late = true;
        return CURL_PREREQFUNC_ABORT;
    }
    transfer->started_ms = now_ms;
    return CURL_PREREQFUNC_OK;
}

/* A closed socket does not take its bytes back: what the kernel still holds would be delivered
 * after a partition healed. With a linger of zero the close drops it and sends a reset. */
static int on_own_socket(void *data, curl_socket_t socket, curlsocktype purpose)
{
    (void)purpose;
    const struct transfer *transfer = data;
    struct linger linger = {.l_onoff = 1, .l_linger = 0};
    time_ms left_ms = transfer->request->deadline_ms - clock_now_ms();
    unsigned int timeout_ms = left_ms > 0 ? (unsigned int)left_ms : 1;
    if (setsockopt(socket, SOL_SOCKET, SO_LINGER, &linger, sizeof linger) != 0 ||
        setsockopt(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout_ms, sizeof timeout_ms) != 0)
        return CURL_SOCKOPT_ERROR;
    return CURL_SOCKOPT_OK;
}

static size_t on_header(char *bytes, size_t size, size_t count, void *data)
{
    (void)bytes;
    struct transfer *transfer = data;
    transfer->head_length += size * count;
    if (transfer->head_length > HTTP_HEAD_BYTES_MAX) {
        transfer->cut = true;
        return 0;
    }
    return size * count;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *data)
{
    struct transfer *transfer = data;
    size_t length = size * count;
    if (length > HTTP_BODY_BYTES_MAX - transfer->body_length) {
        transfer->cut = true;
        return 0;
    }
    memcpy(transfer->client->body + transfer->body_length, bytes, length);
    transfer->body_length += length;
    return length;
}

#define SET(option, value) (rc = rc != CURLE_OK ? rc : curl_easy_setopt(easy, option, value))

static CURLcode set_callbacks(CURL *easy, struct transfer *transfer)
{
    CURLcode rc = CURLE_OK;
    SET(CURLOPT_ERRORBUFFER, transfer->error);
    SET(CURLOPT_HEADERFUNCTION, on_header);
    SET(CURLOPT_HEADERDATA, transfer);
    SET(CURLOPT_WRITEFUNCTION, on_body);
    SET(CURLOPT_WRITEDATA, transfer);
    SET(CURLOPT_PREREQFUNCTION, on_before_request);
    SET(CURLOPT_PREREQDATA, transfer);
    if (transfer->request->own_connection) {
        SET(CURLOPT_FRESH_CONNECT, 1L);
        SET(CURLOPT_FORBID_REUSE, 1L);
        SET(CURLOPT_SOCKOPTFUNCTION, on_own_socket);
        SET(CURLOPT_SOCKOPTDATA, transfer);
    }
    return rc;
}

static CURLcode set_bounds(CURL *easy, const struct http_client *client, long left_ms)
{
    CURLcode rc = CURLE_OK;
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_QUICK_EXIT,
        1L); /* else a silent name server holds us for seconds past the deadline */
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_CONNECTTIMEOUT_MS, left_ms);
    SET(CURLOPT_TIMEOUT_MS, left_ms);
    SET(CURLOPT_PROXY, client->proxy); /* an empty one keeps the environment's away */
    SET(CURLOPT_NOPROXY, client->proxy[0] == '\0' ? "*" : "");
    SET(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    SET(CURLOPT_CONNECT_TO, client->connect_to);
    SET(CURLOPT_USERAGENT, "quorate/" QUORATE_VERSION);
    return rc;
}

static CURLcode set_content(CURL *easy, struct transfer *transfer)
{
    const struct http_request *request = transfer->request;
    CURLcode rc = CURLE_OK;
    SET(CURLOPT_URL, request->url);
    if (request->body != NULL) {
        SET(CURLOPT_POSTFIELDS, request->body);
        SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_length);
        SET(CURLOPT_CUSTOMREQUEST, method_names[request->method]);
    } else if (request->method == HTTP_HEAD) {
        SET(CURLOPT_NOBODY, 1L);
    } else {
        CHECK(request->method == HTTP_GET || request->method == HTTP_DELETE);
        SET(CURLOPT_HTTPGET, 1L);
        SET(CURLOPT_CUSTOMREQUEST, method_names[request->method]);
    }
    struct curl_slist *list = curl_slist_append(NULL, "Expect:");
    for (size_t i = 0; list != NULL && i < HTTP_HEADER_COUNT_MAX; i++) {
        if (request->headers[i] == NULL)
            continue;
        transfer->headers = list;
        list = curl_slist_append(list, request->headers[i]);
    }
    if (list == NULL)
        return CURLE_OUT_OF_MEMORY;
    transfer->headers = list;
    SET(CURLOPT_HTTPHEADER, list);
    return rc;
}

#undef SET

static CURLcode await(struct http_client *client, time_ms deadline_ms)
{
    int running = 1;
    for (;;) {
        if (curl_multi_perform(client->multi, &running) != CURLM_OK)
            return CURLE_FAILED_INIT;
        if (running == 0)
            break;
        if (is_ended(client))
            return CURLE_ABORTED_BY_CALLBACK;
        time_ms left_ms = deadline_ms - clock_now_ms();
        if (left_ms <= 0)
            return CURLE_OPERATION_TIMEDOUT;
        if (curl_multi_poll(client->multi, NULL, 0, (int)left_ms, NULL) != CURLM_OK)
            return CURLE_FAILED_INIT;
    }
    int left_count = 0;
    const CURLMsg *message = curl_multi_info_read(client->multi, &left_count);
    return message != NULL ? message->data.result : CURLE_FAILED_INIT;
}

static CURLcode perform(struct http_client *client, struct transfer *transfer)
{
    const struct http_request *request = transfer->request;
    time_ms left_ms = request->deadline_ms - clock_now_ms();
    if (left_ms <= 0)
        return CURLE_OPERATION_TIMEDOUT;
    curl_easy_reset(client->easy);
    CURLcode rc = set_bounds(client->easy, client, (long)left_ms);
    if (rc == CURLE_OK)
        rc = set_callbacks(client->easy, transfer);
    if (rc == CURLE_OK)
        rc = set_content(client->easy, transfer);
    if (rc != CURLE_OK)
        return rc;
    if (curl_multi_add_handle(client->multi, client->easy) != CURLM_OK)
        return CURLE_FAILED_INIT;
    return await(client, request->deadline_ms);
}

static int32_t header_number(CURL *easy, const char *name)
{
    struct curl_header *header = NULL;
    if (curl_easy_header(easy, name, 0, CURLH_HEADER, -1, &header) != CURLHE_OK)
        return -1;
    char *end = NULL;
    long number = strtol(header->value, &end, 10);
    return end == header->value || number < 0 || number > INT32_MAX ? -1 : (int32_t)number;
}

static void read_headers(CURL *easy, struct http_answer *answer)
{
    curl_off_t retry_after_s = 0;
    if (curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &retry_after_s) == CURLE_OK &&
        retry_after_s > 0)
        answer->retry_after_ms =
            (retry_after_s > RETRY_AFTER_S_MAX ? RETRY_AFTER_S_MAX : retry_after_s) * 1000;
    answer->rate_limit.count = header_number(easy, "inin-ratelimit-count");
    answer->rate_limit.allowed = header_number(easy, "inin-ratelimit-allowed");
    answer->rate_limit.reset_s = header_number(easy, "inin-ratelimit-reset");
    struct curl_header *header = NULL;
    if (curl_easy_header(easy, "ININ-Correlation-Id", 0, CURLH_HEADER, -1, &header) != CURLHE_OK)
        return;
    size_t length = 0;
    while (length < sizeof answer->correlation_id - 1 && header->value[length] > ' ' &&
           header->value[length] < 0x7f)
        length++;
    memcpy(answer->correlation_id, header->value, length);
}

/* Whether any byte of the request was given to the connection. */
static bool was_sent(CURL *easy, const struct transfer *transfer)
{
    long request_bytes = 0;
    if (transfer->started_ms == 0)
        return false;
    return curl_easy_getinfo(easy, CURLINFO_REQUEST_SIZE, &request_bytes) != CURLE_OK ||
           request_bytes > 0;
}

static enum http_end judge_end(struct http_client *client, const struct transfer *transfer,
                               CURLcode rc, bool sent)
{
    if (rc == CURLE_OK)
        return HTTP_ANSWERED;
    if (transfer->cut)
        return HTTP_ANSWER_CUT;
    if (sent)
        return HTTP_LOST;
    return transfer->late || is_ended(client) ? HTTP_ABORTED : HTTP_NOT_SENT;
}

static void explain(const struct transfer *transfer, CURLcode rc, struct http_answer *answer)
{
    char host[HTTP_HOST_SIZE];
    http_url_host(transfer->request->url, host);
    const char *reason = transfer->error[0] != '\0' ? transfer->error : curl_easy_strerror(rc);
    switch (answer->end) {
    case HTTP_ANSWERED:
        break;
    case HTTP_ANSWER_CUT:
        text_set(&answer->why, "%s: the answer (status %d) is too large", host, answer->status);
        break;
    case HTTP_NOT_SENT:
        text_set(&answer->why, "%s: not sent: %s", host, reason);
        break;
    case HTTP_LOST:
        text_set(&answer->why, "%s: sent, but no whole answer: %s", host, reason);
        break;
    case HTTP_ABORTED:
        text_set(&answer->why, "%s: not sent: %s", host,
                 transfer->late ? "the time to start it had passed" : "stopping");
        break;
    case HTTP_END_N:
        CHECK(false);
    }
}

void http_client_request(struct http_client *client, const struct http_request *request,
                         struct http_answer *ret_answer)
{
    struct transfer transfer = {.client = client, .request = request};
    struct http_answer answer = {.rate_limit = {-1, -1, -1}};
    CURLcode rc = CURLE_ABORTED_BY_CALLBACK;
    transfer.late = clock_now_ms() >= request->start_before_ms;
    bool performed = !transfer.late && !is_ended(client);
    if (performed)
        rc = perform(client, &transfer);
    bool sent = performed && was_sent(client->easy, &transfer);
    answer.end = judge_end(client, &transfer, rc, sent);
    answer.interrupted = answer.end != HTTP_ANSWERED && atomic_load(&client->interrupted);
    if (sent) {
        long status = 0;
        (void)curl_easy_getinfo(client->easy, CURLINFO_RESPONSE_CODE, &status);
        answer.status = (int)status;
        answer.started_ms = transfer.started_ms;
        read_headers(client->easy, &answer);
    }
    explain(&transfer, rc, &answer);
    (void)curl_multi_remove_handle(client->multi, client->easy);
    curl_easy_reset(client->easy); /* it must not keep pointers to this frame */
    curl_slist_free_all(transfer.headers);
    client->body[transfer.body_length] = '\0';
    answer.body = client->body;
    answer.body_length = transfer.body_length;
    *ret_answer = answer;
}
