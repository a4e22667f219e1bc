#include "common/errors.h"

#include <stddef.h>

#include "common/check.h"

/* Indexed by -code. */
static const char *const error_names[] = {
    [0] = "ok",
    [-ERR_INVALID] = "invalid",
    [-ERR_MALFORMED] = "malformed",
    [-ERR_TOO_LARGE] = "too-large",
    [-ERR_NO_MEMORY] = "no-memory",
    [-ERR_FULL] = "full",
    [-ERR_NOT_FOUND] = "not-found",
    [-ERR_EXISTS] = "exists",
    [-ERR_IO] = "io",
    [-ERR_DAMAGED] = "damaged",
    [-ERR_NETWORK] = "network",
    [-ERR_TIMEOUT] = "timeout",
    [-ERR_AUTH] = "auth",
    [-ERR_FORBIDDEN] = "forbidden",
    [-ERR_CONFLICT] = "conflict",
    [-ERR_VERSION] = "version",
    [-ERR_STATE] = "state",
    [-ERR_BUSY] = "busy",
    [-ERR_CANCELED] = "canceled",
    [-ERR_INTERNAL] = "internal",
};

const char *error_name(int code)
{
    if (code > 0 || code <= -(int)ARRAY_COUNT(error_names))
        return "unknown";
    return error_names[-code];
}
