/* Access tokens of the simulated platform: who may mint, which are alive, how often each was used.
 * Never reads a clock, never answers a request.
 * Called by the API under the platform's lock. */
#ifndef QUORATE_LAB_TOKEN_H
#define QUORATE_LAB_TOKEN_H

#include "common/duration.h"
#include "common/text.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    TOKEN_BYTES = 65,
    TOKENS_MAX = 4096,
    CLIENTS_MAX = 17,
    CLIENT_BYTES = 128,
    TOKEN_ENDPOINTS_MAX = 32, /* whose writes are counted apart */
};

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

/* How often one endpoint was written to in the running minute. */
struct token_writes {
    time_ms minute_ms;
    int count;
};

struct token {
    char value[TOKEN_BYTES];
    size_t client; /* its place in the book */
    time_ms expires_ms;
    time_ms minute_ms; /* when its running minute began */
    int count;
    int writes_running; /* requests that change something and are not answered yet */
    struct token_writes writes[TOKEN_ENDPOINTS_MAX];
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

/* Judges an Authorization header of the Basic scheme; NULL is CLIENT_UNKNOWN. *ret_client is set
 * for a good one. */
enum client_verdict token_client_judge(const struct token_book *book, const char *authorization,
                                       size_t *ret_client);

/* The place of a client by its id alone, or the count where there is none. */
size_t token_client_find(const struct token_book *book, const char *id);

/* Makes a token for a client. Errors: ERR_INTERNAL (no randomness). */
int token_mint(struct token_book *book, size_t client, time_ms now_ms, const char **ret_value);

/* The living token of an Authorization header, or NULL. Stays until TOKENS_MAX more were made. */
struct token *token_of(struct token_book *book, const char *authorization, time_ms now_ms);

/* Counts a write to an endpoint. False where that is one too many in a minute; *ret_reset_s is set
 * always. A maximum of 0 is none. */
bool token_write_count(struct token *token, size_t endpoint, int count_max, time_ms now_ms,
                       int *ret_reset_s);

/* Judges an Authorization header of the Bearer scheme and counts the use. *ret_rate is set always.
 */
enum token_verdict token_use(struct token_book *book, const char *authorization, time_ms now_ms,
                             struct token_rate *ret_rate);

/* Kills all. Returns how many were alive. */
size_t token_expire_all(struct token_book *book, time_ms now_ms);

#endif
