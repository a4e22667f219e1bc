/* Access tokens of the simulated platform: who may mint, which are alive, how often each was used.
 * Never reads a clock, never answers a request.
 * Called by the API under the platform's lock. */
#ifndef QUORATE_LAB_TOKEN_H
#define QUORATE_LAB_TOKEN_H

#include "common/duration.h"
#include "common/text.h"

#include <stddef.h>

enum { TOKEN_BYTES = 65, TOKENS_MAX = 4096, CLIENTS_MAX = 17, CLIENT_BYTES = 128 };

enum token_verdict {
    TOKEN_GOOD,
    TOKEN_MISSING, /* no bearer token in the request */
    TOKEN_BAD,     /* never minted, expired or killed */
    TOKEN_VERDICT_N
};

enum client_verdict { CLIENT_GOOD, CLIENT_UNKNOWN, CLIENT_WRONG_SECRET, CLIENT_VERDICT_N };

/* Use of one token in the running minute. */
struct token_rate {
    int count;
    int allowed;
    int reset_s;
};

struct token {
    char value[TOKEN_BYTES];
    time_ms expires_ms;
    time_ms minute_ms; /* when its running minute began */
    int count;
};

struct token_book {
    time_ms life_ms;
    int rate_per_minute;
    char clients[CLIENTS_MAX][CLIENT_BYTES]; /* ID:SECRET */
    size_t client_count;
    struct token tokens[TOKENS_MAX]; /* the oldest slot is used again */
    size_t minted_count;
};

/* Errors: ERR_INVALID (no colon, too long), ERR_FULL. */
int token_client_add(struct token_book *book, const char *id_and_secret);

/* Judges an Authorization header of the Basic scheme; NULL is CLIENT_UNKNOWN. */
enum client_verdict token_client_judge(const struct token_book *book, const char *authorization);

/* Makes a token. Errors: ERR_INTERNAL (no randomness). */
int token_mint(struct token_book *book, time_ms now_ms, const char **ret_value);

/* Judges an Authorization header of the Bearer scheme and counts the use. *ret_rate is set always.
 */
enum token_verdict token_use(struct token_book *book, const char *authorization, time_ms now_ms,
                             struct token_rate *ret_rate);

/* Kills all. Returns how many were alive. */
size_t token_expire_all(struct token_book *book, time_ms now_ms);

#endif
