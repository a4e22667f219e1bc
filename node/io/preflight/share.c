#include "node/io/preflight/share.h"

#include <string.h>
#include <strings.h>

#include "common/check.h"
#include "node/io/act/http.h"
#include "node/io/act/json.h"
#include "node/io/preflight/words.h"

const char *const share_types[] = {
    "DATAACTION",
    "BRIDGEACTION",
    "BOTCONNECTORBOT",
    "BOTCONNECTORINTEGRATION",
    "DIGITALBOTCONNECTOR",
    "DIALOGENGINEBOT",
    "DIALOGFLOWAGENT",
    "DIALOGFLOWCXAGENT",
    "LEXBOT",
    "LEXV2BOT",
    "NUANCEMIXBOT",
    "NUANCEMIXINTEGRATION",
    NULL,
};

bool share_is_action(const cJSON *dependency)
{
    const char *type = json_get_string(dependency, "type");
    return type != NULL && (strcmp(type, "DATAACTION") == 0 || strcmp(type, "BRIDGEACTION") == 0);
}

static bool reaches_outside(const char *type)
{
    for (size_t i = 0; share_types[i] != NULL; i++)
        if (strcmp(share_types[i], type) == 0)
            return true;
    return false;
}

size_t share_count(const cJSON *list)
{
    const cJSON *thing = NULL;
    size_t count = 0;
    cJSON_ArrayForEach(thing, list)
    {
        const char *type = json_get_string(thing, "type");
        count += type != NULL && reaches_outside(type) ? 1 : 0;
    }
    return count;
}

/* Spaces around a name do not count. */
static bool is_allowed(const char *allowed, const char *word)
{
    size_t length = word != NULL ? strlen(word) : 0;
    while (length > 0 && *allowed != '\0') {
        allowed += strspn(allowed, " ,");
        size_t span = strcspn(allowed, ",");
        size_t own = span;
        while (own > 0 && allowed[own - 1] == ' ')
            own--;
        if (own == length && strncasecmp(allowed, word, own) == 0)
            return true;
        allowed += span;
    }
    return false;
}

static bool is_exempt(const cJSON *thing, const char *allowed)
{
    return is_allowed(allowed, json_get_string(thing, "id")) ||
           is_allowed(allowed, json_get_string(thing, "name"));
}

static bool is_used(const cJSON *list, const char *type, const char *id)
{
    const cJSON *other = NULL;
    cJSON_ArrayForEach(other, list)
    {
        const char *other_type = json_get_string(other, "type");
        const char *other_id = json_get_string(other, "id");
        if (other_type != NULL && other_id != NULL && strcmp(other_type, type) == 0 &&
            strcmp(other_id, id) == 0)
            return true;
    }
    return false;
}

static void add_shared(struct text *names, const cJSON *thing, const char *type, const char *id)
{
    const char *name = json_get_string(thing, "name");
    text_add(names, "%s", names->length > 0 ? ", " : "");
    words_add(names, type);
    text_add(names, " ");
    words_add(names, name != NULL ? name : id);
}

size_t share_list(const struct preflight_uses *primary, const struct preflight_uses *standby,
                  const char *allowed, struct text *ret_names)
{
    const cJSON *thing = NULL;
    size_t count = 0;
    cJSON_ArrayForEach(thing, primary->list)
    {
        const char *type = json_get_string(thing, "type");
        const char *id = json_get_string(thing, "id");
        if (type == NULL || id == NULL || !reaches_outside(type) || is_exempt(thing, allowed) ||
            !is_used(standby->list, type, id))
            continue;
        add_shared(ret_names, thing, type, id);
        count++;
    }
    return count;
}

/* The host that an action's URL names; false where it is made of the integration's own settings. */
static bool host_of(const cJSON *action, char ret_host[HTTP_HOST_SIZE])
{
    const cJSON *config = cJSON_GetObjectItemCaseSensitive(action, "config");
    const cJSON *request = cJSON_GetObjectItemCaseSensitive(config, "request");
    const char *url = json_get_string(request, "requestUrlTemplate");
    if (url == NULL ||
        (strncasecmp(url, "https://", 8) != 0 && strncasecmp(url, "http://", 7) != 0))
        return false;
    http_url_host(url, ret_host);
    return strpbrk(ret_host, "${}?") == NULL;
}

static bool calls(const cJSON *actions, const char *allowed, const char *host)
{
    const cJSON *action = NULL;
    cJSON_ArrayForEach(action, actions)
    {
        char own[HTTP_HOST_SIZE];
        if (!is_exempt(action, allowed) && host_of(action, own) && strcasecmp(own, host) == 0)
            return true;
    }
    return false;
}

size_t share_hosts(const struct preflight_uses *primary, const struct preflight_uses *standby,
                   const char *allowed, struct text *ret_hosts)
{
    const cJSON *action = NULL;
    size_t count = 0;
    cJSON_ArrayForEach(action, primary->actions)
    {
        char host[HTTP_HOST_SIZE];
        if (is_exempt(action, allowed) || !host_of(action, host) ||
            !calls(standby->actions, allowed, host) || strstr(ret_hosts->bytes, host) != NULL)
            continue;
        text_add(ret_hosts, "%s", ret_hosts->length > 0 ? ", " : "");
        words_add(ret_hosts, host);
        count++;
    }
    return count;
}
