#include <stdio.h>
#include <string.h>

#include "node/io/config/rules.h"

static const struct service_config *service_at(const struct load *load, size_t place)
{
    return &load->config->services[place];
}

static void check_some(const struct load *load, size_t place)
{
    struct object object;
    load_service_object(load, place, &object);
    if (object_has(&object, "route") && object_has(&object, "routes"))
        load_problem(load, &object, "routes", "route and routes exclude each other");
    else if (service_at(load, place)->route_count == 0)
        load_problem(load, &object, "route", "is missing: %s",
                     schema_find(PLACE_SERVICE, "route")->help);
}

static void check_hold_flow(const struct load *load, size_t place, size_t at)
{
    const struct service_config *service = service_at(load, place);
    const struct route_config *route = &service->routes[at];
    struct object object;
    load_route_object(load, place, at, &object);
    for (size_t side = 0; side < SIDE_N; side++) {
        if (route->hold_flow[0] != '\0' &&
            strcmp(route->hold_flow, config_route_flow(service, route, (enum side)side)) == 0)
            load_problem(load, &object, "hold_flow",
                         "is the %s flow: a paused route could not be told from a serving one",
                         side_name((enum side)side));
    }
}

/* The sides' own ids are compared by the rules of the service. */
static void check_flows(const struct load *load, size_t place, size_t at)
{
    const struct service_config *service = service_at(load, place);
    const struct route_config *route = &service->routes[at];
    const char *primary = config_route_flow(service, route, SIDE_PRIMARY);
    const char *standby = config_route_flow(service, route, SIDE_STANDBY);
    struct object object;
    load_route_object(load, place, at, &object);
    if ((route->flow[SIDE_PRIMARY][0] != '\0' || route->flow[SIDE_STANDBY][0] != '\0') &&
        strcmp(primary, standby) == 0)
        load_problem(load, &object, route->flow[SIDE_STANDBY][0] != '\0' ? "standby" : "primary",
                     "both sides are flow %s here: a switch would change nothing", standby);
}

static void check_via(const struct load *load, size_t place, size_t at)
{
    const char *via = service_at(load, place)->routes[at].via;
    const char *names[PLATFORM_COUNT_MAX];
    struct text known = {.length = 0};
    struct object object;
    if (via[0] == '\0' || config_find_platform(load->config, via) != NULL)
        return;
    for (size_t i = 0; i < load->config->platform_count; i++) {
        names[i] = load->config->platforms[i].name.text;
        text_add(&known, "%s%s", i > 0 ? ", " : "", names[i]);
    }
    const char *nearest = text_nearest(via, names, load->config->platform_count);
    load_route_object(load, place, at, &object);
    if (nearest != NULL)
        load_problem(load, &object, "via", "no platform %.60s (did you mean %s?)", via, nearest);
    else
        load_problem(load, &object, "via", "no platform %.60s; platforms has %s", via,
                     known.length > 0 ? known.bytes : "none");
}

static void check_plan(const struct load *load, size_t place, size_t at)
{
    const struct route_config *route = &service_at(load, place)->routes[at];
    struct object object;
    load_route_object(load, place, at, &object);
    if (strcmp(route->backend, "routing-plan") == 0 && route->plan[0] == '\0')
        load_problem(load, &object, "plan", "is missing: %s",
                     schema_find(PLACE_ROUTE, "plan")->help);
}

static bool is_same(const struct route_config *route, const struct route_config *other)
{
    return strcmp(route->backend, other->backend) == 0 && strcmp(route->via, other->via) == 0 &&
           route->plan[0] != '\0' && strcmp(route->plan, other->plan) == 0;
}

/* Two services that write one route would undo each other's moves. */
static void check_owner(const struct load *load, size_t place, size_t at)
{
    const struct route_config *route = &service_at(load, place)->routes[at];
    for (size_t i = 0; i <= place; i++) {
        const struct service_config *service = service_at(load, i);
        size_t count = i < place ? service->route_count : at;
        for (size_t j = 0; j < count; j++) {
            struct object object;
            if (!is_same(route, &service->routes[j]))
                continue;
            load_route_object(load, place, at, &object);
            load_problem(load, &object, "plan", "%s is the route of services.%s already",
                         route->plan, service->name.text);
        }
    }
}

typedef void (*rule_check_route)(const struct load *load, size_t place, size_t at);

static const rule_check_route rules_of_one[] = {check_hold_flow, check_flows, check_via, check_plan,
                                                check_owner};

static void check_each(const struct load *load, size_t place)
{
    for (size_t at = 0; at < service_at(load, place)->route_count; at++) {
        for (size_t i = 0; i < ARRAY_COUNT(rules_of_one); i++)
            rules_of_one[i](load, place, at);
    }
}

static void check_body(const struct load *load, size_t place, const char *path, const char *body,
                       enum side side)
{
    char placeholder[NAME_SIZE];
    struct object object;
    snprintf(placeholder, sizeof placeholder, "${%s.id}", side_name(side));
    if (body[0] == '\0' || strstr(body, placeholder) != NULL ||
        strstr(body, service_at(load, place)->side[side].id) != NULL)
        return;
    load_service_object(load, place, &object);
    load_problem(load, &object, path, "does not name the %s flow (%s)", side_name(side),
                 placeholder);
}

static void check_bodies(const struct load *load, size_t place)
{
    const struct body_config *bodies = &service_at(load, place)->bodies;
    check_body(load, place, "bodies.normal", bodies->normal, SIDE_PRIMARY);
    check_body(load, place, "bodies.standby", bodies->standby, SIDE_STANDBY);
}

const rule_check_service rules_of_route[] = {check_some, check_each, check_bodies};
const size_t rules_of_route_count = ARRAY_COUNT(rules_of_route);
