/* Bodies of routing requests as the configuration gives them: a JSON object whose strings hold
 * placeholders. Never fills them in; the actuator does. Called by the configuration's values and
 * rules. */
#ifndef QUORATE_IO_CONFIG_JSON_BODY_H
#define QUORATE_IO_CONFIG_JSON_BODY_H

#include "common/text.h"

/* Is it a JSON object with nothing behind it, and with no placeholder but ${KNOWN} of the
 * NULL-terminated list, those in string values only? Returns 0 or ERR_INVALID with `why` set. */
int json_body_check(const char *text, const char *const *known, struct text *why);

#endif
