#include "node/io/preflight/permission.h"

#include <string.h>
#include <strings.h>

#include "common/check.h"
#include "node/io/act/json.h"

/* What the platform documents for GET and PUT of each kind of route. */
struct route_need {
    const char *backend;
    const char *view[3];
    const char *edit[3];
};

static const struct route_need route_needs[] = {
    {"ivr", {"routing:callRoute:view"}, {"routing:callRoute:edit"}},
    {"emergency-group", {"routing:emergencyGroup:view"}, {"routing:emergencyGroup:edit"}},
    {"datatable-row",
     {"architect:datatableRow:view", "architect:datatable:view"},
     {"architect:datatableRow:edit", "architect:datatable:edit"}},
    {"message-recipient", {"routing:message:manage"}, {"routing:message:manage"}},
    {"web-deployment", {"webDeployments:deployment:view"}, {"webDeployments:deployment:edit"}},
    {"email-route", {"routing:email:view", "routing:email:manage"}, {"routing:email:manage"}},
};

static const struct permission_need check_needs[] = {
    {.names = {"architect:flow:view"}},
    {.names = {"architect:dependencyTracking:view"}},
    {.names = {"integrations:action:view"}},
};

struct need_list {
    struct permission_need *needs;
    size_t count;
};

static void add(struct need_list *list, const struct permission_need *need)
{
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->needs[i].names[0], need->names[0]) != 0)
            continue;
        list->needs[i].required = list->needs[i].required || need->required;
        list->needs[i].proved = list->needs[i].proved || need->proved;
        return;
    }
    if (list->count < PERMISSION_NEED_COUNT_MAX)
        list->needs[list->count++] = *need;
}

static void add_names(struct need_list *list, const char *const names[3], bool proved)
{
    struct permission_need need = {.required = true, .proved = proved};
    memcpy(need.names, names, sizeof need.names);
    add(list, &need);
}

static void add_route(struct need_list *list, const struct preflight_facts *facts, size_t at)
{
    const struct route_config *route = &facts->service->routes[at];
    const struct preflight_page *page = &facts->routes[at].page;
    for (size_t i = 0; i < ARRAY_COUNT(route_needs); i++) {
        if (strcmp(route_needs[i].backend, route->backend) != 0)
            continue;
        add_names(list, route_needs[i].view, page->asked && page->result == ROUTE_RESULT_OK);
        add_names(list, route_needs[i].edit, false);
    }
}

/* What probes and drains of the service ask the platform themselves. */
static void add_service(struct need_list *list, const struct preflight_facts *facts,
                        size_t platform)
{
    static const struct permission_need talks = {.names = {"textbots:botFlowSession:execute"},
                                                 .required = true};
    static const struct permission_need counts = {.names = {"analytics:flowObservation:view"}};
    const char *name = facts->config->platforms[platform].name.text;
    for (int side = 0; side < SIDE_N; side++) {
        const struct probe_config *probe = &facts->service->side[side].probe;
        if (probe->kind == PROBE_BOT && strcmp(probe->via, name) == 0)
            add(list, &talks);
    }
    if (facts->service->drain_count.of == COUNT_FLOW)
        add(list, &counts);
}

static void add_list(struct need_list *list, const struct entrance_kind *kind)
{
    struct permission_need need = {.names = {kind->permission}};
    for (size_t i = 0; i < ARRAY_COUNT(route_needs); i++)
        if (strcmp(route_needs[i].backend, kind->name) == 0)
            memcpy(need.names, route_needs[i].view, sizeof need.names);
    add(list, &need);
}

size_t permission_needs(const struct preflight_facts *facts, size_t platform,
                        struct permission_need ret_needs[PERMISSION_NEED_COUNT_MAX])
{
    struct need_list list = {.needs = ret_needs};
    for (size_t i = 0; i < facts->service->route_count; i++)
        if (preflight_platform_of(facts->config, &facts->service->routes[i]) == platform)
            add_route(&list, facts, i);
    add_service(&list, facts, platform);
    for (size_t i = 0; i < ARRAY_COUNT(check_needs); i++)
        add(&list, &check_needs[i]);
    for (size_t i = 0; i < ENTRANCE_KIND_COUNT; i++)
        add_list(&list, entrance_kind_at(i));
    return list.count;
}

static bool is_word(const char *written, const char *word, size_t length)
{
    if (written == NULL || written[0] == '\0' || strcmp(written, "*") == 0)
        return true;
    return strlen(written) == length && strncasecmp(written, word, length) == 0;
}

static bool has_action(const cJSON *policy, const char *action)
{
    const cJSON *actions = cJSON_GetObjectItemCaseSensitive(policy, "actions");
    const cJSON *one = NULL;
    if (!cJSON_IsArray(actions))
        actions = cJSON_GetObjectItemCaseSensitive(policy, "actionSet");
    cJSON_ArrayForEach(one, actions)
    {
        const char *word = cJSON_GetStringValue(one);
        if (word != NULL && word[0] != '\0' && is_word(word, action, strlen(action)))
            return true;
    }
    return false;
}

bool permission_allows(const cJSON *policies, const char *name)
{
    size_t domain = strcspn(name, ":");
    const char *entity = name + domain + 1;
    size_t length = strcspn(entity, ":");
    const cJSON *policy = NULL;
    CHECK(name[domain] == ':' && entity[length] == ':');
    cJSON_ArrayForEach(policy, policies)
    {
        const char *own_domain = json_get_string(policy, "domain");
        if (own_domain != NULL && own_domain[0] != '\0' && is_word(own_domain, name, domain) &&
            is_word(json_get_string(policy, "entityName"), entity, length) &&
            has_action(policy, entity + length + 1))
            return true;
    }
    return false;
}
