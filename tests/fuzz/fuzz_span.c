#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "common/check.h"
#include "common/cleanup.h"
#include "common/json_span.h"
#include "node/io/act/json.h"

/* The new value stands where the old one stood, and nothing else changed. */
static void check_splice(const char *text, size_t length, const char *pointer,
                         struct json_span span)
{
    static const char marker[] = "[\"new\"]";
    CLEANUP(cleanup_json_text) char *spliced = NULL;
    struct json_span again = {0};
    CHECK(json_splice(text, length, span, marker, &spliced) == 0);
    size_t spliced_length = strlen(spliced);
    CHECK(spliced_length == length - span.length + strlen(marker));
    CHECK(json_span_find(spliced, spliced_length, pointer, &again) == 0);
    CHECK(again.at == span.at && again.length == strlen(marker));
    CHECK(memcmp(spliced, text, span.at) == 0);
    CHECK(memcmp(spliced + again.at + again.length, text + span.at + span.length,
                 length - span.at - span.length) == 0);
}

/* What is JSON here is JSON to the library, as a whole and in part. */
static void check_parse(const char *text, size_t length)
{
    CLEANUP(cleanup_json) cJSON *value = NULL;
    CHECK(json_parse(text, length, &value) == 0);
}

static void check_words(const char *text, struct json_span span)
{
    char words[256];
    char quoted[2048];
    struct json_span whole = {0};
    if (json_span_string(text, span, words, sizeof words) != 0)
        return;
    CHECK(json_span_says(text, span, words));
    CHECK(json_quote(words, quoted, sizeof quoted) == 0);
    CHECK(json_span_find(quoted, strlen(quoted), "", &whole) == 0);
    CHECK(json_span_says(quoted, whole, words));
}

/* The pointer's length, the pointer, and the text. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    char pointer[UINT8_MAX + 1] = "";
    struct json_span span = {0};
    int64_t number = 0;
    if (length < 1 || length - 1 < bytes[0])
        return 0;
    memcpy(pointer, bytes + 1, bytes[0]);
    const char *text = (const char *)bytes + 1 + bytes[0];
    size_t text_length = length - 1 - bytes[0];
    if (json_span_find(text, text_length, pointer, &span) != 0)
        return 0;
    CHECK(span.length > 0 && span.at + span.length <= text_length);
    if (memmem(text, text_length, "\\ud", 3) == NULL &&
        memmem(text, text_length, "\\uD", 3) == NULL)
        check_parse(text + span.at, span.length);
    check_splice(text, text_length, pointer, span);
    check_words(text, span);
    (void)json_span_integer(text, span, &number);
    return 0;
}
