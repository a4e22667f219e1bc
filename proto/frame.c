#include "proto/frame.h"

#include <string.h>

#include "common/check.h"
#include "common/errors.h"
#include "proto/frame_parts.h"
#include "proto/level.h"
#include "proto/parts.h"

enum { FRAME_FIELD_COUNT = 7 };

bool frame_kind_is_init(enum frame_kind kind)
{
    return kind == FRAME_INIT_ASK || kind == FRAME_INIT_ANSWER || kind == FRAME_INIT_SET ||
           kind == FRAME_INIT_DONE || kind == FRAME_JOIN || kind == FRAME_ADMIT;
}

static void code_cluster_id(struct codec *codec, enum frame_kind kind, uint8_t *cluster_id)
{
    if (frame_kind_is_init(kind))
        codec_fixed(codec, cluster_id, CLUSTER_ID_BYTES);
    else
        codec_fixed_nonzero(codec, cluster_id, CLUSTER_ID_BYTES);
}

struct codec frame_begin(struct writer *writer, const struct frame_header *header,
                         enum frame_kind kind, uint8_t *buffer, size_t size)
{
    struct frame_header fields = *header;
    writer_init(writer, buffer, size < FRAME_BYTES_MAX ? size : FRAME_BYTES_MAX);
    struct codec codec = codec_for_writing(writer);
    codec_versioned_array(&codec, FRAME_FIELD_COUNT, PROTO_VERSION);
    code_cluster_id(&codec, kind, fields.cluster_id);
    codec_node(&codec, &fields.sender);
    codec_u64(&codec, &fields.incarnation, UINT64_MAX);
    writer_uint(writer, kind);
    codec_u64(&codec, &fields.sequence, UINT64_MAX);
    return codec;
}

struct codec frame_body(struct reader *reader, const struct frame *frame)
{
    reader_init(reader, frame->bytes, frame->length);
    reader->offset = frame->body_offset;
    return codec_for_reading(reader);
}

/* Kinds are only ever appended, so that a level knows those before its first unknown one. */
static uint64_t kind_count(void)
{
    return proto_level() >= PROTO_LEVEL_HELLO ? FRAME_KIND_N : FRAME_HELLO;
}

static void read_header(struct reader *reader, struct frame_header *ret_header)
{
    struct codec codec = codec_for_reading(reader);
    static const uint8_t nobody[CLUSTER_ID_BYTES];
    codec_versioned_array(&codec, FRAME_FIELD_COUNT, PROTO_VERSION);
    codec_fixed(&codec, ret_header->cluster_id, CLUSTER_ID_BYTES);
    codec_node(&codec, &ret_header->sender);
    codec_u64(&codec, &ret_header->incarnation, UINT64_MAX);
    uint64_t kind = reader_uint(reader, UINT64_MAX);
    if (kind >= kind_count())
        reader_fail(reader, ERR_VERSION);
    else
        ret_header->kind = (enum frame_kind)kind;
    codec_u64(&codec, &ret_header->sequence, UINT64_MAX);
    if (!frame_kind_is_init(ret_header->kind) &&
        memcmp(ret_header->cluster_id, nobody, CLUSTER_ID_BYTES) == 0)
        codec_refuse(&codec);
}

int frame_open(const uint8_t *bytes, size_t length, struct frame *ret_frame)
{
    struct reader reader;
    memset(ret_frame, 0, sizeof *ret_frame);
    if (length > FRAME_BYTES_MAX)
        return ERR_TOO_LARGE;
    reader_init(&reader, bytes, length);
    read_header(&reader, &ret_frame->header);
    if (reader.offset == length)
        reader_fail(&reader, ERR_MALFORMED);
    if (reader.error != 0) {
        memset(ret_frame, 0, sizeof *ret_frame);
        return reader.error;
    }
    ret_frame->bytes = bytes;
    ret_frame->length = length;
    ret_frame->body_offset = reader.offset;
    return 0;
}

static void code_votes(struct codec *codec, const struct frame_header *header, struct votes *votes)
{
    codec_array(codec, 3);
    codec_votes_header(codec, &votes->header);
    codec_count16(codec, &votes->count, VOTES_COUNT_MAX);
    if (votes->count == 0 ||
        memcmp(votes->header.cluster_id, header->cluster_id, CLUSTER_ID_BYTES) != 0)
        codec_refuse(codec);
    for (uint16_t i = 0; codec_ok(codec) && i < votes->count; i++) {
        codec_vote_leaf(codec, &votes->votes[i]);
        if (votes->votes[i].voter != votes->header.voter)
            codec_refuse(codec);
    }
    codec_fixed(codec, votes->signature, SIGNATURE_BYTES);
}

int frame_encode_votes(const struct frame_header *header, const struct votes *votes,
                       uint8_t *buffer, size_t size, size_t *ret_length)
{
    struct writer writer;
    struct codec codec = frame_begin(&writer, header, FRAME_VOTES, buffer, size);
    code_votes(&codec, header, (struct votes *)votes);
    return codec_finish_writing(&writer, ret_length);
}

int frame_decode_votes(const struct frame *frame, struct votes *ret_votes)
{
    struct reader reader;
    CHECK(frame->header.kind == FRAME_VOTES);
    struct codec codec = frame_body(&reader, frame);
    memset(ret_votes, 0, sizeof *ret_votes);
    code_votes(&codec, &frame->header, ret_votes);
    return codec_finish_reading(&reader, ret_votes, sizeof *ret_votes);
}

static void code_call(struct codec *codec, struct call *call)
{
    codec_array(codec, 7);
    codec_slot(codec, &call->service);
    codec_index(codec, &call->inquiry);
    codec_u32(codec, &call->ballot, UINT32_MAX);
    codec_index(codec, &call->term);
    codec_u64(codec, &call->nonce, UINT64_MAX);
    codec_u64(codec, &call->config_hash, UINT64_MAX);
    codec_duration(codec, &call->deadline_ms);
}

int frame_encode_call(const struct frame_header *header, const struct call *call, uint8_t *buffer,
                      size_t size, size_t *ret_length)
{
    struct writer writer;
    struct codec codec = frame_begin(&writer, header, FRAME_CALL, buffer, size);
    if (call->caller != header->sender)
        codec_refuse(&codec);
    code_call(&codec, (struct call *)call);
    return codec_finish_writing(&writer, ret_length);
}

int frame_decode_call(const struct frame *frame, struct call *ret_call)
{
    struct reader reader;
    CHECK(frame->header.kind == FRAME_CALL);
    struct codec codec = frame_body(&reader, frame);
    memset(ret_call, 0, sizeof *ret_call);
    code_call(&codec, ret_call);
    ret_call->caller = frame->header.sender;
    return codec_finish_reading(&reader, ret_call, sizeof *ret_call);
}

static void code_ping(struct codec *codec, struct frame_ping *ping)
{
    codec_array(codec, 1);
    codec_i64(codec, &ping->stamp_us, INT64_MIN);
}

static int encode_ping(const struct frame_header *header, enum frame_kind kind,
                       const struct frame_ping *ping, uint8_t *buffer, size_t size,
                       size_t *ret_length)
{
    struct writer writer;
    struct codec codec = frame_begin(&writer, header, kind, buffer, size);
    code_ping(&codec, (struct frame_ping *)ping);
    return codec_finish_writing(&writer, ret_length);
}

int frame_encode_ping(const struct frame_header *header, const struct frame_ping *ping,
                      uint8_t *buffer, size_t size, size_t *ret_length)
{
    return encode_ping(header, FRAME_PING, ping, buffer, size, ret_length);
}

int frame_encode_pong(const struct frame_header *header, const struct frame_ping *ping,
                      uint8_t *buffer, size_t size, size_t *ret_length)
{
    return encode_ping(header, FRAME_PONG, ping, buffer, size, ret_length);
}

int frame_decode_ping(const struct frame *frame, struct frame_ping *ret_ping)
{
    struct reader reader;
    CHECK(frame->header.kind == FRAME_PING || frame->header.kind == FRAME_PONG);
    struct codec codec = frame_body(&reader, frame);
    memset(ret_ping, 0, sizeof *ret_ping);
    code_ping(&codec, ret_ping);
    return codec_finish_reading(&reader, ret_ping, sizeof *ret_ping);
}

static void code_hello(struct codec *codec, struct frame_hello *hello)
{
    codec_array(codec, 2);
    codec_u8(codec, &hello->level, UINT8_MAX);
    codec_bool(codec, &hello->can_act);
}

int frame_encode_hello(const struct frame_header *header, const struct frame_hello *hello,
                       uint8_t *buffer, size_t size, size_t *ret_length)
{
    struct writer writer;
    struct codec codec = frame_begin(&writer, header, FRAME_HELLO, buffer, size);
    code_hello(&codec, (struct frame_hello *)hello);
    return codec_finish_writing(&writer, ret_length);
}

int frame_decode_hello(const struct frame *frame, struct frame_hello *ret_hello)
{
    struct reader reader;
    CHECK(frame->header.kind == FRAME_HELLO);
    struct codec codec = frame_body(&reader, frame);
    memset(ret_hello, 0, sizeof *ret_hello);
    code_hello(&codec, ret_hello);
    return codec_finish_reading(&reader, ret_hello, sizeof *ret_hello);
}
