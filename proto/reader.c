#include "proto/reader.h"

#include "common/errors.h"

/* First bytes of the forms read here, https://github.com/msgpack/msgpack/blob/master/spec.md */
enum {
    TAG_FIXINT_MAX = 0x7f,
    TAG_FIXARRAY = 0x90,
    TAG_FIXARRAY_MAX = 0x9f,
    TAG_FIXSTR = 0xa0,
    TAG_FIXSTR_MAX = 0xbf,
    TAG_NIL = 0xc0,
    TAG_FALSE = 0xc2,
    TAG_TRUE = 0xc3,
    TAG_BIN8 = 0xc4,
    TAG_BIN16 = 0xc5,
    TAG_UINT8 = 0xcc,
    TAG_UINT16 = 0xcd,
    TAG_UINT32 = 0xce,
    TAG_UINT64 = 0xcf,
    TAG_INT8 = 0xd0,
    TAG_INT16 = 0xd1,
    TAG_INT32 = 0xd2,
    TAG_INT64 = 0xd3,
    TAG_STR8 = 0xd9,
    TAG_ARRAY16 = 0xdc,
    TAG_NEGATIVE = 0xe0,
};

void reader_init(struct reader *reader, const uint8_t *bytes, size_t length)
{
    *reader = (struct reader){.bytes = bytes, .length = length};
}

void reader_fail(struct reader *reader, int error)
{
    if (reader->error == 0)
        reader->error = error;
}

static size_t bytes_left(const struct reader *reader)
{
    return reader->length - reader->offset;
}

/* The byte of an unused form (0xc1), and an error, where nothing is left. */
static uint8_t take_tag(struct reader *reader)
{
    if (reader->error != 0 || bytes_left(reader) == 0) {
        reader_fail(reader, ERR_MALFORMED);
        return 0xc1;
    }
    return reader->bytes[reader->offset++];
}

/* `width` bytes, highest first. A value under `floor` would have had a shorter form. */
static uint64_t take_number(struct reader *reader, size_t width, uint64_t floor)
{
    uint64_t value = 0;
    if (bytes_left(reader) < width) {
        reader_fail(reader, ERR_MALFORMED);
        return 0;
    }
    for (size_t i = 0; i < width; i++)
        value = value << 8 | reader->bytes[reader->offset++];
    if (value < floor) {
        reader_fail(reader, ERR_MALFORMED);
        return 0;
    }
    return value;
}

static const uint8_t *take_bytes(struct reader *reader, size_t length, size_t max)
{
    if (reader->error != 0 || length > max || length > bytes_left(reader)) {
        reader_fail(reader, ERR_MALFORMED);
        return NULL;
    }
    const uint8_t *at = reader->bytes + reader->offset;
    reader->offset += length;
    return at;
}

static uint64_t take_unsigned(struct reader *reader, uint8_t tag)
{
    if (tag <= TAG_FIXINT_MAX)
        return tag;
    switch (tag) {
    case TAG_UINT8:
        return take_number(reader, 1, TAG_FIXINT_MAX + 1);
    case TAG_UINT16:
        return take_number(reader, 2, UINT64_C(1) << 8);
    case TAG_UINT32:
        return take_number(reader, 4, UINT64_C(1) << 16);
    case TAG_UINT64:
        return take_number(reader, 8, UINT64_C(1) << 32);
    default:
        reader_fail(reader, ERR_MALFORMED);
        return 0;
    }
}

/* -1 - ~value is the number that `width` bytes of two's complement mean; it must lie below `above`.
 */
static int64_t take_negative(struct reader *reader, size_t width, int64_t above)
{
    uint64_t bits = take_number(reader, width, 0);
    uint64_t sign = UINT64_C(1) << (width * 8 - 1);
    if (reader->error != 0 || (bits & sign) == 0) {
        reader_fail(reader, ERR_MALFORMED);
        return 0;
    }
    int64_t value = -1 - (int64_t)(~bits & (sign - 1));
    if (value >= above) {
        reader_fail(reader, ERR_MALFORMED);
        return 0;
    }
    return value;
}

bool reader_try_nil(struct reader *reader)
{
    if (reader->error != 0 || bytes_left(reader) == 0 || reader->bytes[reader->offset] != TAG_NIL)
        return false;
    reader->offset++;
    return true;
}

bool reader_bool(struct reader *reader)
{
    uint8_t tag = take_tag(reader);
    if (tag != TAG_TRUE && tag != TAG_FALSE)
        reader_fail(reader, ERR_MALFORMED);
    return tag == TAG_TRUE;
}

uint64_t reader_uint(struct reader *reader, uint64_t max)
{
    uint64_t value = take_unsigned(reader, take_tag(reader));
    if (value > max) {
        reader_fail(reader, ERR_MALFORMED);
        return 0;
    }
    return value;
}

int64_t reader_int(struct reader *reader, int64_t min, int64_t max)
{
    uint8_t tag = take_tag(reader);
    int64_t value = 0;
    if (tag >= TAG_NEGATIVE) {
        value = (int64_t)tag - 0x100;
    } else if (tag >= TAG_INT8 && tag <= TAG_INT64) {
        static const int64_t above[] = {-32, INT8_MIN, INT16_MIN, INT32_MIN};
        value = take_negative(reader, (size_t)1 << (tag - TAG_INT8), above[tag - TAG_INT8]);
    } else {
        uint64_t positive = take_unsigned(reader, tag);
        if (positive > INT64_MAX)
            reader_fail(reader, ERR_MALFORMED);
        else
            value = (int64_t)positive;
    }
    if (value < min || value > max)
        reader_fail(reader, ERR_MALFORMED);
    return reader->error == 0 ? value : 0;
}

uint32_t reader_array(struct reader *reader, uint32_t max)
{
    uint8_t tag = take_tag(reader);
    uint64_t count = 0;
    if (tag >= TAG_FIXARRAY && tag <= TAG_FIXARRAY_MAX)
        count = tag - TAG_FIXARRAY;
    else if (tag == TAG_ARRAY16)
        count = take_number(reader, 2, TAG_FIXARRAY_MAX - TAG_FIXARRAY + 1);
    else
        reader_fail(reader, ERR_MALFORMED);
    if (count > max || count > bytes_left(reader)) {
        reader_fail(reader, ERR_MALFORMED);
        return 0;
    }
    return (uint32_t)count;
}

const uint8_t *reader_bin(struct reader *reader, size_t max, size_t *ret_length)
{
    uint8_t tag = take_tag(reader);
    size_t length = 0;
    if (tag == TAG_BIN8)
        length = take_number(reader, 1, 0);
    else if (tag == TAG_BIN16)
        length = take_number(reader, 2, UINT64_C(1) << 8);
    else
        reader_fail(reader, ERR_MALFORMED);
    const uint8_t *bytes = take_bytes(reader, length, max);
    *ret_length = bytes != NULL ? length : 0;
    return bytes;
}

const char *reader_text(struct reader *reader, size_t max, size_t *ret_length)
{
    uint8_t tag = take_tag(reader);
    size_t length = 0;
    if (tag >= TAG_FIXSTR && tag <= TAG_FIXSTR_MAX)
        length = tag - TAG_FIXSTR;
    else if (tag == TAG_STR8)
        length = take_number(reader, 1, TAG_FIXSTR_MAX - TAG_FIXSTR + 1);
    else
        reader_fail(reader, ERR_MALFORMED);
    const uint8_t *bytes = take_bytes(reader, length, max);
    *ret_length = bytes != NULL ? length : 0;
    return (const char *)bytes;
}

int reader_finish(struct reader *reader)
{
    if (reader->error == 0 && reader->offset != reader->length)
        reader->error = ERR_MALFORMED;
    return reader->error;
}
