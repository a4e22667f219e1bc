/* Inbound email domains and their routes. A route leads to a flow or to a queue, never to both, and
 * a change is answered before it is done. */
#include "common/check.h"
#include "common/errors.h"
#include "tests/lab/sim/resource/catalog.h"

static const struct kind_field fields[] = {
    {"pattern", KIND_TEXT, true},
    {"fromName", KIND_TEXT, true},
    {"fromEmail", KIND_TEXT, false},
    {"name", KIND_TEXT, false},
    {"queue", KIND_OBJECT, false},
    {"flow", KIND_FLOW, false},
    {"spamFlow", KIND_FLOW, false},
    {"priority", KIND_NUMBER, false},
    {"skills", KIND_LIST, false},
    {"language", KIND_OBJECT, false},
    {"replyEmailAddress", KIND_OBJECT, false},
    {"autoBcc", KIND_LIST, false},
    {"historyInclusion", KIND_TEXT, false},
};

static const char *const owned[] = {"id", "selfUri", NULL};

static int check(const struct catalog *catalog, const struct document *document, const cJSON *body,
                 struct text *why)
{
    (void)catalog;
    (void)document;
    if (kind_reference(body, "flow") != NULL && kind_reference(body, "queue") != NULL) {
        text_set(why, "flow cannot be given together with a queue");
        return ERR_INVALID;
    }
    if (kind_reference(body, "flow") == NULL && kind_reference(body, "queue") == NULL) {
        text_set(why, "flow or a queue is required");
        return ERR_INVALID;
    }
    return 0;
}

static const char *flow(const struct document *document)
{
    return kind_reference(document->json, "flow");
}

const struct kind kind_email_route = {
    .view = "routing:email:manage",
    .edit = "routing:email:manage",
    .name = "email-route",
    .path = "/api/v2/routing/email/domains/{parent}/routes",
    .entity = "route",
    .missing_code = "not.found",
    .invalid_code = "invalid.value",
    .page_size = 25,
    .writable = true,
    .delayed = true,
    .put_status = 202,
    .fields = fields,
    .field_count = ARRAY_COUNT(fields),
    .owned = owned,
    .check = check,
    .flow = flow,
};

const struct kind kind_email_domain = {
    .view = "routing:email:manage",
    .name = "email-domain",
    .path = "/api/v2/routing/email/domains",
    .entity = "domain",
    .missing_code = "not.found",
    .page_size = 25,
};
