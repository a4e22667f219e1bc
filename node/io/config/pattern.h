/* Regular expressions of the configuration: POSIX extended ones that match in bounded time.
 * Never matches more text than it is told to look at.
 * Called by the configuration's values (to refuse bad ones) and by the prober. */
#ifndef QUORATE_IO_CONFIG_PATTERN_H
#define QUORATE_IO_CONFIG_PATTERN_H

#include <regex.h>
#include <stdbool.h>
#include <stddef.h>

#include "common/text.h"

enum {
    PATTERN_PARTS_MAX = 255,            /* of a pattern, its repetitions written out as libc does */
    PATTERN_TEXT_BYTES_MAX = 16 * 1024, /* what is looked at */
};

/* Returns 0 or ERR_INVALID with `why` set: a mistake, a reference back (\1), whose matching may
 * take for ever, or repetitions that come to more than PATTERN_PARTS_MAX. */
int pattern_check(const char *pattern, struct text *why);

/* Compiles a checked pattern; the caller ends it with regfree. Returns 0, ERR_INVALID or
 * ERR_NO_MEMORY. */
int pattern_compile(const char *pattern, regex_t *ret_compiled);

/* Is there a match in the first PATTERN_TEXT_BYTES_MAX bytes? They may hold NUL bytes, and a
 * NUL byte stands behind them. */
bool pattern_matches(const regex_t *compiled, const char *bytes, size_t length);

#endif
