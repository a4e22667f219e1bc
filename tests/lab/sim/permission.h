/* What an OAuth client may do: everything, but what a test denies it.
 * Never answers a request.
 * Called by the API and the control interface under the platform's lock. */
#ifndef QUORATE_LAB_PERMISSION_H
#define QUORATE_LAB_PERMISSION_H

#include "common/text.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

enum { PERMISSION_COUNT_MAX = 32 };

/* One client's; zero-initialised it denies nothing. */
struct permission_set {
    bool denied[PERMISSION_COUNT_MAX]; /* by the place in the list of all */
};

/* NULL is allowed always. */
bool permission_allows(const struct permission_set *set, const char *permission);

/* Denies what {"deny": [...]} lists, and allows all else. Errors: ERR_MALFORMED, ERR_INVALID with
 * `why`. */
int permission_deny(struct permission_set *set, const char *json, size_t length, struct text *why);

/* What it may, as policies {domain, entityName, actions}. */
cJSON *permission_policies(const struct permission_set *set);
/* The denied ones, as texts. */
cJSON *permission_denied(const struct permission_set *set);

#endif
