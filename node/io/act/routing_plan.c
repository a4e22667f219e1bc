/* Backend `routing-plan`: GET and PATCH of /api/v2/routing/plans/PLAN, whole `entries` with the
 * last version. */
#include "node/io/act/routing_url.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "common/check.h"
#include "common/cleanup.h"
#include "common/errors.h"
#include "node/io/act/json.h"
#include "node/io/act/template.h"

enum { ENTRY_COUNT_MAX = 256, PRIORITY_MAX = 1000000 };

#define FLOW(side) "\"destination\":{\"type\":\"Flow\",\"id\":\"${" side "}\"},\"conditions\":[]"

static const char body_normal[] = "{\"entries\":[{\"priority\":50," FLOW(
    "primary.id") "},"
                  "{\"priority\":60,\"active\":false," FLOW("standby.id") "}]}";
static const char body_standby[] = "{\"entries\":[{\"priority\":10," FLOW(
    "standby.id") "},"
                  "{\"priority\":50,\"active\":false," FLOW("primary.id") "}]}";
static const char body_paused[] = "{\"entries\":[{\"priority\":50,\"active\":false," FLOW(
    "primary.id") "},"
                  "{\"priority\":60,\"active\":false," FLOW("standby.id") "}]}";
static const char body_held[] = "{\"entries\":[{\"priority\":1," FLOW(
    "hold_flow") "},"
                 "{\"priority\":50,\"active\":false," FLOW(
                     "primary.id") "},"
                                   "{\"priority\":60,\"active\":false," FLOW("standby.id") "}]}";

struct plan_entry {
    int64_t priority;
    bool active;
    const char *id; /* NULL where the destination is no flow */
};

static int plan_make_request(const struct platform_config *platform,
                             const struct route_config *route, enum route_call call,
                             struct route_request *ret_request)
{
    int rc =
        routing_url_resource(platform, "/api/v2/routing/plans/", route->plan, call, ret_request);
    if (call == ROUTE_CALL_WRITE)
        ret_request->method = HTTP_PATCH;
    return rc;
}

static int read_entry(const cJSON *entry, struct plan_entry *ret_entry)
{
    struct plan_entry result = {.active = true};
    if (!json_get_integer(entry, "priority", &result.priority) || result.priority < -PRIORITY_MAX ||
        result.priority > PRIORITY_MAX)
        return ERR_MALFORMED;
    const cJSON *active = cJSON_GetObjectItemCaseSensitive(entry, "active");
    if (active != NULL && !cJSON_IsBool(active) && !cJSON_IsNull(active))
        return ERR_MALFORMED;
    result.active = !cJSON_IsFalse(active);
    const cJSON *destination = cJSON_GetObjectItemCaseSensitive(entry, "destination");
    if (destination != NULL && !cJSON_IsObject(destination) && !cJSON_IsNull(destination))
        return ERR_MALFORMED;
    const char *type = json_get_string(destination, "type");
    if (type != NULL && strcasecmp(type, "Flow") == 0)
        result.id = json_get_string(destination, "id");
    *ret_entry = result;
    return 0;
}

static enum route_state state_of_id(const struct service_config *service,
                                    const struct route_config *route, const char *id)
{
    if (id == NULL)
        return ROUTE_FOREIGN;
    if (strcmp(id, config_route_flow(service, route, SIDE_PRIMARY)) == 0)
        return ROUTE_PRIMARY;
    if (strcmp(id, config_route_flow(service, route, SIDE_STANDBY)) == 0)
        return ROUTE_STANDBY;
    if (route->hold_flow[0] != '\0' && strcmp(id, route->hold_flow) == 0)
        return ROUTE_PAUSED;
    return ROUTE_FOREIGN;
}

/* The lowest priority among the active ones is effective. Two of them with different meanings at
 * that priority leave it to the platform which one is; we never write such a plan, so it counts as
 * foreign. */
static int read_entries(const struct service_config *service, const struct route_config *route,
                        const cJSON *entries, struct route_reading *reading)
{
    enum route_state state = ROUTE_PAUSED;
    int64_t lowest = INT64_MAX;
    size_t count = 0;
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, entries)
    {
        struct plan_entry entry;
        if (++count > ENTRY_COUNT_MAX || read_entry(item, &entry) < 0)
            return ERR_MALFORMED;
        if (!entry.active || entry.priority > lowest)
            continue;
        enum route_state found = state_of_id(service, route, entry.id);
        state = entry.priority < lowest || found == state ? found : ROUTE_FOREIGN;
        lowest = entry.priority;
    }
    reading->state = state;
    return 0;
}

static int plan_read(const struct service_config *service, const struct route_config *route,
                     const struct route_document *document, struct route_reading *ret_reading,
                     struct text *why)
{
    struct route_reading reading = {0};
    const cJSON *plan = document->tree;
    const cJSON *entries =
        cJSON_IsObject(plan) ? cJSON_GetObjectItemCaseSensitive(plan, "entries") : NULL;
    if (!cJSON_IsArray(entries)) {
        text_set(why, "the plan has no entries");
        return ERR_MALFORMED;
    }
    int64_t version = 0;
    if (cJSON_GetObjectItemCaseSensitive(plan, "version") != NULL &&
        (!json_get_integer(plan, "version", &version) || version < 0)) {
        text_set(why, "the plan's version is not a whole number");
        return ERR_MALFORMED;
    }
    if (read_entries(service, route, entries, &reading) < 0) {
        text_set(why, "the plan has an entry that makes no sense");
        return ERR_MALFORMED;
    }
    reading.version = (uint64_t)version;
    *ret_reading = reading;
    return 0;
}

static const char *body_for(const struct service_config *service, const struct route_config *route,
                            enum route_state state)
{
    const struct body_config *own = &service->bodies;
    switch (state) {
    case ROUTE_PRIMARY:
        return own->normal[0] != '\0' ? own->normal : body_normal;
    case ROUTE_STANDBY:
        return own->standby[0] != '\0' ? own->standby : body_standby;
    case ROUTE_PAUSED:
        if (own->paused[0] != '\0')
            return own->paused;
        return route->hold_flow[0] != '\0' ? body_held : body_paused;
    case ROUTE_UNKNOWN:
    case ROUTE_FOREIGN:
    case ROUTE_MIXED:
    case ROUTE_STATE_N:
        break;
    }
    CHECK(false);
    return NULL;
}

/* As text, because cJSON prints whole numbers above 10^15 in a rounded form. */
static bool add_version(cJSON *body, const cJSON *route)
{
    char digits[24];
    int64_t version = 0;
    if (!json_get_integer(route, "version", &version))
        return true;
    (void)snprintf(digits, sizeof digits, "%" PRId64, version);
    return cJSON_AddRawToObject(body, "version", digits) != NULL;
}

/* What the body does not say itself goes back as it was read. */
static bool add_as_read(cJSON *body, const cJSON *route, const char *key)
{
    const char *value = json_get_string(route, key);
    if (value == NULL || cJSON_GetObjectItemCaseSensitive(body, key) != NULL)
        return true;
    return cJSON_AddStringToObject(body, key, value) != NULL;
}

static int plan_prepare(const struct service_config *service, const struct route_config *route,
                        const struct route_document *document, enum route_state state,
                        char **ret_text, struct text *why)
{
    const struct template_variable variables[] = {
        {"primary.id", config_route_flow(service, route, SIDE_PRIMARY)},
        {"standby.id", config_route_flow(service, route, SIDE_STANDBY)},
        {"plan", route->plan},
        {"hold_flow", route->hold_flow},
    };
    CLEANUP(cleanup_json) cJSON *body = NULL;
    int rc = template_expand(body_for(service, route, state), variables, ARRAY_COUNT(variables),
                             &body, why);
    if (rc < 0)
        return rc;
    cJSON_DeleteItemFromObjectCaseSensitive(body,
                                            "version"); /* the fence is never the template's */
    if (!add_as_read(body, document->tree, "name") ||
        !add_as_read(body, document->tree, "routingType") || !add_version(body, document->tree) ||
        json_print(body, ret_text) < 0) {
        text_set(why, "no memory");
        return ERR_NO_MEMORY;
    }
    return 0;
}

const struct routing_backend routing_plan_backend = {
    .name = "routing-plan",
    .make_request = plan_make_request,
    .read = plan_read,
    .prepare = plan_prepare,
};
