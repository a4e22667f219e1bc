/* An input as an answer of HTTP: how it ended, the status, then the body.
 * Never sends anything.
 * Called by the fuzz targets of the platform's answers. */
#ifndef QUORATE_TESTS_FUZZ_HTTP_INPUT_H
#define QUORATE_TESTS_FUZZ_HTTP_INPUT_H

#include "node/io/act/http.h"

/* One byte says how it ended, two are the status. ret_answer->body is the caller's to free. Returns
 * 0, or ERR_MALFORMED where the input is too short or longer than an answer may be. */
int http_input_read(const uint8_t *bytes, size_t length, struct http_answer *ret_answer);

#endif
