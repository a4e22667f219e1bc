/* A node's Ed25519 identity: its key file, its signatures, and the CURVE keys derived from it.
 * Never prints or logs the secret half; never creates a key unasked.
 * Called by the bus, the control loop (frames) and the keygen command. Any thread. */
#ifndef QUORATE_IO_IDENTITY_H
#define QUORATE_IO_IDENTITY_H

#include "common/text.h"
#include "proto/types.h"

enum {
    IDENTITY_SECRET_BYTES = 64, /* seed and public key, as libsodium keeps them */
    IDENTITY_TEXT_SIZE = 64,    /* "ed25519:BASE64" and its end */
    IDENTITY_DOMAIN_BYTES_MAX = 63,
    IDENTITY_MESSAGE_BYTES_MAX = FRAME_BYTES_MAX,
    CURVE_KEY_BYTES = 32,
};

struct identity {
    uint8_t public_key[KEY_BYTES];
    uint8_t secret[IDENTITY_SECRET_BYTES];
};

/* A new key pair from the system's randomness. Returns 0 or ERR_INTERNAL. */
int identity_generate(struct identity *ret_identity);

/* Writes "ed25519-secret:BASE64\n", mode 0600, and syncs the file and its folder.
 * Returns 0, ERR_EXISTS (a file is never overwritten) or ERR_IO, with `why` naming the file. */
int identity_save(const struct identity *identity, const char *path, struct text *why);

/* A secret's line into a new file, in the same way and with the same errors. */
int identity_write_secret(const char *path, const char *line, size_t length, struct text *why);

/* Returns 0, ERR_NOT_FOUND, ERR_IO, ERR_FORBIDDEN (others may read the file) or ERR_MALFORMED, with
 * `why` naming the file and what to do. */
int identity_load(const char *path, struct identity *ret_identity, struct text *why);

/* Overwrites the secret half; the public half stays. */
void identity_wipe(struct identity *identity);

/* "ed25519:BASE64", as it stands in the configuration; returns the buffer. */
const char *identity_public_text(const uint8_t public_key[KEY_BYTES],
                                 char buffer[IDENTITY_TEXT_SIZE]);

/* Plain Ed25519 over the domain's bytes, one zero byte, and the message. The domain keeps a
 * signature made for one purpose from being shown for another. Returns 0, ERR_INVALID (domain empty
 * or too long) or ERR_TOO_LARGE. */
int identity_sign(const struct identity *identity, const char *domain, const uint8_t *bytes,
                  size_t length, uint8_t ret_signature[SIGNATURE_BYTES]);
/* Returns 0, ERR_AUTH where the signature is not this key's for this domain and message, or as
 * identity_sign. */
int identity_verify(const uint8_t public_key[KEY_BYTES], const char *domain, const uint8_t *bytes,
                    size_t length, const uint8_t signature[SIGNATURE_BYTES]);

/* The X25519 pair that CURVE uses, raw. The second returns ERR_INVALID for bytes that are no
 * Ed25519 key. */
int identity_curve_secret(const struct identity *identity, uint8_t ret_key[CURVE_KEY_BYTES]);
int identity_curve_public(const uint8_t public_key[KEY_BYTES], uint8_t ret_key[CURVE_KEY_BYTES]);

#endif
