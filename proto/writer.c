#include "proto/writer.h"

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

static msgpack_packer packer_of(struct writer *writer)
{
    return (msgpack_packer){.data = writer, .callback = writer_append};
}

void writer_nil(struct writer *writer)
{
    msgpack_packer packer = packer_of(writer);
    msgpack_pack_nil(&packer);
}

void writer_bool(struct writer *writer, bool value)
{
    msgpack_packer packer = packer_of(writer);
    if (value)
        msgpack_pack_true(&packer);
    else
        msgpack_pack_false(&packer);
}

void writer_uint(struct writer *writer, uint64_t value)
{
    msgpack_packer packer = packer_of(writer);
    msgpack_pack_uint64(&packer, value);
}

void writer_int(struct writer *writer, int64_t value)
{
    msgpack_packer packer = packer_of(writer);
    msgpack_pack_int64(&packer, value);
}

void writer_array(struct writer *writer, uint32_t count)
{
    msgpack_packer packer = packer_of(writer);
    msgpack_pack_array(&packer, count);
}

void writer_bin(struct writer *writer, const uint8_t *bytes, size_t length)
{
    msgpack_packer packer = packer_of(writer);
    if (length > UINT32_MAX) {
        writer_fail(writer, ERR_TOO_LARGE);
        return;
    }
    msgpack_pack_bin(&packer, length);
    msgpack_pack_bin_body(&packer, bytes, length);
}

void writer_text(struct writer *writer, const char *text, size_t length)
{
    msgpack_packer packer = packer_of(writer);
    if (length > UINT32_MAX) {
        writer_fail(writer, ERR_TOO_LARGE);
        return;
    }
    msgpack_pack_str(&packer, length);
    msgpack_pack_str_body(&packer, text, length);
}
