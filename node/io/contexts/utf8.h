/* Is it UTF-8, and how many characters?
 * Never changes a byte.
 * Called by context_body.c. Pure. */
#ifndef QUORATE_IO_CONTEXTS_UTF8_H
#define QUORATE_IO_CONTEXTS_UTF8_H

#include <stddef.h>

/* The number of code points, or -1 for bytes that are not UTF-8 (RFC 3629: no overlong forms, no
 * surrogates, at most U+10FFFF). */
long utf8_count(const char *text, size_t length);

#endif
