/* JSON from strangers, bounded: depth and trailing bytes are refused before and after cJSON reads
 * it. Never interprets what it reads.
 * Called within node/io/act, by the API (request bodies) and the commands. */
#ifndef QUORATE_IO_ACT_JSON_H
#define QUORATE_IO_ACT_JSON_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/json_span.h"

enum { JSON_DEPTH_MAX = 32 };

#define JSON_INTEGER_MAX INT64_C(9007199254740991) /* 2^53 - 1: what a double holds exactly */
/* cJSON prints 15 digits and takes a sixteenth that differs by one for equal: ids that are made
 * here have at most 15. */
#define JSON_PRINTED_MAX (JSON_INTEGER_MAX >> 4)

/* Parses one whole value; the caller frees it. Returns 0, ERR_MALFORMED (syntax, trailing bytes, a
 * NUL byte), ERR_TOO_LARGE (deeper than JSON_DEPTH_MAX) or ERR_NO_MEMORY. */
int json_parse(const char *text, size_t length, cJSON **ret_value);
/* Prints without spaces; the caller frees the text with cJSON_free. Returns 0 or ERR_NO_MEMORY. */
int json_print(const cJSON *value, char **ret_text);
/* The text with `value`, which is JSON, in place of the span, and every other byte as it is; the
 * caller frees it with cJSON_free. Returns 0 or ERR_NO_MEMORY. */
int json_splice(const char *text, size_t length, struct json_span span, const char *value,
                char **ret_text);

/* Members of an object; NULL or false where absent or of another type, also where `object` is none.
 */
const char *json_get_string(const cJSON *object, const char *key);
/* Only whole numbers of at most JSON_INTEGER_MAX in size. */
bool json_get_integer(const cJSON *object, const char *key, int64_t *ret_number);

/* For CLEANUP on values and printed texts. */
void cleanup_json(cJSON **value);
void cleanup_json_text(char **text);

#endif
