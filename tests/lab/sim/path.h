/* Patterns of paths: "/api/v2/flows/{id}" against what was asked for.
 * Never decodes; the server did.
 * Called by the API's dispatcher and the control interface. */
#ifndef QUORATE_LAB_PATH_H
#define QUORATE_LAB_PATH_H

#include <stdbool.h>
#include <stddef.h>

enum { PATH_WORDS_MAX = 3, PATH_WORD_BYTES = 260 };

struct path_words {
    char words[PATH_WORDS_MAX][PATH_WORD_BYTES];
    size_t count;
};

/* True where `path` is `pattern` with something in each {place}, which *ret_words then holds in
 * order. A word too long for it does not match. */
bool path_match(const char *pattern, const char *path, struct path_words *ret_words);

#endif
