/* Where a value stands in a JSON text (RFC 8259), by a JSON pointer (RFC 6901), so that it can be
 * looked at or exchanged while every other byte stays as it came.
 * Never allocates, never reads a number into a float, never takes one of two equal keys.
 * Called by the routing backends, the configuration and their tests; pure. */
#ifndef QUORATE_COMMON_JSON_SPAN_H
#define QUORATE_COMMON_JSON_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    JSON_SPAN_DEPTH_MAX = 32,
    JSON_POINTER_SIZE = 256, /* of a pointer with its NUL, as the configuration takes it */
};

/* A part of a text: from its first byte to behind its last. */
struct json_span {
    size_t at;
    size_t length;
};

enum json_kind { JSON_OBJECT, JSON_ARRAY, JSON_STRING, JSON_NUMBER, JSON_BOOL, JSON_NULL };

/* Is it "" or tokens that each open with '/', with no '~' but in "~0" and "~1"? Returns 0 or
 * ERR_INVALID. */
int json_pointer_check(const char *pointer);

/* The value at the pointer; "" is the whole value without the space around it. The whole text is
 * checked. Returns 0, ERR_INVALID (the pointer), ERR_MALFORMED (no JSON, bytes behind it, or a key
 * on the way that stands there twice), ERR_TOO_LARGE (deeper than JSON_SPAN_DEPTH_MAX) or
 * ERR_NOT_FOUND. */
int json_span_find(const char *text, size_t length, const char *pointer,
                   struct json_span *ret_span);

/* Of a span that json_span_find gave. */
enum json_kind json_span_kind(const char *text, struct json_span span);
/* Does it say exactly these words: a string, its escapes resolved; else as it is written? */
bool json_span_says(const char *text, struct json_span span, const char *words);
/* A whole number without fraction and exponent that fits. Returns 0 or ERR_MALFORMED. */
int json_span_integer(const char *text, struct json_span span, int64_t *ret_number);
/* The words of a string, escapes resolved, NUL-terminated. Returns 0, ERR_MALFORMED (no string, or
 * one that holds a NUL) or ERR_TOO_LARGE. */
int json_span_string(const char *text, struct json_span span, char *ret_words, size_t size);

/* Writes the words as a JSON string, with its quotes. Returns 0 or ERR_TOO_LARGE. */
int json_quote(const char *words, char *ret_text, size_t size);

#endif
