/* One request to a platform's token endpoint, by either grant, and what its answer means.
 * Never keeps, prints or logs a token or a secret; the error's description is left out, it may echo
 * anything. Called by the token store. */
#ifndef QUORATE_IO_ACT_GRANT_H
#define QUORATE_IO_ACT_GRANT_H

#include "common/text.h"
#include "node/io/act/http.h"
#include "node/io/config/config.h"
#include "proto/route.h"

enum {
    TOKEN_SIZE = 4096,
    REFRESH_SIZE = 2048,
};

struct grant_request {
    const char *login_url;
    const char *client_id;
    const char *client_secret;
    const char *refresh_token; /* NULL: client credentials */
    time_ms deadline_ms;       /* boot-time clock */
    time_ms start_before_ms;   /* boot-time clock, or HTTP_NO_START_LIMIT */
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

/* Always fills the answer, by the deadline. An exchange has a connection of its own, so that it
 * cannot arrive late. */
void grant_ask(struct http_client *client, const struct grant_request *request,
               struct grant_answer *ret_answer);

#endif
