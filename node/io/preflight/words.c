#include "node/io/preflight/words.h"

void words_plain(const char *words, char *ret_plain, size_t size)
{
    size_t length = 0;
    for (; words[length] != '\0' && length + 1 < size; length++) {
        char byte = words[length];
        ret_plain[length] = byte >= ' ' && byte < 0x7f && byte != '"' ? byte : '.';
    }
    ret_plain[length] = '\0';
}

void words_add(struct text *text, const char *words)
{
    char plain[WORDS_SHOWN_MAX + 1];
    words_plain(words, plain, sizeof plain);
    text_add(text, "%s", plain);
}
