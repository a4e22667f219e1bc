#include "node/io/act/routing_url.h"

#include <stdio.h>
#include <string.h>

#include "common/errors.h"

static bool is_unreserved(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || (byte != '\0' && strchr("-._~", byte) != NULL);
}

int routing_url_begin(const struct platform_config *platform, char ret_url[ROUTING_URL_SIZE])
{
    size_t length = strlen(platform->api_url);
    while (length > 0 && platform->api_url[length - 1] == '/')
        length--;
    int written = snprintf(ret_url, ROUTING_URL_SIZE, "%.*s", (int)length, platform->api_url);
    return written < 0 || written >= ROUTING_URL_SIZE ? ERR_TOO_LARGE : 0;
}

int routing_url_add(const char *part, char url[ROUTING_URL_SIZE])
{
    size_t length = strlen(url);
    return text_copy(url + length, ROUTING_URL_SIZE - length, part);
}

int routing_url_add_segment(const char *id, char url[ROUTING_URL_SIZE])
{
    static const char digits[] = "0123456789ABCDEF";
    size_t length = strlen(url);
    for (const char *p = id; *p != '\0'; p++) {
        unsigned char byte = (unsigned char)*p;
        if (length + 4 > ROUTING_URL_SIZE)
            return ERR_TOO_LARGE;
        if (is_unreserved(*p)) {
            url[length++] = *p;
            continue;
        }
        url[length++] = '%';
        url[length++] = digits[byte >> 4];
        url[length++] = digits[byte & 15];
    }
    url[length] = '\0';
    return 0;
}

int routing_url_resource(const struct platform_config *platform, const char *path, const char *id,
                         enum route_call call, struct route_request *ret_request)
{
    ret_request->method = call == ROUTE_CALL_READ ? HTTP_GET : HTTP_PUT;
    ret_request->to_platform = true;
    int rc = routing_url_begin(platform, ret_request->url);
    if (rc == 0)
        rc = routing_url_add(path, ret_request->url);
    if (rc == 0)
        rc = routing_url_add_segment(id, ret_request->url);
    return rc;
}
