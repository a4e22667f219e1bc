#include <string.h>

#include "node/io/act/json.h"
#include "node/io/preflight/run_parts.h"

static void ask_path(struct preflight_run *run, size_t platform, const char *path, const char *id,
                     struct preflight_page *ret_page)
{
    struct url url;
    url_begin(&url, &run->config->platforms[platform]);
    url_add(&url, path);
    if (id != NULL)
        url_add_escaped(&url, id);
    run_ask(run, platform, &url, ret_page);
}

static bool add_policies(cJSON *policies, const cJSON *list)
{
    const cJSON *policy = NULL;
    cJSON_ArrayForEach(policy, list)
    {
        cJSON_AddItemToArray(policies, cJSON_Duplicate(policy, true));
    }
    return cJSON_GetArraySize(list) > 0;
}

/* A grant that names the role alone: the role itself says what it allows. */
static bool add_role(struct preflight_run *run, size_t platform, const char *id, cJSON *policies)
{
    struct preflight_page page;
    ask_path(run, platform, "/api/v2/authorization/roles/", id, &page);
    bool known =
        page.asked && page.result == ROUTE_RESULT_OK &&
        add_policies(policies, cJSON_GetObjectItemCaseSensitive(page.json, "permissionPolicies"));
    if (!known)
        run->platforms[platform].subject.why = page.why;
    preflight_page_fini(&page);
    return known;
}

/* All or nothing: half of the roles would make the other half's permissions look missing. */
static bool collect(struct preflight_run *run, size_t platform, const cJSON *grants,
                    cJSON *policies)
{
    const cJSON *grant = NULL;
    size_t asked = 0;
    cJSON_ArrayForEach(grant, grants)
    {
        const cJSON *role = cJSON_GetObjectItemCaseSensitive(grant, "role");
        const char *id = json_get_string(role, "id");
        if (add_policies(policies, cJSON_GetObjectItemCaseSensitive(role, "policies")))
            continue;
        if (id == NULL || asked++ == RUN_ROLE_COUNT_MAX || !add_role(run, platform, id, policies))
            return false;
    }
    return cJSON_GetArraySize(grants) > 0;
}

static void learn_policies(struct preflight_run *run, size_t at)
{
    struct preflight_platform *platform = &run->platforms[at];
    cJSON *policies = NULL;
    ask_path(run, at, "/api/v2/authorization/subjects/me?includeFullRoles=true", NULL,
             &platform->subject);
    if (!platform->subject.asked || platform->subject.result != ROUTE_RESULT_OK)
        return;
    policies = cJSON_CreateArray();
    if (collect(run, at, cJSON_GetObjectItemCaseSensitive(platform->subject.json, "grants"),
                policies))
        platform->policies = policies;
    else
        cJSON_Delete(policies);
}

void run_learn_platform(struct preflight_run *run, size_t platform)
{
    struct preflight_platform *own = &run->platforms[platform];
    if (own->used)
        return;
    own->used = true;
    ask_path(run, platform, "/api/v2/tokens/me", NULL, &own->me);
    if (own->me.asked && own->me.result == ROUTE_RESULT_OK)
        learn_policies(run, platform);
}
