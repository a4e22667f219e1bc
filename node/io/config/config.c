#include "node/io/config/config.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "common/check.h"
#include "common/errors.h"

void config_free(struct config **config)
{
    if (*config == NULL)
        return;
    free((*config)->services);
    sodium_memzero(*config, sizeof **config); /* it held secrets */
    free(*config);
    *config = NULL;
}

int config_find_node(const struct config *config, const char *name, size_t *ret_place)
{
    for (size_t i = 0; i < config->node_count; i++) {
        if (strcmp(config->nodes[i].name.text, name) == 0) {
            *ret_place = i;
            return 0;
        }
    }
    return ERR_NOT_FOUND;
}

const struct platform_config *config_find_platform(const struct config *config, const char *name)
{
    for (size_t i = 0; i < config->platform_count; i++) {
        if (strcmp(config->platforms[i].name.text, name) == 0)
            return &config->platforms[i];
    }
    return NULL;
}

const char *config_route_flow(const struct service_config *service,
                              const struct route_config *route, enum side side)
{
    return route->flow[side][0] != '\0' ? route->flow[side] : service->side[side].id;
}

const char *config_route_value(const struct service_config *service,
                               const struct route_config *route, enum route_value value)
{
    if (route->values[value][0] != '\0')
        return route->values[value];
    switch (value) {
    case VALUE_PRIMARY:
        return config_route_flow(service, route, SIDE_PRIMARY);
    case VALUE_STANDBY:
        return config_route_flow(service, route, SIDE_STANDBY);
    case VALUE_PAUSED:
        return route->hold_flow;
    case ROUTE_VALUE_N:
        break;
    }
    CHECK(false);
    return "";
}

time_ms config_probe_whole_ms(const struct probe_config *probe)
{
    size_t requests = probe->kind == PROBE_BOT ? 1 + probe->turns.count : 1;
    return probe->connect_timeout_ms + (time_ms)requests * probe->timeout_ms;
}

bool config_status_fits(const struct status_set *set, int status)
{
    for (size_t i = 0; i < set->count; i++)
        if (status >= set->ranges[i].from && status <= set->ranges[i].to)
            return true;
    return false;
}

const char *config_connect_to(const struct config *config, const char *host_port)
{
    for (size_t i = 0; i < config->local.connect_to_count; i++) {
        if (strcmp(config->local.connect_to[i].from, host_port) == 0)
            return config->local.connect_to[i].to;
    }
    return host_port;
}
