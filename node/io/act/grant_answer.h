/* The reading of a token endpoint's answer: tokens with their life, or why there are none.
 * Never sends, keeps or logs anything; the error's description is left out, it may echo anything.
 * Called by the grant's request and its fuzz target. Pure. */
#ifndef QUORATE_IO_ACT_GRANT_ANSWER_H
#define QUORATE_IO_ACT_GRANT_ANSWER_H

#include "common/text.h"
#include "node/io/act/http.h"
#include "proto/route.h"

enum {
    TOKEN_SIZE = 4096,
    REFRESH_SIZE = 2048,
};

struct grant_answer {
    enum route_result result; /* OK, NOT_SENT, UNAUTHORIZED, RATE_LIMITED or CANCELED */
    int status;               /* 0 where none */
    time_ms retry_after_ms;
    bool invalid_grant; /* the platform does not know the refresh token */
    bool lost;          /* it may have been carried out, and what came of it is not known */
    struct text why;    /* empty with OK */
    char access[TOKEN_SIZE];
    char refresh[REFRESH_SIZE]; /* the next one; "" where the answer holds none */
    time_ms started_ms;         /* boot-time clock, just before the request left */
    time_ms expires_ms;
};

/* Into a zeroed answer. `host` is for people. */
void grant_answer_read(const struct http_answer *http, const char *host,
                       struct grant_answer *answer);

#endif
