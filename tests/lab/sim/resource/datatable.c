/* Data tables and their rows. A row is a flat object of the table's columns and its key; which of
 * the columns a dispatcher flow reads is the flow's matter, here it is `activeFlow`. */
#include "common/check.h"
#include "common/errors.h"
#include "tests/lab/sim/resource/catalog.h"
#include "tests/lab/sim/side.h"

#include <string.h>

static const cJSON *schema_properties(const struct catalog *catalog, const char *table)
{
    for (size_t i = 0; i < catalog->count; i++) {
        const struct document *document = catalog->documents[i];

        if (document->kind == &kind_datatable && strcmp(document->id, table) == 0)
            return cJSON_GetObjectItemCaseSensitive(
                cJSON_GetObjectItemCaseSensitive(document->json, "schema"), "properties");
    }
    return NULL;
}

static bool column_fits(const cJSON *property, const cJSON *value)
{
    const char *type = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(property, "type"));

    if (type == NULL)
        return false;
    if (strcmp(type, "boolean") == 0)
        return cJSON_IsBool(value);
    if (strcmp(type, "integer") == 0 || strcmp(type, "number") == 0)
        return cJSON_IsNumber(value);
    return cJSON_IsString(value);
}

static int check(const struct catalog *catalog, const struct document *document, const cJSON *body,
                 struct text *why)
{
    const cJSON *properties = schema_properties(catalog, document->parent);
    const char *key = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(body, "key"));
    const cJSON *value = NULL;

    if (key == NULL || strcmp(key, document->id) != 0) {
        text_set(why, "key must be that of the row, and cannot be changed");
        return ERR_INVALID;
    }
    cJSON_ArrayForEach(value, body)
    {
        const cJSON *property = cJSON_GetObjectItemCaseSensitive(properties, value->string);

        if (property == NULL) {
            text_set(why, "%s is not a column of the table", value->string);
            return ERR_INVALID;
        }
        if (!cJSON_IsNull(value) && !column_fits(property, value)) {
            text_set(why, "%s does not fit the column's type", value->string);
            return ERR_INVALID;
        }
    }
    return 0;
}

/* A column that was left out falls back to the schema's default, or is gone. */
static void complete(const struct catalog *catalog, const struct document *document, cJSON *json)
{
    const cJSON *property = NULL;

    cJSON_ArrayForEach(property, schema_properties(catalog, document->parent))
    {
        const cJSON *value = cJSON_GetObjectItemCaseSensitive(property, "default");

        if (value != NULL && cJSON_GetObjectItemCaseSensitive(json, property->string) == NULL)
            (void)cJSON_AddItemToObject(json, property->string, cJSON_Duplicate(value, true));
    }
}

/* A row may name the flow, or the side in a word. */
static const char *flow(const struct document *document)
{
    const char *value =
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(document->json, "activeFlow"));

    if (value == NULL || value[0] == '\0')
        return NULL;
    if (strcmp(value, "primary") == 0)
        return SIDE_PRIMARY_FLOW;
    if (strcmp(value, "standby") == 0)
        return SIDE_STANDBY_FLOW;
    return strcmp(value, "hold") == 0 ? SIDE_HOLD_FLOW : value;
}

const struct kind kind_datatable_row = {
    .view = "architect:datatableRow:view",
    .edit = "architect:datatableRow:edit",
    .name = "datatable-row",
    .path = "/api/v2/flows/datatables/{parent}/rows",
    .entity = "row",
    .missing_code = "flows.datatables.row.not.found",
    .invalid_code = "flows.datatables.schema.exception",
    .page_size = 25,
    .writable = true,
    .put_status = 200,
    .id_field = "key",
    .check = check,
    .complete = complete,
    .flow = flow,
};

const struct kind kind_datatable = {
    .view = "architect:datatable:view",
    .name = "datatable",
    .path = "/api/v2/flows/datatables",
    .entity = "datatable",
    .missing_code = "not.found",
    .page_size = 25,
};
