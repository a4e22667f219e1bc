/* A bounded text builder in the caller's storage, and small questions about words.
 * Never allocates; what does not fit is cut and remembered in `cut`.
 * Called by adapters, commands and tests, not by node/core. */
#ifndef QUORATE_COMMON_TEXT_H
#define QUORATE_COMMON_TEXT_H

#include <stdbool.h>
#include <stddef.h>

enum { TEXT_BYTES = 512 };

/* Always NUL-terminated after text_clear. Zero-initialised storage is an empty text. */
struct text {
    char bytes[TEXT_BYTES];
    size_t length;
    bool cut;
};

void text_clear(struct text *text);
/* Appends as printf does. What does not fit is cut at the end and `cut` is set. */
void text_add(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Clears, then adds. */
void text_set(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Copies at most size-1 bytes and terminates. Returns 0, or ERR_TOO_LARGE if it did not fit (then
 * copies nothing). */
int text_copy(char *ret_buffer, size_t size, const char *source);

/* Equality in constant time for secrets; lengths may differ (then false). */
bool text_equal_secret(const char *a, const char *b);

/* The word among `count` words nearest to `word` by edit distance, or NULL where none is near
 * enough to be worth suggesting (distance over a third of the longer word's length, rounded up). */
const char *text_nearest(const char *word, const char *const *words, size_t count);

#endif
