#include <stdio.h>
#include <string.h>

#include "node/io/config/backend.h"
#include "node/io/config/rules.h"

static const struct service_config *service_at(const struct load *load, size_t place)
{
    return &load->config->services[place];
}

static void check_some(const struct load *load, size_t place)
{
    struct object object;
    load_service_object(load, place, &object);
    const yaml_node_t *own = object.sources[0].map;
    if (document_get(load->document, own, "route", NULL) != NULL &&
        document_get(load->document, own, "routes", NULL) != NULL)
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

static void check_no_via(const struct load *load, size_t place, size_t at)
{
    const struct route_config *route = &service_at(load, place)->routes[at];
    const struct object_source *source = NULL;
    struct object object;
    load_route_object(load, place, at, &object);
    if (config_route_uses_platform(route))
        load_problem(load, &object, "via", "is missing: %s", schema_find(PLACE_ROUTE, "via")->help);
    else if (object_find(&object, schema_find(PLACE_ROUTE, "via"), &source, NULL) != NULL &&
             source == &object.sources[0])
        load_problem(load, &object, "via",
                     "neither URL is a path at the platform: nothing goes through it");
}

static void check_via(const struct load *load, size_t place, size_t at)
{
    const char *via = service_at(load, place)->routes[at].via;
    const char *names[PLATFORM_COUNT_MAX];
    struct text known = {.length = 0};
    struct object object;
    if (via[0] == '\0') {
        check_no_via(load, place, at);
        return;
    }
    if (config_find_platform(load->config, via) != NULL)
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

static bool is_in(const char *const *list, const char *word)
{
    for (; *list != NULL; list++)
        if (strcmp(*list, word) == 0)
            return true;
    return false;
}

/* Keys that no backend owns. */
static bool is_common(const char *path)
{
    static const char *const common[] = {"backend", "via", "primary", "standby", NULL};
    return is_in(common, path);
}

/* A key of another backend would be ignored, which nobody means who writes it. What comes from
 * defaults is for the routes that take it. */
static void check_strange(const struct load *load, const struct object *object,
                          const struct config_backend *backend)
{
    for (size_t i = 0; i < schema_count(); i++) {
        const struct schema_row *row = schema_at(i);
        const struct object_source *source = NULL;
        if (row->place != PLACE_ROUTE || is_common(row->path) || is_in(backend->needs, row->path) ||
            is_in(backend->takes, row->path))
            continue;
        if (object_find(object, row, &source, NULL) != NULL && source == &object->sources[0])
            load_problem(load, object, row->path, "is no key of the backend %s", backend->name);
    }
}

static void check_keys(const struct load *load, size_t place, size_t at)
{
    const struct route_config *route = &service_at(load, place)->routes[at];
    const struct config_backend *backend = config_find_backend(route->backend);
    struct object object;
    if (backend == NULL)
        return;
    load_route_object(load, place, at, &object);
    for (const char *const *need = backend->needs; *need != NULL; need++) {
        if (!object_has(&object, *need))
            load_problem(load, &object, *need, "is missing: %s",
                         schema_find(PLACE_ROUTE, *need)->help);
    }
    check_strange(load, &object, backend);
}

static void check_values(const struct load *load, size_t place, size_t at)
{
    static const char *const paths[ROUTE_VALUE_N] = {"values.primary", "values.standby",
                                                     "values.paused"};
    const struct service_config *service = service_at(load, place);
    const struct route_config *route = &service->routes[at];
    struct object object;
    load_route_object(load, place, at, &object);
    for (size_t i = 1; i < ROUTE_VALUE_N; i++) {
        const char *value = config_route_value(service, route, (enum route_value)i);
        for (size_t j = 0; j < i; j++) {
            bool own = route->values[i][0] != '\0' || route->values[j][0] != '\0';
            if (own && strcmp(value, config_route_value(service, route, (enum route_value)j)) == 0)
                load_problem(load, &object, paths[i], "is the same as %s: %s", paths[j], value);
        }
    }
}

static void check_columns(const struct load *load, size_t place, size_t at)
{
    const struct route_config *route = &service_at(load, place)->routes[at];
    const char *column = route->column[0] != '\0' ? route->column : "activeFlow";
    struct object object;
    load_route_object(load, place, at, &object);
    if (strcmp(route->backend, "datatable-row") != 0)
        return;
    if (strcmp(route->announce_column, column) == 0)
        load_problem(load, &object, "announce_column", "is the column of the route itself");
    if (strcmp(route->announce_column, "key") == 0 || strcmp(column, "key") == 0)
        load_problem(load, &object, "column", "a row's key is never written");
}

static const char *value_of(const struct route_config *route, const char *path)
{
    const struct schema_row *row = schema_find(PLACE_ROUTE, path);
    CHECK(row != NULL && row->type != SCHEMA_HEADERS);
    return (const char *)route + row->offset;
}

static bool is_same(const struct route_config *route, const struct route_config *other,
                    const struct config_backend *backend)
{
    if (strcmp(route->backend, other->backend) != 0 || strcmp(route->via, other->via) != 0)
        return false;
    for (const char *const *need = backend->needs; *need != NULL; need++) {
        const char *value = value_of(route, *need);
        if (value[0] == '\0' || strcmp(value, value_of(other, *need)) != 0)
            return false;
    }
    return true;
}

/* Two services that write one route would undo each other's moves. */
static void check_owner(const struct load *load, size_t place, size_t at)
{
    const struct route_config *route = &service_at(load, place)->routes[at];
    const struct config_backend *backend = config_find_backend(route->backend);
    if (backend == NULL)
        return;
    for (size_t i = 0; i <= place; i++) {
        const struct service_config *service = service_at(load, i);
        size_t count = i < place ? service->route_count : at;
        for (size_t j = 0; j < count; j++) {
            struct object object;
            if (!is_same(route, &service->routes[j], backend))
                continue;
            const char *last = backend->needs[0];
            load_route_object(load, place, at, &object);
            load_problem(load, &object, last, "%s is the route of services.%s already",
                         value_of(route, last), service->name.text);
        }
    }
}

typedef void (*rule_check_route)(const struct load *load, size_t place, size_t at);

static const rule_check_route rules_of_one[] = {
    check_hold_flow, check_flows, check_via, check_keys, check_values, check_columns, check_owner};

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

static bool has_plan(const struct service_config *service)
{
    for (size_t i = 0; i < service->route_count; i++)
        if (strcmp(service->routes[i].backend, "routing-plan") == 0)
            return true;
    return service->route_count == 0;
}

/* Other kinds of route are edited in what was read. */
static void check_no_bodies(const struct load *load, size_t place)
{
    static const char *const paths[] = {"bodies.normal", "bodies.standby", "bodies.paused"};
    struct object object;
    load_service_object(load, place, &object);
    for (size_t i = 0; i < ARRAY_COUNT(paths); i++) {
        const struct object_source *source = NULL;
        if (object_find(&object, schema_find(PLACE_SERVICE, paths[i]), &source, NULL) != NULL &&
            source == &object.sources[0])
            load_problem(load, &object, paths[i], "is a body of routing plans; there is none here");
    }
}

static void check_bodies(const struct load *load, size_t place)
{
    if (!has_plan(service_at(load, place)))
        check_no_bodies(load, place);
    const struct body_config *bodies = &service_at(load, place)->bodies;
    check_body(load, place, "bodies.normal", bodies->normal, SIDE_PRIMARY);
    check_body(load, place, "bodies.standby", bodies->standby, SIDE_STANDBY);
}

/* A drain begins with a pause. What nobody wrote is 0 for such a route. */
static void check_drains(const struct load *load, size_t place)
{
    static const char *const paths[DRAIN_KIND_N] = {[DRAIN_SLOW] = "drain.slow",
                                                    [DRAIN_DOWN] = "drain.down",
                                                    [DRAIN_PLANNED] = "drain.planned"};
    const struct service_config *service = service_at(load, place);
    const struct route_config *rigid = NULL;
    struct object object;
    for (size_t i = 0; i < service->route_count && rigid == NULL; i++)
        if (!config_route_can_pause(&service->routes[i]))
            rigid = &service->routes[i];
    load_service_object(load, place, &object);
    for (size_t i = 0; i < DRAIN_KIND_N && rigid != NULL; i++) {
        if (service->settings.drain_ms[i] > 0)
            load_problem(load, &object, paths[i],
                         "its route (%s) cannot be paused%s; write 0s, or leave it out",
                         rigid->backend,
                         is_in(config_find_backend(rigid->backend)->takes, "hold_flow")
                             ? " without a hold_flow"
                             : "");
    }
}

const rule_check_service rules_of_route[] = {check_some, check_each, check_bodies, check_drains};
const size_t rules_of_route_count = ARRAY_COUNT(rules_of_route);
