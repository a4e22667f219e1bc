#include <string.h>

#include "node/io/config/endpoint.h"
#include "node/io/config/rules.h"
#include "node/io/config/zones.h"

static const struct service_config *service_at(const struct load *load, size_t place)
{
    return &load->config->services[place];
}

/* One zone may be lost, and the rest must still be able to convict. */
static void check_zones(const struct load *load, size_t place)
{
    size_t min_zones = service_at(load, place)->settings.min_zones;
    size_t zones = zones_count(load->config);
    size_t voters = load->config->node_count;
    size_t quorum = zones_quorum(voters);
    const struct name *largest = NULL;
    size_t in_largest = zones_largest(load->config, &largest);
    struct object object;
    load_service_object(load, place, &object);
    if (voters == 0)
        return;
    if (min_zones > zones) {
        load_problem(load, &object, "rule.min_zones",
                     "impossible: min_zones <= zones is %zu <= %zu (the zones of nodes)", min_zones,
                     zones);
        return;
    }
    if (zones < 2 || min_zones < 2)
        return;
    if (voters - in_largest < quorum)
        load_problem(load, &object, "rule.min_zones",
                     "losing zone %s leaves no quorum: voters - voters in %s >= quorum is "
                     "%zu - %zu >= %zu; spread the voters, or write min_zones: 1",
                     largest->text, largest->text, voters, in_largest, quorum);
    else if (zones - 1 < min_zones)
        load_problem(load, &object, "rule.min_zones",
                     "losing one zone leaves too few: zones - 1 >= min_zones is %zu - 1 >= %zu",
                     zones, min_zones);
}

static void check_flow_ids(const struct load *load, size_t place)
{
    const struct side_config *side = service_at(load, place)->side;
    struct object object;
    load_side_object(load, place, SIDE_STANDBY, &object);
    if (side[SIDE_STANDBY].id[0] != '\0' &&
        strcmp(side[SIDE_PRIMARY].id, side[SIDE_STANDBY].id) == 0)
        load_problem(load, &object, "id",
                     "is the primary's flow %s: a switch would change nothing; clone the flow",
                     side[SIDE_STANDBY].id);
}

static void check_hold_flow(const struct load *load, size_t place)
{
    const struct service_config *service = service_at(load, place);
    struct object object;
    load_service_object(load, place, &object);
    for (size_t side = 0; side < SIDE_N; side++) {
        if (service->route.hold_flow[0] != '\0' &&
            strcmp(service->route.hold_flow, service->side[side].id) == 0)
            load_problem(load, &object, "route.hold_flow",
                         "is the %s flow: a paused route could not be told from a serving one",
                         side_name((enum side)side));
    }
}

static void check_endpoints(const struct load *load, size_t place)
{
    const struct side_config *side = service_at(load, place)->side;
    struct endpoint primary;
    struct endpoint standby;
    struct object object;
    struct text unused = {.length = 0};
    if (endpoint_parse_url(side[SIDE_PRIMARY].probe.url, &primary, &unused) != 0 ||
        endpoint_parse_url(side[SIDE_STANDBY].probe.url, &standby, &unused) != 0 ||
        !endpoint_equal(&primary, &standby))
        return;
    load_probe_object(load, place, SIDE_STANDBY, &object);
    load_problem(load, &object, "url",
                 "is the primary's endpoint %s:%u%s: a standby that depends on what failed fails "
                 "with it (the isolation trap); give it its own",
                 primary.host, (unsigned)primary.port, primary.path);
}

static void check_tags(const struct load *load, size_t place)
{
    const struct side_config *side = service_at(load, place)->side;
    struct object object;
    load_side_object(load, place, SIDE_STANDBY, &object);
    if (!object_has(&object, "tag"))
        load_problem(load, &object, "tag",
                     "is missing: tag the standby flow, e.g. env:standby, so that its logs and "
                     "traffic can be told apart");
    else if (side[SIDE_STANDBY].tag[0] != '\0' &&
             strcmp(side[SIDE_PRIMARY].tag, side[SIDE_STANDBY].tag) == 0)
        load_problem(load, &object, "tag", "is the primary's tag, too");
}

static void check_via(const struct load *load, size_t place)
{
    const char *via = service_at(load, place)->route.via;
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
    load_service_object(load, place, &object);
    if (nearest != NULL)
        load_problem(load, &object, "route.via", "no platform %.60s (did you mean %s?)", via,
                     nearest);
    else
        load_problem(load, &object, "route.via", "no platform %.60s; platforms has %s", via,
                     known.length > 0 ? known.bytes : "none");
}

/* Two services that write one plan would undo each other's moves. */
static void check_route_owner(const struct load *load, size_t place)
{
    const struct route_config *route = &service_at(load, place)->route;
    for (size_t i = 0; i < place; i++) {
        const struct route_config *other = &service_at(load, i)->route;
        struct object object;
        if (route->plan[0] == '\0' || strcmp(route->plan, other->plan) != 0 ||
            strcmp(route->via, other->via) != 0)
            continue;
        load_service_object(load, place, &object);
        load_problem(load, &object, "route.plan", "%s is the route of services.%s already",
                     route->plan, service_at(load, i)->name.text);
    }
}

static void check_announce(const struct load *load, size_t place)
{
    const struct service_config *service = service_at(load, place);
    struct object object;
    load_service_object(load, place, &object);
    if (service->announce_header[0] != '\0' && service->announce_query[0] != '\0')
        load_problem(load, &object, "announce.query",
                     "the header and the query parameter exclude each other");
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

const rule_check_service rules_of_service[] = {
    check_zones, check_flow_ids,    check_hold_flow, check_endpoints, check_tags,
    check_via,   check_route_owner, check_announce,  check_bodies,
};
const size_t rules_of_service_count = ARRAY_COUNT(rules_of_service);
