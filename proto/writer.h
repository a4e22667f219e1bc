/* MessagePack into a fixed buffer, always in the shortest form; the first error sticks.
 * Never allocates; nothing is written past the buffer.
 * Called by codec.c alone; packing is msgpack-c's, the bound is ours. */
#ifndef QUORATE_PROTO_WRITER_H
#define QUORATE_PROTO_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct writer {
    uint8_t *bytes;
    size_t size;
    size_t length;
    int error; /* 0, or the first ERR_TOO_LARGE or ERR_INVALID; later writes do nothing */
};

void writer_init(struct writer *writer, uint8_t *buffer, size_t size);
void writer_fail(struct writer *writer, int error);

void writer_nil(struct writer *writer);
void writer_bool(struct writer *writer, bool value);
void writer_uint(struct writer *writer, uint64_t value);
void writer_int(struct writer *writer, int64_t value);
void writer_array(struct writer *writer, uint32_t count);
void writer_bin(struct writer *writer, const uint8_t *bytes, size_t length);
void writer_text(struct writer *writer, const char *text, size_t length);

#endif
