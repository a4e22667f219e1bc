/* One description of a structure for both directions: a codec writes the fields it is shown, or
 * fills them. Never stores into a structure while writing; ranges are checked the same way in both
 * directions, so that what was encoded can be decoded. Called by the encoders and decoders of this
 * folder. */
#ifndef QUORATE_PROTO_CODEC_H
#define QUORATE_PROTO_CODEC_H

#include "proto/reader.h"
#include "proto/types.h"
#include "proto/writer.h"

/* Durations on the wire, 34 years; sums of a ledger's lifetime stay far below INT64_MAX. */
#define CODEC_DURATION_MAX (INT64_C(1) << 40)
/* Indices and terms; one above the largest can still be computed. */
#define CODEC_INDEX_MAX ((uint64_t)INT64_MAX - 1)

/* Exactly one of writer and reader is set. */
struct codec {
    struct writer *writer;
    struct reader *reader;
    uint8_t level; /* of the structure: what codec_level_array wrote or read; 0 before */
};

struct codec codec_for_writing(struct writer *writer);
struct codec codec_for_reading(struct reader *reader);
static inline bool codec_is_reading(const struct codec *codec)
{
    return codec->reader != NULL;
}

/* The structure cannot be: ERR_INVALID where it is written, ERR_MALFORMED where it is read. */
void codec_refuse(struct codec *codec);
void codec_fail(struct codec *codec, int error);
bool codec_ok(const struct codec *codec);

/* An array of exactly `count` elements follows. */
void codec_array(struct codec *codec, uint32_t count);
/* As array, with the format's version as the first of its elements. Another version is ERR_VERSION,
 * however many elements it has. */
void codec_versioned_array(struct codec *codec, uint32_t count, uint8_t version);
/* As array, with the structure's wire level as the first of its elements: `level` is written, or
 * what was read is kept in codec->level. A level that this build does not speak is ERR_VERSION. Of
 * level `since` on the array has `more` further elements. */
void codec_level_array(struct codec *codec, uint32_t count, uint8_t level, uint8_t since,
                       uint32_t more);
/* An array of *count elements follows, at most max; after an error *count is not to be used: ask
 * codec_ok. */
void codec_count8(struct codec *codec, uint8_t *count, uint8_t max);
void codec_count16(struct codec *codec, uint16_t *count, uint16_t max);
void codec_count32(struct codec *codec, uint32_t *count, uint32_t max);

/* A nil where *present is false; true: the caller goes on with the content. */
bool codec_optional(struct codec *codec, bool *present);

void codec_bool(struct codec *codec, bool *value);
void codec_u8(struct codec *codec, uint8_t *value, uint8_t max);
void codec_u16(struct codec *codec, uint16_t *value, uint16_t max);
void codec_u32(struct codec *codec, uint32_t *value, uint32_t max);
void codec_u64(struct codec *codec, uint64_t *value, uint64_t max);
void codec_i32(struct codec *codec, int32_t *value, int32_t min);
void codec_i64(struct codec *codec, int64_t *value, int64_t min);
void codec_unsigned(struct codec *codec, unsigned *value, unsigned count);
/* An enum of `count` values from 0. */
#define CODEC_ENUM(codec, pointer, count)                                             \
    do {                                                                              \
        _Static_assert(sizeof *(pointer) == sizeof(unsigned), "an enum is unsigned"); \
        codec_unsigned((codec), (unsigned *)(pointer), (count));                      \
    } while (0)

void codec_index(struct codec *codec, uint64_t *value); /* a log index or a term */
void codec_duration(struct codec *codec, time_ms *value);
void codec_time(struct codec *codec, time_ms *value); /* any that is not negative */
void codec_node(struct codec *codec, node_id *value);
void codec_node_or_none(struct codec *codec, node_id *value);
void codec_slot(struct codec *codec, service_slot *value); /* a place in the ledger */
void codec_slot_or_none(struct codec *codec, service_slot *value);

/* A bin of exactly `size` bytes. */
void codec_fixed(struct codec *codec, uint8_t *bytes, size_t size);
/* As fixed, but not all zeros. */
void codec_fixed_nonzero(struct codec *codec, uint8_t *bytes, size_t size);
/* At most max bytes, which a reading codec does not copy. */
void codec_view(struct codec *codec, const uint8_t **bytes, size_t *length, size_t max);
/* At most max bytes in a zero-padded field. */
void codec_bytes(struct codec *codec, uint8_t *bytes, uint16_t *length, uint16_t max);
void codec_name(struct codec *codec, struct name *name);
void codec_name_or_none(struct codec *codec, struct name *name);
void codec_reason(struct codec *codec, char reason[REASON_SIZE]);
/* Printable ASCII, at most size - 1 bytes of it. */
void codec_printable(struct codec *codec, char *text, size_t size);
/* Printable ASCII without spaces, or "". */
void codec_correlation(struct codec *codec, char correlation[CORRELATION_SIZE]);

/* The end of a decoder: nothing may be left, and after an error the output is zeroed. Returns 0 or
 * the error. */
int codec_finish_reading(struct reader *reader, void *ret_output, size_t size);
/* The end of an encoder. Returns 0 or the error; *ret_length is set on success. */
int codec_finish_writing(const struct writer *writer, size_t *ret_length);

#endif
