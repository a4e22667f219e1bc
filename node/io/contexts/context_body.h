/* Contexts as JSON: the body of a PUT as a content, and contents and results as answers.
 * Never shows a value in an error: it names the field.
 * Called by the contexts' thread, tests and a fuzz target. */
#ifndef QUORATE_IO_CONTEXT_BODY_H
#define QUORATE_IO_CONTEXT_BODY_H

#include <cjson/cJSON.h>

#include "common/text.h"
#include "node/io/contexts/context_content.h"

/* {"seq", "step", "fields": {NAME: VALUE | {"value", "secret"}}, "conversation", "participant"}, or
 * {"userProfile": {"fields": [{"id", "value"}]}} with seq beside it, where a field `currentStep` is
 * the step, too. VALUE is text, a number, true or false. `seq_text` (may be NULL) is a seq that
 * came beside the body; the two must not differ. `value_max`: characters, 0 for no limit. Returns 0
 * with a content that the caller frees; ERR_INVALID, ERR_TOO_LARGE (a value, the number of fields)
 * or ERR_NO_MEMORY with `why` naming the key. */
int context_body_read(const char *text, size_t length, const char *seq_text, uint32_t value_max,
                      uint64_t *ret_seq, struct context_content **ret_content, struct text *why);

/* A whole decimal number of 1 to 2^53 - 1. Returns 0 or ERR_INVALID. */
int context_seq_parse(const char *text, uint64_t *ret_seq);

/* {"id", "seq", "step", "age_ms", "fields", "secret_fields", "has", ...}. Values of secret fields
 * stand there only where `secrets`. `has` (may be NULL) are names with commas. Returns NULL where
 * memory does not suffice. */
cJSON *context_page(const struct context_id *id, uint64_t seq, time_ms age_ms,
                    const struct context_content *content, bool secrets, const char *has);

#endif
