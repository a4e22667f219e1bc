/* Emergency groups: one flag sends the callers of many call routes to another flow. */
#include "common/check.h"
#include "tests/lab/sim/resource/catalog.h"
#include "tests/lab/sim/side.h"

#include <string.h>

static const struct kind_field fields[] = {
    {"name", KIND_TEXT, true},
    {"description", KIND_TEXT, false},
    {"division", KIND_OBJECT, false},
    {"enabled", KIND_BOOL, false},
    {"emergencyCallFlows", KIND_LIST, false},
};

static const char *const owned[] = {
    "id",        "selfUri",    "state",        "dateCreated",   "dateModified",
    "createdBy", "modifiedBy", "createdByApp", "modifiedByApp", NULL,
};

static bool enabled(const struct document *document)
{
    return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(document->json, "enabled"));
}

static const cJSON *first_call_flow(const struct document *document)
{
    return cJSON_GetArrayItem(
        cJSON_GetObjectItemCaseSensitive(document->json, "emergencyCallFlows"), 0);
}

static const char *emergency_flow(const struct document *document)
{
    return kind_reference(first_call_flow(document), "emergencyFlow");
}

/* Disabled, it leaves its call routes alone: what they reach is what its callers reach. */
static const char *reached(const struct catalog *catalog, const struct document *document)
{
    const cJSON *ivrs = cJSON_GetObjectItemCaseSensitive(first_call_flow(document), "ivrs");
    const char *id =
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(cJSON_GetArrayItem(ivrs, 0), "id"));

    if (enabled(document))
        return emergency_flow(document);
    for (size_t i = 0; id != NULL && i < catalog->count; i++) {
        const struct document *ivr = catalog->documents[i];

        if (ivr->kind == &kind_ivr && strcmp(ivr->id, id) == 0)
            return kind_ivr.reached(catalog, ivr);
    }
    return NULL;
}

static const char *state(const struct document *document)
{
    return enabled(document) ? side_state(emergency_flow(document)) : "primary";
}

static void complete(const struct catalog *catalog, const struct document *document, cJSON *json)
{
    cJSON *call_flow = NULL;

    kind_ivr.complete(catalog, document, json);
    if (cJSON_GetObjectItemCaseSensitive(json, "enabled") == NULL)
        (void)cJSON_AddBoolToObject(json, "enabled", false);
    if (cJSON_GetObjectItemCaseSensitive(json, "emergencyCallFlows") == NULL)
        (void)cJSON_AddArrayToObject(json, "emergencyCallFlows");
    cJSON_ArrayForEach(call_flow, cJSON_GetObjectItemCaseSensitive(json, "emergencyCallFlows"))
    {
        cJSON *flow = cJSON_GetObjectItemCaseSensitive(call_flow, "emergencyFlow");

        if (cJSON_IsObject(flow))
            catalog_flow_complete(catalog, flow);
    }
}

const struct kind kind_emergency_group = {
    .view = "routing:emergencyGroup:view",
    .edit = "routing:emergencyGroup:edit",
    .name = "emergency-group",
    .path = "/api/v2/architect/emergencygroups",
    .entity = "emergencyGroup",
    .missing_code = "not.found",
    .invalid_code = "invalid.value",
    .page_size = 25,
    .writable = true,
    .versioned = true,
    .put_status = 200,
    .fields = fields,
    .field_count = ARRAY_COUNT(fields),
    .owned = owned,
    .complete = complete,
    .flow = emergency_flow,
    .reached = reached,
    .state = state,
};
