#include "tests/lab/sim/permission.h"

#include "common/check.h"
#include "common/errors.h"
#include "tests/lab/base/json.h"

#include <stdio.h>
#include <string.h>

enum { PART_BYTES = 48 };

static const char *const all[] = {
    "analytics:flowObservation:view",
    "architect:datatable:view",
    "architect:datatableRow:edit",
    "architect:datatableRow:view",
    "architect:dependencyTracking:view",
    "architect:flow:view",
    "conversation:communication:view",
    "externalContacts:contact:edit",
    "externalContacts:contact:view",
    "integrations:action:view",
    "oauth:client:view",
    "routing:callRoute:edit",
    "routing:callRoute:view",
    "routing:email:manage",
    "routing:emergencyGroup:edit",
    "routing:emergencyGroup:view",
    "routing:message:manage",
    "routing:queue:view",
    "textbots:botFlowSession:execute",
    "webDeployments:deployment:edit",
    "webDeployments:deployment:view",
};

_Static_assert(ARRAY_COUNT(all) <= PERMISSION_COUNT_MAX, "a set has a place for each");

bool permission_allows(const struct permission_set *set, const char *permission)
{
    for (size_t i = 0; permission != NULL && i < ARRAY_COUNT(all); i++) {
        if (strcmp(all[i], permission) == 0)
            return !set->denied[i];
    }
    return true;
}

static int deny_read(const cJSON *object, struct permission_set *set, struct text *why)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(object, "deny");
    const cJSON *item = NULL;

    if (!cJSON_IsArray(list)) {
        text_set(why, "\"deny\" must be a list of permissions");
        return ERR_INVALID;
    }
    cJSON_ArrayForEach(item, list)
    {
        const char *word = cJSON_GetStringValue(item);
        size_t index = 0;

        if (json_word_find("deny", word == NULL ? "" : word, all, ARRAY_COUNT(all), &index, why) !=
            0)
            return ERR_INVALID;
        set->denied[index] = true;
    }
    return 0;
}

int permission_deny(struct permission_set *set, const char *json, size_t length, struct text *why)
{
    static const char *const keys[] = {"deny"};
    struct permission_set read = {0};
    cJSON *object = NULL;
    int result = json_object_parse(json, length, keys, ARRAY_COUNT(keys), &object, why);

    if (result == 0)
        result = deny_read(object, &read, why);
    cJSON_Delete(object);
    if (result == 0)
        *set = read;
    return result;
}

/* The policy of a domain and an entity, made where it is not there yet. */
static cJSON *policy_find(cJSON *policies, const char *domain, const char *entity)
{
    cJSON *policy = NULL;

    cJSON_ArrayForEach(policy, policies)
    {
        if (strcmp(cJSON_GetObjectItem(policy, "domain")->valuestring, domain) == 0 &&
            strcmp(cJSON_GetObjectItem(policy, "entityName")->valuestring, entity) == 0)
            return policy;
    }
    policy = cJSON_CreateObject();
    (void)cJSON_AddStringToObject(policy, "domain", domain);
    (void)cJSON_AddStringToObject(policy, "entityName", entity);
    (void)cJSON_AddArrayToObject(policy, "actions");
    (void)cJSON_AddItemToArray(policies, policy);
    return policy;
}

static void policy_add(cJSON *policies, const char *permission)
{
    char domain[PART_BYTES] = "";
    char entity[PART_BYTES] = "";
    size_t domain_length = strcspn(permission, ":");
    const char *rest = permission + domain_length + 1;
    size_t entity_length = strcspn(rest, ":");
    cJSON *policy;

    (void)snprintf(domain, sizeof(domain), "%.*s", (int)domain_length, permission);
    (void)snprintf(entity, sizeof(entity), "%.*s", (int)entity_length, rest);
    policy = policy_find(policies, domain, entity);
    (void)cJSON_AddItemToArray(cJSON_GetObjectItem(policy, "actions"),
                               cJSON_CreateString(rest + entity_length + 1));
}

cJSON *permission_policies(const struct permission_set *set)
{
    cJSON *policies = cJSON_CreateArray();

    for (size_t i = 0; i < ARRAY_COUNT(all); i++) {
        if (!set->denied[i])
            policy_add(policies, all[i]);
    }
    return policies;
}

cJSON *permission_denied(const struct permission_set *set)
{
    cJSON *list = cJSON_CreateArray();

    for (size_t i = 0; i < ARRAY_COUNT(all); i++) {
        if (set->denied[i])
            (void)cJSON_AddItemToArray(list, cJSON_CreateString(all[i]));
    }
    return list;
}
