#include "node/io/act/announce.h"

#include <stdio.h>
#include <string.h>

#include "common/errors.h"

/* "NAME<separator>VALUE" as configured, or with the value "normal". */
static int make_pair(const char *configured, char separator, bool degraded, char *ret_pair,
                     size_t size)
{
    for (const char *p = configured; *p != '\0'; p++)
        if ((unsigned char)*p < ' ' || *p == 0x7f)
            return ERR_INVALID;
    const char *mark = strchr(configured, separator);
    if (mark == NULL || mark == configured)
        return ERR_INVALID;
    if (degraded)
        return text_copy(ret_pair, size, configured);
    int length = snprintf(ret_pair, size, "%.*s%c%snormal", (int)(mark - configured), configured,
                          separator, separator == ':' ? " " : "");
    return length < 0 || (size_t)length >= size ? ERR_TOO_LARGE : 0;
}

static int make_url(const char *url, const char *query, char ret_url[ANNOUNCE_URL_SIZE])
{
    size_t length = strcspn(url, "#");
    const char *mark = memchr(url, '?', length) != NULL ? "&" : "?";
    int written = snprintf(ret_url, ANNOUNCE_URL_SIZE, "%.*s%s%s", (int)length, url,
                           query[0] == '\0' ? "" : mark, query);
    return written < 0 || written >= ANNOUNCE_URL_SIZE ? ERR_TOO_LARGE : 0;
}

int announce_make(const struct service_config *service, enum side to, bool degraded,
                  struct announcement *ret_announcement, struct text *why)
{
    struct announcement result = {.url = ""};
    char query[HEADER_SIZE + 16] = "";
    const char *url = service->side[to].probe.url;
    if (service->announce_header[0] == '\0' && service->announce_query[0] == '\0') {
        text_set(why, "service %s announces nothing", service->name.text);
        return ERR_NOT_FOUND;
    }
    bool is_http = strncmp(url, "http://", 7) == 0 || strncmp(url, "https://", 8) == 0;
    if (!is_http || service->side[to].probe.kind == PROBE_BOT) {
        text_set(why, "service %s: the %s's probe is not HTTP", service->name.text, side_name(to));
        return ERR_NOT_FOUND;
    }
    int rc = 0;
    if (service->announce_header[0] != '\0')
        rc =
            make_pair(service->announce_header, ':', degraded, result.header, sizeof result.header);
    if (rc == 0 && service->announce_query[0] != '\0')
        rc = make_pair(service->announce_query, '=', degraded, query, sizeof query);
    if (rc == 0)
        rc = make_url(url, query, result.url);
    if (rc < 0) {
        text_set(why, "service %s: announce is not NAME: VALUE or NAME=VALUE", service->name.text);
        return rc;
    }
    *ret_announcement = result;
    return 0;
}
