#include "tests/lab/sim/resource/contact_patch.h"

#include "common/check.h"
#include "common/errors.h"
#include "tests/lab/base/json.h"

#include <stdio.h>
#include <string.h>

enum { KEY_BYTES = 128 };

enum action {
    ACTION_UPDATE,
    ACTION_UPDATE_IF_EMPTY,
    ACTION_UPDATE_IF_EXISTS,
    ACTION_APPEND,
    ACTION_REMOVE,
    ACTION_REMOVE_FROM,
    ACTION_N
};

struct change {
    enum action action;
    const char *field; /* without "$." */
    const cJSON *value;
};

static int change_read(const cJSON *item, struct change *ret_change, struct text *why)
{
    static const char *const actions[ACTION_N] = {
        "Update", "UpdateIfEmpty",        "UpdateIfExists", "AppendToCollection",
        "Remove", "RemoveFromCollection",
    };
    const char *action = NULL;
    const char *field = NULL;
    size_t index = 0;

    if (json_text_read(item, "action", &action, why) != 0 ||
        json_text_read(item, "field", &field, why) != 0 ||
        json_word_find("action", action == NULL ? "" : action, actions, ACTION_N, &index, why) !=
            0) {
        text_set(why, "action is not one that there is");
        return ERR_INVALID;
    }
    if (field == NULL || strncmp(field, "$.", 2) != 0 || field[2] == '\0') {
        text_set(why, "field must be a path such as $.customFields.step");
        return ERR_INVALID;
    }
    *ret_change = (struct change){
        .action = (enum action)index,
        .field = field + 2,
        .value = cJSON_GetObjectItemCaseSensitive(item, "value"),
    };
    if (ret_change->action != ACTION_REMOVE && ret_change->value == NULL) {
        text_set(why, "value is required");
        return ERR_INVALID;
    }
    return 0;
}

/* The object that holds the last key of a path, made where `make`; NULL where it is not there. */
static cJSON *holder_find(cJSON *json, const char *field, bool make, char *ret_key)
{
    for (;;) {
        size_t length = strcspn(field, ".");
        cJSON *inner;

        if (length == 0 || length >= KEY_BYTES)
            return NULL;
        memcpy(ret_key, field, length);
        ret_key[length] = '\0';
        if (field[length] == '\0')
            return json;
        inner = cJSON_GetObjectItemCaseSensitive(json, ret_key);
        if (inner == NULL && make)
            inner = cJSON_AddObjectToObject(json, ret_key);
        if (!cJSON_IsObject(inner))
            return NULL;
        json = inner;
        field += length + 1;
    }
}

static bool value_is_empty(const cJSON *value)
{
    return value == NULL || cJSON_IsNull(value) ||
           (cJSON_IsString(value) && value->valuestring[0] == '\0');
}

static void value_set(cJSON *holder, const char *key, const cJSON *value)
{
    cJSON_DeleteItemFromObjectCaseSensitive(holder, key);
    (void)cJSON_AddItemToObject(holder, key, cJSON_Duplicate(value, true));
}

static void collection_change(cJSON *holder, const char *key, const struct change *change)
{
    cJSON *list = cJSON_GetObjectItemCaseSensitive(holder, key);

    if (change->action == ACTION_APPEND) {
        if (!cJSON_IsArray(list)) {
            cJSON_DeleteItemFromObjectCaseSensitive(holder, key);
            list = cJSON_AddArrayToObject(holder, key);
        }
        (void)cJSON_AddItemToArray(list, cJSON_Duplicate(change->value, true));
        return;
    }
    for (int i = cJSON_GetArraySize(list) - 1; i >= 0; i--) {
        if (cJSON_Compare(cJSON_GetArrayItem(list, i), change->value, true))
            cJSON_DeleteItemFromArray(list, i);
    }
}

static void change_make(cJSON *json, const struct change *change)
{
    char key[KEY_BYTES] = "";
    bool makes = change->action == ACTION_UPDATE || change->action == ACTION_UPDATE_IF_EMPTY ||
                 change->action == ACTION_APPEND;
    cJSON *holder = holder_find(json, change->field, makes, key);
    const cJSON *old = cJSON_GetObjectItemCaseSensitive(holder, key);

    if (holder == NULL)
        return;
    switch (change->action) {
    case ACTION_UPDATE:
        value_set(holder, key, change->value);
        break;
    case ACTION_UPDATE_IF_EMPTY:
        if (value_is_empty(old))
            value_set(holder, key, change->value);
        break;
    case ACTION_UPDATE_IF_EXISTS:
        if (old != NULL)
            value_set(holder, key, change->value);
        break;
    case ACTION_REMOVE:
        cJSON_DeleteItemFromObjectCaseSensitive(holder, key);
        break;
    case ACTION_APPEND:
    case ACTION_REMOVE_FROM:
        collection_change(holder, key, change);
        break;
    case ACTION_N:
        break;
    }
}

static bool field_is_inside(const char *field, const char *other)
{
    size_t length = strlen(other);

    return strncmp(field, other, length) == 0 && field[length] == '.';
}

static bool changes_overlap(const cJSON *changes)
{
    const cJSON *a = NULL;
    const cJSON *b = NULL;

    cJSON_ArrayForEach(a, changes)
    {
        cJSON_ArrayForEach(b, changes)
        {
            const char *field = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(a, "field"));
            const char *other = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(b, "field"));

            if (field != NULL && other != NULL && field_is_inside(field, other))
                return true;
        }
    }
    return false;
}

int contact_patch(cJSON *json, const cJSON *body, struct text *why)
{
    const cJSON *changes = cJSON_GetObjectItemCaseSensitive(body, "changes");
    const cJSON *item = NULL;

    if (!cJSON_IsArray(changes)) {
        text_set(why, "changes must be a list");
        return ERR_INVALID;
    }
    if (changes_overlap(changes))
        return ERR_CONFLICT;
    cJSON_ArrayForEach(item, changes)
    {
        struct change change = {0};

        if (change_read(item, &change, why) != 0)
            return ERR_INVALID;
        change_make(json, &change);
    }
    return 0;
}
