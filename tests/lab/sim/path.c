#include "tests/lab/sim/path.h"

#include <string.h>

/* Takes one segment into the words. */
static bool word_take(const char **path, struct path_words *words)
{
    size_t length = strcspn(*path, "/");

    if (length == 0 || length >= PATH_WORD_BYTES || words->count == PATH_WORDS_MAX)
        return false;
    memcpy(words->words[words->count], *path, length);
    words->words[words->count++][length] = '\0';
    *path += length;
    return true;
}

bool path_match(const char *pattern, const char *path, struct path_words *ret_words)
{
    memset(ret_words, 0, sizeof(*ret_words));
    while (*pattern != '\0') {
        if (*pattern == '{') {
            if (!word_take(&path, ret_words))
                return false;
            pattern = strchr(pattern, '}') + 1;
        } else if (*pattern++ != *path++) {
            return false;
        }
    }
    return *path == '\0';
}
