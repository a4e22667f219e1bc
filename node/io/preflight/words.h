/* Words of strangers on their way to a terminal or a log: printable ASCII, no quotes.
 * Never judges them.
 * Called within node/io/preflight. */
#ifndef QUORATE_IO_PREFLIGHT_WORDS_H
#define QUORATE_IO_PREFLIGHT_WORDS_H

#include <stddef.h>

#include "common/text.h"

/* Cuts what does not fit and terminates. */
void words_plain(const char *words, char *ret_plain, size_t size);
/* Adds the words, at most WORDS_SHOWN_MAX of their bytes. */
enum { WORDS_SHOWN_MAX = 80 };
void words_add(struct text *text, const char *words);

#endif
