#include "tests/unit/api/api_world.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/check.h"

static size_t on_bytes(char *bytes, size_t size, size_t count, void *data)
{
    char **text = data;
    size_t before = strlen(*text);
    *text = realloc(*text, before + size * count + 1);
    CHECK(*text != NULL);
    memcpy(*text + before, bytes, size * count);
    (*text)[before + size * count] = '\0';
    return size * count;
}

static struct curl_slist *make_headers(const char *token, const char *header)
{
    char line[256];
    struct curl_slist *headers = curl_slist_append(NULL, "Expect:");
    if (token != NULL) {
        snprintf(line, sizeof line, "Authorization: Bearer %s", token);
        headers = curl_slist_append(headers, line);
    }
    return header != NULL ? curl_slist_append(headers, header) : headers;
}

struct reply world_ask_with(struct world *world, const char *method, const char *path,
                            const char *token, const char *body, const char *header)
{
    struct reply reply = {.body = calloc(1, 1), .head = calloc(1, 1)};
    char url[512];
    CURL *curl = curl_easy_init();
    struct curl_slist *headers = make_headers(token, header);
    bool tls = world_config(world)->local.tls_cert_file[0] != '\0';
    snprintf(url, sizeof url, "%s://127.0.0.1:%u%s", tls ? "https" : "http",
             (unsigned)world_port(world), path);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, 20000L);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_bytes);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &reply.body);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, &reply.head);
    curl_easy_setopt(curl, CURLOPT_CAINFO, world_cert_file(world));
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
    if (body != NULL)
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
    if (strcmp(method, "HEAD") == 0)
        curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    else
        curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
    if (curl_easy_perform(curl) == CURLE_OK)
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &reply.status);
    reply.json = cJSON_Parse(reply.body);
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    return reply;
}

struct reply world_ask(struct world *world, const char *method, const char *path, const char *token,
                       const char *body)
{
    return world_ask_with(world, method, path, token, body, NULL);
}

void reply_clear(struct reply *reply)
{
    cJSON_Delete(reply->json);
    free(reply->body);
    free(reply->head);
    memset(reply, 0, sizeof *reply);
}

const char *reply_word(const struct reply *reply, const char *key)
{
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(reply->json, key);
    if (!cJSON_IsString(member))
        fail_msg("no word %s in: %s", key, reply->body);
    return member->valuestring;
}

void world_expect(struct world *world, const char *method, const char *path, const char *token,
                  const char *body, long status, const char *code)
{
    struct reply reply = world_ask(world, method, path, token, body);
    if (reply.status != status)
        fail_msg("%s %s: %ld, not %ld: %s", method, path, reply.status, status, reply.body);
    assert_string_equal(reply_word(&reply, "code"), code);
    assert_true(strlen(reply_word(&reply, "why")) > 5);
    reply_clear(&reply);
}

int world_connect(const struct world *world, const char *bytes, size_t length)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(world_port(world)),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    for (size_t sent = 0; sent < length;) {
        ssize_t now = send(fd, bytes + sent, length - sent, MSG_NOSIGNAL);
        if (now <= 0)
            break;
        sent += (size_t)now;
    }
    return fd;
}

long world_read(int fd, char *buffer, size_t size, int timeout_ms)
{
    size_t length = 0;
    struct pollfd waiting = {.fd = fd, .events = POLLIN};
    buffer[0] = '\0';
    while (length + 1 < size) {
        if (poll(&waiting, 1, timeout_ms) <= 0)
            return -1;
        ssize_t got = recv(fd, buffer + length, size - 1 - length, 0);
        if (got <= 0)
            return (long)length;
        length += (size_t)got;
        buffer[length] = '\0';
    }
    return (long)length;
}
