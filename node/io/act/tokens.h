/* The token store: each platform's access token, minted by this node with client credentials, or
 * exchanged by the leader and shared through the ledger. Never prints or logs a token or a secret;
 * never keeps them on disk. Called by the actuator; a mint is done once for all lanes that wait for
 * it. */
#ifndef QUORATE_IO_ACT_TOKENS_H
#define QUORATE_IO_ACT_TOKENS_H

#include "common/text.h"
#include "node/io/act/grant.h"
#include "node/io/act/trouble.h"
#include "node/io/config/config.h"
#include "proto/route.h"

enum { TOKEN_FALLBACK_MS = 1000 /* how long a valid token at hand waits for a fresh one */ };

enum token_want {
    TOKEN_CACHED, /* any that is valid; an own one is renewed after four fifths of its life */
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
    uint64_t generation; /* rises with each mint or exchange; 0 is none */
    bool shared;         /* the ledger's */
};

struct token_answer {
    enum route_result result; /* OK, NOT_SENT, UNAUTHORIZED, RATE_LIMITED or CANCELED */
    int status;               /* of the token endpoint, 0 where none */
    time_ms retry_after_ms;
    struct text why;    /* empty with OK */
    struct token token; /* with OK; else its generation and `shared` alone may be set */
};

/* What the ledger holds of a platform. */
struct token_news {
    size_t platform;
    uint8_t cluster_id[CLUSTER_ID_BYTES];
    uint64_t generation; /* 0: nothing */
    bool locked_out;
    const uint8_t *sealed;
    size_t sealed_length;
    time_ms age_ms;
    time_ms left_ms; /* of the access token's life */
};

/* An exchange that the ledger has intended. */
struct exchange_order {
    size_t platform;
    uint8_t cluster_id[CLUSTER_ID_BYTES];
    uint64_t generation;
    uint64_t from_generation; /* whose refresh token goes in; 0: the file's */
    time_ms start_before_ms;  /* boot-time clock */
    time_ms deadline_ms;      /* boot-time clock */
};

struct exchange_answer {
    enum route_result result;
    int status;
    time_ms retry_after_ms;
    bool refused;    /* the platform does not know the refresh token */
    bool lost;       /* the request may have arrived, no answer did */
    time_ms life_ms; /* OK: that is left */
    time_ms started_ms;
    struct text why;
};

struct tokens;

/* The configuration and the troubles must outlive the store. Returns 0, ERR_NO_MEMORY or
 * ERR_INVALID (the seal key). */
int tokens_new(const struct config *config, struct troubles *troubles, struct tokens **ret_tokens);
void tokens_free(struct tokens **tokens);

/* Finds or mints a token; `client` is the calling lane's. Always fills the answer, by the deadline.
 */
void tokens_get(struct tokens *tokens, struct http_client *client, size_t platform,
                const struct token_need *need, struct token_answer *ret_answer);

/* The token at hand, if it is valid; asks and waits for nothing. Returns 0 or ERR_NOT_FOUND. Any
 * thread. */
int tokens_peek(struct tokens *tokens, size_t platform, struct token *ret_token);
/* Would TOKEN_CACHED fetch another one now? Any thread. */
bool tokens_are_due(struct tokens *tokens, size_t platform);

/* The API refused this token with 401: it is not given out again. */
void tokens_refuse(struct tokens *tokens, size_t platform, const struct token *refused);

/* tokens_shared.c: takes what the ledger holds now. Any thread. */
void tokens_follow(struct tokens *tokens, const struct token_news *news);
/* tokens_shared.c: exchanges the refresh token. What comes back is kept until the ledger has it: an
 * order for a later generation is then answered without another request. Always fills the answer.
 */
void tokens_exchange(struct tokens *tokens, struct http_client *client,
                     const struct exchange_order *order, struct exchange_answer *ret_answer);
/* tokens_shared.c: what an exchange brought, sealed for its order's generation. Returns 0 or
 * ERR_NOT_FOUND. */
int tokens_copy_sealed(struct tokens *tokens, size_t platform, uint64_t generation,
                       uint8_t ret_sealed[SEALED_BYTES_MAX], size_t *ret_length);

/* Ends all waiting in tokens_get, now and later. Any thread. */
void tokens_stop(struct tokens *tokens);

#endif
