#include "common/text.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "common/check.h"
#include "common/errors.h"

/* Longer words are never near anything; keys and names are far shorter. */
enum { NEAREST_BYTES_MAX = 64 };

void text_clear(struct text *text)
{
    text->bytes[0] = '\0';
    text->length = 0;
    text->cut = false;
}

static void text_add_list(struct text *text, const char *format, va_list list)
    __attribute__((format(printf, 2, 0)));

static void text_add_list(struct text *text, const char *format, va_list list)
{
    CHECK(text->length < sizeof text->bytes);
    size_t room = sizeof text->bytes - text->length;
    int wanted = vsnprintf(text->bytes + text->length, room, format, list);
    if (wanted < 0) {
        text->bytes[text->length] = '\0';
        text->cut = true;
        return;
    }
    if ((size_t)wanted >= room) {
        text->length = sizeof text->bytes - 1;
        text->cut = true;
        return;
    }
    text->length += (size_t)wanted;
}

void text_add(struct text *text, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    text_add_list(text, format, list);
    va_end(list);
}

void text_set(struct text *text, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    text_clear(text);
    text_add_list(text, format, list);
    va_end(list);
}

int text_copy(char *ret_buffer, size_t size, const char *source)
{
    size_t length = strlen(source);
    if (length >= size)
        return ERR_TOO_LARGE;
    memcpy(ret_buffer, source, length + 1);
    return 0;
}

bool text_equal_secret(const char *a, const char *b)
{
    size_t a_length = strlen(a);
    size_t b_length = strlen(b);
    /* The time depends on the length of `b` alone, which the caller's peer chose and knows. */
    size_t different = a_length ^ b_length;
    for (size_t i = 0; i < b_length; i++) {
        size_t at = i < a_length ? i : a_length;
        different |= (size_t)((unsigned char)a[at] ^ (unsigned char)b[i]);
    }
    return different == 0;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Levenshtein's distance with one row of the table. */
static size_t edit_distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
    size_t row[NEAREST_BYTES_MAX + 1];
    for (size_t j = 0; j <= b_length; j++)
        row[j] = j;
    for (size_t i = 1; i <= a_length; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            size_t replaced = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            row[j] = smaller(replaced, smaller(row[j], row[j - 1]) + 1);
        }
    }
    return row[b_length];
}

const char *text_nearest(const char *word, const char *const *words, size_t count)
{
    const char *nearest = NULL;
    size_t nearest_distance = SIZE_MAX;
    size_t word_length = strlen(word);
    if (word_length > NEAREST_BYTES_MAX)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        size_t length = strlen(words[i]);
        if (length > NEAREST_BYTES_MAX)
            continue;
        size_t distance = edit_distance(word, word_length, words[i], length);
        size_t longer = length > word_length ? length : word_length;
        if (distance <= (longer + 2) / 3 && distance < nearest_distance) {
            nearest = words[i];
            nearest_distance = distance;
        }
    }
    return nearest;
}
