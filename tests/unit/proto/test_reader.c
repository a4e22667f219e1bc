#include "proto/reader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "common/errors.h"
#include "proto/writer.h"

#define READER(...)                                                                                \
    (struct reader)                                                                                \
    {                                                                                              \
        .bytes = (const uint8_t[]){__VA_ARGS__}, .length = sizeof((const uint8_t[]){__VA_ARGS__}), \
    }

static void unsigned_numbers_come_back_at_the_edges_of_each_form(void **state)
{
    static const uint64_t values[] = {0,          1,           0x7f,      0x80,
                                      0xff,       0x100,       0xffff,    0x10000,
                                      0xffffffff, 0x100000000, INT64_MAX, (uint64_t)INT64_MAX + 1,
                                      UINT64_MAX};
    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        uint8_t bytes[9];
        struct writer writer;
        struct reader reader;
        writer_init(&writer, bytes, sizeof bytes);
        writer_uint(&writer, values[i]);
        reader_init(&reader, bytes, writer.length);
        assert_true(reader_uint(&reader, UINT64_MAX) == values[i]);
        assert_int_equal(reader_finish(&reader), 0);
    }
}

static void signed_numbers_come_back_at_the_edges_of_each_form(void **state)
{
    static const int64_t values[] = {0,
                                     -1,
                                     -32,
                                     -33,
                                     -128,
                                     -129,
                                     -32768,
                                     -32769,
                                     INT32_MIN,
                                     INT64_MIN,
                                     INT64_C(-1) - INT32_MAX - 1,
                                     127,
                                     128,
                                     65536,
                                     INT32_MAX,
                                     INT64_MAX};
    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        uint8_t bytes[9];
        struct writer writer;
        struct reader reader;
        writer_init(&writer, bytes, sizeof bytes);
        writer_int(&writer, values[i]);
        reader_init(&reader, bytes, writer.length);
        assert_true(reader_int(&reader, INT64_MIN, INT64_MAX) == values[i]);
        assert_int_equal(reader_finish(&reader), 0);
    }
}

static void a_number_in_a_longer_form_than_needed_is_refused(void **state)
{
    struct reader readers[] = {
        READER(0xcc, 0x7f),
        READER(0xcd, 0x00, 0xff),
        READER(0xce, 0x00, 0x00, 0xff, 0xff),
        READER(0xcf, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff),
        READER(0xd0, 0x05),
        READER(0xd0, 0xe0),
        READER(0xd1, 0xff, 0x80),
        READER(0xd2, 0xff, 0xff, 0x80, 0x00),
        READER(0xd3, 0xff, 0xff, 0xff, 0xff, 0x80, 0x00, 0x00, 0x00),
        READER(0xd3, 0x00, 0x00, 0x00, 0x00, 0x80, 0x00, 0x00, 0x00),
    };
    (void)state;
    for (size_t i = 0; i < sizeof readers / sizeof readers[0]; i++) {
        assert_int_equal(reader_int(&readers[i], INT64_MIN, INT64_MAX), 0);
        assert_int_equal(readers[i].error, ERR_MALFORMED);
    }
}

static void a_number_outside_its_bounds_is_refused(void **state)
{
    struct reader over = READER(0x0b);
    struct reader under = READER(0xfe);
    struct reader negative = READER(0xff);
    (void)state;
    assert_int_equal(reader_uint(&over, 10), 0);
    assert_int_equal(over.error, ERR_MALFORMED);
    assert_int_equal(reader_int(&under, -1, 10), 0);
    assert_int_equal(under.error, ERR_MALFORMED);
    assert_int_equal(reader_uint(&negative, UINT64_MAX), 0);
    assert_int_equal(negative.error, ERR_MALFORMED);
}

static void a_count_over_what_is_left_is_refused(void **state)
{
    struct reader array = READER(0x93, 0x01, 0x02);
    struct reader wide = READER(0xdc, 0xff, 0xff, 0x00);
    struct reader wider = READER(0xdd, 0x00, 0x00, 0x00, 0x01, 0x00);
    (void)state;
    assert_int_equal(reader_array(&array, 100), 0);
    assert_int_equal(array.error, ERR_MALFORMED);
    assert_int_equal(reader_array(&wide, 0xffff), 0);
    assert_int_equal(wide.error, ERR_MALFORMED);
    assert_int_equal(reader_array(&wider, 0xffff), 0);
    assert_int_equal(wider.error, ERR_MALFORMED);
}

static void a_length_over_what_is_left_is_refused(void **state)
{
    struct reader bin = READER(0xc4, 0x03, 0x01, 0x02);
    struct reader text = READER(0xa3, 'a', 'b');
    struct reader long_bin = READER(0xc6, 0xff, 0xff, 0xff, 0xff, 0x00);
    struct reader long_form = READER(0xc5, 0x00, 0x01, 0x01);
    size_t length = 99;
    (void)state;
    assert_null(reader_bin(&bin, 100, &length));
    assert_int_equal(length, 0);
    assert_null(reader_text(&text, 100, &length));
    assert_null(reader_bin(&long_bin, SIZE_MAX, &length));
    assert_null(reader_bin(&long_form, 100, &length));
    assert_int_equal(bin.error, ERR_MALFORMED);
    assert_int_equal(text.error, ERR_MALFORMED);
    assert_int_equal(long_bin.error, ERR_MALFORMED);
    assert_int_equal(long_form.error, ERR_MALFORMED);
}

static void after_the_first_error_nothing_moves(void **state)
{
    struct reader reader = READER(0xc1, 0x01, 0xc3, 0xc0);
    (void)state;
    assert_int_equal(reader_uint(&reader, 10), 0);
    size_t offset = reader.offset;
    assert_int_equal(reader_uint(&reader, 10), 0);
    assert_false(reader_bool(&reader));
    assert_false(reader_try_nil(&reader));
    assert_int_equal(reader.offset, offset);
    assert_int_equal(reader_finish(&reader), ERR_MALFORMED);
}

static void the_writer_stops_at_its_end_and_says_so(void **state)
{
    uint8_t bytes[4] = {0, 0, 0, 0xee};
    struct writer writer;
    (void)state;
    writer_init(&writer, bytes, 3);
    writer_uint(&writer, 300);
    writer_nil(&writer);
    assert_int_equal(writer.error, ERR_TOO_LARGE);
    assert_int_equal(writer.length, 3);
    assert_int_equal(bytes[3], 0xee);
    writer_fail(&writer, ERR_INVALID);
    assert_int_equal(writer.error, ERR_TOO_LARGE);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(unsigned_numbers_come_back_at_the_edges_of_each_form),
        cmocka_unit_test(signed_numbers_come_back_at_the_edges_of_each_form),
        cmocka_unit_test(a_number_in_a_longer_form_than_needed_is_refused),
        cmocka_unit_test(a_number_outside_its_bounds_is_refused),
        cmocka_unit_test(a_count_over_what_is_left_is_refused),
        cmocka_unit_test(a_length_over_what_is_left_is_refused),
        cmocka_unit_test(after_the_first_error_nothing_moves),
        cmocka_unit_test(the_writer_stops_at_its_end_and_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
