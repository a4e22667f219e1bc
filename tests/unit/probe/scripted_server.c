#include "tests/unit/probe/scripted_server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 256 };

static struct sockaddr_in loopback(uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

static int listen_anywhere(int backlog, uint16_t *ret_port)
{
    struct sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
    if (backlog >= 0) {
        assert_int_equal(listen(fd, backlog), 0);
    }
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    *ret_port = ntohs(address.sin_port);
    return fd;
}

/* Is the head there, and the body that it announces? */
static bool is_whole(const char *text, size_t length)
{
    const char *end = strstr(text, "\r\n\r\n");
    const char *body_length = strcasestr(text, "\r\nContent-Length: ");
    if (end == NULL) {
        return false;
    }
    size_t head = (size_t)(end - text) + strlen("\r\n\r\n");
    if (body_length == NULL || body_length > end) {
        return true;
    }
    return length - head >= strtoul(body_length + strlen("\r\nContent-Length: "), NULL, 10);
}

/* Reads one request; false where the client left. */
static bool read_request(struct server *server, int fd)
{
    char text[sizeof server->request] = "";
    size_t length = 0;
    while (!is_whole(text, length)) {
        ssize_t count = recv(fd, text + length, sizeof text - 1 - length, 0);
        if (count <= 0) {
            return false;
        }
        length += (size_t)count;
        text[length] = '\0';
    }
    (void)pthread_mutex_lock(&server->lock);
    memcpy(server->request, text, sizeof text);
    (void)pthread_mutex_unlock(&server->lock);
    return true;
}

static void reset(int fd)
{
    const struct linger linger = {.l_onoff = 1, .l_linger = 0};
    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
}

static void wait_until_left(int fd)
{
    char rest[256];
    while (recv(fd, rest, sizeof rest, 0) > 0) {
    }
}

static void send_letters(int fd)
{
    char letters[4096];
    memset(letters, 'x', sizeof letters);
    while (send(fd, letters, sizeof letters, MSG_NOSIGNAL) > 0) {
    }
}

static const struct server_step *next_step(struct server *server, bool take)
{
    (void)pthread_mutex_lock(&server->lock);
    size_t place = server->request_count;
    server->request_count += take;
    (void)pthread_mutex_unlock(&server->lock);
    return &server->steps[place < server->step_count ? place : server->step_count - 1];
}

/* Returns true where the connection is kept for another request. */
static bool play(int fd, const struct server_step *step)
{
    (void)poll(NULL, 0, step->delay_ms);
    if (step->text != NULL) {
        (void)send(fd, step->text, strlen(step->text), MSG_NOSIGNAL);
    }
    switch (step->act) {
    case SERVE_KEEP:
        return true;
    case SERVE_CLOSE:
        return false;
    case SERVE_RESET:
    case SERVE_RESET_AT_ONCE:
        reset(fd);
        return false;
    case SERVE_HANG:
        wait_until_left(fd);
        return false;
    case SERVE_ENDLESS:
        send_letters(fd);
        return false;
    }
    return false;
}

static void serve(struct server *server, int fd)
{
    bool kept = true;
    while (kept) {
        if (next_step(server, false)->act != SERVE_RESET_AT_ONCE && !read_request(server, fd)) {
            return;
        }
        kept = play(fd, next_step(server, true));
    }
}

static void *run(void *data)
{
    struct server *server = data;
    int fd = accept(server->listener, NULL, NULL);
    while (fd >= 0) {
        (void)pthread_mutex_lock(&server->lock);
        server->connection = fd;
        server->connection_count += 1;
        (void)pthread_mutex_unlock(&server->lock);
        serve(server, fd);
        (void)pthread_mutex_lock(&server->lock);
        server->connection = -1;
        (void)close(fd);
        (void)pthread_mutex_unlock(&server->lock);
        fd = accept(server->listener, NULL, NULL);
    }
    return NULL;
}

void server_start(struct server *server, const struct server_step *steps, size_t step_count)
{
    *server = (struct server){.steps = steps, .step_count = step_count, .connection = -1};
    server->listener = listen_anywhere(BACKLOG, &server->port);
    assert_int_equal(pthread_mutex_init(&server->lock, NULL), 0);
    assert_int_equal(pthread_create(&server->thread, NULL, run, server), 0);
}

void server_stop(struct server *server)
{
    (void)shutdown(server->listener, SHUT_RDWR);
    (void)pthread_mutex_lock(&server->lock);
    if (server->connection >= 0) {
        (void)shutdown(server->connection, SHUT_RDWR);
    }
    (void)pthread_mutex_unlock(&server->lock);
    assert_int_equal(pthread_join(server->thread, NULL), 0);
    (void)close(server->listener);
    (void)pthread_mutex_destroy(&server->lock);
}

size_t server_connection_count(struct server *server)
{
    (void)pthread_mutex_lock(&server->lock);
    size_t count = server->connection_count;
    (void)pthread_mutex_unlock(&server->lock);
    return count;
}

size_t server_request_count(struct server *server)
{
    (void)pthread_mutex_lock(&server->lock);
    size_t count = server->request_count;
    (void)pthread_mutex_unlock(&server->lock);
    return count;
}

void server_request(struct server *server, char *ret_text, size_t size)
{
    (void)pthread_mutex_lock(&server->lock);
    (void)snprintf(ret_text, size, "%s", server->request);
    (void)pthread_mutex_unlock(&server->lock);
}

uint16_t server_open_silent(int ret_fds[SILENT_FD_COUNT])
{
    uint16_t port = 0;
    ret_fds[0] = listen_anywhere(0, &port);
    struct sockaddr_in address = loopback(port);
    for (size_t i = 1; i < SILENT_FD_COUNT; i++) {
        ret_fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        (void)connect(ret_fds[i], (struct sockaddr *)&address, sizeof address);
    }
    return port;
}

void server_close_silent(int fds[SILENT_FD_COUNT])
{
    for (size_t i = 0; i < SILENT_FD_COUNT; i++) {
        (void)close(fds[i]);
    }
}

uint16_t server_free_port(void)
{
    uint16_t port = 0;
    (void)close(listen_anywhere(-1, &port));
    return port;
}
