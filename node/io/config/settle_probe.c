#include "node/io/config/settle_probe.h"

#include <string.h>

#include "common/check.h"
#include "node/io/config/endpoint.h"

#define ID_PLACEHOLDER "${id}"

static enum probe_kind kind_of_url(const char *url)
{
    struct endpoint endpoint;
    struct text unused = {.length = 0};
    if (endpoint_parse_url(url, &endpoint, &unused) != 0)
        return PROBE_HTTP;
    if (strcmp(endpoint.scheme, "tls") == 0)
        return PROBE_TLS;
    return strcmp(endpoint.scheme, "tcp") == 0 ? PROBE_TCP : PROBE_HTTP;
}

/* The URL is the API's, so that whatever asks for a probe's host finds it. */
static void settle_bot(const struct load *load, const struct service_config *service,
                       struct probe_config *probe, const char *flow)
{
    if (probe->via[0] == '\0')
        CHECK(text_copy(probe->via, sizeof probe->via, service->routes[0].via) == 0);
    const struct platform_config *platform = config_find_platform(load->config, probe->via);
    if (platform != NULL && probe->url[0] == '\0')
        CHECK(text_copy(probe->url, sizeof probe->url, platform->api_url) == 0);
    CHECK(text_copy(probe->flow, sizeof probe->flow, flow) == 0);
    if (probe->turns.count == 0)
        probe->turns.count = 1;
}

/* Returns false where there is no room. */
static bool fill_id(char body[PROBE_BODY_SIZE], const char *id)
{
    char filled[PROBE_BODY_SIZE];
    size_t length = 0;
    const char *at = body;
    while (*at != '\0') {
        bool here = strncmp(at, ID_PLACEHOLDER, strlen(ID_PLACEHOLDER)) == 0;
        size_t part = here ? strlen(id) : 1;
        if (length + part >= sizeof filled)
            return false;
        memcpy(filled + length, here ? id : at, part);
        length += part;
        at += here ? strlen(ID_PLACEHOLDER) : 1;
    }
    memset(body, 0, PROBE_BODY_SIZE);
    memcpy(body, filled, length);
    return true;
}

void settle_side_probes(const struct load *load, size_t place)
{
    struct service_config *service = &load->config->services[place];
    for (size_t side = 0; side < SIDE_N; side++) {
        struct probe_config *probe = &service->side[side].probe;
        struct object object;
        load_probe_object(load, place, (enum side)side, &object);
        if (!object_has(&object, "kind"))
            probe->kind = kind_of_url(probe->url);
        if (probe->kind == PROBE_BOT)
            settle_bot(load, service, probe, service->side[side].id);
        if (!fill_id(probe->body, service->side[side].id))
            load_problem(load, &object, "body", "is longer than %d bytes with the flow's id in it",
                         PROBE_BODY_SIZE - 1);
    }
}

void settle_reference_probe(const struct load *load, size_t place)
{
    struct probe_config *probe = &load->config->references[place];
    struct object object;
    load_reference_object(load, place, &object);
    if (!object_has(&object, "kind"))
        probe->kind = kind_of_url(probe->url);
}
