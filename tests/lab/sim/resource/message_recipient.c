/* Message recipients. A PUT takes the flow alone; everything else stays. */
#include "common/check.h"
#include "tests/lab/sim/resource/catalog.h"

static const struct kind_field fields[] = {{"flow", KIND_FLOW, false}};

static const char *const owned[] = {
    "id",        "name",       "messengerType", "dateCreated", "dateModified",
    "createdBy", "modifiedBy", "selfUri",       NULL,
};

static const char *flow(const struct document *document)
{
    return kind_reference(document->json, "flow");
}

const struct kind kind_message_recipient = {
    .view = "routing:message:manage",
    .edit = "routing:message:manage",
    .name = "message-recipient",
    .path = "/api/v2/routing/message/recipients",
    .entity = "recipient",
    .missing_code = "not.found",
    .invalid_code = "invalid.value",
    .page_size = 25,
    .writable = true,
    .put_status = 200,
    .fields = fields,
    .field_count = ARRAY_COUNT(fields),
    .owned = owned,
    .flow = flow,
};
