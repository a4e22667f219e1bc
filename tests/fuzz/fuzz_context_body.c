#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

#include "common/check.h"
#include "node/io/contexts/context_body.h"

enum { VALUE_MAX = 256 };

/* What was read can be written, read back, and shown. */
static void go_round(const struct context_content *content, uint64_t seq)
{
    struct context_id id;
    struct context_content *again = NULL;
    size_t plain_length = 0;
    size_t secret_length = 0;
    uint8_t *plain = malloc(2 * (size_t)CONTEXT_PLAIN_BYTES_MAX);
    CHECK(plain != NULL && context_id_set(&id, "fuzz") == 0);
    uint8_t *secret = plain + CONTEXT_PLAIN_BYTES_MAX;
    if (context_content_write(content, plain, &plain_length, secret, &secret_length) == 0) {
        CHECK(context_content_read(plain, plain_length, secret, secret_length, &again) == 0);
        CHECK(again->count == content->count);
        cJSON *page = context_page(&id, seq, 0, again, true, "a,b,,c");
        CHECK(page != NULL);
        cJSON_Delete(page);
        context_content_free(&again);
    }
    free(plain);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct context_content *content = NULL;
    struct text why = {.length = 0};
    uint64_t seq = 0;
    if (length > CONTEXT_BODY_BYTES_MAX)
        return 0;
    if (context_body_read((const char *)bytes, length, NULL, VALUE_MAX, &seq, &content, &why) !=
        0) {
        CHECK(content == NULL);
        return 0;
    }
    CHECK(seq > 0 && content->count <= CONTEXT_FIELD_COUNT_MAX);
    go_round(content, seq);
    context_content_free(&content);
    (void)context_content_read(bytes, length, NULL, 0, &content); /* as a plain part, too */
    context_content_free(&content);
    return 0;
}
