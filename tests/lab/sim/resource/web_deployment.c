/* Web messaging deployments. A change is Pending until it is Active, and shows only then. */
#include "common/check.h"
#include "common/errors.h"
#include "tests/lab/sim/resource/catalog.h"

static const struct kind_field fields[] = {
    {"name", KIND_TEXT, true},
    {"configuration", KIND_OBJECT, true},
    {"description", KIND_TEXT, false},
    {"allowAllDomains", KIND_BOOL, false},
    {"allowedDomains", KIND_LIST, false},
    {"flow", KIND_FLOW, false},
    {"status", KIND_TEXT, false},
    {"pushIntegrations", KIND_LIST, false},
    {"supportedContent", KIND_OBJECT, false},
};

static const char *const owned[] = {
    "id", "selfUri", "snippet", "dateCreated", "dateModified", "lastModifiedUser", NULL,
};

static int check(const struct catalog *catalog, const struct document *document, const cJSON *body,
                 struct text *why)
{
    const cJSON *configuration = cJSON_GetObjectItemCaseSensitive(body, "configuration");
    const cJSON *domains = cJSON_GetObjectItemCaseSensitive(body, "allowedDomains");

    (void)catalog;
    (void)document;
    if (!cJSON_IsString(cJSON_GetObjectItemCaseSensitive(configuration, "id")) ||
        !cJSON_IsString(cJSON_GetObjectItemCaseSensitive(configuration, "version"))) {
        text_set(why, "configuration must have an id and a version");
        return ERR_INVALID;
    }
    if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(body, "allowAllDomains")) &&
        cJSON_GetArraySize(domains) > 0) {
        text_set(why, "allowedDomains must be empty where all domains are allowed");
        return ERR_INVALID;
    }
    return 0;
}

/* The configuration is shown with its name, however it was named. */
static void complete(const struct catalog *catalog, const struct document *document, cJSON *json)
{
    cJSON *configuration = cJSON_GetObjectItemCaseSensitive(json, "configuration");

    (void)catalog;
    (void)document;
    if (cJSON_IsObject(configuration) &&
        cJSON_GetObjectItemCaseSensitive(configuration, "name") == NULL)
        (void)cJSON_AddStringToObject(configuration, "name", "Messenger");
}

static const char *flow(const struct document *document)
{
    return kind_reference(document->json, "flow");
}

const struct kind kind_web_deployment = {
    .view = "webDeployments:deployment:view",
    .edit = "webDeployments:deployment:edit",
    .name = "web-deployment",
    .path = "/api/v2/webdeployments/deployments",
    .entity = "deployment",
    .missing_code = "not.found",
    .invalid_code = "bad.request",
    .paging = KIND_CURSOR,
    .page_size = 300,
    .writable = true,
    .delayed = true,
    .put_status = 200,
    .fields = fields,
    .field_count = ARRAY_COUNT(fields),
    .owned = owned,
    .check = check,
    .complete = complete,
    .flow = flow,
};
