#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/errors.h"
#include "node/io/api/parts.h"

enum { LISTEN_BACKLOG = 64, PEM_BYTES_MAX = 1 << 20 };

static int listen_on(const struct addrinfo *address, int *ret_fd)
{
    CLEANUP(cleanup_close)
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int on = 1;
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(fd, address->ai_addr, address->ai_addrlen) != 0 || listen(fd, LISTEN_BACKLOG) != 0)
        return -errno;
    *ret_fd = fd;
    fd = -1;
    return 0;
}

int listener_open(const struct local_config *local, int *ret_fd, struct text *why)
{
    char port[8];
    snprintf(port, sizeof port, "%u", (unsigned)local->api_port);
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *addresses = NULL;
    int failure = getaddrinfo(local->api_host, port, &hints, &addresses);
    if (failure != 0) {
        text_set(why, "local.api.listen: %s: %s", local->api_host, gai_strerror(failure));
        return ERR_INVALID;
    }
    int result = listen_on(addresses, ret_fd);
    freeaddrinfo(addresses);
    if (result == 0)
        return 0;
    if (result == -EADDRINUSE) {
        text_set(why, "local.api.listen: %s:%s is in use by another process", local->api_host,
                 port);
        return ERR_BUSY;
    }
    text_set(why, "local.api.listen: cannot listen on %s:%s: %s", local->api_host, port,
             strerror(-result));
    return result == -EADDRNOTAVAIL || result == -EACCES ? ERR_INVALID : ERR_IO;
}

int listener_read_pem(const char *path, char **ret_text, struct text *why)
{
    CLEANUP(cleanup_fclose) FILE *file = fopen(path, "re");
    CLEANUP(cleanup_free) char *text = calloc(1, PEM_BYTES_MAX);
    if (file == NULL || text == NULL) {
        text_set(why, "TLS file %s: %s", path, strerror(errno));
        return ERR_AUTH;
    }
    size_t length = fread(text, 1, PEM_BYTES_MAX - 1, file);
    if (ferror(file) || !feof(file) || strstr(text, "-----BEGIN") == NULL) {
        text_set(why, "TLS file %s: %zu bytes, but no PEM text", path, length);
        return ERR_AUTH;
    }
    *ret_text = TAKE_PTR(text);
    return 0;
}
