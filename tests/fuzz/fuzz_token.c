#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "common/check.h"
#include "node/io/act/grant_answer.h"
#include "tests/fuzz/http_input.h"

/* A token goes into a header as it is. */
static void check_token(const char *value, size_t size)
{
    const char *end = memchr(value, '\0', size);
    CHECK(end != NULL);
    for (const char *at = value; at < end; at++)
        CHECK((unsigned char)*at > ' ' && *at != 0x7f);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct http_answer http;
    struct grant_answer answer = {.result = ROUTE_RESULT_NOT_SENT};
    if (http_input_read(bytes, length, &http) != 0)
        return 0;
    grant_answer_read(&http, "login.example.com", &answer);
    check_token(answer.access, sizeof answer.access);
    check_token(answer.refresh, sizeof answer.refresh);
    CHECK((answer.result == ROUTE_RESULT_OK) == (answer.access[0] != '\0'));
    CHECK((answer.result == ROUTE_RESULT_OK) == (answer.why.length == 0));
    CHECK(answer.result != ROUTE_RESULT_OK || answer.expires_ms > answer.started_ms);
    free((void *)(uintptr_t)http.body);
    return 0;
}
