#include "tests/cluster/load/connection.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

void connection_close(struct connection *connection)
{
    if (connection->state != CONNECTION_CLOSED)
        (void)close(connection->fd);
    connection->state = CONNECTION_CLOSED;
    connection->fd = -1;
}

/* On loopback a listening port takes the connection at once, and another refuses at once. */
static bool dial(struct connection *connection)
{
    const struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons(connection->port),
        .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)},
    };
    int yes = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0) {
        (void)close(fd);
        return false;
    }
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
    connection->fd = fd;
    connection->state = CONNECTION_IDLE;
    return true;
}

bool connection_send(struct connection *connection, const char *request, size_t length)
{
    if (connection->state == CONNECTION_CLOSED && !dial(connection))
        return false;
    connection->got = 0;
    if (send(connection->fd, request, length, MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)length) {
        connection_close(connection);
        return false;
    }
    connection->state = CONNECTION_BUSY;
    return true;
}

/* The length that the head tells; -1 where it is not whole yet. */
static long answer_length(struct connection *connection)
{
    const char *end = strstr(connection->bytes, "\r\n\r\n");
    const char *length = strcasestr(connection->bytes, "\r\nContent-Length:");
    if (end == NULL || strncmp(connection->bytes, "HTTP/1.1 ", 9) != 0)
        return -1;
    connection->status = (int)strtol(connection->bytes + 9, NULL, 10);
    connection->body = end + 4;
    if (length == NULL || length > end)
        return end + 4 - connection->bytes;
    return end + 4 - connection->bytes + strtol(length + 17, NULL, 10);
}

enum connection_step connection_read(struct connection *connection)
{
    size_t room = CONNECTION_BYTES - 1 - connection->got;
    ssize_t got = recv(connection->fd, connection->bytes + connection->got, room, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return CONNECTION_WAITS;
    if (got <= 0) {
        connection_close(connection);
        return CONNECTION_BROKE;
    }
    connection->got += (size_t)got;
    connection->bytes[connection->got] = '\0';
    long length = answer_length(connection);
    if (length < 0 || (long)connection->got < length)
        return CONNECTION_WAITS;
    connection->state = CONNECTION_IDLE;
    if (strcasestr(connection->bytes, "\r\nConnection: close") != NULL)
        connection_close(connection);
    return CONNECTION_ANSWERED;
}
