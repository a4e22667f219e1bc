#include "tests/lab/sim/resource/document.h"

#include "common/errors.h"
#include "tests/lab/base/json.h"
#include "tests/lab/sim/resource/catalog.h"
#include "tests/lab/sim/side.h"

#include <stdio.h>
#include <string.h>

int document_init(struct document *document, const struct kind *kind, const char *parent,
                  const char *id, cJSON *json)
{
    *document = (struct document){.kind = kind, .version = 1, .json = json};
    if (json == NULL)
        return ERR_NO_MEMORY;
    if (text_copy(document->parent, sizeof(document->parent), parent) != 0 ||
        text_copy(document->id, sizeof(document->id), id) != 0) {
        document_fini(document);
        return ERR_INVALID;
    }
    (void)snprintf(document->name, sizeof(document->name), "%s/%s%s%s", kind->name, parent,
                   parent[0] == '\0' ? "" : "/", id);
    if (kind->versioned)
        (void)cJSON_AddNumberToObject(json, "version", 1);
    return 0;
}

void document_fini(struct document *document)
{
    cJSON_Delete(document->json);
    cJSON_Delete(document->seen);
    document->json = NULL;
    document->seen = NULL;
}

static void field_set(cJSON *json, const char *key, cJSON *value)
{
    cJSON_DeleteItemFromObjectCaseSensitive(json, key);
    (void)cJSON_AddItemToObject(json, key, value);
}

const cJSON *document_read(struct document *document, time_ms now_ms)
{
    if (document->pending_until_ms != 0 && now_ms >= document->pending_until_ms) {
        field_set(document->json, "status", cJSON_CreateString("Active"));
        document->pending_until_ms = 0;
    }
    return document->seen != NULL && now_ms < document->seen_until_ms ? document->seen
                                                                      : document->json;
}

const char *document_state(const struct document *document)
{
    const struct kind *kind = document->kind;

    if (kind->state != NULL)
        return kind->state(document);
    return kind->flow == NULL ? NULL : side_state(kind->flow(document));
}

static bool type_fits(const cJSON *value, enum kind_field_type type)
{
    switch (type) {
    case KIND_TEXT:
        return cJSON_IsString(value);
    case KIND_NUMBER:
        return cJSON_IsNumber(value);
    case KIND_BOOL:
        return cJSON_IsBool(value);
    case KIND_LIST:
        return cJSON_IsArray(value);
    case KIND_OBJECT:
        return cJSON_IsObject(value);
    case KIND_FLOW:
        return cJSON_IsObject(value) &&
               cJSON_IsString(cJSON_GetObjectItemCaseSensitive(value, "id"));
    case KIND_FIELD_TYPE_N:
        break;
    }
    return false;
}

static int fields_check(const struct kind *kind, const cJSON *body, struct text *why)
{
    for (size_t i = 0; i < kind->field_count; i++) {
        const struct kind_field *field = &kind->fields[i];
        const cJSON *value = cJSON_GetObjectItemCaseSensitive(body, field->name);
        bool absent = value == NULL || cJSON_IsNull(value);

        if (absent && field->required) {
            text_set(why, "%s is required", field->name);
            return ERR_INVALID;
        }
        if (!absent && !type_fits(value, field->type)) {
            text_set(why, "%s has a value of the wrong type", field->name);
            return ERR_INVALID;
        }
    }
    return 0;
}

/* A missing version is no check, as on the platform. */
static int version_check(const struct document *document, const cJSON *body, int64_t *ret_sent,
                         struct text *why)
{
    int64_t sent = -1;

    if (!document->kind->versioned)
        return 0;
    if (cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(body, "version")))
        return 0;
    if (json_number_read(body, "version", 0, INT32_MAX, &sent, why) != 0)
        return ERR_INVALID;
    *ret_sent = sent;
    return sent >= 0 && sent != document->version ? ERR_CONFLICT : 0;
}

static void nulls_remove(cJSON *object)
{
    cJSON *next = NULL;

    for (cJSON *item = object->child; item != NULL; item = next) {
        next = item->next;
        if (cJSON_IsNull(item))
            cJSON_Delete(cJSON_DetachItemViaPointer(object, item));
    }
}

static void owned_keep(const struct document *document, cJSON *json)
{
    const char *const *owned = document->kind->owned;

    for (; owned != NULL && *owned != NULL; owned++) {
        const cJSON *old = cJSON_GetObjectItemCaseSensitive(document->json, *owned);

        cJSON_DeleteItemFromObjectCaseSensitive(json, *owned);
        if (old != NULL)
            (void)cJSON_AddItemToObject(json, *owned, cJSON_Duplicate(old, true));
    }
}

/* The platform shows a reference with the name of what it names. */
static void flows_complete(const struct kind *kind, const struct catalog *catalog, cJSON *json)
{
    for (size_t i = 0; i < kind->field_count; i++) {
        cJSON *reference = cJSON_GetObjectItemCaseSensitive(json, kind->fields[i].name);

        if (kind->fields[i].type == KIND_FLOW && cJSON_IsObject(reference))
            catalog_flow_complete(catalog, reference);
    }
}

static void json_complete(const struct document *document, const struct catalog *catalog,
                          cJSON *json)
{
    flows_complete(document->kind, catalog, json);
    if (document->kind->complete != NULL)
        document->kind->complete(catalog, document, json);
}

void document_complete(struct document *document, const struct catalog *catalog)
{
    json_complete(document, catalog, document->json);
}

static void stamps_set(struct document *document, cJSON *json, const struct document_clock *clock)
{
    char date[32] = "";

    if (document->kind->versioned)
        field_set(json, "version", cJSON_CreateNumber((double)document->version));
    if (cJSON_GetObjectItemCaseSensitive(document->json, "dateModified") != NULL) {
        catalog_date(clock->wall_ms, date, sizeof(date));
        field_set(json, "dateModified", cJSON_CreateString(date));
    }
}

/* The new status as asked for: only a deployment that shall be active is pending first. */
static void status_set(struct document *document, cJSON *json, const struct document_clock *clock)
{
    const char *asked = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "status"));

    document->pending_until_ms = 0;
    if (!document->kind->delayed || (asked != NULL && strcmp(asked, "Inactive") == 0))
        return;
    field_set(json, "status", cJSON_CreateString(clock->delay_ms > 0 ? "Pending" : "Active"));
    if (clock->delay_ms > 0)
        document->pending_until_ms = clock->now_ms + clock->delay_ms;
}

/* Takes `json`. */
static void document_become(struct document *document, cJSON *json,
                            const struct document_clock *clock)
{
    bool shown = document_read(document, clock->now_ms) == document->json;

    document->version++;
    stamps_set(document, json, clock);
    status_set(document, json, clock);
    if (shown) {
        cJSON_Delete(document->seen);
        document->seen = document->json;
    } else {
        cJSON_Delete(document->json);
    }
    document->json = json;
    document->seen_until_ms = clock->now_ms + clock->read_lag_ms;
}

int document_put(struct document *document, const struct catalog *catalog, const cJSON *body,
                 const struct document_clock *clock, int64_t *ret_sent, struct text *why)
{
    const struct kind *kind = document->kind;
    int result = version_check(document, body, ret_sent, why);
    cJSON *json;

    /* A body that cannot be is refused before it is compared with what is there. */
    if (result != ERR_INVALID && fields_check(kind, body, why) != 0)
        result = ERR_INVALID;
    if (result == 0 && kind->check != NULL)
        result = kind->check(catalog, document, body, why);
    if (result != 0)
        return result;
    json = cJSON_Duplicate(body, true);
    if (json == NULL)
        return ERR_NO_MEMORY;
    nulls_remove(json);
    owned_keep(document, json);
    json_complete(document, catalog, json);
    document_become(document, json, clock);
    return 0;
}

void document_replace(struct document *document, const struct catalog *catalog, cJSON *json,
                      const struct document_clock *clock)
{
    json_complete(document, catalog, json);
    document_become(document, json, clock);
}

int document_patch(struct document *document, const struct catalog *catalog, const cJSON *body,
                   const struct document_clock *clock, struct text *why)
{
    cJSON *json = cJSON_Duplicate(document->json, true);
    int result = json == NULL ? ERR_NO_MEMORY : document->kind->patch(json, body, why);

    if (result != 0) {
        cJSON_Delete(json);
        return result;
    }
    owned_keep(document, json);
    document_replace(document, catalog, json, clock);
    return 0;
}

int document_merge(struct document *document, const struct catalog *catalog, const cJSON *change,
                   const struct document_clock *clock)
{
    cJSON *json = cJSON_Duplicate(document->json, true);

    if (json == NULL)
        return ERR_NO_MEMORY;
    json_merge(json, change);
    document_replace(document, catalog, json, clock);
    return 0;
}
