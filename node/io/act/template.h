/* Bodies written as JSON text with ${name} in their strings: parsed first, filled in afterwards.
 * Never fills in keys, numbers or syntax, so that no value can change a body's shape.
 * Called by the routing backends. */
#ifndef QUORATE_IO_ACT_TEMPLATE_H
#define QUORATE_IO_ACT_TEMPLATE_H

#include <cjson/cJSON.h>

#include "common/text.h"

struct template_variable {
    const char *name;
    const char *value;
};

/* Parses `body`, which must be an object, and fills in each ${name} of its string values. The
 * caller frees the object. Returns 0, ERR_INVALID (no JSON object, unknown name, open brace),
 * ERR_TOO_LARGE or ERR_NO_MEMORY; `why` says which. */
int template_expand(const char *body, const struct template_variable *variables, size_t count,
                    cJSON **ret_object, struct text *why);

/* The same for the strings of a value that was parsed already. Returns as above, but never
 * ERR_INVALID for its shape. */
int template_fill(cJSON *value, const struct template_variable *variables, size_t count,
                  struct text *why);

#endif
