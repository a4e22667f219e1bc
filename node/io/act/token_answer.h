/* The reading of a token endpoint's answer: a token with its life, or why there is none.
 * Never sends, keeps or logs anything.
 * Called by the token store and its fuzz target. Pure. */
#ifndef QUORATE_IO_ACT_TOKEN_ANSWER_H
#define QUORATE_IO_ACT_TOKEN_ANSWER_H

#include "node/io/act/oauth.h"

/* Sets result, status, retry_after_ms and, with OK, the token except for its generation; otherwise
 * `why`. `host` is for people. */
void token_answer_read(const struct http_answer *http, const char *host,
                       struct token_answer *answer);

#endif
