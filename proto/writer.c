#include "proto/writer.h"

#include <msgpack/object.h>
#include <msgpack/pack.h>
#include <string.h>

#include "common/errors.h"

void writer_init(struct writer *writer, uint8_t *buffer, size_t size)
{
    *writer = (struct writer){.bytes = buffer, .size = size};
}

void writer_fail(struct writer *writer, int error)
{
    if (writer->error == 0)
        writer->error = error;
}

static int writer_append(void *data, const char *bytes, size_t length)
{
    struct writer *writer = data;
    if (writer->error != 0)
        return -1;
    if (length > writer->size - writer->length) {
        writer->error = ERR_TOO_LARGE;
        return -1;
    }
    if (length > 0)
        memcpy(writer->bytes + writer->length, bytes, length);
    writer->length += length;
    return 0;
}

/* The library chooses the form. Its only error is ours, from writer_append. */
static void pack(struct writer *writer, msgpack_object object)
{
    msgpack_packer packer = {.data = writer, .callback = writer_append};
    msgpack_pack_object(&packer, object);
}

void writer_nil(struct writer *writer)
{
    pack(writer, (msgpack_object){.type = MSGPACK_OBJECT_NIL});
}

void writer_bool(struct writer *writer, bool value)
{
    msgpack_packer packer = {.data = writer, .callback = writer_append};
    if (value)
        msgpack_pack_true(&packer);
    else
        msgpack_pack_false(&packer);
}

/* Most of all that is written are small numbers. */
void writer_uint(struct writer *writer, uint64_t value)
{
    msgpack_packer packer = {.data = writer, .callback = writer_append};
    msgpack_pack_uint64(&packer, value);
}

void writer_int(struct writer *writer, int64_t value)
{
    if (value >= 0)
        writer_uint(writer, (uint64_t)value);
    else
        pack(writer, (msgpack_object){.type = MSGPACK_OBJECT_NEGATIVE_INTEGER, .via.i64 = value});
}

/* The elements follow one by one, so this is the head alone. */
void writer_array(struct writer *writer, uint32_t count)
{
    msgpack_packer packer = {.data = writer, .callback = writer_append};
    msgpack_pack_array(&packer, count);
}

void writer_bin(struct writer *writer, const uint8_t *bytes, size_t length)
{
    if (length > UINT32_MAX) {
        writer_fail(writer, ERR_TOO_LARGE);
        return;
    }
    pack(writer, (msgpack_object){.type = MSGPACK_OBJECT_BIN,
                                  .via.bin = {(uint32_t)length, (const char *)bytes}});
}

void writer_text(struct writer *writer, const char *text, size_t length)
{
    if (length > UINT32_MAX) {
        writer_fail(writer, ERR_TOO_LARGE);
        return;
    }
    pack(writer, (msgpack_object){.type = MSGPACK_OBJECT_STR, .via.str = {(uint32_t)length, text}});
}
