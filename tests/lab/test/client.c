#include "tests/lab/test/client.h"

#include "common/text.h"
#include "tests/lab/test/assert.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static size_t on_bytes(char *bytes, size_t size, size_t count, void *data)
{
    FILE *stream = data;

    return fwrite(bytes, size, count, stream);
}

static void easy_prepare(CURL *easy, const struct client_request *request,
                         struct curl_slist **headers)
{
    struct text url = {0};

    text_set(&url, "http://127.0.0.1:%u%s", (unsigned)request->port, request->path);
    for (size_t i = 0; i < CLIENT_HEADERS_MAX && request->headers[i] != NULL; i++)
        *headers = curl_slist_append(*headers, request->headers[i]);
    (void)curl_easy_setopt(easy, CURLOPT_URL, url.bytes);
    (void)curl_easy_setopt(easy, CURLOPT_HTTPHEADER, *headers);
    (void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
    (void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_bytes);
    (void)curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_bytes);
    (void)curl_easy_setopt(
        easy, CURLOPT_TIMEOUT_MS,
        (long)(request->timeout_ms > 0 ? request->timeout_ms : CLIENT_TIMEOUT_MS));
    if (request->user != NULL)
        (void)curl_easy_setopt(easy, CURLOPT_USERPWD, request->user);
    if (request->body != NULL) {
        (void)curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                               (curl_off_t)strlen(request->body));
        (void)curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body);
    }
    if (request->method != NULL)
        (void)curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
}

void client_send(const struct client_request *request, struct client_reply *ret_reply)
{
    struct client_reply reply = {0};
    struct curl_slist *headers = NULL;
    size_t body_size = 0;
    size_t headers_size = 0;
    curl_off_t total_us = 0;
    CURL *easy = curl_easy_init();
    FILE *body_stream = open_memstream(&reply.body, &body_size);
    FILE *headers_stream = open_memstream(&reply.headers, &headers_size);

    assert_true(easy != NULL && body_stream != NULL && headers_stream != NULL);
    easy_prepare(easy, request, &headers);
    (void)curl_easy_setopt(easy, CURLOPT_WRITEDATA, body_stream);
    (void)curl_easy_setopt(easy, CURLOPT_HEADERDATA, headers_stream);
    reply.code = curl_easy_perform(easy);
    (void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &reply.status);
    (void)curl_easy_getinfo(easy, CURLINFO_TOTAL_TIME_T, &total_us);
    reply.total_ms = (double)total_us / 1000;
    curl_easy_cleanup(easy);
    curl_slist_free_all(headers);
    (void)fclose(body_stream);
    (void)fclose(headers_stream);
    *ret_reply = reply;
}

void client_reply_free(struct client_reply *reply)
{
    free(reply->headers);
    free(reply->body);
    *reply = (struct client_reply){0};
}

const char *client_header(const struct client_reply *reply, const char *name, char *buffer,
                          size_t size)
{
    size_t length = strlen(name);
    const char *line = reply->headers;

    buffer[0] = '\0';
    while (line != NULL && *line != '\0') {
        if (strncasecmp(line, name, length) == 0 && line[length] == ':') {
            (void)snprintf(buffer, size, "%.*s", (int)strcspn(line + length + 2, "\r\n"),
                           line + length + 2);
            return buffer;
        }
        line = strchr(line, '\n');
        line = line == NULL ? NULL : line + 1;
    }
    return buffer;
}

cJSON *client_json(uint16_t port, const char *method, const char *path, const char *body,
                   long status_wanted)
{
    struct client_request request = {.method = method, .port = port, .path = path, .body = body};
    struct client_reply reply = {0};
    cJSON *json;

    client_send(&request, &reply);
    if (reply.status != status_wanted)
        fail_msg("%s %s: %ld, not %ld: %s", method, path, reply.status, status_wanted, reply.body);
    json = cJSON_Parse(reply.body);
    if (json == NULL)
        fail_msg("%s %s: no JSON: %s", method, path, reply.body);
    client_reply_free(&reply);
    return json;
}

const char *client_text(const cJSON *object, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);

    if (!cJSON_IsString(item))
        fail_msg("\"%s\" is no string", key);
    return item->valuestring;
}

double client_number(const cJSON *object, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);

    if (!cJSON_IsNumber(item))
        fail_msg("\"%s\" is no number", key);
    return item->valuedouble;
}

int client_truth(const cJSON *object, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);

    if (!cJSON_IsBool(item))
        fail_msg("\"%s\" is neither true nor false", key);
    return cJSON_IsTrue(item);
}
