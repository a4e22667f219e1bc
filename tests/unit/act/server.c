#include "tests/unit/act/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "common/check.h"

enum { CONNECTION_COUNT_MAX = 128, TICK_MS = 20, AWAIT_MS = 2000 };

struct connection {
    struct server *server;
    int fd;
    pthread_t thread;
};

struct server {
    int listener;
    uint16_t port;
    atomic_bool stopping;
    pthread_t thread;
    pthread_mutex_t mutex;
    struct reply replies[CHANNEL_N][SERVER_REPLY_COUNT_MAX];
    size_t reply_count[CHANNEL_N];
    size_t replied[CHANNEL_N];
    struct seen *seen[SERVER_SEEN_COUNT_MAX];
    size_t seen_count;
    size_t reset_count;
    struct connection connections[CONNECTION_COUNT_MAX];
    size_t connection_count;
};

static int64_t now_us(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_BOOTTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void pause_ms(int duration_ms)
{
    (void)poll(NULL, 0, duration_ms);
}

/* Reads some bytes; 0 at the end, after a reset (counted), or when the server stops. */
static size_t receive(struct connection *connection, char *bytes, size_t size)
{
    struct pollfd fd = {.fd = connection->fd, .events = POLLIN};
    while (!atomic_load(&connection->server->stopping)) {
        if (poll(&fd, 1, TICK_MS) <= 0)
            continue;
        ssize_t count = recv(connection->fd, bytes, size, 0);
        if (count < 0 && errno == ECONNRESET) {
            (void)pthread_mutex_lock(&connection->server->mutex);
            connection->server->reset_count++;
            (void)pthread_mutex_unlock(&connection->server->mutex);
        }
        return count > 0 ? (size_t)count : 0;
    }
    return 0;
}

static void send_all(int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t count = send(fd, bytes, length, MSG_NOSIGNAL);
        if (count <= 0)
            return;
        bytes += count;
        length -= (size_t)count;
    }
}

static enum channel channel_of(const char *head)
{
    if (strncmp(head, "POST /oauth/token ", 18) == 0)
        return CHANNEL_TOKEN;
    if (strncmp(head, "GET /api/", 9) == 0)
        return CHANNEL_READ;
    if (strncmp(head, "PATCH /api/", 11) == 0 || strncmp(head, "PUT /api/", 9) == 0)
        return CHANNEL_WRITE;
    return CHANNEL_OTHER;
}

static size_t body_length_of(const char *head)
{
    const char *line = strcasestr(head, "\r\ncontent-length:");
    return line == NULL ? 0 : strtoul(line + 17, NULL, 10);
}

/* One whole request, or false. */
static bool read_request(struct connection *connection, struct seen *seen)
{
    size_t length = 0;
    char *end = NULL;
    while (end == NULL) {
        size_t count = receive(connection, seen->head + length, sizeof seen->head - 1 - length);
        if (count == 0)
            return false;
        length += count;
        seen->head[length] = '\0';
        end = strstr(seen->head, "\r\n\r\n");
    }
    seen->at_us = now_us();
    size_t want = body_length_of(seen->head);
    size_t have = length - (size_t)(end + 4 - seen->head);
    CHECK(want < sizeof seen->body && have <= want);
    memcpy(seen->body, end + 4, have);
    end[2] = '\0';
    while (have < want) {
        size_t count = receive(connection, seen->body + have, want - have);
        if (count == 0)
            return false;
        have += count;
    }
    seen->channel = channel_of(seen->head);
    (void)sscanf(seen->head, "%*s %511s", seen->path);
    return true;
}

static struct reply remember(struct server *server, struct seen *seen)
{
    struct reply reply = {.status = 404, .body = "{}"};
    enum channel channel = seen->channel;
    (void)pthread_mutex_lock(&server->mutex);
    CHECK(server->seen_count < SERVER_SEEN_COUNT_MAX);
    server->seen[server->seen_count++] = seen;
    size_t count = server->reply_count[channel];
    if (count > 0) {
        size_t n = server->replied[channel]++;
        reply = server->replies[channel][n < count ? n : count - 1];
    }
    (void)pthread_mutex_unlock(&server->mutex);
    return reply;
}

static void send_answer(struct connection *connection, const struct reply *reply)
{
    char head[1024];
    const char *body = reply->body == NULL ? "" : reply->body;
    size_t length = strlen(body);
    int written = snprintf(head, sizeof head,
                           "HTTP/1.1 %d Scripted\r\nContent-Type: application/json\r\n"
                           "Content-Length: %zu\r\n%s\r\n",
                           reply->status, length, reply->headers == NULL ? "" : reply->headers);
    CHECK(written > 0 && (size_t)written < sizeof head);
    send_all(connection->fd, head, (size_t)written);
    send_all(connection->fd, body, reply->how == REPLY_BREAK ? length / 2 : length);
}

static void send_flood(struct connection *connection)
{
    static const char line[] = "X-Filler: 0123456789012345678901234567890123456789012345678901\r\n";
    send_all(connection->fd, "HTTP/1.1 200 Scripted\r\n", 23);
    for (size_t i = 0; i < 100000; i++) {
        if (send(connection->fd, line, sizeof line - 1, MSG_NOSIGNAL) < 0)
            return;
    }
}

/* Returns whether the connection goes on. */
static bool act(struct connection *connection, const struct reply *reply)
{
    char byte = 0;
    pause_ms(reply->delay_ms);
    switch (reply->how) {
    case REPLY_ANSWER:
        send_answer(connection, reply);
        return true;
    case REPLY_DROP:
        return false;
    case REPLY_HANG:
        (void)receive(connection, &byte, 1);
        return false;
    case REPLY_BREAK:
        send_answer(connection, reply);
        return false;
    case REPLY_FLOOD:
        send_flood(connection);
        return false;
    }
    return false;
}

static void *serve(void *data)
{
    struct connection *connection = data;
    for (bool more = true; more;) {
        struct seen *seen = calloc(1, sizeof *seen);
        CHECK(seen != NULL);
        if (!read_request(connection, seen)) {
            free(seen);
            break;
        }
        struct reply reply = remember(connection->server, seen);
        more = act(connection, &reply);
    }
    (void)close(connection->fd);
    return NULL;
}

static void *listen_main(void *data)
{
    struct server *server = data;
    struct pollfd fd = {.fd = server->listener, .events = POLLIN};
    while (!atomic_load(&server->stopping)) {
        if (poll(&fd, 1, TICK_MS) <= 0)
            continue;
        int accepted = accept(server->listener, NULL, NULL);
        if (accepted < 0)
            continue;
        (void)pthread_mutex_lock(&server->mutex);
        CHECK(server->connection_count < CONNECTION_COUNT_MAX);
        struct connection *connection = &server->connections[server->connection_count++];
        connection->server = server;
        connection->fd = accepted;
        CHECK(pthread_create(&connection->thread, NULL, serve, connection) == 0);
        (void)pthread_mutex_unlock(&server->mutex);
    }
    return NULL;
}

struct server *server_start(void)
{
    struct server *server = calloc(1, sizeof *server);
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t length = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(server != NULL);
    CHECK(pthread_mutex_init(&server->mutex, NULL) == 0);
    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(server->listener >= 0);
    CHECK(bind(server->listener, (struct sockaddr *)&address, sizeof address) == 0);
    CHECK(listen(server->listener, CONNECTION_COUNT_MAX) == 0);
    CHECK(getsockname(server->listener, (struct sockaddr *)&address, &length) == 0);
    server->port = ntohs(address.sin_port);
    CHECK(pthread_create(&server->thread, NULL, listen_main, server) == 0);
    return server;
}

void server_stop(struct server **server)
{
    struct server *old = *server;
    if (old == NULL)
        return;
    *server = NULL;
    atomic_store(&old->stopping, true);
    (void)pthread_join(old->thread, NULL);
    for (size_t i = 0; i < old->connection_count; i++)
        (void)pthread_join(old->connections[i].thread, NULL);
    for (size_t i = 0; i < old->seen_count; i++)
        free(old->seen[i]);
    (void)close(old->listener);
    (void)pthread_mutex_destroy(&old->mutex);
    free(old);
}

uint16_t server_port(const struct server *server)
{
    return server->port;
}

void server_script(struct server *server, enum channel channel, const struct reply *replies,
                   size_t count)
{
    CHECK(count <= SERVER_REPLY_COUNT_MAX);
    (void)pthread_mutex_lock(&server->mutex);
    memcpy(server->replies[channel], replies, count * sizeof *replies);
    server->reply_count[channel] = count;
    server->replied[channel] = 0;
    (void)pthread_mutex_unlock(&server->mutex);
}

static const struct seen *find(struct server *server, enum channel channel, size_t n,
                               size_t *ret_count)
{
    const struct seen *found = NULL;
    size_t count = 0;
    (void)pthread_mutex_lock(&server->mutex);
    for (size_t i = 0; i < server->seen_count; i++)
        if (server->seen[i]->channel == channel && count++ == n)
            found = server->seen[i];
    (void)pthread_mutex_unlock(&server->mutex);
    *ret_count = count;
    return found;
}

size_t server_count(struct server *server, enum channel channel)
{
    size_t count = 0;
    (void)find(server, channel, SIZE_MAX, &count);
    return count;
}

const struct seen *server_seen(struct server *server, enum channel channel, size_t n)
{
    size_t count = 0;
    const struct seen *seen = find(server, channel, n, &count);
    CHECK(seen != NULL);
    return seen;
}

size_t server_connection_count(struct server *server)
{
    (void)pthread_mutex_lock(&server->mutex);
    size_t count = server->connection_count;
    (void)pthread_mutex_unlock(&server->mutex);
    return count;
}

bool server_await_resets(struct server *server, size_t count)
{
    for (int waited_ms = 0; waited_ms < AWAIT_MS; waited_ms += TICK_MS) {
        (void)pthread_mutex_lock(&server->mutex);
        bool reached = server->reset_count >= count;
        (void)pthread_mutex_unlock(&server->mutex);
        if (reached)
            return true;
        pause_ms(TICK_MS);
    }
    return false;
}

bool server_await_count(struct server *server, enum channel channel, size_t count)
{
    for (int waited_ms = 0; waited_ms < AWAIT_MS; waited_ms += TICK_MS) {
        if (server_count(server, channel) >= count)
            return true;
        pause_ms(TICK_MS);
    }
    return false;
}

bool seen_has_header(const struct seen *seen, const char *line)
{
    size_t length = strlen(line);
    for (const char *at = strstr(seen->head, "\r\n"); at != NULL; at = strstr(at + 2, "\r\n"))
        if (strncasecmp(at + 2, line, length) == 0 &&
            (at[2 + length] == '\r' || line[length - 1] == ':'))
            return true;
    return false;
}
