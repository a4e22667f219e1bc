#include "node/io/act/template.h"

#include <string.h>

#include "common/errors.h"
#include "node/io/act/json.h"

enum { FILLED_BYTES_MAX = 2048 }; /* of one string */

struct filled {
    char bytes[FILLED_BYTES_MAX + 1];
    size_t length;
};

static int append(struct filled *filled, const char *bytes, size_t length)
{
    if (length > FILLED_BYTES_MAX - filled->length)
        return ERR_TOO_LARGE;
    memcpy(filled->bytes + filled->length, bytes, length);
    filled->length += length;
    return 0;
}

static const struct template_variable *find(const struct template_variable *variables, size_t count,
                                            const char *name, size_t length)
{
    for (size_t i = 0; i < count; i++)
        if (strlen(variables[i].name) == length && memcmp(variables[i].name, name, length) == 0)
            return &variables[i];
    return NULL;
}

static int fill(const char *source, const struct template_variable *variables, size_t count,
                struct filled *filled, struct text *why)
{
    int rc = 0;
    const char *rest = source;
    for (const char *open = NULL; (open = strstr(rest, "${")) != NULL && rc == 0;) {
        const char *name = open + 2;
        const char *close = strchr(name, '}');
        if (close == NULL) {
            text_set(why, "\"%.80s\": ${ without }", source);
            return ERR_INVALID;
        }
        const struct template_variable *variable =
            find(variables, count, name, (size_t)(close - name));
        if (variable == NULL) {
            text_set(why, "${%.*s} is not known here", (int)(close - name), name);
            return ERR_INVALID;
        }
        rc = append(filled, rest, (size_t)(open - rest));
        if (rc == 0)
            rc = append(filled, variable->value, strlen(variable->value));
        rest = close + 1;
    }
    if (rc == 0)
        rc = append(filled, rest, strlen(rest));
    if (rc < 0)
        text_set(why, "\"%.80s\" becomes longer than %d bytes", source, FILLED_BYTES_MAX);
    filled->bytes[filled->length] = '\0';
    return rc;
}

/* Depth is bounded by json_parse. */
int template_fill(cJSON *value, const struct template_variable *variables, size_t count,
                  struct text *why)
{
    int rc = 0;
    if (cJSON_IsString(value)) {
        struct filled filled = {.length = 0};
        rc = fill(value->valuestring, variables, count, &filled, why);
        if (rc == 0 && cJSON_SetValuestring(value, filled.bytes) == NULL) {
            text_set(why, "no memory");
            rc = ERR_NO_MEMORY;
        }
    }
    for (cJSON *child = value->child; rc == 0 && child != NULL; child = child->next)
        rc = template_fill(child, variables, count, why);
    return rc;
}

int template_expand(const char *body, const struct template_variable *variables, size_t count,
                    cJSON **ret_object, struct text *why)
{
    cJSON *object = NULL;
    int rc = json_parse(body, strlen(body), &object);
    if (rc < 0 || !cJSON_IsObject(object)) {
        text_set(why, "%s", rc == ERR_TOO_LARGE ? "nested too deeply" : "not a JSON object");
        cJSON_Delete(object);
        return ERR_INVALID;
    }
    rc = template_fill(object, variables, count, why);
    if (rc < 0) {
        cJSON_Delete(object);
        return rc;
    }
    *ret_object = object;
    return 0;
}
