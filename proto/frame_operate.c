#include "proto/frame.h"

#include <string.h>

#include "common/check.h"
#include "proto/frame_parts.h"

static void code_request_id(struct codec *codec, uint64_t *request_id)
{
    codec_u64(codec, request_id, UINT64_MAX);
    if (*request_id == 0)
        codec_refuse(codec);
}

static void code_operation(struct codec *codec, struct operation *operation)
{
    codec_array(codec, 10);
    code_request_id(codec, &operation->request_id);
    CODEC_ENUM(codec, &operation->kind, OPERATION_KIND_N);
    if (operation_is_of_all(operation->kind))
        codec_name_or_none(codec, &operation->service);
    else
        codec_name(codec, &operation->service);
    codec_name_or_none(codec, &operation->actor);
    codec_reason(codec, operation->reason);
    codec_bool(codec, &operation->force);
    codec_bool(codec, &operation->expects);
    CODEC_ENUM(codec, &operation->expected, SIDE_N);
    codec_bool(codec, &operation->indefinite);
    codec_duration(codec, &operation->for_ms);
}

int frame_encode_operate(const struct frame_header *header, const struct operation *operation,
                         uint8_t *buffer, size_t size, size_t *ret_length)
{
    struct writer writer;
    struct codec codec = frame_begin(&writer, header, FRAME_OPERATE, buffer, size);
    code_operation(&codec, (struct operation *)operation);
    return codec_finish_writing(&writer, ret_length);
}

int frame_decode_operate(const struct frame *frame, struct operation *ret_operation)
{
    struct reader reader;
    CHECK(frame->header.kind == FRAME_OPERATE);
    struct codec codec = frame_body(&reader, frame);
    memset(ret_operation, 0, sizeof *ret_operation);
    code_operation(&codec, ret_operation);
    return codec_finish_reading(&reader, ret_operation, sizeof *ret_operation);
}

static void code_operated(struct codec *codec, struct operated *operated)
{
    codec_array(codec, 6);
    code_request_id(codec, &operated->request_id);
    CODEC_ENUM(codec, &operated->state, OPERATED_STATE_N);
    codec_bool(codec, &operated->accepted);
    CODEC_ENUM(codec, &operated->why, WHY_N);
    codec_index(codec, &operated->move);
    codec_i64(codec, &operated->earliest_ms, -1);
}

int frame_encode_operated(const struct frame_header *header, const struct operated *operated,
                          uint8_t *buffer, size_t size, size_t *ret_length)
{
    struct writer writer;
    struct codec codec = frame_begin(&writer, header, FRAME_OPERATED, buffer, size);
    code_operated(&codec, (struct operated *)operated);
    return codec_finish_writing(&writer, ret_length);
}

int frame_decode_operated(const struct frame *frame, struct operated *ret_operated)
{
    struct reader reader;
    CHECK(frame->header.kind == FRAME_OPERATED);
    struct codec codec = frame_body(&reader, frame);
    memset(ret_operated, 0, sizeof *ret_operated);
    code_operated(&codec, ret_operated);
    return codec_finish_reading(&reader, ret_operated, sizeof *ret_operated);
}
