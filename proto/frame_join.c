#include "proto/frame.h"

#include <string.h>

#include "common/check.h"
#include "proto/frame_parts.h"

static void code_join(struct codec *codec, struct frame_join *join)
{
    codec_array(codec, 1);
    codec_u8(codec, &join->level, UINT8_MAX);
}

int frame_encode_join(const struct frame_header *header, const struct frame_join *join,
                      uint8_t *buffer, size_t size, size_t *ret_length)
{
    struct writer writer;
    struct codec codec = frame_begin(&writer, header, FRAME_JOIN, buffer, size);
    code_join(&codec, (struct frame_join *)join); /* a writing codec does not store */
    return codec_finish_writing(&writer, ret_length);
}

int frame_decode_join(const struct frame *frame, struct frame_join *ret_join)
{
    struct reader reader;
    CHECK(frame->header.kind == FRAME_JOIN);
    struct codec codec = frame_body(&reader, frame);
    memset(ret_join, 0, sizeof *ret_join);
    code_join(&codec, ret_join);
    return codec_finish_reading(&reader, ret_join, sizeof *ret_join);
}

static void code_admit(struct codec *codec, struct frame_admit *admit)
{
    codec_array(codec, 2);
    codec_fixed_nonzero(codec, admit->cluster_id, CLUSTER_ID_BYTES);
    codec_u64(codec, &admit->incarnation, UINT64_MAX);
}

int frame_encode_admit(const struct frame_header *header, const struct frame_admit *admit,
                       uint8_t *buffer, size_t size, size_t *ret_length)
{
    struct writer writer;
    struct codec codec = frame_begin(&writer, header, FRAME_ADMIT, buffer, size);
    code_admit(&codec, (struct frame_admit *)admit); /* a writing codec does not store */
    return codec_finish_writing(&writer, ret_length);
}

int frame_decode_admit(const struct frame *frame, struct frame_admit *ret_admit)
{
    struct reader reader;
    CHECK(frame->header.kind == FRAME_ADMIT);
    struct codec codec = frame_body(&reader, frame);
    memset(ret_admit, 0, sizeof *ret_admit);
    code_admit(&codec, ret_admit);
    return codec_finish_reading(&reader, ret_admit, sizeof *ret_admit);
}
