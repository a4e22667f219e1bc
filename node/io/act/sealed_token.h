/* A platform's tokens sealed by the cluster's key, as the ledger and its snapshots carry them.
 * Never keeps a key or a token.
 * Called by the token store. PROTOCOL.md has the format. */
#ifndef QUORATE_IO_ACT_SEALED_TOKEN_H
#define QUORATE_IO_ACT_SEALED_TOKEN_H

#include "node/io/act/grant.h"
#include "node/io/config/seal_key.h"

/* What a seal is bound to: opened as anything else it is refused. */
struct sealed_about {
    const uint8_t *cluster_id;
    const struct name *platform;
    uint64_t generation;
};

/* Returns 0, or ERR_TOO_LARGE where the two do not fit together. */
int sealed_token_make(const uint8_t key[SEAL_KEY_BYTES], const struct sealed_about *about,
                      const char *access, const char *refresh, uint8_t ret_sealed[SEALED_BYTES_MAX],
                      size_t *ret_length);
/* Returns 0, ERR_AUTH (another key, another thing, or damaged) or ERR_MALFORMED. */
int sealed_token_open(const uint8_t key[SEAL_KEY_BYTES], const struct sealed_about *about,
                      const uint8_t *sealed, size_t length, char ret_access[TOKEN_SIZE],
                      char ret_refresh[REFRESH_SIZE]);

#endif
