/* entrances: whoever comes in by a way that no route of ours switches stays with the primary. */
#include <string.h>

#include "node/io/act/json.h"
#include "node/io/preflight/check.h"
#include "node/io/preflight/words.h"

static bool is_primary_of(const struct preflight_facts *facts, size_t platform, const char *flow)
{
    for (size_t i = 0; i < facts->pair_count; i++)
        if (facts->pairs[i].platform == platform &&
            strcmp(facts->pairs[i].flow[SIDE_PRIMARY], flow) == 0)
            return true;
    return false;
}

/* A route of any service: then a move of that one switches it. */
static bool is_switched(const struct preflight_facts *facts, size_t platform,
                        const struct entrance *entrance)
{
    for (size_t i = 0; i < facts->config->service_count; i++) {
        const struct service_config *service = &facts->config->services[i];
        for (size_t j = 0; j < service->route_count; j++)
            if (preflight_platform_of(facts->config, &service->routes[j]) == platform &&
                entrance_is_route(entrance, &service->routes[j]))
                return true;
    }
    return false;
}

static bool lists_ivr(const cJSON *group, const char *id)
{
    const cJSON *call = NULL;
    const cJSON *ivr = NULL;
    cJSON_ArrayForEach(call, cJSON_GetObjectItemCaseSensitive(group, "emergencyCallFlows"))
    {
        cJSON_ArrayForEach(ivr, cJSON_GetObjectItemCaseSensitive(call, "ivrs"))
        {
            const char *own = json_get_string(ivr, "id");
            if (own != NULL && strcmp(own, id) == 0)
                return true;
        }
    }
    return false;
}

/* An ivr of the emergency group that is our route: the group takes its callers along. */
static bool is_taken_along(const struct preflight_facts *facts, size_t platform,
                           const struct entrance *entrance)
{
    if (strcmp(entrance->kind->name, "ivr") != 0)
        return false;
    for (size_t i = 0; i < facts->service->route_count; i++) {
        const struct route_config *route = &facts->service->routes[i];
        if (strcmp(route->backend, "emergency-group") == 0 &&
            preflight_platform_of(facts->config, route) == platform &&
            lists_ivr(facts->routes[i].page.json, entrance->id))
            return true;
    }
    return false;
}

static bool is_open(const struct preflight_facts *facts, size_t platform,
                    const struct entrance *entrance)
{
    return is_primary_of(facts, platform, entrance->flow) &&
           !is_switched(facts, platform, entrance) && !is_taken_along(facts, platform, entrance);
}

static size_t count_open(const struct preflight_facts *facts, size_t platform)
{
    const struct entrances *entrances = &facts->platforms[platform].entrances;
    size_t count = 0;
    for (size_t i = 0; i < entrances->count; i++)
        count += is_open(facts, platform, &entrances->found[i]) ? 1 : 0;
    return count;
}

/* Lists that could not be read, or not to their end. */
static void list_unread(const struct entrances *entrances, struct text *ret_unread,
                        struct text *ret_permissions)
{
    for (size_t i = 0; i < ENTRANCE_KIND_COUNT; i++) {
        const struct entrance_kind *kind = entrance_kind_at(i);
        const struct entrance_list *list = &entrances->lists[i];
        const char *before = ret_unread->length > 0 ? ", " : "";
        if (!list->asked || (list->result == ROUTE_RESULT_OK && !list->cut))
            continue;
        if (list->result == ROUTE_RESULT_FORBIDDEN) {
            text_add(ret_permissions, "%s%s", ret_permissions->length > 0 ? ", " : "",
                     kind->permission);
            text_add(ret_unread, "%s%s (forbidden)", before, kind->name);
        } else {
            text_add(ret_unread, "%s%s (%s)", before, kind->name,
                     list->result != ROUTE_RESULT_OK ? "no answer" : "not to its end");
        }
    }
}

static bool was_asked(const struct entrances *entrances)
{
    for (size_t i = 0; i < ENTRANCE_KIND_COUNT; i++)
        if (entrances->lists[i].asked)
            return true;
    return false;
}

void judge_entrances(const struct preflight_facts *facts, size_t at, struct preflight_row *row)
{
    const struct entrances *entrances = &facts->platforms[at].entrances;
    struct text unread = {.length = 0};
    struct text permissions = {.length = 0};
    if (!was_asked(entrances)) {
        row_say(row, PREFLIGHT_SKIP, "%s",
                facts->platforms[at].me.result == ROUTE_RESULT_NOT_FOUND
                    ? "the platform is no Genesys Cloud: it has no lists to look through"
                    : "not asked: see the rows above");
        return;
    }
    size_t count = count_open(facts, at);
    list_unread(entrances, &unread, &permissions);
    if (count > 0)
        row_say(row, PREFLIGHT_WARN, "no move switches %zu that point at the primary, too%s", count,
                entrances->dropped > 0 ? ", or more" : "");
    else
        row_say(row, unread.length > 0 ? PREFLIGHT_WARN : PREFLIGHT_PASS,
                "nothing else points at the primary%s",
                unread.length > 0 ? ", as far as could be read" : "");
    if (unread.length > 0)
        text_add(&row->found, "; not read: %s", unread.bytes);
    if (count > 0)
        text_set(&row->todo,
                 "add a route for each to services.%s.routes, or accept that they "
                 "stay with the primary",
                 facts->service->name.text);
    if (permissions.length > 0)
        text_add(&row->todo, "%sgive a role of the OAuth client %s",
                 row->todo.length > 0 ? "; " : "", permissions.bytes);
}

void list_entrances(const struct preflight_facts *facts, size_t at, struct preflight_report *report)
{
    const struct entrances *entrances = &facts->platforms[at].entrances;
    for (size_t i = 0; i < entrances->count; i++) {
        const struct entrance *entrance = &entrances->found[i];
        struct text about = {.length = 0};
        if (!is_open(facts, at, entrance))
            continue;
        text_set(&about, "%s %s%s%s", entrance->kind->name, entrance->parent,
                 entrance->parent[0] != '\0' ? "/" : "", entrance->id);
        struct preflight_row *row = preflight_report_add(report, "entrances", about.bytes);
        if (row == NULL)
            continue;
        row_say(row, PREFLIGHT_WARN, "%s%s%s points at %s in %s",
                entrance->name[0] != '\0' ? "\"" : "", entrance->name,
                entrance->name[0] != '\0' ? "\"" : "it", entrance->flow, entrance->slot);
    }
}
