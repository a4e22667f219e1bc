#include "proto/codec.h"

#include <string.h>

#include "common/errors.h"
#include "proto/level.h"
#include "proto/operation.h"

struct codec codec_for_writing(struct writer *writer)
{
    return (struct codec){.writer = writer};
}

struct codec codec_for_reading(struct reader *reader)
{
    return (struct codec){.reader = reader};
}

void codec_refuse(struct codec *codec)
{
    codec_fail(codec, codec_is_reading(codec) ? ERR_MALFORMED : ERR_INVALID);
}

void codec_fail(struct codec *codec, int error)
{
    if (codec_is_reading(codec))
        reader_fail(codec->reader, error);
    else
        writer_fail(codec->writer, error);
}

bool codec_ok(const struct codec *codec)
{
    return (codec_is_reading(codec) ? codec->reader->error : codec->writer->error) == 0;
}

static uint64_t code_uint(struct codec *codec, uint64_t value, uint64_t max)
{
    if (codec_is_reading(codec))
        return reader_uint(codec->reader, max);
    if (value > max)
        writer_fail(codec->writer, ERR_INVALID);
    else
        writer_uint(codec->writer, value);
    return value;
}

static int64_t code_int(struct codec *codec, int64_t value, int64_t min, int64_t max)
{
    if (codec_is_reading(codec))
        return reader_int(codec->reader, min, max);
    if (value < min || value > max)
        writer_fail(codec->writer, ERR_INVALID);
    else
        writer_int(codec->writer, value);
    return value;
}

static uint32_t code_count(struct codec *codec, uint32_t count, uint32_t max)
{
    if (codec_is_reading(codec))
        return reader_array(codec->reader, max);
    if (count > max)
        writer_fail(codec->writer, ERR_INVALID);
    else
        writer_array(codec->writer, count);
    return count;
}

void codec_array(struct codec *codec, uint32_t count)
{
    if (code_count(codec, count, count) != count)
        codec_refuse(codec);
}

void codec_versioned_array(struct codec *codec, uint32_t count, uint8_t version)
{
    uint32_t coded = code_count(codec, count, codec_is_reading(codec) ? UINT16_MAX : count);
    if (code_uint(codec, version, UINT64_MAX) != version)
        codec_fail(codec, ERR_VERSION);
    if (coded != count)
        codec_refuse(codec);
}

void codec_level_array(struct codec *codec, uint32_t count, uint8_t level, uint8_t since,
                       uint32_t more)
{
    uint32_t whole = count + (level >= since ? more : 0);
    uint32_t coded = code_count(codec, whole, codec_is_reading(codec) ? UINT16_MAX : whole);
    uint64_t read = code_uint(codec, level, UINT64_MAX);
    if (read < PROTO_LEVEL_FIRST || read > proto_level())
        codec_fail(codec, codec_is_reading(codec) ? ERR_VERSION : ERR_INVALID);
    else
        codec->level = (uint8_t)read;
    if (codec_is_reading(codec) && coded != count + (codec->level >= since ? more : 0))
        codec_refuse(codec);
}

void codec_count8(struct codec *codec, uint8_t *count, uint8_t max)
{
    uint32_t value = code_count(codec, *count, max);
    if (codec_is_reading(codec))
        *count = (uint8_t)value;
}

void codec_count16(struct codec *codec, uint16_t *count, uint16_t max)
{
    uint32_t value = code_count(codec, *count, max);
    if (codec_is_reading(codec))
        *count = (uint16_t)value;
}

void codec_count32(struct codec *codec, uint32_t *count, uint32_t max)
{
    uint32_t value = code_count(codec, *count, max);
    if (codec_is_reading(codec))
        *count = value;
}

bool codec_optional(struct codec *codec, bool *present)
{
    if (codec_is_reading(codec))
        *present = codec_ok(codec) && !reader_try_nil(codec->reader);
    else if (!*present)
        writer_nil(codec->writer);
    return *present;
}

void codec_bool(struct codec *codec, bool *value)
{
    if (codec_is_reading(codec))
        *value = reader_bool(codec->reader);
    else
        writer_bool(codec->writer, *value);
}

void codec_u8(struct codec *codec, uint8_t *value, uint8_t max)
{
    uint64_t coded = code_uint(codec, *value, max);
    if (codec_is_reading(codec))
        *value = (uint8_t)coded;
}

void codec_u16(struct codec *codec, uint16_t *value, uint16_t max)
{
    uint64_t coded = code_uint(codec, *value, max);
    if (codec_is_reading(codec))
        *value = (uint16_t)coded;
}

void codec_u32(struct codec *codec, uint32_t *value, uint32_t max)
{
    uint64_t coded = code_uint(codec, *value, max);
    if (codec_is_reading(codec))
        *value = (uint32_t)coded;
}

void codec_u64(struct codec *codec, uint64_t *value, uint64_t max)
{
    uint64_t coded = code_uint(codec, *value, max);
    if (codec_is_reading(codec))
        *value = coded;
}

void codec_i32(struct codec *codec, int32_t *value, int32_t min)
{
    int64_t coded = code_int(codec, *value, min, INT32_MAX);
    if (codec_is_reading(codec))
        *value = (int32_t)coded;
}

void codec_i64(struct codec *codec, int64_t *value, int64_t min)
{
    int64_t coded = code_int(codec, *value, min, INT64_MAX);
    if (codec_is_reading(codec))
        *value = coded;
}

void codec_unsigned(struct codec *codec, unsigned *value, unsigned count)
{
    uint64_t coded = code_uint(codec, *value, count - 1);
    if (codec_is_reading(codec))
        *value = (unsigned)coded;
}

void codec_index(struct codec *codec, uint64_t *value)
{
    codec_u64(codec, value, CODEC_INDEX_MAX);
}

void codec_duration(struct codec *codec, time_ms *value)
{
    int64_t coded = code_int(codec, *value, 0, CODEC_DURATION_MAX);
    if (codec_is_reading(codec))
        *value = coded;
}

void codec_time(struct codec *codec, time_ms *value)
{
    codec_i64(codec, value, 0);
}

void codec_node_or_none(struct codec *codec, node_id *value)
{
    codec_u8(codec, value, NODE_COUNT_MAX);
}

void codec_node(struct codec *codec, node_id *value)
{
    codec_node_or_none(codec, value);
    if (*value == 0)
        codec_refuse(codec);
}

static void code_slot(struct codec *codec, service_slot *value, bool none_allowed)
{
    codec_u16(codec, value, UINT16_MAX);
    if (*value >= SERVICE_COUNT_MAX && !(none_allowed && *value == SERVICE_SLOT_NONE))
        codec_refuse(codec);
}

void codec_slot(struct codec *codec, service_slot *value)
{
    code_slot(codec, value, false);
}

void codec_slot_or_none(struct codec *codec, service_slot *value)
{
    code_slot(codec, value, true);
}

void codec_fixed(struct codec *codec, uint8_t *bytes, size_t size)
{
    if (!codec_is_reading(codec)) {
        writer_bin(codec->writer, bytes, size);
        return;
    }
    size_t length = 0;
    const uint8_t *at = reader_bin(codec->reader, size, &length);
    if (length != size)
        codec_refuse(codec);
    else
        memcpy(bytes, at, size);
}

void codec_view(struct codec *codec, const uint8_t **bytes, size_t *length, size_t max)
{
    if (codec_is_reading(codec))
        *bytes = reader_bin(codec->reader, max, length);
    else if (*length > max)
        codec_refuse(codec);
    else
        writer_bin(codec->writer, *bytes, *length);
}

void codec_bytes(struct codec *codec, uint8_t *bytes, uint16_t *length, uint16_t max)
{
    const uint8_t *view = bytes;
    size_t view_length = *length;
    codec_view(codec, &view, &view_length, max);
    if (!codec_is_reading(codec))
        return;
    *length = (uint16_t)view_length;
    if (view_length > 0)
        memcpy(bytes, view, view_length);
}

void codec_fixed_nonzero(struct codec *codec, uint8_t *bytes, size_t size)
{
    uint8_t any = 0;
    codec_fixed(codec, bytes, size);
    for (size_t i = 0; i < size; i++)
        any |= bytes[i];
    if (any == 0)
        codec_refuse(codec);
}

/* Reads at most size - 1 bytes without a zero among them into a zero-padded buffer. */
static void read_text(struct codec *codec, char *ret_buffer, size_t size)
{
    size_t length = 0;
    const char *text = reader_text(codec->reader, size - 1, &length);
    memset(ret_buffer, 0, size);
    if (length > 0)
        memcpy(ret_buffer, text, length);
    if (strlen(ret_buffer) != length)
        codec_refuse(codec);
}

static bool name_ok(const struct name *name, bool none_allowed)
{
    struct name checked;
    if (strnlen(name->text, NAME_SIZE) == NAME_SIZE)
        return false;
    if (name->text[0] == '\0')
        return none_allowed;
    return name_set(&checked, name->text) == 0;
}

static void code_name(struct codec *codec, struct name *name, bool none_allowed)
{
    if (codec_is_reading(codec))
        read_text(codec, name->text, sizeof name->text);
    if (!name_ok(name, none_allowed))
        codec_refuse(codec);
    else if (!codec_is_reading(codec))
        writer_text(codec->writer, name->text, strlen(name->text));
}

void codec_name(struct codec *codec, struct name *name)
{
    code_name(codec, name, false);
}

void codec_name_or_none(struct codec *codec, struct name *name)
{
    code_name(codec, name, true);
}

void codec_reason(struct codec *codec, char reason[REASON_SIZE])
{
    if (codec_is_reading(codec))
        read_text(codec, reason, REASON_SIZE);
    size_t length = strnlen(reason, REASON_SIZE);
    if (length == REASON_SIZE || !reason_is_clean(reason, length))
        codec_refuse(codec);
    else if (!codec_is_reading(codec))
        writer_text(codec->writer, reason, length);
}

/* ASCII from `least` on, without control characters. */
static void code_ascii(struct codec *codec, char *text, size_t size, char least)
{
    if (codec_is_reading(codec))
        read_text(codec, text, size);
    size_t length = strnlen(text, size);
    bool clean = length < size;
    for (size_t i = 0; clean && i < length; i++)
        clean = text[i] >= least && text[i] < 0x7f;
    if (!clean)
        codec_refuse(codec);
    else if (!codec_is_reading(codec))
        writer_text(codec->writer, text, length);
}

void codec_printable(struct codec *codec, char *text, size_t size)
{
    code_ascii(codec, text, size, ' ');
}

void codec_correlation(struct codec *codec, char correlation[CORRELATION_SIZE])
{
    code_ascii(codec, correlation, CORRELATION_SIZE, '!');
}

int codec_finish_reading(struct reader *reader, void *ret_output, size_t size)
{
    int error = reader_finish(reader);
    if (error != 0)
        memset(ret_output, 0, size);
    return error;
}

int codec_finish_writing(const struct writer *writer, size_t *ret_length)
{
    if (writer->error == 0)
        *ret_length = writer->length;
    return writer->error;
}
