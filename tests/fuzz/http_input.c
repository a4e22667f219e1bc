#include "tests/fuzz/http_input.h"

#include <stdlib.h>
#include <string.h>

#include "common/check.h"
#include "common/errors.h"

enum { HEAD_BYTES = 3, STARTED_MS = 1000 };

int http_input_read(const uint8_t *bytes, size_t length, struct http_answer *ret_answer)
{
    if (length < HEAD_BYTES || length - HEAD_BYTES > HTTP_BODY_BYTES_MAX)
        return ERR_MALFORMED;
    size_t body_length = length - HEAD_BYTES;
    char *body = malloc(body_length + 1);
    CHECK(body != NULL);
    memcpy(body, bytes + HEAD_BYTES, body_length);
    body[body_length] = '\0';
    *ret_answer = (struct http_answer){
        .end = bytes[0] % HTTP_END_N,
        .status = bytes[1] << 8 | bytes[2],
        .body = body,
        .body_length = body_length,
        .started_ms = STARTED_MS,
        .rate_limit = {1, 2, 3},
        .correlation_id = "abc",
    };
    if (ret_answer->end != HTTP_ANSWERED)
        text_set(&ret_answer->why, "no answer");
    return 0;
}
