#include "node/io/config/json_body.h"

#include <string.h>

#include <cjson/cJSON.h>

#include "common/errors.h"

/* `at` is at "${". */
static bool is_known(const char *at, const char *const *known)
{
    for (; *known != NULL; known++) {
        size_t length = strlen(*known);
        if (strncmp(at + 2, *known, length) == 0 && at[2 + length] == '}')
            return true;
    }
    return false;
}

static int check_placeholders(const char *text, const char *const *known, struct text *why)
{
    for (const char *at = strstr(text, "${"); at != NULL; at = strstr(at + 2, "${")) {
        if (is_known(at, known))
            continue;
        const char *end = strchr(at, '}');
        int length = end != NULL ? (int)(end - at) + 1 : (int)strlen(at);
        text_set(why, "unknown placeholder %.*s; known are", length < 40 ? length : 40, at);
        for (size_t i = 0; known[i] != NULL; i++)
            text_add(why, "%s ${%s}", i > 0 ? "," : "", known[i]);
        return ERR_INVALID;
    }
    return 0;
}

/* As deep as cJSON lets a text nest, which is bounded. */
static int check_item(const cJSON *item, const char *const *known, struct text *why)
{
    if (item->string != NULL && strstr(item->string, "${") != NULL) {
        text_set(why,
                 "a placeholder stands in a key; they are filled in within string values only");
        return ERR_INVALID;
    }
    if (cJSON_IsString(item))
        return check_placeholders(item->valuestring, known, why);
    const cJSON *child = NULL;
    cJSON_ArrayForEach(child, item)
    {
        int result = check_item(child, known, why);
        if (result != 0)
            return result;
    }
    return 0;
}

int json_body_check(const char *text, const char *const *known, struct text *why)
{
    const char *end = NULL;
    cJSON *body = cJSON_ParseWithOpts(text, &end, true);
    int result = ERR_INVALID;
    if (body == NULL)
        text_set(why, "is not JSON, near '%.24s'", end != NULL ? end : "");
    else if (!cJSON_IsObject(body))
        text_set(why, "must be a JSON object");
    else
        result = check_item(body, known, why);
    cJSON_Delete(body);
    return result;
}
