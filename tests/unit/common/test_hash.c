#include "common/hash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

static void fnv_1a_gives_the_published_values(void **state)
{
    (void)state;
    assert_int_equal(hash_bytes(HASH_SEED, "", 0), UINT64_C(0xcbf29ce484222325));
    assert_int_equal(hash_bytes(HASH_SEED, "a", 1), UINT64_C(0xaf63dc4c8601ec8c));
    assert_int_equal(hash_bytes(HASH_SEED, "foobar", 6), UINT64_C(0x85944171f73967e8));
}

static void hashing_in_pieces_is_hashing_at_once(void **state)
{
    (void)state;
    uint64_t whole = hash_bytes(HASH_SEED, "quorate", 7);
    assert_int_equal(hash_bytes(hash_bytes(HASH_SEED, "quo", 3), "rate", 4), whole);
    uint32_t crc = hash_crc32c(0, "quorate", 7);
    assert_int_equal(hash_crc32c(hash_crc32c(0, "quo", 3), "rate", 4), crc);
}

static void a_number_is_hashed_as_its_little_endian_bytes(void **state)
{
    (void)state;
    const uint8_t bytes[] = {8, 7, 6, 5, 4, 3, 2, 1};
    assert_int_equal(hash_u64(HASH_SEED, UINT64_C(0x0102030405060708)),
                     hash_bytes(HASH_SEED, bytes, sizeof bytes));
}

static void mixing_spreads_one_bit_over_the_word(void **state)
{
    (void)state;
    for (unsigned bit = 0; bit < 64; bit++) {
        uint64_t changed = hash_mix(12345) ^ hash_mix(12345 ^ (UINT64_C(1) << bit));
        int count = __builtin_popcountll(changed);
        assert_in_range(count, 16, 48);
    }
    assert_int_equal(hash_mix(1), UINT64_C(0xb456bcfc34c2cb2c));
}

/* RFC 3720, appendix B.4. */
static void crc_32c_gives_the_published_values(void **state)
{
    (void)state;
    uint8_t bytes[32] = {0};
    assert_int_equal(hash_crc32c(0, "", 0), 0);
    assert_int_equal(hash_crc32c(0, bytes, sizeof bytes), 0x8a9136aa);
    memset(bytes, 0xff, sizeof bytes);
    assert_int_equal(hash_crc32c(0, bytes, sizeof bytes), 0x62a8ab43);
    for (uint8_t i = 0; i < sizeof bytes; i++)
        bytes[i] = i;
    assert_int_equal(hash_crc32c(0, bytes, sizeof bytes), 0x46dd794e);
    assert_int_equal(hash_crc32c(0, "123456789", 9), 0xe3069283);
}

static void every_single_flipped_bit_changes_the_crc(void **state)
{
    (void)state;
    uint8_t bytes[64] = {1, 2, 3};
    uint32_t crc = hash_crc32c(0, bytes, sizeof bytes);
    for (size_t bit = 0; bit < sizeof bytes * 8; bit++) {
        uint8_t mask = (uint8_t)(1U << (bit % 8));
        bytes[bit / 8] ^= mask;
        assert_int_not_equal(hash_crc32c(0, bytes, sizeof bytes), crc);
        bytes[bit / 8] ^= mask;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fnv_1a_gives_the_published_values),
        cmocka_unit_test(hashing_in_pieces_is_hashing_at_once),
        cmocka_unit_test(a_number_is_hashed_as_its_little_endian_bytes),
        cmocka_unit_test(mixing_spreads_one_bit_over_the_word),
        cmocka_unit_test(crc_32c_gives_the_published_values),
        cmocka_unit_test(every_single_flipped_bit_changes_the_crc),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
