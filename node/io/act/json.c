#include "node/io/act/json.h"

#include <string.h>

#include "common/check.h"
#include "common/errors.h"

/* cJSON recurses for each level and frees the same way, so depth is bounded before it starts. */
static bool is_too_deep(const char *text, size_t length)
{
    size_t depth = 0;
    bool in_string = false;
    for (size_t i = 0; i < length; i++) {
        char byte = text[i];
        if (in_string) {
            if (byte == '\\')
                i++;
            else if (byte == '"')
                in_string = false;
        } else if (byte == '"') {
            in_string = true;
        } else if (byte == '{' || byte == '[') {
            if (++depth > JSON_DEPTH_MAX)
                return true;
        } else if ((byte == '}' || byte == ']') && depth > 0) {
            depth--;
        }
    }
    return false;
}

static bool is_space(const char *from, const char *end)
{
    for (; from < end; from++)
        if (*from != ' ' && *from != '\t' && *from != '\r' && *from != '\n')
            return false;
    return true;
}

int json_parse(const char *text, size_t length, cJSON **ret_value)
{
    if (length == 0 || memchr(text, '\0', length) != NULL)
        return ERR_MALFORMED;
    if (is_too_deep(text, length))
        return ERR_TOO_LARGE;
    const char *end = NULL;
    cJSON *value = cJSON_ParseWithLengthOpts(text, length, &end, false);
    if (value == NULL)
        return ERR_MALFORMED;
    if (!is_space(end, text + length)) {
        cJSON_Delete(value);
        return ERR_MALFORMED;
    }
    *ret_value = value;
    return 0;
}

int json_print(const cJSON *value, char **ret_text)
{
    char *text = cJSON_PrintUnformatted(value);
    if (text == NULL)
        return ERR_NO_MEMORY;
    *ret_text = text;
    return 0;
}

int json_splice(const char *text, size_t length, struct json_span span, const char *value,
                char **ret_text)
{
    size_t value_length = strlen(value);
    size_t behind = span.at + span.length;
    CHECK(behind <= length);
    char *result = cJSON_malloc(length - span.length + value_length + 1);
    if (result == NULL)
        return ERR_NO_MEMORY;
    memcpy(result, text, span.at);
    memcpy(result + span.at, value, value_length);
    memcpy(result + span.at + value_length, text + behind, length - behind);
    result[length - span.length + value_length] = '\0';
    *ret_text = result;
    return 0;
}

const char *json_get_string(const cJSON *object, const char *key)
{
    if (!cJSON_IsObject(object))
        return NULL;
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
}

bool json_get_integer(const cJSON *object, const char *key, int64_t *ret_number)
{
    const cJSON *item =
        cJSON_IsObject(object) ? cJSON_GetObjectItemCaseSensitive(object, key) : NULL;
    if (!cJSON_IsNumber(item))
        return false;
    double number = item->valuedouble;
    if (!(number >= (double)-JSON_INTEGER_MAX && number <= (double)JSON_INTEGER_MAX))
        return false;
    if ((double)(int64_t)number != number)
        return false;
    *ret_number = (int64_t)number;
    return true;
}

void cleanup_json(cJSON **value)
{
    cJSON_Delete(*value);
}

void cleanup_json_text(char **text)
{
    cJSON_free(*text);
}
