#include "tests/lab/base/json.h"

#include "common/errors.h"

#include <string.h>

static void nearest_add(const char *word, const char *const *words, size_t count, struct text *why)
{
    const char *nearest = text_nearest(word, words, count);

    if (nearest != NULL) {
        text_add(why, "; did you mean \"%s\"?", nearest);
        return;
    }
    text_add(why, "; known:");
    for (size_t i = 0; i < count; i++)
        text_add(why, " %s", words[i]);
}

static bool words_have(const char *const *words, size_t count, const char *word)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(words[i], word) == 0)
            return true;
    }
    return false;
}

int json_object_check(const cJSON *object, const char *const *keys, size_t key_count,
                      struct text *why)
{
    const cJSON *item = NULL;

    if (!cJSON_IsObject(object)) {
        text_set(why, "a JSON object is wanted");
        return ERR_INVALID;
    }
    if (keys == NULL)
        return 0;
    cJSON_ArrayForEach(item, object)
    {
        if (!words_have(keys, key_count, item->string)) {
            text_set(why, "\"%s\" is not a key here", item->string);
            nearest_add(item->string, keys, key_count, why);
            return ERR_INVALID;
        }
    }
    return 0;
}

int json_object_parse(const char *bytes, size_t length, const char *const *keys, size_t key_count,
                      cJSON **ret_object, struct text *why)
{
    const char *end = NULL;
    cJSON *object = cJSON_ParseWithLengthOpts(bytes, length, &end, 0);
    int result;

    while (object != NULL && end < bytes + length && memchr(" \t\r\n", *end, 4) != NULL)
        end++;
    if (object == NULL || end != bytes + length) {
        text_set(why, "the body is not one JSON value");
        cJSON_Delete(object);
        return ERR_MALFORMED;
    }
    result = json_object_check(object, keys, key_count, why);
    if (result != 0)
        cJSON_Delete(object);
    else
        *ret_object = object;
    return result;
}

int json_number_read(const cJSON *object, const char *key, int64_t minimum, int64_t maximum,
                     int64_t *value, struct text *why)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);

    if (item == NULL)
        return 0;
    if (!cJSON_IsNumber(item) || item->valuedouble < (double)minimum ||
        item->valuedouble > (double)maximum) {
        text_set(why, "\"%s\" must be a number from %lld to %lld", key, (long long)minimum,
                 (long long)maximum);
        return ERR_INVALID;
    }
    *value = (int64_t)item->valuedouble;
    return 0;
}

int json_bool_read(const cJSON *object, const char *key, bool *value, struct text *why)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);

    if (item == NULL)
        return 0;
    if (!cJSON_IsBool(item)) {
        text_set(why, "\"%s\" must be true or false", key);
        return ERR_INVALID;
    }
    *value = cJSON_IsTrue(item);
    return 0;
}

int json_text_read(const cJSON *object, const char *key, const char **value, struct text *why)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);

    if (item == NULL)
        return 0;
    if (!cJSON_IsString(item)) {
        text_set(why, "\"%s\" must be a string", key);
        return ERR_INVALID;
    }
    *value = item->valuestring;
    return 0;
}

int json_word_find(const char *key, const char *word, const char *const *words, size_t count,
                   size_t *ret_index, struct text *why)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(words[i], word) == 0) {
            *ret_index = i;
            return 0;
        }
    }
    text_set(why, "\"%s\" is not a value of \"%s\"", word, key);
    nearest_add(word, words, count, why);
    return ERR_INVALID;
}

void json_merge(cJSON *object, const cJSON *patch)
{
    const cJSON *change = NULL;

    cJSON_ArrayForEach(change, patch)
    {
        cJSON *item = cJSON_GetObjectItemCaseSensitive(object, change->string);

        if (cJSON_IsObject(item) && cJSON_IsObject(change)) {
            json_merge(item, change);
            continue;
        }
        cJSON_DeleteItemFromObjectCaseSensitive(object, change->string);
        if (cJSON_IsObject(change))
            json_merge(cJSON_AddObjectToObject(object, change->string), change);
        else if (!cJSON_IsNull(change))
            (void)cJSON_AddItemToObject(object, change->string, cJSON_Duplicate(change, true));
    }
}
