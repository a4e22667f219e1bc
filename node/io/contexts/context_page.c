#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "node/io/contexts/context_body.h"

static bool is_named(const struct context_field *field, const char *name, size_t length)
{
    return field->name_length == length && memcmp(field->name, name, length) == 0;
}

static bool has_field(const struct context_content *content, const char *name, size_t length)
{
    for (size_t i = 0; i < content->count; i++)
        if (is_named(&content->fields[i], name, length))
            return true;
    return false;
}

static cJSON *value_json(const struct context_field *field)
{
    CLEANUP(cleanup_free) char *text = NULL;
    switch (field->kind) {
    case CONTEXT_VALUE_TEXT:
        text = strndup(field->value, field->length);
        return text != NULL ? cJSON_CreateString(text) : NULL;
    case CONTEXT_VALUE_NUMBER:
        text = strndup(field->value, field->length);
        return text != NULL ? cJSON_CreateRaw(text) : NULL;
    case CONTEXT_VALUE_TRUE:
    case CONTEXT_VALUE_FALSE:
        return cJSON_CreateBool(field->kind == CONTEXT_VALUE_TRUE);
    case CONTEXT_VALUE_KIND_N:
        break;
    }
    return NULL;
}

/* Returns false where memory does not suffice. */
static bool add_named(cJSON *object, const char *name, size_t length, cJSON *value)
{
    char key[CONTEXT_FIELD_NAME_BYTES_MAX + 1] = "";
    if (value == NULL)
        return false;
    memcpy(key, name, length);
    cJSON_AddItemToObject(object, key, value);
    return true;
}

static bool add_fields(cJSON *page, const struct context_content *content, bool secrets)
{
    cJSON *fields = cJSON_AddObjectToObject(page, "fields");
    cJSON *hidden = cJSON_CreateArray();
    bool fine = fields != NULL && hidden != NULL;
    for (size_t i = 0; fine && i < content->count; i++) {
        const struct context_field *field = &content->fields[i];
        char name[CONTEXT_FIELD_NAME_BYTES_MAX + 1] = "";
        memcpy(name, field->name, field->name_length);
        if (field->secret)
            cJSON_AddItemToArray(hidden, cJSON_CreateString(name));
        if (!field->secret || secrets)
            fine = add_named(fields, field->name, field->name_length, value_json(field));
    }
    if (hidden != NULL)
        cJSON_AddItemToObject(page, "secret_fields", hidden);
    return fine;
}

static bool add_has(cJSON *page, const struct context_content *content, const char *names)
{
    cJSON *has = cJSON_AddObjectToObject(page, "has");
    bool fine = has != NULL;
    while (fine && *names != '\0') {
        size_t length = strcspn(names, ",");
        if (length > 0 && length <= CONTEXT_FIELD_NAME_BYTES_MAX)
            fine =
                add_named(has, names, length, cJSON_CreateBool(has_field(content, names, length)));
        names += length + (names[length] == ',');
    }
    return fine;
}

/* As whole digits: cJSON would round what has more than fifteen. */
static bool add_whole(cJSON *page, const char *key, uint64_t number)
{
    char digits[24];
    (void)snprintf(digits, sizeof digits, "%" PRIu64, number);
    return cJSON_AddRawToObject(page, key, digits) != NULL;
}

static bool add_head(cJSON *page, const struct context_id *id, uint64_t seq, time_ms age_ms,
                     const struct context_content *content)
{
    return cJSON_AddStringToObject(page, "id", id->text) != NULL && add_whole(page, "seq", seq) &&
           cJSON_AddStringToObject(page, "step", content->step) != NULL &&
           add_whole(page, "age_ms", (uint64_t)age_ms);
}

static bool add_ids(cJSON *page, const struct context_content *content)
{
    const char *conversation = content->conversation.text;
    const char *participant = content->participant.text;
    return (conversation[0] == '\0' ||
            cJSON_AddStringToObject(page, "conversation", conversation) != NULL) &&
           (participant[0] == '\0' ||
            cJSON_AddStringToObject(page, "participant", participant) != NULL);
}

cJSON *context_page(const struct context_id *id, uint64_t seq, time_ms age_ms,
                    const struct context_content *content, bool secrets, const char *has)
{
    cJSON *page = cJSON_CreateObject();
    if (page != NULL && add_head(page, id, seq, age_ms, content) &&
        add_fields(page, content, secrets) && add_ids(page, content) &&
        (has == NULL || add_has(page, content, has)))
        return page;
    cJSON_Delete(page);
    return NULL;
}
