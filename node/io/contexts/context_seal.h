/* Sealing entries: the open part and the secret part each under a subkey of the cluster's seal, and
 * a keyed hash of both, by which nodes without the seal's use tell a repeated request.
 * Never stores a key beyond its own storage; a replica never calls it.
 * Called by the contexts' thread where it coordinates a request. */
#ifndef QUORATE_IO_CONTEXT_SEAL_H
#define QUORATE_IO_CONTEXT_SEAL_H

#include "node/io/config/seal_key.h"
#include "node/io/contexts/context_content.h"

/* XChaCha20-Poly1305; each part is bound to cluster, id, seq and which part it is: moved elsewhere
 * it does not open. */
struct context_seal {
    struct name cluster;
    uint8_t open_key[SEAL_KEY_BYTES];
    uint8_t secret_key[SEAL_KEY_BYTES];
    uint8_t hash_key[SEAL_KEY_BYTES];
};

void context_seal_init(struct context_seal *ret_seal, const uint8_t key[SEAL_KEY_BYTES],
                       const struct name *cluster);
void context_seal_fini(struct context_seal *seal);

/* Fills the entry's parts and version.hash from the content; id and version.seq are set. The parts
 * stand in *ret_bytes, which the caller frees. Returns 0, ERR_TOO_LARGE or ERR_NO_MEMORY. */
int context_seal_make(const struct context_seal *seal, const struct context_content *content,
                      struct context_entry *entry, uint8_t **ret_bytes);

/* The content of an entry, with the secret fields' values only where `secrets`. Returns 0, ERR_AUTH
 * (another key or cluster, or damaged), ERR_MALFORMED or ERR_NO_MEMORY. */
int context_seal_open(const struct context_seal *seal, const struct context_entry *entry,
                      bool secrets, struct context_content **ret_content);

#endif
