#include <string.h>

#include "node/io/config/endpoint.h"
#include "node/io/config/rules.h"

/* A URL, or a path at the platform. */
static void check_url(const struct load *load, const struct object *object, const char *path,
                      const char *url)
{
    struct endpoint endpoint;
    struct text why = {.length = 0};
    if (url[0] == '/' || url[0] == '\0')
        return;
    text_set(&why, "'%.80s' ", url);
    if (endpoint_parse_url(url, &endpoint, &why) != 0)
        load_problem(load, object, path, "%s", why.bytes);
    else if (strcmp(endpoint.scheme, "tcp") == 0)
        load_problem(load, object, path, "'%.80s' must start with http://, https:// or /", url);
}

static void check_write(const struct load *load, const struct object *object,
                        const struct http_route_config *http)
{
    bool whole = http->how == WRITE_BODY;
    if (whole && !object_has(object, "write.body"))
        load_problem(load, object, "write.body", "is missing: %s",
                     schema_find(PLACE_ROUTE, "write.body")->help);
    if (!whole && http->body[0] != '\0')
        load_problem(load, object, "write.body", "goes with how: body");
    if (whole && http->body[0] != '\0' && strstr(http->body, "${value}") == NULL)
        load_problem(load, object, "write.body", "does not say ${value}");
    if (whole && http->version[0] != '\0' && strstr(http->body, "${version}") == NULL)
        load_problem(load, object, "write.body",
                     "does not say ${version}: without it a stale write is not refused");
    if (whole && http->version[0] == '\0' && strstr(http->body, "${version}") != NULL)
        load_problem(load, object, "version", "is missing: the body says ${version}");
}

static void check_pointers(const struct load *load, const struct object *object,
                           const struct http_route_config *http)
{
    if (http->version[0] != '\0' && strcmp(http->version, http->value) == 0)
        load_problem(load, object, "version", "is where the value stands");
}

static void check_http(const struct load *load, size_t place)
{
    const struct service_config *service = &load->config->services[place];
    for (size_t at = 0; at < service->route_count; at++) {
        const struct http_route_config *http = &service->routes[at].http;
        struct object object;
        if (strcmp(service->routes[at].backend, "http") != 0)
            continue;
        load_route_object(load, place, at, &object);
        check_url(load, &object, "read.url", http->read_url);
        check_url(load, &object, "write.url", http->write_url);
        check_write(load, &object, http);
        check_pointers(load, &object, http);
    }
}

const rule_check_service rules_of_http[] = {check_http};
const size_t rules_of_http_count = ARRAY_COUNT(rules_of_http);
