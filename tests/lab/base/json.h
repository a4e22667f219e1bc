/* Reading settings out of JSON that a person or a script sent.
 * Never guesses: a wrong type, a wrong range or an unknown key is refused by name.
 * Called by the control interfaces of the lab programs. */
#ifndef QUORATE_LAB_JSON_H
#define QUORATE_LAB_JSON_H

#include "common/text.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Parses an object with no other keys than `keys` (NULL: any) and nothing after it. The caller
 * deletes it. Errors: ERR_MALFORMED, ERR_INVALID, each with `why`. */
int json_object_parse(const char *bytes, size_t length, const char *const *keys, size_t key_count,
                      cJSON **ret_object, struct text *why);
/* The same check of keys for an object inside another. */
int json_object_check(const cJSON *object, const char *const *keys, size_t key_count,
                      struct text *why);

/* Each reads `key` if it is there and leaves the value alone if it is not. Errors: ERR_INVALID with
 * `why`. */
int json_number_read(const cJSON *object, const char *key, int64_t minimum, int64_t maximum,
                     int64_t *value, struct text *why);
int json_bool_read(const cJSON *object, const char *key, bool *value, struct text *why);
/* The text stays the object's. */
int json_text_read(const cJSON *object, const char *key, const char **value, struct text *why);

/* Place of `word` among `words`. Errors: ERR_INVALID with a `why` that lists or suggests. */
int json_word_find(const char *key, const char *word, const char *const *words, size_t count,
                   size_t *ret_index, struct text *why);

/* Merges `patch` into `object` as RFC 7396 says: null takes a key away, objects are merged, all
 * else replaces. */
void json_merge(cJSON *object, const cJSON *patch);

#endif
