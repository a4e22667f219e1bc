#include "node/io/config/seal_key.h"

#include <sodium.h>
#include <string.h>

#include "common/check.h"
#include "common/errors.h"

#define PREFIX "quorate-seal:"

enum { PREFIX_LENGTH = sizeof PREFIX - 1 };

_Static_assert(PREFIX_LENGTH + 45 <= SEAL_KEY_TEXT_SIZE, "the base64 of 32 bytes fits");

void seal_key_make(char ret_text[SEAL_KEY_TEXT_SIZE])
{
    uint8_t key[SEAL_KEY_BYTES];
    CHECK(sodium_init() >= 0);
    randombytes_buf(key, sizeof key);
    memcpy(ret_text, PREFIX, sizeof PREFIX);
    (void)sodium_bin2base64(ret_text + PREFIX_LENGTH, SEAL_KEY_TEXT_SIZE - PREFIX_LENGTH, key,
                            sizeof key, sodium_base64_VARIANT_ORIGINAL);
    sodium_memzero(key, sizeof key);
}

int seal_key_parse(const char *text, uint8_t ret_key[SEAL_KEY_BYTES])
{
    size_t length = 0;
    if (strncmp(text, PREFIX, PREFIX_LENGTH) != 0 ||
        sodium_base642bin(ret_key, SEAL_KEY_BYTES, text + PREFIX_LENGTH,
                          strlen(text + PREFIX_LENGTH), NULL, &length, NULL,
                          sodium_base64_VARIANT_ORIGINAL) != 0 ||
        length != SEAL_KEY_BYTES) {
        sodium_memzero(ret_key, SEAL_KEY_BYTES);
        return ERR_INVALID;
    }
    return 0;
}

uint64_t seal_key_hash(const uint8_t key[SEAL_KEY_BYTES], const char *secret)
{
    static const char domain[] = "quorate-seed-1";
    uint8_t hash[crypto_generichash_BYTES_MIN];
    crypto_generichash_state state;
    uint64_t number = 0;
    (void)crypto_generichash_init(&state, key, SEAL_KEY_BYTES, sizeof hash);
    (void)crypto_generichash_update(&state, (const uint8_t *)domain, sizeof domain);
    (void)crypto_generichash_update(&state, (const uint8_t *)secret, strlen(secret));
    (void)crypto_generichash_final(&state, hash, sizeof hash);
    for (size_t i = 0; i < sizeof number; i++)
        number = number << 8 | hash[i];
    return number;
}
