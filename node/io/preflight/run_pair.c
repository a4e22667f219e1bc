#include <string.h>

#include "node/io/act/json.h"
#include "node/io/preflight/run_parts.h"
#include "node/io/preflight/share.h"

enum { USES_PAGE_SIZE = 100, TYPE_SIZE = 64 };

/* The dependency query calls flows by other words than flows call themselves. */
static const char *object_type(const char *type, char ret_word[TYPE_SIZE])
{
    struct text word = {.length = 0};
    text_set(&word, "%s%s", type, strcmp(type, "WORKFLOW") == 0 ? "" : "FLOW");
    return text_copy(ret_word, TYPE_SIZE, word.bytes) == 0 ? ret_word : NULL;
}

static bool make_uses_url(const struct platform_config *platform, const cJSON *flow, const char *id,
                          int number, struct url *ret_url)
{
    char word[TYPE_SIZE];
    const cJSON *published = cJSON_GetObjectItemCaseSensitive(flow, "publishedVersion");
    const char *version = json_get_string(published, "id");
    const char *type = json_get_string(flow, "type");
    if (version == NULL || type == NULL || object_type(type, word) == NULL)
        return false;
    url_begin(ret_url, platform);
    url_add(ret_url, "/api/v2/architect/dependencytracking/consumedresources?id=");
    url_add_escaped(ret_url, id);
    url_add(ret_url, "&version=");
    url_add_escaped(ret_url, version);
    url_add(ret_url, "&objectType=");
    url_add_escaped(ret_url, word);
    for (size_t i = 0; share_types[i] != NULL; i++) {
        url_add(ret_url, "&resourceType=");
        url_add(ret_url, share_types[i]);
    }
    run_add_paging(ret_url, "&", USES_PAGE_SIZE, number);
    return true;
}

static void take_uses(struct preflight_uses *uses)
{
    const cJSON *thing = NULL;
    if (uses->list == NULL)
        uses->list = cJSON_CreateArray();
    cJSON_ArrayForEach(thing, cJSON_GetObjectItemCaseSensitive(uses->last.json, "entities"))
    {
        cJSON_AddItemToArray(uses->list, cJSON_Duplicate(thing, true));
    }
}

static void learn_uses(struct preflight_run *run, struct preflight_pair *pair, enum side side)
{
    struct preflight_uses *uses = &pair->uses[side];
    struct url url;
    for (int number = 1; number <= RUN_PAGE_COUNT_MAX; number++) {
        if (!make_uses_url(&run->config->platforms[pair->platform], pair->page[side].json,
                           pair->flow[side], number, &url))
            return;
        preflight_page_fini(&uses->last);
        run_ask(run, pair->platform, &url, &uses->last);
        if (!uses->last.asked || uses->last.result != ROUTE_RESULT_OK)
            return;
        take_uses(uses);
        if (!run_has_more(uses->last.json, number))
            return;
    }
    uses->cut = true;
}

/* Returns false where asking for more of them makes no sense. */
static bool learn_action(struct preflight_run *run, struct preflight_pair *pair,
                         struct preflight_uses *uses, const char *id)
{
    struct preflight_page page;
    struct url url;
    url_begin(&url, &run->config->platforms[pair->platform]);
    url_add(&url, "/api/v2/integrations/actions/");
    url_add_escaped(&url, id);
    url_add(&url, "?includeConfig=true");
    run_ask(run, pair->platform, &url, &page);
    bool ok = page.asked && page.result == ROUTE_RESULT_OK && page.json != NULL;
    if (ok)
        cJSON_AddItemToArray(uses->actions, page.json);
    if (ok)
        page.json = NULL;
    bool go_on = ok || page.result == ROUTE_RESULT_NOT_FOUND;
    uses->actions_hidden = uses->actions_hidden || page.result == ROUTE_RESULT_FORBIDDEN;
    preflight_page_fini(&page);
    return go_on;
}

static void learn_actions(struct preflight_run *run, struct preflight_pair *pair, enum side side)
{
    struct preflight_uses *uses = &pair->uses[side];
    const cJSON *thing = NULL;
    size_t count = 0;
    uses->actions = cJSON_CreateArray();
    cJSON_ArrayForEach(thing, uses->list)
    {
        const char *id = json_get_string(thing, "id");
        if (id == NULL || !share_is_action(thing))
            continue;
        if (count++ == RUN_ACTION_COUNT_MAX) {
            uses->cut = true;
            return;
        }
        if (!learn_action(run, pair, uses, id))
            return;
    }
}

static void learn_flow(struct preflight_run *run, struct preflight_pair *pair, enum side side)
{
    struct url url;
    url_begin(&url, &run->config->platforms[pair->platform]);
    url_add(&url, "/api/v2/flows/");
    url_add_escaped(&url, pair->flow[side]);
    run_ask(run, pair->platform, &url, &pair->page[side]);
    if (!pair->page[side].asked || pair->page[side].result != ROUTE_RESULT_OK)
        return;
    learn_uses(run, pair, side);
    learn_actions(run, pair, side);
}

void run_learn_pair(struct preflight_run *run, struct preflight_pair *pair)
{
    for (int side = 0; side < SIDE_N; side++)
        learn_flow(run, pair, (enum side)side);
}
