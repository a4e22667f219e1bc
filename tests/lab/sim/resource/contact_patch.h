/* The changes of an external contact's PATCH.
 * Never checks who asks.
 * Called by the kind. */
#ifndef QUORATE_LAB_CONTACT_PATCH_H
#define QUORATE_LAB_CONTACT_PATCH_H

#include "common/text.h"

#include <cjson/cJSON.h>

/* Makes the changes of {"changes": [{"action", "field", "value"}]} in `json`; what it is after an
 * error is of no use. A field is "$.a.b". Errors: ERR_INVALID with `why`, which begins with the
 * field's name; ERR_CONFLICT (a field and one inside it). */
int contact_patch(cJSON *json, const cJSON *body, struct text *why);

#endif
