/* What a flow uses: dependency tracking's consumed resources. */
#include "tests/lab/sim/call.h"

#include <string.h>

static bool query_is_there(const struct call *call, const char *name)
{
    const char *value = web_request_query(call->request, name);

    return value != NULL && value[0] != '\0';
}

/* A list that is not cut into pages: a flow of the lab uses little. */
static void consumed_show(struct call *call, const struct document *dependency)
{
    const char *page = web_request_query(call->request, "pageNumber");
    bool beyond = page != NULL && strcmp(page, "1") != 0;
    const cJSON *resources =
        dependency == NULL ? NULL : cJSON_GetObjectItemCaseSensitive(dependency->json, "resources");
    cJSON *body = cJSON_CreateObject();
    int count = cJSON_GetArraySize(resources);

    (void)cJSON_AddItemToObject(body, "entities",
                                resources == NULL || beyond ? cJSON_CreateArray()
                                                            : cJSON_Duplicate(resources, true));
    (void)cJSON_AddNumberToObject(body, "pageSize", count > 25 ? count : 25);
    (void)cJSON_AddNumberToObject(body, "pageNumber", 1);
    (void)cJSON_AddNumberToObject(body, "total", count);
    (void)cJSON_AddNumberToObject(body, "pageCount", 1);
    (void)cJSON_AddStringToObject(body, "selfUri", call->request->path);
    web_answer_json(call->answer, 200, body);
}

void call_serve_consumed(struct call *call)
{
    const char *id = web_request_query(call->request, "id");

    if (strcmp(call->request->method, "GET") != 0)
        call_refuse_method(call, "GET.");
    else if (!query_is_there(call, "id") || !query_is_there(call, "version") ||
             !query_is_there(call, "objectType"))
        call_refuse(call, 400, "bad.request", "id, version and objectType are required.");
    else
        consumed_show(call, catalog_find(&call->platform->catalog, &kind_dependency, "", id));
}
