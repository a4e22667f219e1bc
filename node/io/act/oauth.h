/* The token store: client-credentials tokens of each platform, with the moment at which they were
 * minted. Never prints or logs a token or a client secret; never keeps them on disk. Called by the
 * actuator's lanes; a mint is done once for all lanes that wait for it. */
#ifndef QUORATE_IO_ACT_OAUTH_H
#define QUORATE_IO_ACT_OAUTH_H

#include "common/text.h"
#include "node/io/act/http.h"
#include "node/io/config/config.h"
#include "proto/route.h"

enum {
    TOKEN_SIZE = 4096,
    TOKEN_FALLBACK_MS = 1000, /* how long a valid token at hand waits for a fresh one */
};

enum token_want {
    TOKEN_CACHED, /* any that is valid; renewed after four fifths of its life */
    TOKEN_FRESH,  /* for a write: minted after minted_after_ms or less than token_fresh_ms ago */
    TOKEN_NEW,    /* minted after minted_after_ms, or now where that is 0; no fallback */
    TOKEN_WANT_N
};

struct token_need {
    enum token_want want;
    time_ms minted_after_ms; /* boot-time clock; 0 where there is no such moment */
    time_ms deadline_ms;     /* boot-time clock */
};

struct token {
    char value[TOKEN_SIZE];
    time_ms minted_ms; /* boot-time clock, before the request for it left */
    time_ms expires_ms;
    uint64_t generation; /* rises with each mint; 0 is none */
};

struct token_answer {
    enum route_result result; /* OK, NOT_SENT, UNAUTHORIZED, RATE_LIMITED or CANCELED */
    int status;               /* of the token endpoint, 0 where none */
    time_ms retry_after_ms;
    struct text why;    /* empty with OK */
    struct token token; /* with OK */
};

struct tokens;

/* The configuration must outlive the store. Returns 0 or ERR_NO_MEMORY. */
int tokens_new(const struct config *config, struct tokens **ret_tokens);
void tokens_free(struct tokens **tokens);

/* Finds or mints a token; `client` is the calling lane's. Always fills the answer, by the deadline.
 */
void tokens_get(struct tokens *tokens, struct http_client *client, size_t platform,
                const struct token_need *need, struct token_answer *ret_answer);

/* The API refused this token with 401: it is not given out again. */
void tokens_refuse(struct tokens *tokens, size_t platform, uint64_t generation);

/* Ends all waiting in tokens_get, now and later. Any thread. */
void tokens_stop(struct tokens *tokens);

#endif
