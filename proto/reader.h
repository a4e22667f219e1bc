/* A cursor over untrusted MessagePack: nil, bool, integers, bin, str, array; shortest forms only.
 * Never allocates, recurses, or reads a byte that it did not check to be there; the first error
 * sticks. Called by codec.c and frame.c. */
#ifndef QUORATE_PROTO_READER_H
#define QUORATE_PROTO_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* After an error every read gives zero, NULL or false and moves nothing, so that decoders check
 * once, at their end; counts are zero then, too, and loops over them end. */
struct reader {
    const uint8_t *bytes;
    size_t length;
    size_t offset;
    int error; /* 0, or the first ERR_MALFORMED or ERR_VERSION */
};

void reader_init(struct reader *reader, const uint8_t *bytes, size_t length);
void reader_fail(struct reader *reader, int error);

/* True, and consumed, where a nil is next. */
bool reader_try_nil(struct reader *reader);
bool reader_bool(struct reader *reader);
/* Values outside the bounds are malformed. */
uint64_t reader_uint(struct reader *reader, uint64_t max);
int64_t reader_int(struct reader *reader, int64_t min, int64_t max);
/* The count of an array's elements: at most max, and at most the bytes that are left. */
uint32_t reader_array(struct reader *reader, uint32_t max);
/* Points into the bytes; at most max long, NULL after an error. Text is not checked to be UTF-8. */
const uint8_t *reader_bin(struct reader *reader, size_t max, size_t *ret_length);
const char *reader_text(struct reader *reader, size_t max, size_t *ret_length);
/* Nothing may be left. Returns the first error. */
int reader_finish(struct reader *reader);

#endif
