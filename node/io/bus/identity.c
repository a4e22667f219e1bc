#include "node/io/bus/identity.h"

#include <sodium.h>
#include <string.h>

#include "common/errors.h"

enum { TO_SIGN_BYTES_MAX = IDENTITY_DOMAIN_BYTES_MAX + 1 + IDENTITY_MESSAGE_BYTES_MAX };

_Static_assert(IDENTITY_SECRET_BYTES == crypto_sign_SECRETKEYBYTES, "libsodium's secret key");
_Static_assert(KEY_BYTES == crypto_sign_PUBLICKEYBYTES, "libsodium's public key");
_Static_assert(SIGNATURE_BYTES == crypto_sign_BYTES, "libsodium's signature");
_Static_assert(CURVE_KEY_BYTES == crypto_scalarmult_curve25519_BYTES, "libsodium's X25519 key");

int identity_generate(struct identity *ret_identity)
{
    if (sodium_init() < 0) {
        return ERR_INTERNAL;
    }
    struct identity made = {0};
    if (crypto_sign_keypair(made.public_key, made.secret) != 0) {
        return ERR_INTERNAL;
    }
    *ret_identity = made;
    identity_wipe(&made);
    return 0;
}

void identity_wipe(struct identity *identity)
{
    sodium_memzero(identity->secret, sizeof identity->secret);
}

const char *identity_public_text(const uint8_t public_key[KEY_BYTES],
                                 char buffer[IDENTITY_TEXT_SIZE])
{
    static const char prefix[] = "ed25519:";
    memcpy(buffer, prefix, sizeof prefix);
    (void)sodium_bin2base64(buffer + sizeof prefix - 1, IDENTITY_TEXT_SIZE - (sizeof prefix - 1),
                            public_key, KEY_BYTES, sodium_base64_VARIANT_ORIGINAL);
    return buffer;
}

/* Lays out what is signed: domain, zero byte, message. */
static int to_sign(const char *domain, const uint8_t *bytes, size_t length,
                   uint8_t ret_text[TO_SIGN_BYTES_MAX], size_t *ret_length)
{
    size_t domain_length = strlen(domain);
    if (domain_length == 0 || domain_length > IDENTITY_DOMAIN_BYTES_MAX) {
        return ERR_INVALID;
    }
    if (length > IDENTITY_MESSAGE_BYTES_MAX) {
        return ERR_TOO_LARGE;
    }
    memcpy(ret_text, domain, domain_length + 1);
    if (length > 0) {
        memcpy(ret_text + domain_length + 1, bytes, length);
    }
    *ret_length = domain_length + 1 + length;
    return 0;
}

int identity_sign(const struct identity *identity, const char *domain, const uint8_t *bytes,
                  size_t length, uint8_t ret_signature[SIGNATURE_BYTES])
{
    uint8_t text[TO_SIGN_BYTES_MAX];
    size_t text_length = 0;
    int rc = to_sign(domain, bytes, length, text, &text_length);
    if (rc < 0) {
        return rc;
    }
    (void)crypto_sign_detached(ret_signature, NULL, text, text_length, identity->secret);
    return 0;
}

int identity_verify(const uint8_t public_key[KEY_BYTES], const char *domain, const uint8_t *bytes,
                    size_t length, const uint8_t signature[SIGNATURE_BYTES])
{
    uint8_t text[TO_SIGN_BYTES_MAX];
    size_t text_length = 0;
    int rc = to_sign(domain, bytes, length, text, &text_length);
    if (rc < 0) {
        return rc;
    }
    return crypto_sign_verify_detached(signature, text, text_length, public_key) == 0 ? 0
                                                                                      : ERR_AUTH;
}

int identity_curve_secret(const struct identity *identity, uint8_t ret_key[CURVE_KEY_BYTES])
{
    return crypto_sign_ed25519_sk_to_curve25519(ret_key, identity->secret) == 0 ? 0 : ERR_INVALID;
}

int identity_curve_public(const uint8_t public_key[KEY_BYTES], uint8_t ret_key[CURVE_KEY_BYTES])
{
    uint8_t made[CURVE_KEY_BYTES];
    if (crypto_sign_ed25519_pk_to_curve25519(made, public_key) != 0) {
        return ERR_INVALID;
    }
    memcpy(ret_key, made, sizeof made);
    return 0;
}
