#include "node/io/contexts/context_seal.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "common/check.h"
#include "common/errors.h"

enum {
    NONCE_BYTES = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    TAG_BYTES = crypto_aead_xchacha20poly1305_ietf_ABYTES,
    SEAL_OVERHEAD = NONCE_BYTES + TAG_BYTES,
    ABOUT_BYTES = NAME_SIZE + CONTEXT_ID_SIZE + 8 + 1,
};

_Static_assert(CONTEXT_PLAIN_BYTES_MAX + SEAL_OVERHEAD == CONTEXT_PART_BYTES_MAX, "a part fits");
_Static_assert(SEAL_KEY_BYTES == crypto_kdf_KEYBYTES &&
                   SEAL_KEY_BYTES == crypto_aead_xchacha20poly1305_ietf_KEYBYTES,
               "one size for all keys");

enum part { PART_OPEN = 1, PART_SECRET = 2, PART_HASH = 3 };

#define KDF_CONTEXT "qrtctx-1"

void context_seal_init(struct context_seal *ret_seal, const uint8_t key[SEAL_KEY_BYTES],
                       const struct name *cluster)
{
    ret_seal->cluster = *cluster;
    (void)crypto_kdf_derive_from_key(ret_seal->open_key, SEAL_KEY_BYTES, PART_OPEN, KDF_CONTEXT,
                                     key);
    (void)crypto_kdf_derive_from_key(ret_seal->secret_key, SEAL_KEY_BYTES, PART_SECRET, KDF_CONTEXT,
                                     key);
    (void)crypto_kdf_derive_from_key(ret_seal->hash_key, SEAL_KEY_BYTES, PART_HASH, KDF_CONTEXT,
                                     key);
}

void context_seal_fini(struct context_seal *seal)
{
    sodium_memzero(seal, sizeof *seal);
}

static void make_about(const struct context_seal *seal, const struct context_entry *entry,
                       enum part part, uint8_t ret_bytes[ABOUT_BYTES])
{
    uint8_t *at = ret_bytes;
    memcpy(at, seal->cluster.text, NAME_SIZE);
    at += NAME_SIZE;
    memcpy(at, entry->id.text, CONTEXT_ID_SIZE);
    at += CONTEXT_ID_SIZE;
    for (int i = 0; i < 8; i++)
        *at++ = (uint8_t)(entry->version.seq >> (56 - 8 * i));
    *at = (uint8_t)part;
}

static const uint8_t *key_of(const struct context_seal *seal, enum part part)
{
    return part == PART_OPEN ? seal->open_key : seal->secret_key;
}

static void seal_part(const struct context_seal *seal, const struct context_entry *entry,
                      enum part part, const uint8_t *plain, size_t length, uint8_t *ret_sealed)
{
    uint8_t about[ABOUT_BYTES];
    make_about(seal, entry, part, about);
    randombytes_buf(ret_sealed, NONCE_BYTES);
    CHECK(crypto_aead_xchacha20poly1305_ietf_encrypt(ret_sealed + NONCE_BYTES, NULL, plain, length,
                                                     about, sizeof about, NULL, ret_sealed,
                                                     key_of(seal, part)) == 0);
}

/* Keyed, so that the disk of a replica does not tell a guess from a miss. */
static void hash_parts(const struct context_seal *seal, struct context_entry *entry,
                       const uint8_t *plain, size_t plain_length, const uint8_t *secret,
                       size_t secret_length)
{
    uint8_t about[ABOUT_BYTES];
    uint64_t length = plain_length;
    crypto_generichash_state state;
    make_about(seal, entry, PART_HASH, about);
    (void)crypto_generichash_init(&state, seal->hash_key, SEAL_KEY_BYTES, CONTEXT_HASH_BYTES);
    (void)crypto_generichash_update(&state, about, sizeof about);
    (void)crypto_generichash_update(&state, (const uint8_t *)&length, sizeof length);
    (void)crypto_generichash_update(&state, plain, plain_length);
    (void)crypto_generichash_update(&state, secret, secret_length);
    (void)crypto_generichash_final(&state, entry->version.hash, CONTEXT_HASH_BYTES);
}

static int seal_both(const struct context_seal *seal, struct context_entry *entry,
                     const uint8_t *plain, size_t plain_length, const uint8_t *secret,
                     size_t secret_length, uint8_t **ret_bytes)
{
    size_t sealed_length = plain_length + SEAL_OVERHEAD;
    size_t closed_length = secret_length > 0 ? secret_length + SEAL_OVERHEAD : 0;
    if (sealed_length + closed_length > CONTEXT_SEALED_BYTES_MAX)
        return ERR_TOO_LARGE;
    uint8_t *bytes = malloc(sealed_length + closed_length);
    if (bytes == NULL)
        return ERR_NO_MEMORY;
    hash_parts(seal, entry, plain, plain_length, secret, secret_length);
    seal_part(seal, entry, PART_OPEN, plain, plain_length, bytes);
    if (closed_length > 0)
        seal_part(seal, entry, PART_SECRET, secret, secret_length, bytes + sealed_length);
    entry->sealed = bytes;
    entry->sealed_length = sealed_length;
    entry->secret = bytes + sealed_length;
    entry->secret_length = closed_length;
    *ret_bytes = bytes;
    return 0;
}

int context_seal_make(const struct context_seal *seal, const struct context_content *content,
                      struct context_entry *entry, uint8_t **ret_bytes)
{
    const size_t size = 2 * (size_t)CONTEXT_PLAIN_BYTES_MAX;
    size_t plain_length = 0;
    size_t secret_length = 0;
    uint8_t *plain = malloc(size);
    if (plain == NULL)
        return ERR_NO_MEMORY;
    uint8_t *secret = plain + CONTEXT_PLAIN_BYTES_MAX;
    int error = context_content_write(content, plain, &plain_length, secret, &secret_length);
    if (error == 0)
        error = seal_both(seal, entry, plain, plain_length, secret, secret_length, ret_bytes);
    sodium_memzero(plain, plain_length);
    sodium_memzero(secret, secret_length);
    free(plain);
    return error;
}

/* Returns 0 with the length, or ERR_AUTH. */
static int open_part(const struct context_seal *seal, const struct context_entry *entry,
                     enum part part, const uint8_t *sealed, size_t length, uint8_t *ret_plain,
                     size_t *ret_length)
{
    uint8_t about[ABOUT_BYTES];
    unsigned long long plain_length = 0;
    if (length < SEAL_OVERHEAD || length > CONTEXT_PART_BYTES_MAX)
        return ERR_AUTH;
    make_about(seal, entry, part, about);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(
            ret_plain, &plain_length, NULL, sealed + NONCE_BYTES, length - NONCE_BYTES, about,
            sizeof about, sealed, key_of(seal, part)) != 0)
        return ERR_AUTH;
    *ret_length = (size_t)plain_length;
    return 0;
}

int context_seal_open(const struct context_seal *seal, const struct context_entry *entry,
                      bool secrets, struct context_content **ret_content)
{
    size_t plain_length = 0;
    size_t secret_length = 0;
    uint8_t *plain = malloc(entry->sealed_length + entry->secret_length + 1);
    if (plain == NULL)
        return ERR_NO_MEMORY;
    uint8_t *secret = plain + entry->sealed_length;
    int error = open_part(seal, entry, PART_OPEN, entry->sealed, entry->sealed_length, plain,
                          &plain_length);
    if (error == 0 && secrets && entry->secret_length > 0)
        error = open_part(seal, entry, PART_SECRET, entry->secret, entry->secret_length, secret,
                          &secret_length);
    if (error == 0)
        error = context_content_read(plain, plain_length, secret, secret_length, ret_content);
    sodium_memzero(plain, entry->sealed_length + entry->secret_length);
    free(plain);
    return error;
}
