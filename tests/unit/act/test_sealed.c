/* Sealed tokens: opened as what they were sealed as, by the key that sealed them, and no otherwise.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sodium.h>
#include <string.h>

#include "common/errors.h"
#include "node/io/act/sealed_token.h"

static const uint8_t key[SEAL_KEY_BYTES] = {1, 2, 3};
static const uint8_t cluster[CLUSTER_ID_BYTES] = {9, 9};
static const struct name platform = {"genesys"};
static const struct sealed_about about = {cluster, &platform, 7};

static int open_as(const uint8_t *with, const struct sealed_about *as, const uint8_t *sealed,
                   size_t length)
{
    char access[TOKEN_SIZE];
    char refresh[REFRESH_SIZE];
    return sealed_token_open(with, as, sealed, length, access, refresh);
}

static void what_was_sealed_is_opened(void **state)
{
    (void)state;
    uint8_t sealed[SEALED_BYTES_MAX];
    char access[TOKEN_SIZE];
    char refresh[REFRESH_SIZE];
    size_t length = 0;
    assert_int_equal(sealed_token_make(key, &about, "access-1", "refresh-1", sealed, &length), 0);
    assert_null(memmem(sealed, length, "access-1", 8));
    assert_int_equal(sealed_token_open(key, &about, sealed, length, access, refresh), 0);
    assert_string_equal(access, "access-1");
    assert_string_equal(refresh, "refresh-1");
}

static void two_seals_of_one_token_differ(void **state)
{
    (void)state;
    uint8_t sealed[2][SEALED_BYTES_MAX];
    size_t length[2] = {0, 0};
    for (int i = 0; i < 2; i++)
        assert_int_equal(sealed_token_make(key, &about, "a", "r", sealed[i], &length[i]), 0);
    assert_int_equal(length[0], length[1]);
    assert_memory_not_equal(sealed[0], sealed[1], length[0]);
}

static void the_longest_tokens_fit(void **state)
{
    (void)state;
    uint8_t sealed[SEALED_BYTES_MAX];
    char access[TOKEN_SIZE];
    char refresh[REFRESH_SIZE];
    char again[TOKEN_SIZE];
    size_t length = 0;
    memset(access, 'a', sizeof access);
    memset(refresh, 'r', sizeof refresh);
    access[sizeof access - 1] = '\0';
    refresh[sizeof refresh - 1] = '\0';
    assert_int_equal(sealed_token_make(key, &about, access, refresh, sealed, &length), 0);
    assert_int_equal(sealed_token_open(key, &about, sealed, length, again, refresh), 0);
    assert_string_equal(again, access);
}

static void nothing_else_opens_it(void **state)
{
    (void)state;
    static const uint8_t other_key[SEAL_KEY_BYTES] = {1, 2, 4};
    static const uint8_t other_cluster[CLUSTER_ID_BYTES] = {9, 8};
    static const struct name other_platform = {"genesis"};
    static const struct sealed_about others[] = {
        {other_cluster, &platform, 7}, {cluster, &other_platform, 7}, {cluster, &platform, 8}};
    uint8_t sealed[SEALED_BYTES_MAX];
    size_t length = 0;
    assert_int_equal(sealed_token_make(key, &about, "access-1", "refresh-1", sealed, &length), 0);
    assert_int_equal(open_as(key, &about, sealed, length), 0);
    assert_int_equal(open_as(other_key, &about, sealed, length), ERR_AUTH);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_int_equal(open_as(key, &others[i], sealed, length), ERR_AUTH);
    for (size_t cut = 0; cut < length; cut++)
        assert_int_equal(open_as(key, &about, sealed, cut), ERR_AUTH);
    for (size_t bit = 0; bit < 8 * length; bit++) {
        sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(open_as(key, &about, sealed, length), ERR_AUTH);
        sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
}

static void a_key_is_a_line_of_its_own_kind(void **state)
{
    (void)state;
    char text[SEAL_KEY_TEXT_SIZE];
    char other[SEAL_KEY_TEXT_SIZE];
    uint8_t parsed[SEAL_KEY_BYTES];
    seal_key_make(text);
    seal_key_make(other);
    assert_string_not_equal(text, other);
    assert_int_equal(seal_key_parse(text, parsed), 0);
    assert_int_equal(seal_key_parse("ed25519-secret:AAAA", parsed), ERR_INVALID);
    assert_int_equal(seal_key_parse("", parsed), ERR_INVALID);
    text[strlen(text) - 5] = '\0';
    assert_int_equal(seal_key_parse(text, parsed), ERR_INVALID);
}

static void a_seeds_hash_depends_on_seed_and_key(void **state)
{
    (void)state;
    static const uint8_t other_key[SEAL_KEY_BYTES] = {1, 2, 4};
    uint64_t hash = seal_key_hash(key, "seed-1");
    assert_true(hash == seal_key_hash(key, "seed-1"));
    assert_false(hash == seal_key_hash(key, "seed-2"));
    assert_false(hash == seal_key_hash(other_key, "seed-1"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_sealed_is_opened),
        cmocka_unit_test(two_seals_of_one_token_differ),
        cmocka_unit_test(the_longest_tokens_fit),
        cmocka_unit_test(nothing_else_opens_it),
        cmocka_unit_test(a_key_is_a_line_of_its_own_kind),
        cmocka_unit_test(a_seeds_hash_depends_on_seed_and_key),
    };
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
