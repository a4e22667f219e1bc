/* Where the context of a conversation can be kept: the attributes of its participants, and the
 * profile of its contact. */
#include "tests/lab/sim/call.h"

#include "common/errors.h"

#include <string.h>

static cJSON *participant_find(cJSON *conversation, const char *id)
{
    cJSON *participant = NULL;

    cJSON_ArrayForEach(participant, cJSON_GetObjectItemCaseSensitive(conversation, "participants"))
    {
        const char *found =
            cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(participant, "id"));

        if (found != NULL && strcmp(found, id) == 0)
            return participant;
    }
    return NULL;
}

static bool values_are_text(const cJSON *attributes)
{
    const cJSON *value = NULL;

    cJSON_ArrayForEach(value, attributes)
    {
        if (!cJSON_IsString(value))
            return false;
    }
    return cJSON_IsObject(attributes);
}

/* Puts the attributes over those that are there. */
static void attributes_join(cJSON *participant, const cJSON *attributes)
{
    cJSON *old = cJSON_GetObjectItemCaseSensitive(participant, "attributes");
    const cJSON *value = NULL;

    if (old == NULL)
        old = cJSON_AddObjectToObject(participant, "attributes");
    cJSON_ArrayForEach(value, attributes)
    {
        cJSON_DeleteItemFromObjectCaseSensitive(old, value->string);
        (void)cJSON_AddItemToObject(old, value->string, cJSON_Duplicate(value, true));
    }
}

/* The change is taken, and shows later. */
static void attributes_take(struct call *call, const cJSON *body)
{
    struct document_clock clock = platform_clock(call->platform, call->kind, call->now_ms);
    const cJSON *attributes = cJSON_GetObjectItemCaseSensitive(body, "attributes");
    const char *id = call->words.words[call->words.count - 1];
    cJSON *json = cJSON_Duplicate(call->document->json, true);
    cJSON *participant = participant_find(json, id);

    if (participant == NULL) {
        call_refuse_unknown(call);
    } else if (!values_are_text(attributes)) {
        call_refuse(call, 400, "bad.request", "attributes must be an object of strings.");
    } else {
        attributes_join(participant, attributes);
        clock.read_lag_ms = call->platform->attributes_delay_ms;
        document_replace(call->document, &call->platform->catalog, json, &clock);
        json = NULL;
        call->entry.applied = true;
        call->answer->status = 202;
    }
    cJSON_Delete(json);
}

void call_serve_attributes(struct call *call)
{
    cJSON *body = NULL;

    if (call->document == NULL)
        call_refuse_unknown(call);
    else if (strcmp(call->request->method, "PATCH") != 0)
        call_refuse_method(call, "PATCH.");
    else if (call_body_read(call, &body))
        attributes_take(call, body);
    cJSON_Delete(body);
}

static bool field_fits(const cJSON *field)
{
    return cJSON_IsString(cJSON_GetObjectItemCaseSensitive(field, "id")) &&
           cJSON_GetObjectItemCaseSensitive(field, "value") != NULL;
}

/* The fields of {"userProfile": {"fields": [...]}}, or NULL. */
static cJSON *profile_fields(const cJSON *body)
{
    return cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(body, "userProfile"),
                                            "fields");
}

static void field_join(cJSON *fields, const cJSON *field)
{
    const char *id = cJSON_GetObjectItemCaseSensitive(field, "id")->valuestring;

    for (int i = cJSON_GetArraySize(fields) - 1; i >= 0; i--) {
        const cJSON *old = cJSON_GetArrayItem(fields, i);

        if (strcmp(cJSON_GetObjectItemCaseSensitive(old, "id")->valuestring, id) == 0)
            cJSON_DeleteItemFromArray(fields, i);
    }
    if (!cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(field, "value")))
        (void)cJSON_AddItemToArray(fields, cJSON_Duplicate(field, true));
}

/* Made at the first write. */
static bool profile_make(struct call *call)
{
    struct catalog *catalog = &call->platform->catalog;
    const char *contact = call->words.words[0];
    cJSON *json = cJSON_CreateObject();

    (void)cJSON_AddStringToObject(json, "id", contact);
    (void)cJSON_AddArrayToObject(cJSON_AddObjectToObject(json, "userProfile"), "fields");
    if (catalog_add(catalog, &kind_profile, "", contact, json) != 0)
        return false;
    call->document = catalog_find(catalog, &kind_profile, "", contact);
    return true;
}

static void profile_write(struct call *call, const cJSON *fields)
{
    struct document_clock clock = platform_clock(call->platform, call->kind, call->now_ms);
    const cJSON *field = NULL;
    cJSON *json;

    if (call->document == NULL && !profile_make(call)) {
        call_refuse(call, 503, "service.unavailable", "No room for another profile.");
        return;
    }
    json = cJSON_Duplicate(call->document->json, true);
    cJSON_ArrayForEach(field, fields)
    {
        field_join(profile_fields(json), field);
    }
    document_replace(call->document, &call->platform->catalog, json, &clock);
    call->entry.applied = true;
    call->entry.resource = call->document->name;
    web_answer_json(call->answer, 200, cJSON_Duplicate(call->document->json, true));
}

static void profile_take(struct call *call, const cJSON *body)
{
    const cJSON *fields = profile_fields(body);
    const cJSON *field = NULL;
    bool fits = cJSON_IsArray(fields);

    cJSON_ArrayForEach(field, fields)
    {
        fits = fits && field_fits(field);
    }
    if (fits)
        profile_write(call, fields);
    else
        call_refuse(call, 400, "bad.request",
                    "userProfile.fields must be a list of {\"id\", \"value\"}.");
}

void call_serve_profile(struct call *call)
{
    cJSON *body = NULL;

    if (strcmp(call->request->method, "POST") == 0) {
        if (call_body_read(call, &body))
            profile_take(call, body);
    } else if (strcmp(call->request->method, "GET") != 0) {
        call_refuse_method(call, "GET or POST.");
    } else if (call->document == NULL) {
        call_refuse_unknown(call);
    } else {
        web_answer_json(call->answer, 200,
                        cJSON_Duplicate(document_read(call->document, call->now_ms), true));
    }
    cJSON_Delete(body);
}
