/* Versions of dotted numbers, as people write them: "v1.0.5", "27.0", "3".
 * Never a word of pre-releases or builds: what is no number is refused.
 * Called by the configuration's rules and the preflight. */
#ifndef QUORATE_COMMON_VERSION_H
#define QUORATE_COMMON_VERSION_H

#include <stddef.h>
#include <stdint.h>

enum { VERSION_PART_COUNT_MAX = 8 };

struct version {
    uint32_t parts[VERSION_PART_COUNT_MAX]; /* zero beyond `count` */
    size_t count;
};

/* Reads one to VERSION_PART_COUNT_MAX numbers with dots between them, after an optional v. Returns
 * 0 or ERR_INVALID. */
int version_parse(const char *text, struct version *ret_version);

/* Negative, 0 or positive, as `a` is lower, equal or higher; part by part as numbers, a missing
 * part is 0. */
int version_compare(const struct version *a, const struct version *b);

#endif
