#include "node/io/act/sealed_token.h"

#include <sodium.h>
#include <string.h>

#include "common/check.h"
#include "common/errors.h"
#include "proto/reader.h"
#include "proto/writer.h"

enum {
    NONCE_BYTES = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    TAG_BYTES = crypto_aead_xchacha20poly1305_ietf_ABYTES,
    PLAIN_BYTES_MAX = SEALED_BYTES_MAX - NONCE_BYTES - TAG_BYTES,
    ABOUT_BYTES = CLUSTER_ID_BYTES + NAME_SIZE + 8,
};

_Static_assert(SEAL_KEY_BYTES == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "one key for both");
_Static_assert(TOKEN_SIZE + REFRESH_SIZE + 16 <= PLAIN_BYTES_MAX, "the longest tokens fit");

static void make_about(const struct sealed_about *about, uint8_t ret_bytes[ABOUT_BYTES])
{
    memcpy(ret_bytes, about->cluster_id, CLUSTER_ID_BYTES);
    memcpy(ret_bytes + CLUSTER_ID_BYTES, about->platform->text, NAME_SIZE);
    for (int i = 0; i < 8; i++)
        ret_bytes[CLUSTER_ID_BYTES + NAME_SIZE + i] = (uint8_t)(about->generation >> (56 - 8 * i));
}

int sealed_token_make(const uint8_t key[SEAL_KEY_BYTES], const struct sealed_about *about,
                      const char *access, const char *refresh, uint8_t ret_sealed[SEALED_BYTES_MAX],
                      size_t *ret_length)
{
    uint8_t plain[PLAIN_BYTES_MAX];
    uint8_t bound[ABOUT_BYTES];
    struct writer writer;
    unsigned long long length = 0;
    writer_init(&writer, plain, sizeof plain);
    writer_array(&writer, 2);
    writer_bin(&writer, (const uint8_t *)access, strlen(access)); /* text is read up to 255 bytes */
    writer_bin(&writer, (const uint8_t *)refresh, strlen(refresh));
    if (writer.error == 0) {
        make_about(about, bound);
        randombytes_buf(ret_sealed, NONCE_BYTES);
        CHECK(crypto_aead_xchacha20poly1305_ietf_encrypt(ret_sealed + NONCE_BYTES, &length, plain,
                                                         writer.length, bound, sizeof bound, NULL,
                                                         ret_sealed, key) == 0);
        *ret_length = NONCE_BYTES + (size_t)length;
    }
    sodium_memzero(plain, sizeof plain);
    return writer.error;
}

static int read_text(struct reader *reader, char *ret_text, size_t size)
{
    size_t length = 0;
    const uint8_t *text = reader_bin(reader, size - 1, &length);
    if (text == NULL || memchr(text, '\0', length) != NULL)
        return ERR_MALFORMED;
    memcpy(ret_text, text, length);
    ret_text[length] = '\0';
    return 0;
}

int sealed_token_open(const uint8_t key[SEAL_KEY_BYTES], const struct sealed_about *about,
                      const uint8_t *sealed, size_t length, char ret_access[TOKEN_SIZE],
                      char ret_refresh[REFRESH_SIZE])
{
    uint8_t plain[PLAIN_BYTES_MAX];
    uint8_t bound[ABOUT_BYTES];
    struct reader reader;
    unsigned long long plain_length = 0;
    if (length < NONCE_BYTES + TAG_BYTES || length > SEALED_BYTES_MAX)
        return ERR_AUTH;
    make_about(about, bound);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(plain, &plain_length, NULL, sealed + NONCE_BYTES,
                                                   length - NONCE_BYTES, bound, sizeof bound,
                                                   sealed, key) != 0)
        return ERR_AUTH;
    reader_init(&reader, plain, (size_t)plain_length);
    int result = reader_array(&reader, 2) == 2 ? 0 : ERR_MALFORMED;
    if (result == 0)
        result = read_text(&reader, ret_access, TOKEN_SIZE);
    if (result == 0)
        result = read_text(&reader, ret_refresh, REFRESH_SIZE);
    if (result == 0)
        result = reader_finish(&reader);
    sodium_memzero(plain, sizeof plain);
    if (result != 0) {
        sodium_memzero(ret_access, TOKEN_SIZE);
        sodium_memzero(ret_refresh, REFRESH_SIZE);
    }
    return result;
}
