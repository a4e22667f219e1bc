/* Answers in the platform's words: headers of every call, error bodies, token bodies.
 * Never decides which; the API does.
 * Called by the API. */
#ifndef QUORATE_LAB_REPLY_H
#define QUORATE_LAB_REPLY_H

#include "tests/lab/base/web.h"
#include "tests/lab/sim/token.h"

/* What the platform says about one refusal. */
struct reply_error {
    int status;
    const char *code;
    const char *message;
    const char *field;       /* into details; NULL none */
    const char *entity;      /* its id; NULL none */
    const char *entity_name; /* what kind of thing it is; NULL none */
    const char *limit_key;   /* NULL none */
    int64_t limit_value;
};

enum { CORRELATION_BYTES = 37 };

/* A new random id, for the header and the body's contextId. */
void reply_correlation(char ret_correlation[CORRELATION_BYTES]);
/* Puts ININ-Correlation-Id, Cache-Control and the rate headers on the answer. */
void reply_headers(struct web_answer *answer, const struct token_rate *rate,
                   const char *correlation);

void reply_error(struct web_answer *answer, const struct reply_error *error,
                 const char *correlation);
/* 429 with Retry-After. */
void reply_rate_limit(struct web_answer *answer, int64_t retry_after_s, const char *limit_key,
                      int allowed, const char *correlation);
/* The body that goes with a status that was ordered as a fault; `code` and `message` stand in it
 * where they are not "". */
void reply_status(struct web_answer *answer, int status, const char *code, const char *message,
                  const char *correlation);

/* `refresh` may be NULL. */
void reply_token(struct web_answer *answer, const char *token, time_ms life_ms,
                 const char *refresh);
/* The other error body, of the token endpoint. */
void reply_token_error(struct web_answer *answer, int status, const char *error,
                       const char *description);

#endif
