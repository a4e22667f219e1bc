/* What holds for every decoder, shown on one example of everything that travels. */
#include "tests/vectors/vectors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/cleanup.h"
#include "common/errors.h"
#include "common/prng.h"

/* Decodes a copy that ends where its memory ends, so that a sanitizer sees each byte read past it.
 * Whatever is accepted must encode to the very bytes that it was decoded from. */
static int recode_copy(const struct vector *vector, const uint8_t *bytes, size_t length)
{
    CLEANUP(cleanup_free) uint8_t *copy = malloc(length > 0 ? length : 1);
    uint8_t again[VECTOR_BYTES_MAX];
    size_t again_length = 0;
    bool dirty = false;
    assert_non_null(copy);
    memcpy(copy, bytes, length);
    int error = vector->recode(copy, length, again, sizeof again, &again_length, &dirty);
    if (dirty)
        fail_msg("%s: an error left something in the output", vector->name);
    if (error == 0) {
        assert_int_equal(again_length, length);
        assert_memory_equal(again, bytes, length);
    }
    return error;
}

static void what_was_encoded_decodes_to_the_same(void **state)
{
    (void)state;
    for (size_t i = 0; i < vector_count; i++) {
        uint8_t bytes[VECTOR_BYTES_MAX];
        size_t length = 0;
        assert_int_equal(vectors[i].encode(bytes, sizeof bytes, &length), 0);
        if (vectors[i].recode != NULL)
            assert_int_equal(recode_copy(&vectors[i], bytes, length), 0);
    }
}

static void a_buffer_one_byte_short_is_too_small(void **state)
{
    (void)state;
    for (size_t i = 0; i < vector_count; i++) {
        uint8_t bytes[VECTOR_BYTES_MAX];
        size_t length = 0;
        size_t untouched = 4242;
        if (vectors[i].recode == NULL)
            continue;
        assert_int_equal(vectors[i].encode(bytes, sizeof bytes, &length), 0);
        CLEANUP(cleanup_free) uint8_t *tight = malloc(length);
        assert_non_null(tight);
        assert_int_equal(vectors[i].encode(tight, length - 1, &untouched), ERR_TOO_LARGE);
        assert_int_equal(untouched, 4242);
        assert_int_equal(vectors[i].encode(tight, length, &untouched), 0);
        assert_memory_equal(tight, bytes, length);
    }
}

static void every_shorter_piece_is_refused_and_leaves_zeros(void **state)
{
    (void)state;
    for (size_t i = 0; i < vector_count; i++) {
        uint8_t bytes[VECTOR_BYTES_MAX];
        size_t length = 0;
        assert_int_equal(vectors[i].encode(bytes, sizeof bytes, &length), 0);
        for (size_t shorter = 0; vectors[i].recode != NULL && shorter < length; shorter++)
            assert_int_equal(recode_copy(&vectors[i], bytes, shorter), ERR_MALFORMED);
    }
}

static void a_byte_more_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < vector_count; i++) {
        uint8_t bytes[VECTOR_BYTES_MAX + 1];
        size_t length = 0;
        assert_int_equal(vectors[i].encode(bytes, VECTOR_BYTES_MAX, &length), 0);
        bytes[length] = 0xc0;
        if (vectors[i].recode != NULL)
            assert_int_equal(recode_copy(&vectors[i], bytes, length + 1), ERR_MALFORMED);
    }
}

static void any_one_bit_flipped_is_refused_or_means_something_else(void **state)
{
    (void)state;
    for (size_t i = 0; i < vector_count; i++) {
        uint8_t bytes[VECTOR_BYTES_MAX];
        size_t length = 0;
        assert_int_equal(vectors[i].encode(bytes, sizeof bytes, &length), 0);
        for (size_t bit = 0; vectors[i].recode != NULL && bit < 8 * length; bit++) {
            bytes[bit / 8] ^= (uint8_t)(1U << (bit % 8));
            int error = recode_copy(&vectors[i], bytes, length);
            assert_true(error == 0 || error == ERR_MALFORMED || error == ERR_VERSION);
            bytes[bit / 8] ^= (uint8_t)(1U << (bit % 8));
        }
    }
}

static void a_first_byte_of_any_form_in_any_place_does_no_harm(void **state)
{
    static const uint8_t forms[] = {0x00, 0x7f, 0x80, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1,
                                    0xc4, 0xc5, 0xc6, 0xc7, 0xca, 0xcc, 0xcf, 0xd0, 0xd3,
                                    0xd9, 0xdb, 0xdc, 0xdd, 0xde, 0xdf, 0xff};
    (void)state;
    for (size_t i = 0; i < vector_count; i++) {
        uint8_t bytes[VECTOR_BYTES_MAX];
        size_t length = 0;
        assert_int_equal(vectors[i].encode(bytes, sizeof bytes, &length), 0);
        for (size_t at = 0; vectors[i].recode != NULL && at < length; at++) {
            uint8_t before = bytes[at];
            for (size_t form = 0; form < sizeof forms; form++) {
                bytes[at] = forms[form];
                recode_copy(&vectors[i], bytes, length);
            }
            bytes[at] = before;
        }
    }
}

static void many_bytes_changed_at_once_do_no_harm(void **state)
{
    struct prng prng;
    (void)state;
    prng_init(&prng, 20);
    for (size_t round = 0; round < 20000; round++) {
        const struct vector *vector = &vectors[prng_below(&prng, vector_count)];
        uint8_t bytes[VECTOR_BYTES_MAX];
        size_t length = 0;
        if (vector->recode == NULL)
            continue;
        assert_int_equal(vector->encode(bytes, sizeof bytes, &length), 0);
        for (uint64_t changes = 1 + prng_below(&prng, 6); changes > 0; changes--)
            bytes[prng_below(&prng, length)] = (uint8_t)prng_next(&prng);
        recode_copy(vector, bytes, length);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_encoded_decodes_to_the_same),
        cmocka_unit_test(a_buffer_one_byte_short_is_too_small),
        cmocka_unit_test(every_shorter_piece_is_refused_and_leaves_zeros),
        cmocka_unit_test(a_byte_more_is_refused),
        cmocka_unit_test(any_one_bit_flipped_is_refused_or_means_something_else),
        cmocka_unit_test(a_first_byte_of_any_form_in_any_place_does_no_harm),
        cmocka_unit_test(many_bytes_changed_at_once_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
