#include "tests/lab/base/endpoint.h"

#include "common/cleanup.h"
#include "common/errors.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { BACKLOG = 512 };

static int address_find(const char *host, const char *port, int flags, struct endpoint *endpoint,
                        struct text *why)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = flags | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    int result = getaddrinfo(host, port, &hints, &found);

    if (result != 0) {
        text_set(why, "%s:%s is no usable address: %s", host, port, gai_strerror(result));
        return ERR_INVALID;
    }
    memcpy(&endpoint->address, found->ai_addr, found->ai_addrlen);
    endpoint->length = found->ai_addrlen;
    freeaddrinfo(found);
    return 0;
}

int endpoint_parse(const char *word, struct endpoint *ret_endpoint, struct text *why)
{
    struct endpoint endpoint = {0};
    char host[sizeof(endpoint.name)] = "";
    const char *colon = strrchr(word, ':');
    int result;

    if (colon == NULL || colon == word || colon[1] == '\0' ||
        text_copy(endpoint.name, sizeof(endpoint.name), word) != 0) {
        text_set(why, "\"%s\" is not HOST:PORT", word);
        return ERR_INVALID;
    }
    memcpy(host, word, (size_t)(colon - word));
    result = address_find(host, colon + 1, 0, &endpoint, why);
    if (result == 0)
        *ret_endpoint = endpoint;
    return result;
}

static uint16_t port_of(int fd)
{
    struct sockaddr_storage address = {0};
    socklen_t length = sizeof(address);
    struct sockaddr_in v4 = {0};

    /* The port stands at the same place in both families. */
    if (getsockname(fd, (struct sockaddr *)&address, &length) != 0)
        return 0;
    memcpy(&v4, &address, sizeof(v4));
    return ntohs(v4.sin_port);
}

int endpoint_listen(const char *host, uint16_t port, int *ret_fd, uint16_t *ret_port,
                    struct text *why)
{
    struct endpoint endpoint = {0};
    char word[8] = "";
    CLEANUP(cleanup_close) int fd = -1;
    const int on = 1;
    int result;

    (void)snprintf(word, sizeof(word), "%u", (unsigned)port);
    result = address_find(host, word, AI_PASSIVE, &endpoint, why);
    if (result != 0)
        return result;
    fd = socket(endpoint.address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0) {
        text_set(why, "no socket for port %u: %s", (unsigned)port, strerror(errno));
        return ERR_IO;
    }
    if (bind(fd, (struct sockaddr *)&endpoint.address, endpoint.length) != 0 ||
        listen(fd, BACKLOG) != 0) {
        result = errno == EADDRINUSE ? ERR_BUSY : ERR_IO;
        text_set(why, "port %u on %s: %s", (unsigned)port, host,
                 result == ERR_BUSY ? "already taken by another process" : strerror(errno));
        return result;
    }
    *ret_port = port_of(fd);
    *ret_fd = fd;
    fd = -1;
    return 0;
}
