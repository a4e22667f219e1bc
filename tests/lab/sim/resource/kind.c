#include "tests/lab/sim/resource/kind.h"

#include "common/check.h"

#include <string.h>

const struct kind *const kinds[] = {
    &kind_ivr,
    &kind_emergency_group,
    &kind_datatable_row,
    &kind_message_recipient,
    &kind_web_deployment,
    &kind_email_route,
    &kind_flow,
    &kind_action,
    &kind_datatable,
    &kind_email_domain,
    &kind_queue,
    &kind_contact,
    &kind_dependency,
    &kind_conversation,
    &kind_profile,
};
const size_t kind_count = ARRAY_COUNT(kinds);

const struct kind *kind_find(const char *name)
{
    for (size_t i = 0; i < kind_count; i++) {
        if (strcmp(kinds[i]->name, name) == 0)
            return kinds[i];
    }
    return NULL;
}

const char *kind_reference(const cJSON *object, const char *key)
{
    const cJSON *reference = cJSON_GetObjectItemCaseSensitive(object, key);

    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(reference, "id"));
}
