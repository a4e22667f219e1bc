#include "tests/lab/sim/control_parts.h"

#include "common/errors.h"
#include "tests/lab/base/clock.h"
#include "tests/lab/base/json.h"

#include <string.h>

#define DOCUMENTS_PATH "/sim/documents/"

static void text_or_null_add(cJSON *object, const char *key, const char *text)
{
    (void)cJSON_AddItemToObject(object, key,
                                text == NULL ? cJSON_CreateNull() : cJSON_CreateString(text));
}

static cJSON *document_describe(struct document *document)
{
    cJSON *described = cJSON_CreateObject();

    (void)document_read(document, clock_boot_ms());
    (void)cJSON_AddStringToObject(described, "resource", document->name);
    text_or_null_add(described, "state", document_state(document));
    (void)cJSON_AddNumberToObject(described, "version", (double)document->version);
    (void)cJSON_AddItemToObject(described, "document", cJSON_Duplicate(document->json, true));
    return described;
}

void control_documents_get(const struct web_request *request, struct web_answer *answer,
                           struct platform *platform)
{
    cJSON *list = cJSON_CreateArray();

    (void)request;
    for (size_t i = 0; i < platform->catalog.count; i++)
        (void)cJSON_AddItemToArray(list, document_describe(platform->catalog.documents[i]));
    web_answer_json(answer, 200, list);
}

static struct document *document_of(const struct web_request *request, struct web_answer *answer,
                                    struct platform *platform)
{
    const char *name = request->path + strlen(DOCUMENTS_PATH);
    struct document *document = catalog_find_name(&platform->catalog, name);

    if (document == NULL)
        web_answer_refusal(answer, 404, "there is no %s; GET /sim/documents lists what there is",
                           name);
    return document;
}

void control_document_get(const struct web_request *request, struct web_answer *answer,
                          struct platform *platform)
{
    struct document *document = document_of(request, answer, platform);

    if (document != NULL)
        web_answer_json(answer, 200, document_describe(document));
}

static void human_record(const struct web_request *request, struct platform *platform,
                         const struct document *document, const char *state_before)
{
    struct journal_entry entry = {
        .wall_ms = request->wall_ms,
        .mono_ms = request->boot_ms,
        .done_ms = clock_boot_ms(),
        .method = "HUMAN",
        .path = request->path,
        .resource = document->name,
        .status = 200,
        .peer_port = request->peer_port,
        .version_sent = -1,
        .version_after = document->kind->versioned ? document->version : -1,
        .state_before = state_before,
        .state_after = document_state(document),
        .applied = true,
        .body = request->body,
        .body_length = request->body_length,
    };

    platform_record(platform, &entry);
}

static void edit(const struct web_request *request, struct web_answer *answer,
                 struct platform *platform, struct document *document, const cJSON *change)
{
    const char *state_before = document_state(document);
    struct document_clock clock = platform_clock(platform, document->kind, clock_boot_ms());

    if (document_merge(document, &platform->catalog, change, &clock) != 0) {
        web_answer_refusal(answer, 500, "no memory");
        return;
    }
    platform_document_changed(platform, document, clock.now_ms);
    human_record(request, platform, document, state_before);
    web_answer_json(answer, 200, document_describe(document));
}

/* Takes `json`. */
static void create(const struct web_request *request, struct web_answer *answer,
                   struct platform *platform, cJSON *json)
{
    const char *name = request->path + strlen(DOCUMENTS_PATH);
    struct document *document;

    if (catalog_create(&platform->catalog, name, json, request->wall_ms) != 0) {
        web_answer_refusal(answer, 404, "%s cannot be made; GET /sim/documents lists what there is",
                           name);
        return;
    }
    document = catalog_find_name(&platform->catalog, name);
    platform_document_changed(platform, document, clock_boot_ms());
    human_record(request, platform, document, NULL);
    web_answer_json(answer, 200, document_describe(document));
}

void control_document_post(const struct web_request *request, struct web_answer *answer,
                           struct platform *platform)
{
    const char *name = request->path + strlen(DOCUMENTS_PATH);
    struct document *document = catalog_find_name(&platform->catalog, name);
    struct text why = {0};
    cJSON *change = NULL;

    if (json_object_parse(request->body, request->body_length, NULL, 0, &change, &why) != 0) {
        web_answer_refusal(answer, 400, "%s", why.bytes);
        return;
    }
    if (document == NULL) {
        create(request, answer, platform, change);
        return;
    }
    edit(request, answer, platform, document, change);
    cJSON_Delete(change);
}
