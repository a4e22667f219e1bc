#include "node/io/preflight/entrance.h"

#include <string.h>

#include "common/check.h"
#include "node/io/act/json.h"
#include "node/io/preflight/facts.h"
#include "node/io/preflight/words.h"

static bool is_flow(const cJSON *entity, const char *slot, const char *flow)
{
    const cJSON *reference = cJSON_GetObjectItemCaseSensitive(entity, slot);
    const char *id = cJSON_IsObject(reference) ? json_get_string(reference, "id") : NULL;
    return id != NULL && strcmp(id, flow) == 0;
}

static bool find_slot(const cJSON *entity, const char *flow, const char *const *slots, size_t count,
                      const char **ret_slot)
{
    for (size_t i = 0; i < count; i++) {
        if (!is_flow(entity, slots[i], flow))
            continue;
        *ret_slot = slots[i];
        return true;
    }
    return false;
}

static bool ivr_points(const cJSON *entity, const char *flow, const char **ret_slot)
{
    static const char *const slots[] = {"openHoursFlow", "closedHoursFlow", "holidayHoursFlow"};
    return find_slot(entity, flow, slots, ARRAY_COUNT(slots), ret_slot);
}

static bool group_points(const cJSON *entity, const char *flow, const char **ret_slot)
{
    const cJSON *call = NULL;
    cJSON_ArrayForEach(call, cJSON_GetObjectItemCaseSensitive(entity, "emergencyCallFlows"))
    {
        *ret_slot = "emergencyCallFlows";
        if (is_flow(call, "emergencyFlow", flow))
            return true;
    }
    return false;
}

static bool one_flow_points(const cJSON *entity, const char *flow, const char **ret_slot)
{
    static const char *const slots[] = {"flow", "spamFlow"};
    return find_slot(entity, flow, slots, ARRAY_COUNT(slots), ret_slot);
}

static bool queue_points(const cJSON *entity, const char *flow, const char **ret_slot)
{
    static const char *const slots[] = {"queueFlow", "emailInQueueFlow", "messageInQueueFlow"};
    return find_slot(entity, flow, slots, ARRAY_COUNT(slots), ret_slot);
}

/* Which column a dispatcher flow reads is not known here: any that holds the id. */
static bool row_points(const cJSON *entity, const char *flow, const char **ret_slot)
{
    const cJSON *column = NULL;
    *ret_slot = "a column";
    cJSON_ArrayForEach(column, entity)
    {
        const char *value = cJSON_GetStringValue(column);
        if (value != NULL && strcmp(value, flow) == 0)
            return true;
    }
    return false;
}

static const struct entrance_kind kinds[ENTRANCE_KIND_COUNT] = {
    {.name = "ivr",
     .list = "/api/v2/architect/ivrs",
     .permission = "routing:callRoute:view",
     .page_size = 50,
     .points = ivr_points},
    {.name = "emergency-group",
     .list = "/api/v2/architect/emergencygroups",
     .permission = "routing:emergencyGroup:view",
     .page_size = 50,
     .points = group_points},
    {.name = "message-recipient",
     .list = "/api/v2/routing/message/recipients",
     .permission = "routing:message:manage",
     .page_size = 50,
     .points = one_flow_points},
    {.name = "web-deployment",
     .list = "/api/v2/webdeployments/deployments",
     .permission = "webDeployments:deployment:view",
     .page_size = 50,
     .points = one_flow_points},
    {.name = "email-route",
     .outer = "/api/v2/routing/email/domains",
     .inner = "routes",
     .permission = "routing:email:view",
     .page_size = 50,
     .points = one_flow_points},
    {.name = "datatable-row",
     .outer = "/api/v2/flows/datatables",
     .inner = "rows",
     .query = "showbrief=false",
     .permission = "architect:datatableRow:view",
     .page_size = 50,
     .points = row_points},
    {.name = "queue",
     .list = "/api/v2/routing/queues",
     .permission = "routing:queue:view",
     .page_size = 25,
     .points = queue_points},
};

const struct entrance_kind *entrance_kind_at(size_t at)
{
    CHECK(at < ARRAY_COUNT(kinds));
    return &kinds[at];
}

const struct entrance_kind *entrance_find_kind(const char *backend)
{
    for (size_t i = 0; i < ARRAY_COUNT(kinds); i++)
        if (strcmp(kinds[i].name, backend) == 0)
            return &kinds[i];
    return NULL;
}

const char *entrance_id(const cJSON *entity)
{
    const char *id = json_get_string(entity, "id");
    return id != NULL ? id : json_get_string(entity, "key");
}

static bool has(const struct entrances *entrances, const struct entrance *entrance)
{
    for (size_t i = 0; i < entrances->count; i++) {
        const struct entrance *other = &entrances->found[i];
        if (other->kind == entrance->kind && strcmp(other->parent, entrance->parent) == 0 &&
            strcmp(other->id, entrance->id) == 0 && strcmp(other->flow, entrance->flow) == 0)
            return true;
    }
    return false;
}

static void keep(struct entrances *entrances, const struct entrance *entrance)
{
    if (has(entrances, entrance))
        return;
    if (entrances->count == ENTRANCE_COUNT_MAX)
        entrances->dropped++;
    else
        entrances->found[entrances->count++] = *entrance;
}

static void take_flow(struct entrances *entrances, const struct entrance_kind *kind,
                      const char *parent, const cJSON *entity, const char *flow)
{
    struct entrance entrance = {.kind = kind};
    const char *id = entrance_id(entity);
    const char *name = json_get_string(entity, "name");
    if (id == NULL || !kind->points(entity, flow, &entrance.slot))
        return;
    words_plain(id, entrance.id, sizeof entrance.id);
    words_plain(parent, entrance.parent, sizeof entrance.parent);
    words_plain(name != NULL ? name : "", entrance.name, sizeof entrance.name);
    (void)text_copy(entrance.flow, sizeof entrance.flow, flow);
    keep(entrances, &entrance);
}

static void take_entity(struct entrances *entrances, const struct config *config, size_t platform,
                        const struct entrance_kind *kind, const char *parent, const cJSON *entity)
{
    for (size_t i = 0; i < config->service_count; i++) {
        const struct service_config *service = &config->services[i];
        for (size_t j = 0; j < service->route_count; j++)
            if (preflight_platform_of(config, &service->routes[j]) == platform)
                take_flow(entrances, kind, parent, entity,
                          config_route_flow(service, &service->routes[j], SIDE_PRIMARY));
    }
}

void entrances_take(struct entrances *entrances, const struct config *config, size_t platform,
                    const struct entrance_kind *kind, const char *parent, const cJSON *page)
{
    const cJSON *entity = NULL;
    cJSON_ArrayForEach(entity, cJSON_GetObjectItemCaseSensitive(page, "entities"))
    {
        take_entity(entrances, config, platform, kind, parent, entity);
    }
}

/* The id that the route of a kind has, and its parent's. */
static const char *route_id(const struct route_config *route, const char **ret_parent)
{
    const struct {
        const char *backend;
        const char *id;
        const char *parent;
    } ids[] = {
        {"ivr", route->ivr, ""},
        {"emergency-group", route->group, ""},
        {"message-recipient", route->recipient, ""},
        {"web-deployment", route->deployment, ""},
        {"email-route", route->email_route, route->domain},
        {"datatable-row", route->row, route->table},
    };
    for (size_t i = 0; i < ARRAY_COUNT(ids); i++) {
        if (strcmp(ids[i].backend, route->backend) != 0)
            continue;
        *ret_parent = ids[i].parent;
        return ids[i].id;
    }
    return NULL;
}

bool entrance_is_route(const struct entrance *entrance, const struct route_config *route)
{
    const char *parent = "";
    const char *id = route_id(route, &parent);
    return id != NULL && strcmp(entrance->kind->name, route->backend) == 0 &&
           strcmp(entrance->id, id) == 0 && strcmp(entrance->parent, parent) == 0;
}
