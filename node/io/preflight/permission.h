/* Which permissions of the platform a service needs there, and whether a set of policies holds one.
 * Never asks the platform.
 * Called by the check of permissions. */
#ifndef QUORATE_IO_PREFLIGHT_PERMISSION_H
#define QUORATE_IO_PREFLIGHT_PERMISSION_H

#include "node/io/preflight/facts.h"

enum { PERMISSION_NEED_COUNT_MAX = 32 };

/* Any of the names is enough: "domain:entity:action". */
struct permission_need {
    const char *names[3]; /* NULL where there are fewer */
    bool required;        /* a move needs it; otherwise only a check does */
    bool proved;          /* the route was read with it */
};

/* Fills what the service needs on the platform, required ones first; returns how many. */
size_t permission_needs(const struct preflight_facts *facts, size_t platform,
                        struct permission_need ret_needs[PERMISSION_NEED_COUNT_MAX]);

/* Do the policies (array of {domain, entityName, actions or actionSet}, "*" for any) allow it? */
bool permission_allows(const cJSON *policies, const char *name);

#endif
