#include "node/io/config/endpoint.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "common/check.h"
#include "common/errors.h"

struct scheme {
    const char *name;
    uint16_t port; /* 0 where one must be written */
};

static const struct scheme schemes[] = {{"http", 80}, {"https", 443}, {"tcp", 0}, {"tls", 0}};

bool endpoint_host_ok(const char *host)
{
    if (host[0] == '\0' || strlen(host) >= ENDPOINT_HOST_SIZE)
        return false;
    bool is_ipv6 = strchr(host, ':') != NULL;
    for (const char *at = host; *at != '\0'; at++) {
        unsigned char byte = (unsigned char)*at;
        bool ok = is_ipv6 ? isxdigit(byte) || byte == ':' || byte == '.'
                          : isalnum(byte) || byte == '-' || byte == '.' || byte == '_';
        if (!ok)
            return false;
    }
    return true;
}

static int parse_port(const char *text, size_t length, uint16_t *ret_port)
{
    uint32_t port = 0;
    if (length == 0 || length > 5)
        return ERR_INVALID;
    for (size_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9')
            return ERR_INVALID;
        port = port * 10 + (uint32_t)(text[i] - '0');
    }
    if (port == 0 || port > UINT16_MAX)
        return ERR_INVALID;
    *ret_port = (uint16_t)port;
    return 0;
}

static void copy_host(struct endpoint *endpoint, const char *host, size_t length)
{
    for (size_t i = 0; i < length; i++)
        endpoint->host[i] = (char)tolower((unsigned char)host[i]);
    endpoint->host[length] = '\0';
    if (length > 1 && endpoint->host[length - 1] == '.')
        endpoint->host[length - 1] = '\0';
}

/* host, host:port or [address]:port in `length` bytes; the port stays as it is where none is
 * written. */
static int parse_authority(const char *text, size_t length, struct endpoint *endpoint,
                           struct text *why)
{
    const char *host = text;
    const char *end = text + length;
    const char *host_end = end;
    const char *colon = NULL;
    if (memchr(text, '@', length) != NULL) {
        text_add(why, "carries a user name; credentials do not belong into a URL");
        return ERR_INVALID;
    }
    if (length > 0 && text[0] == '[') {
        host = text + 1;
        host_end = memchr(text, ']', length);
        if (host_end != NULL && host_end + 1 < end)
            colon = host_end + 1;
    } else {
        colon = memchr(text, ':', length);
        host_end = colon != NULL ? colon : end;
    }
    if (host_end == NULL || host_end == host || host_end - host >= ENDPOINT_HOST_SIZE) {
        text_add(why, "has no usable host");
        return ERR_INVALID;
    }
    copy_host(endpoint, host, (size_t)(host_end - host));
    bool bracketed = text[0] == '[';
    if (!endpoint_host_ok(endpoint->host) || (strchr(endpoint->host, ':') != NULL) != bracketed) {
        text_add(why, "has no usable host");
        return ERR_INVALID;
    }
    if (colon == NULL)
        return 0;
    if (*colon != ':' || parse_port(colon + 1, (size_t)(end - colon - 1), &endpoint->port) != 0) {
        text_add(why, "has no usable port (1 to 65535)");
        return ERR_INVALID;
    }
    return 0;
}

static int parse_scheme(const char *url, struct endpoint *endpoint, const char **ret_rest,
                        struct text *why)
{
    const char *end = strstr(url, "://");
    for (size_t i = 0; end != NULL && i < ARRAY_COUNT(schemes); i++) {
        size_t length = (size_t)(end - url);
        if (strlen(schemes[i].name) != length || strncasecmp(url, schemes[i].name, length) != 0)
            continue;
        memcpy(endpoint->scheme, schemes[i].name, length + 1);
        endpoint->port = schemes[i].port;
        *ret_rest = end + 3;
        return 0;
    }
    text_add(why, "has no known scheme (http://, https://, tcp:// or tls://)");
    return ERR_INVALID;
}

static int refuse_blanks(const char *text, struct text *why)
{
    for (const char *at = text; *at != '\0'; at++) {
        if ((unsigned char)*at <= ' ' || *at == 0x7f) {
            text_add(why, "contains a blank or a control character");
            return ERR_INVALID;
        }
    }
    return 0;
}

static int parse_path(const char *rest, size_t authority_length, struct endpoint *endpoint,
                      struct text *why)
{
    const char *path = rest + authority_length;
    size_t length = strcspn(path, "?#");
    if (!endpoint_is_http(endpoint)) {
        if (endpoint->port == 0 || path[0] != '\0') {
            text_add(why, "must read %s://HOST:PORT", endpoint->scheme);
            return ERR_INVALID;
        }
        return 0;
    }
    if (length >= sizeof endpoint->path) {
        text_add(why, "has too long a path");
        return ERR_INVALID;
    }
    memcpy(endpoint->path, path, length);
    if (length == 0)
        memcpy(endpoint->path, "/", 2);
    return 0;
}

int endpoint_parse_url(const char *url, struct endpoint *ret_endpoint, struct text *why)
{
    struct endpoint endpoint = {.port = 0};
    const char *rest = NULL;
    int result = refuse_blanks(url, why);
    if (result == 0)
        result = parse_scheme(url, &endpoint, &rest, why);
    if (result != 0)
        return result;
    size_t authority_length = strcspn(rest, "/?#");
    result = parse_authority(rest, authority_length, &endpoint, why);
    if (result == 0)
        result = parse_path(rest, authority_length, &endpoint, why);
    if (result == 0)
        *ret_endpoint = endpoint;
    return result;
}

int endpoint_parse_host_port(const char *text, struct endpoint *ret_endpoint, struct text *why)
{
    struct endpoint endpoint = {.port = 0};
    int result = parse_authority(text, strlen(text), &endpoint, why);
    if (result == 0 && endpoint.port == 0) {
        text_add(why, "has no port (HOST:PORT is wanted)");
        result = ERR_INVALID;
    }
    if (result == 0)
        *ret_endpoint = endpoint;
    return result;
}

bool endpoint_is_http(const struct endpoint *endpoint)
{
    return strncmp(endpoint->scheme, "http", strlen("http")) == 0;
}

bool endpoint_is_loopback(const char *host)
{
    if (strcmp(host, "localhost") == 0 || strcmp(host, "::1") == 0)
        return true;
    return strncmp(host, "127.", 4) == 0 && strspn(host, "0123456789.") == strlen(host);
}

bool endpoint_same_machine(const struct endpoint *a, const struct endpoint *b)
{
    if (strcmp(a->host, b->host) != 0)
        return false;
    return !endpoint_is_loopback(a->host) || a->port == b->port;
}

bool endpoint_equal(const struct endpoint *a, const struct endpoint *b)
{
    return strcmp(a->host, b->host) == 0 && a->port == b->port && strcmp(a->path, b->path) == 0;
}
