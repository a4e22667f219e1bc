#include "proto/context.h"

#include <string.h>

#include "common/errors.h"
#include "proto/codec.h"

enum { CONTEXT_FRAME_VERSION = 1, HEADER_FIELD_COUNT = 8 };

int context_id_set(struct context_id *ret_id, const char *text)
{
    struct context_id id = {{0}};
    size_t length = 0;
    for (; text[length] != '\0'; length++) {
        char byte = text[length];
        if (length >= CONTEXT_ID_BYTES_MAX)
            return ERR_TOO_LARGE;
        if (byte <= ' ' || byte > '~' || byte == '/')
            return ERR_INVALID;
        id.text[length] = byte;
    }
    if (length == 0)
        return ERR_INVALID;
    *ret_id = id;
    return 0;
}

static bool is_id(const struct context_id *id)
{
    struct context_id checked;
    return context_id_set(&checked, id->text) == 0;
}

static void code_id_or_none(struct codec *codec, struct context_id *id)
{
    size_t length = 0;
    if (!codec_is_reading(codec)) {
        writer_text(codec->writer, id->text, strlen(id->text));
    } else {
        const char *text = reader_text(codec->reader, CONTEXT_ID_BYTES_MAX, &length);
        if (text != NULL)
            memcpy(id->text, text, length);
        if (length != strlen(id->text))
            codec_refuse(codec);
    }
    if (id->text[0] != '\0' && !is_id(id))
        codec_refuse(codec);
}

static void code_id(struct codec *codec, struct context_id *id)
{
    code_id_or_none(codec, id);
    if (id->text[0] == '\0')
        codec_refuse(codec);
}

static void code_version(struct codec *codec, struct context_version *version)
{
    codec_array(codec, 4);
    codec_u64(codec, &version->seq, CONTEXT_SEQ_MAX);
    codec_bool(codec, &version->deleted);
    codec_i64(codec, &version->stamp_ms, 0);
    codec_fixed(codec, version->hash, CONTEXT_HASH_BYTES);
    if (version->seq == 0)
        codec_refuse(codec);
}

static void code_version_or_none(struct codec *codec, struct context_version *version)
{
    bool present = version->seq != 0;
    if (codec_optional(codec, &present))
        code_version(codec, version);
}

static void code_entry(struct codec *codec, struct context_entry *entry)
{
    codec_array(codec, 6);
    code_id(codec, &entry->id);
    code_version(codec, &entry->version);
    codec_bool(codec, &entry->follows);
    codec_duration(codec, &entry->age_ms);
    codec_view(codec, &entry->sealed, &entry->sealed_length, CONTEXT_PART_BYTES_MAX);
    codec_view(codec, &entry->secret, &entry->secret_length, CONTEXT_PART_BYTES_MAX);
    bool empty = entry->sealed_length == 0;
    if (empty != entry->version.deleted ||
        (empty && (entry->follows || entry->secret_length > 0)) ||
        entry->sealed_length + entry->secret_length > CONTEXT_SEALED_BYTES_MAX)
        codec_refuse(codec);
}

static void code_stubs(struct codec *codec, struct context_frame *frame)
{
    codec_array(codec, 2);
    codec_bool(codec, &frame->more);
    codec_count16(codec, &frame->stub_count, CONTEXT_STUB_COUNT_MAX);
    for (uint16_t i = 0; codec_ok(codec) && i < frame->stub_count; i++) {
        codec_array(codec, 2);
        code_id(codec, &frame->stubs[i].id);
        code_version(codec, &frame->stubs[i].version);
        if (i > 0 && strcmp(frame->stubs[i - 1].id.text, frame->stubs[i].id.text) >= 0)
            codec_refuse(codec);
    }
    if (frame->more && frame->stub_count == 0)
        codec_refuse(codec);
}

static void code_put(struct codec *codec, struct context_frame *frame)
{
    codec_array(codec, 2);
    codec_bool(codec, &frame->repair);
    code_entry(codec, &frame->entry);
}

static void code_held(struct codec *codec, struct context_frame *frame)
{
    codec_array(codec, 2);
    CODEC_ENUM(codec, &frame->outcome, CONTEXT_OUTCOME_N);
    code_version_or_none(codec, &frame->version);
    if (frame->outcome < CONTEXT_FULL && frame->version.seq == 0)
        codec_refuse(codec);
}

static void code_found(struct codec *codec, struct context_frame *frame)
{
    codec_array(codec, 2);
    code_id(codec, &frame->id);
    if (!codec_optional(codec, &frame->present))
        return;
    code_entry(codec, &frame->entry);
    if (strcmp(frame->id.text, frame->entry.id.text) != 0)
        codec_refuse(codec);
}

static void code_body(struct codec *codec, struct context_frame *frame)
{
    switch (frame->kind) {
    case CONTEXT_FRAME_PUT:
        code_put(codec, frame);
        break;
    case CONTEXT_FRAME_HELD:
        code_held(codec, frame);
        break;
    case CONTEXT_FRAME_GET:
        code_id(codec, &frame->id);
        break;
    case CONTEXT_FRAME_ENTRY:
        code_found(codec, frame);
        break;
    case CONTEXT_FRAME_PAGE_ASK:
        code_id_or_none(codec, &frame->id);
        break;
    case CONTEXT_FRAME_PAGE:
        code_stubs(codec, frame);
        break;
    case CONTEXT_FRAME_HELLO:
        codec_bool(codec, &frame->missed);
        break;
    case CONTEXT_FRAME_WRITTEN:
        codec_array(codec, 2);
        code_id(codec, &frame->id);
        codec_u64(codec, &frame->seq, CONTEXT_SEQ_MAX);
        break;
    case CONTEXT_FRAME_KIND_N:
        codec_refuse(codec);
        break;
    }
}

static void code_frame(struct codec *codec, struct context_frame *frame)
{
    codec_versioned_array(codec, HEADER_FIELD_COUNT, CONTEXT_FRAME_VERSION);
    codec_name(codec, &frame->cluster);
    codec_node(codec, &frame->sender);
    CODEC_ENUM(codec, &frame->kind, CONTEXT_FRAME_KIND_N);
    codec_u64(codec, &frame->round, UINT64_MAX);
    codec_u64(codec, &frame->store_id, UINT64_MAX);
    codec_bool(codec, &frame->complete);
    if (codec_ok(codec))
        code_body(codec, frame);
}

int context_frame_encode(const struct context_frame *frame, uint8_t *buffer, size_t size,
                         size_t *ret_length)
{
    struct writer writer;
    size_t room = size < CONTEXT_FRAME_BYTES_MAX ? size : CONTEXT_FRAME_BYTES_MAX;
    writer_init(&writer, buffer, room);
    struct codec codec = codec_for_writing(&writer);
    code_frame(&codec, (struct context_frame *)frame); /* a writing codec does not store */
    return codec_finish_writing(&writer, ret_length);
}

int context_frame_decode(const uint8_t *bytes, size_t length, struct context_frame *ret_frame)
{
    struct reader reader;
    memset(ret_frame, 0, sizeof *ret_frame);
    if (length > CONTEXT_FRAME_BYTES_MAX)
        return ERR_TOO_LARGE;
    reader_init(&reader, bytes, length);
    struct codec codec = codec_for_reading(&reader);
    code_frame(&codec, ret_frame);
    return codec_finish_reading(&reader, ret_frame, sizeof *ret_frame);
}
