/* The inside of the token store.
 * Never included but by its two files.
 * tokens.c gives tokens out and mints own ones; tokens_shared.c keeps the ledger's. */
#ifndef QUORATE_IO_ACT_TOKENS_PARTS_H
#define QUORATE_IO_ACT_TOKENS_PARTS_H

#include <pthread.h>

#include "node/io/act/sealed_token.h"
#include "node/io/act/tokens.h"

/* An exchange's answer that the ledger does not have yet. */
struct pending_tokens {
    uint64_t generation; /* of the newest order that it answers; 0: none */
    time_ms expires_ms;
    char access[TOKEN_SIZE];
    char refresh[REFRESH_SIZE];
    size_t sealed_length;
    uint8_t sealed[SEALED_BYTES_MAX];
};

struct platform_tokens {
    struct token own;
    struct token shared;
    char refresh[REFRESH_SIZE]; /* of `shared` */
    bool unopened;              /* the ledger's could not be opened */
    bool locked_out;
    struct pending_tokens pending;
    bool minting;       /* by the thread that set it */
    bool expiry_logged; /* of the token in use */
};

struct tokens {
    const struct config *config;
    struct troubles *troubles;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    bool stopping;
    uint8_t seal_key[SEAL_KEY_BYTES];
    struct platform_tokens platforms[PLATFORM_COUNT_MAX];
};

#endif
