#include "node/io/preflight/facts.h"

#include <string.h>

size_t preflight_platform_of(const struct config *config, const struct route_config *route)
{
    const struct platform_config *platform = config_find_platform(config, route->via);
    return platform != NULL ? (size_t)(platform - config->platforms) : PLATFORM_COUNT_MAX;
}

static bool has_pair(const struct preflight_facts *facts, const struct preflight_pair *pair)
{
    for (size_t i = 0; i < facts->pair_count; i++) {
        const struct preflight_pair *other = &facts->pairs[i];
        if (other->platform == pair->platform &&
            strcmp(other->flow[SIDE_PRIMARY], pair->flow[SIDE_PRIMARY]) == 0 &&
            strcmp(other->flow[SIDE_STANDBY], pair->flow[SIDE_STANDBY]) == 0)
            return true;
    }
    return false;
}

void preflight_facts_init(const struct config *config, size_t service,
                          const struct preflight_platform *platforms,
                          struct preflight_facts *ret_facts)
{
    const struct service_config *own = &config->services[service];
    *ret_facts = (struct preflight_facts){.config = config, .service = own, .platforms = platforms};
    for (size_t i = 0; i < own->route_count; i++) {
        const struct route_config *route = &own->routes[i];
        const struct preflight_pair pair = {
            .platform = preflight_platform_of(config, route),
            .flow = {[SIDE_PRIMARY] = config_route_flow(own, route, SIDE_PRIMARY),
                     [SIDE_STANDBY] = config_route_flow(own, route, SIDE_STANDBY)},
        };
        if (pair.platform < PLATFORM_COUNT_MAX && !has_pair(ret_facts, &pair))
            ret_facts->pairs[ret_facts->pair_count++] = pair;
    }
}

static void uses_fini(struct preflight_uses *uses)
{
    preflight_page_fini(&uses->last);
    cJSON_Delete(uses->list);
    cJSON_Delete(uses->actions);
}

void preflight_facts_fini(struct preflight_facts *facts)
{
    for (size_t i = 0; i < ROUTE_COUNT_MAX; i++)
        preflight_page_fini(&facts->routes[i].page);
    for (size_t i = 0; i < facts->pair_count; i++) {
        for (int side = 0; side < SIDE_N; side++) {
            preflight_page_fini(&facts->pairs[i].page[side]);
            uses_fini(&facts->pairs[i].uses[side]);
        }
    }
    *facts = (struct preflight_facts){.config = NULL};
}

void preflight_platform_fini(struct preflight_platform *platform)
{
    preflight_page_fini(&platform->me);
    preflight_page_fini(&platform->subject);
    cJSON_Delete(platform->policies);
    *platform = (struct preflight_platform){.used = false};
}

bool preflight_uses_platform(const struct preflight_facts *facts, size_t platform)
{
    for (size_t i = 0; i < facts->service->route_count; i++)
        if (preflight_platform_of(facts->config, &facts->service->routes[i]) == platform)
            return true;
    return false;
}

bool preflight_is_genesys(const struct preflight_facts *facts, size_t platform)
{
    if (facts->platforms[platform].me.result == ROUTE_RESULT_OK &&
        cJSON_IsObject(facts->platforms[platform].me.json))
        return true;
    for (size_t i = 0; i < facts->service->route_count; i++) {
        const struct route_config *route = &facts->service->routes[i];
        if (preflight_platform_of(facts->config, route) == platform &&
            entrance_find_kind(route->backend) != NULL)
            return true;
    }
    return false;
}
