/* Call routes. Whoever calls one while an emergency group that lists it is enabled reaches the
 * group's flow instead. */
#include "common/check.h"
#include "tests/lab/sim/resource/catalog.h"
#include "tests/lab/sim/side.h"

#include <string.h>

#include "common/errors.h"

static const char *const slots[] = {"openHoursFlow", "closedHoursFlow", "holidayHoursFlow"};

static const struct kind_field fields[] = {
    {"name", KIND_TEXT, true},
    {"description", KIND_TEXT, false},
    {"division", KIND_OBJECT, false},
    {"dnis", KIND_LIST, false},
    {"openHoursFlow", KIND_FLOW, false},
    {"closedHoursFlow", KIND_FLOW, false},
    {"holidayHoursFlow", KIND_FLOW, false},
    {"scheduleGroup", KIND_OBJECT, false},
};

static const char *const owned[] = {
    "id",        "selfUri",    "state",        "dateCreated",   "dateModified",
    "createdBy", "modifiedBy", "createdByApp", "modifiedByApp", NULL,
};

static const char *open_flow(const struct document *document)
{
    return kind_reference(document->json, "openHoursFlow");
}

/* A schedule group needs the flows that it chooses between. */
static int check(const struct catalog *catalog, const struct document *document, const cJSON *body,
                 struct text *why)
{
    (void)catalog;
    (void)document;
    if (kind_reference(body, "scheduleGroup") == NULL)
        return 0;
    for (size_t i = 0; i < 2; i++) {
        if (kind_reference(body, slots[i]) == NULL) {
            text_set(why, "%s is required with a scheduleGroup", slots[i]);
            return ERR_INVALID;
        }
    }
    return 0;
}

static void complete(const struct catalog *catalog, const struct document *document, cJSON *json)
{
    const cJSON *division = cJSON_GetObjectItemCaseSensitive(document->json, "division");

    (void)catalog;
    if (cJSON_GetObjectItemCaseSensitive(json, "division") == NULL && division != NULL)
        (void)cJSON_AddItemToObject(json, "division", cJSON_Duplicate(division, true));
}

static bool call_flow_lists(const cJSON *call_flow, const char *ivr)
{
    const cJSON *item = NULL;

    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(call_flow, "ivrs"))
    {
        const char *id = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(item, "id"));

        if (id != NULL && strcmp(id, ivr) == 0)
            return true;
    }
    return false;
}

static const char *emergency_flow(const cJSON *group, const char *ivr)
{
    const cJSON *call_flow = NULL;

    if (!cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(group, "enabled")))
        return NULL;
    cJSON_ArrayForEach(call_flow, cJSON_GetObjectItemCaseSensitive(group, "emergencyCallFlows"))
    {
        if (call_flow_lists(call_flow, ivr))
            return kind_reference(call_flow, "emergencyFlow");
    }
    return NULL;
}

static const char *reached(const struct catalog *catalog, const struct document *document)
{
    for (size_t i = 0; i < catalog->count; i++) {
        const struct document *group = catalog->documents[i];
        const char *flow =
            group->kind == &kind_emergency_group ? emergency_flow(group->json, document->id) : NULL;

        if (flow != NULL)
            return flow;
    }
    return open_flow(document);
}

/* One word only where no slot still holds the other side. */
static const char *state(const struct document *document)
{
    const char *open = side_state(open_flow(document));

    for (size_t i = 1; i < ARRAY_COUNT(slots); i++) {
        const char *other = side_state(kind_reference(document->json, slots[i]));

        if ((strcmp(other, "primary") == 0 || strcmp(other, "standby") == 0) &&
            strcmp(other, open) != 0)
            return "mixed";
    }
    return open;
}

const struct kind kind_ivr = {
    .view = "routing:callRoute:view",
    .edit = "routing:callRoute:edit",
    .name = "ivr",
    .path = "/api/v2/architect/ivrs",
    .entity = "ivr",
    .missing_code = "not.found",
    .invalid_code = "invalid.value",
    .page_size = 25,
    .writable = true,
    .versioned = true,
    .put_status = 200,
    .fields = fields,
    .field_count = ARRAY_COUNT(fields),
    .owned = owned,
    .check = check,
    .complete = complete,
    .flow = open_flow,
    .reached = reached,
    .state = state,
};
