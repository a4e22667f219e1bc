#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "common/check.h"
#include "node/io/act/token_answer.h"
#include "tests/fuzz/http_input.h"

/* A token goes into a header as it is. */
static void check_token(const struct token *token)
{
    const char *end = memchr(token->value, '\0', sizeof token->value);
    CHECK(end != NULL && end > token->value);
    for (const char *at = token->value; at < end; at++)
        CHECK((unsigned char)*at > ' ' && *at != 0x7f);
    CHECK(token->expires_ms > token->minted_ms);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct http_answer http;
    struct token_answer answer = {.result = ROUTE_RESULT_NOT_SENT};
    if (http_input_read(bytes, length, &http) != 0)
        return 0;
    token_answer_read(&http, "login.example.com", &answer);
    if (answer.result == ROUTE_RESULT_OK)
        check_token(&answer.token);
    else
        CHECK(answer.why.length > 0);
    free((void *)(uintptr_t)http.body);
    return 0;
}
