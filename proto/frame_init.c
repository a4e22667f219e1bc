#include "proto/frame.h"

#include <string.h>

#include "common/check.h"
#include "proto/frame_parts.h"

int frame_encode_init_ask(const struct frame_header *header, uint8_t *buffer, size_t size,
                          size_t *ret_length)
{
    struct writer writer;
    struct codec codec = frame_begin(&writer, header, FRAME_INIT_ASK, buffer, size);
    codec_array(&codec, 0);
    return codec_finish_writing(&writer, ret_length);
}

int frame_decode_init_ask(const struct frame *frame)
{
    struct reader reader;
    CHECK(frame->header.kind == FRAME_INIT_ASK);
    struct codec codec = frame_body(&reader, frame);
    codec_array(&codec, 0);
    return reader_finish(&reader);
}

static void code_answer(struct codec *codec, struct init_answer *answer)
{
    codec_array(codec, 4);
    codec_fixed(codec, answer->cluster_id, CLUSTER_ID_BYTES);
    codec_index(codec, &answer->last_index);
    codec_bool(codec, &answer->empty);
    codec_u64(codec, &answer->incarnation, UINT64_MAX);
}

int frame_encode_init_answer(const struct frame_header *header, const struct init_answer *answer,
                             uint8_t *buffer, size_t size, size_t *ret_length)
{
    struct writer writer;
    struct codec codec = frame_begin(&writer, header, FRAME_INIT_ANSWER, buffer, size);
    code_answer(&codec, (struct init_answer *)answer);
    return codec_finish_writing(&writer, ret_length);
}

int frame_decode_init_answer(const struct frame *frame, struct init_answer *ret_answer)
{
    struct reader reader;
    CHECK(frame->header.kind == FRAME_INIT_ANSWER);
    struct codec codec = frame_body(&reader, frame);
    memset(ret_answer, 0, sizeof *ret_answer);
    code_answer(&codec, ret_answer);
    return codec_finish_reading(&reader, ret_answer, sizeof *ret_answer);
}

static void code_id(struct codec *codec, uint8_t *cluster_id)
{
    codec_array(codec, 1);
    codec_fixed_nonzero(codec, cluster_id, CLUSTER_ID_BYTES);
}

static int encode_id(const struct frame_header *header, enum frame_kind kind,
                     const uint8_t *cluster_id, uint8_t *buffer, size_t size, size_t *ret_length)
{
    struct writer writer;
    struct codec codec = frame_begin(&writer, header, kind, buffer, size);
    code_id(&codec, (uint8_t *)cluster_id);
    return codec_finish_writing(&writer, ret_length);
}

int frame_encode_init_set(const struct frame_header *header,
                          const uint8_t cluster_id[CLUSTER_ID_BYTES], uint8_t *buffer, size_t size,
                          size_t *ret_length)
{
    return encode_id(header, FRAME_INIT_SET, cluster_id, buffer, size, ret_length);
}

int frame_encode_init_done(const struct frame_header *header,
                           const uint8_t cluster_id[CLUSTER_ID_BYTES], uint8_t *buffer, size_t size,
                           size_t *ret_length)
{
    return encode_id(header, FRAME_INIT_DONE, cluster_id, buffer, size, ret_length);
}

int frame_decode_init_id(const struct frame *frame, uint8_t ret_cluster_id[CLUSTER_ID_BYTES])
{
    struct reader reader;
    CHECK(frame->header.kind == FRAME_INIT_SET || frame->header.kind == FRAME_INIT_DONE);
    struct codec codec = frame_body(&reader, frame);
    memset(ret_cluster_id, 0, CLUSTER_ID_BYTES);
    code_id(&codec, ret_cluster_id);
    return codec_finish_reading(&reader, ret_cluster_id, CLUSTER_ID_BYTES);
}
