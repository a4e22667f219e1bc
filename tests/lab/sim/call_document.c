/* GET, PUT and PATCH of every kind of resource. */
#include "tests/lab/sim/call.h"

#include "common/errors.h"

#include <stdio.h>
#include <string.h>

enum { FIELD_BYTES = 64 };

static void refuse_conflict(struct call *call)
{
    struct reply_error error = {
        .status = 409,
        .code = "general.conflict",
        .message = "The request conflicts with the current state of the target resource.",
        .field = "version",
        .entity = call->document->id,
        .entity_name = call->kind->entity,
    };

    call_refuse_entity(call, &error);
}

/* `why` begins with the field's name. */
static void refuse_field(struct call *call, const struct text *why)
{
    char field[FIELD_BYTES] = "";
    struct reply_error error = {
        .status = 400,
        .code = call->kind->invalid_code,
        .message = why->bytes,
        .field = field,
        .entity = call->document->id,
        .entity_name = call->kind->entity,
    };

    (void)snprintf(field, sizeof(field), "%.*s", (int)strcspn(why->bytes, " "), why->bytes);
    call_refuse_entity(call, &error);
}

cJSON *call_document_show(const struct call *call, struct document *document)
{
    const char *brief = web_request_query(call->request, "showbrief");
    cJSON *shown;

    if (document->kind != &kind_datatable_row || (brief != NULL && strcmp(brief, "false") == 0))
        return cJSON_Duplicate(document_read(document, call->now_ms), true);
    shown = cJSON_CreateObject();
    (void)cJSON_AddStringToObject(shown, "key", document->id);
    return shown;
}

static void change_take(struct call *call, const cJSON *body)
{
    struct document_clock clock = platform_clock(call->platform, call->kind, call->now_ms);
    bool puts = strcmp(call->request->method, "PUT") == 0;
    struct catalog *catalog = &call->platform->catalog;
    struct text why = {0};
    int result =
        puts ? document_put(call->document, catalog, body, &clock, &call->entry.version_sent, &why)
             : document_patch(call->document, catalog, body, &clock, &why);

    if (result == ERR_CONFLICT) {
        refuse_conflict(call);
    } else if (result == ERR_INVALID) {
        refuse_field(call, &why);
    } else if (result != 0) {
        call_refuse(call, 500, "internal.server.error", "No memory.");
    } else {
        call->entry.applied = true;
        platform_document_changed(call->platform, call->document, call->now_ms);
        web_answer_json(call->answer, puts ? call->kind->put_status : 200,
                        cJSON_Duplicate(call->document->json, true));
    }
}

static void change_serve(struct call *call)
{
    cJSON *body = NULL;

    if (call_body_read(call, &body))
        change_take(call, body);
    cJSON_Delete(body);
}

void call_serve_document(struct call *call)
{
    const char *method = call->request->method;

    if (call->document == NULL)
        call_refuse_unknown(call);
    else if (strcmp(method, "GET") == 0)
        web_answer_json(call->answer, 200, call_document_show(call, call->document));
    else if ((strcmp(method, "PUT") == 0 && call->kind->writable) ||
             (strcmp(method, "PATCH") == 0 && call->kind->patch != NULL))
        change_serve(call);
    else
        call_refuse_method(call, !call->kind->writable       ? "GET."
                                 : call->kind->patch != NULL ? "GET, PUT or PATCH."
                                                             : "GET or PUT.");
}
