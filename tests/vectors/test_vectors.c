/* Compares the checked-in vectors with what the encoders make today; `test_vectors --write` renews
 * them. */
#include "tests/vectors/vectors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/check.h"
#include "common/cleanup.h"

enum { HEX_LINE_BYTES = 32, HEX_TEXT_MAX = 3 * VECTOR_BYTES_MAX };

static void path_of(const struct vector *vector, char *ret_path, size_t size)
{
    int length = snprintf(ret_path, size, "%s/%s.hex", VECTOR_FOLDER, vector->name);
    CHECK(length > 0 && (size_t)length < size);
}

/* Lines of 32 bytes in hexadecimal. */
static size_t hex_of(const struct vector *vector, char *ret_text)
{
    static const char digits[] = "0123456789abcdef";
    uint8_t bytes[VECTOR_BYTES_MAX];
    size_t length = 0;
    size_t at = 0;
    CHECK(vector->encode(bytes, sizeof bytes, &length) == 0);
    for (size_t i = 0; i < length; i++) {
        ret_text[at++] = digits[bytes[i] >> 4];
        ret_text[at++] = digits[bytes[i] & 0xf];
        if ((i + 1) % HEX_LINE_BYTES == 0 || i + 1 == length)
            ret_text[at++] = '\n';
    }
    return at;
}

static int write_all(void)
{
    for (size_t i = 0; i < vector_count; i++) {
        char path[512];
        char text[HEX_TEXT_MAX];
        path_of(&vectors[i], path, sizeof path);
        size_t length = hex_of(&vectors[i], text);
        CLEANUP(cleanup_fclose) FILE *file = fopen(path, "w");
        if (file == NULL || fwrite(text, 1, length, file) != length) {
            perror(path);
            return 1;
        }
    }
    return 0;
}

static void the_encoders_make_the_bytes_of_the_vector_files(void **state)
{
    (void)state;
    for (size_t i = 0; i < vector_count; i++) {
        char path[512];
        char expected[HEX_TEXT_MAX];
        char found[HEX_TEXT_MAX];
        path_of(&vectors[i], path, sizeof path);
        CLEANUP(cleanup_fclose) FILE *file = fopen(path, "r");
        if (file == NULL)
            fail_msg("%s is missing: run test_vectors --write", path);
        size_t length = fread(found, 1, sizeof found, file);
        if (length != hex_of(&vectors[i], expected) || memcmp(found, expected, length) != 0)
            fail_msg("%s differs from what is encoded today", path);
    }
}

static void the_signature_in_the_votes_frame_is_good(void **state)
{
    uint8_t bytes[VECTOR_BYTES_MAX];
    uint8_t message[VOTES_MESSAGE_BYTES];
    size_t length = 0;
    struct frame frame;
    struct votes votes;
    struct evidence_electors electors = example_electors();
    (void)state;
    assert_int_equal(encode_votes(bytes, sizeof bytes, &length), 0);
    assert_int_equal(frame_open(bytes, length, &frame), 0);
    assert_int_equal(frame_decode_votes(&frame, &votes), 0);
    assert_int_equal(votes_message(&votes, message), 0);
    assert_int_equal(example_verify(electors.keys[1][0], message, sizeof message, votes.signature),
                     0);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_encoders_make_the_bytes_of_the_vector_files),
        cmocka_unit_test(the_signature_in_the_votes_frame_is_good),
    };
    if (argc == 2 && strcmp(argv[1], "--write") == 0)
        return write_all();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
