/* External contacts. Without a version: of two writers the last wins. */
#include "common/check.h"
#include "common/errors.h"
#include "tests/lab/sim/resource/contact_patch.h"
#include "tests/lab/sim/resource/kind.h"

static const struct kind_field fields[] = {
    {"firstName", KIND_TEXT, false},
    {"lastName", KIND_TEXT, false},
    {"schema", KIND_OBJECT, false},
    {"customFields", KIND_OBJECT, false},
};

static const char *const owned[] = {"id", "selfUri", "createDate", "type", NULL};

/* Custom fields are fields of a schema. */
static int check(const struct catalog *catalog, const struct document *document, const cJSON *body,
                 struct text *why)
{
    const cJSON *schema = cJSON_GetObjectItemCaseSensitive(body, "schema");

    (void)catalog;
    (void)document;
    if (cJSON_GetObjectItemCaseSensitive(body, "customFields") == NULL ||
        cJSON_IsString(cJSON_GetObjectItemCaseSensitive(schema, "id")))
        return 0;
    text_set(why, "schema is required with customFields");
    return ERR_INVALID;
}

const struct kind kind_contact = {
    .view = "externalContacts:contact:view",
    .edit = "externalContacts:contact:edit",
    .name = "contact",
    .path = "/api/v2/externalcontacts/contacts",
    .entity = "contact",
    .missing_code = "not.found",
    .invalid_code = "invalid.value",
    .page_size = 20,
    .writable = true,
    .put_status = 200,
    .fields = fields,
    .field_count = ARRAY_COUNT(fields),
    .owned = owned,
    .check = check,
    .patch = contact_patch,
};
