#include "proto/frame.h"

#include <string.h>

#include "common/check.h"
#include "proto/command.h"
#include "proto/frame_parts.h"
#include "proto/ledger.h"

/* The payloads to write, in order; none where a frame is read. */
struct payloads {
    const struct payload *items;
    size_t count;
    size_t next;
};

static void write_payload(struct codec *codec, struct payloads *payloads, uint32_t length,
                          uint32_t max)
{
    if (payloads->next >= payloads->count || payloads->items[payloads->next].length != length ||
        length > max)
        codec_refuse(codec);
    else
        writer_bin(codec->writer, payloads->items[payloads->next++].bytes, length);
}

static void code_payload(struct codec *codec, struct payloads *payloads, uint32_t *length,
                         uint64_t *handle, uint32_t max)
{
    if (!codec_is_reading(codec)) {
        write_payload(codec, payloads, *length, max);
        return;
    }
    size_t read = 0;
    const uint8_t *bytes = reader_bin(codec->reader, max, &read);
    *length = (uint32_t)read;
    *handle = bytes != NULL ? (uint64_t)(bytes - codec->reader->bytes) : 0;
}

static void code_campaign(struct codec *codec, struct raft_message *message)
{
    codec_array(codec, 5);
    codec_index(codec, &message->as.vote.last_index);
    codec_index(codec, &message->as.vote.last_term);
    codec_u64(codec, &message->as.vote.nonce, UINT64_MAX);
    codec_bool(codec, &message->as.vote.transfer);
    codec_u64(codec, &message->as.vote.round, UINT64_MAX);
}

static void code_campaign_reply(struct codec *codec, struct raft_message *message)
{
    codec_array(codec, 3);
    codec_bool(codec, &message->as.vote_reply.granted);
    codec_u64(codec, &message->as.vote_reply.nonce, UINT64_MAX);
    codec_duration(codec, &message->as.vote_reply.retry_ms);
}

/* An entry's index is not sent: entries follow prev_index one by one. */
static void code_entry(struct codec *codec, struct raft_entry *entry, log_index index,
                       struct payloads *payloads)
{
    if (codec_is_reading(codec))
        entry->index = index;
    if (entry->index != index || index > CODEC_INDEX_MAX)
        codec_refuse(codec);
    codec_array(codec, 3);
    codec_index(codec, &entry->term);
    codec_u8(codec, &entry->kind, UINT8_MAX);
    code_payload(codec, payloads, &entry->length, &entry->handle, COMMAND_BYTES_MAX);
}

static void code_append(struct codec *codec, struct raft_message *message,
                        struct payloads *payloads)
{
    uint32_t total = 0;
    codec_array(codec, 5);
    codec_index(codec, &message->as.append.prev_index);
    codec_index(codec, &message->as.append.prev_term);
    codec_index(codec, &message->as.append.commit);
    codec_u64(codec, &message->as.append.round, UINT64_MAX);
    codec_count32(codec, &message->as.append.entry_count, RAFT_ENTRIES_MAX);
    for (uint32_t i = 0; codec_ok(codec) && i < message->as.append.entry_count; i++) {
        struct raft_entry *entry = &message->as.append.entries[i];
        code_entry(codec, entry, message->as.append.prev_index + 1 + i, payloads);
        total += entry->length;
    }
    if (total > RAFT_ENTRIES_BYTES_MAX)
        codec_refuse(codec);
}

static void code_append_reply(struct codec *codec, struct raft_message *message)
{
    codec_array(codec, 4);
    codec_bool(codec, &message->as.append_reply.matched);
    codec_index(codec, &message->as.append_reply.match_index);
    codec_index(codec, &message->as.append_reply.hint_index);
    codec_u64(codec, &message->as.append_reply.round, UINT64_MAX);
}

static void code_snapshot(struct codec *codec, struct raft_message *message,
                          struct payloads *payloads)
{
    codec_array(codec, 6);
    codec_index(codec, &message->as.snapshot.index);
    codec_index(codec, &message->as.snapshot.index_term);
    codec_u32(codec, &message->as.snapshot.offset, LEDGER_BYTES_MAX);
    codec_u32(codec, &message->as.snapshot.total, LEDGER_BYTES_MAX);
    code_payload(codec, payloads, &message->as.snapshot.length, &message->as.snapshot.handle,
                 RAFT_CHUNK_BYTES_MAX);
    codec_u64(codec, &message->as.snapshot.round, UINT64_MAX);
    if (codec_ok(codec) &&
        message->as.snapshot.offset + message->as.snapshot.length > message->as.snapshot.total)
        codec_refuse(codec);
}

static void code_snapshot_reply(struct codec *codec, struct raft_message *message)
{
    codec_array(codec, 4);
    codec_index(codec, &message->as.snapshot_reply.index);
    codec_u32(codec, &message->as.snapshot_reply.received, LEDGER_BYTES_MAX);
    codec_bool(codec, &message->as.snapshot_reply.installed);
    codec_u64(codec, &message->as.snapshot_reply.round, UINT64_MAX);
}

static void code_content(struct codec *codec, struct raft_message *message,
                         struct payloads *payloads)
{
    switch (message->kind) {
    case RAFT_PREVOTE:
    case RAFT_VOTE:
        code_campaign(codec, message);
        return;
    case RAFT_PREVOTE_REPLY:
    case RAFT_VOTE_REPLY:
        code_campaign_reply(codec, message);
        return;
    case RAFT_APPEND:
        code_append(codec, message, payloads);
        return;
    case RAFT_APPEND_REPLY:
        code_append_reply(codec, message);
        return;
    case RAFT_SNAPSHOT:
        code_snapshot(codec, message, payloads);
        return;
    case RAFT_SNAPSHOT_REPLY:
        code_snapshot_reply(codec, message);
        return;
    case RAFT_TIMEOUT_NOW:
        codec_array(codec, 1);
        codec_u64(codec, &message->as.timeout_now.round, UINT64_MAX);
        return;
    case RAFT_MESSAGE_N:
        break;
    }
    codec_refuse(codec);
}

static void code_message(struct codec *codec, struct raft_message *message,
                         struct payloads *payloads)
{
    codec_array(codec, 4);
    CODEC_ENUM(codec, &message->kind, RAFT_MESSAGE_N);
    codec_node(codec, &message->to);
    codec_index(codec, &message->term);
    if (codec_ok(codec))
        code_content(codec, message, payloads);
}

int frame_encode_raft(const struct frame_header *header, const struct raft_message *message,
                      const struct payload *payloads, size_t payload_count, uint8_t *buffer,
                      size_t size, size_t *ret_length)
{
    struct writer writer;
    struct payloads given = {.items = payloads, .count = payload_count};
    struct codec codec = frame_begin(&writer, header, FRAME_RAFT, buffer, size);
    code_message(&codec, (struct raft_message *)message, &given);
    if (message->from != header->sender || (codec_ok(&codec) && given.next != given.count))
        codec_refuse(&codec);
    return codec_finish_writing(&writer, ret_length);
}

int frame_decode_raft(const struct frame *frame, struct raft_message *ret_message)
{
    struct reader reader;
    struct payloads none = {0};
    CHECK(frame->header.kind == FRAME_RAFT);
    struct codec codec = frame_body(&reader, frame);
    memset(ret_message, 0, sizeof *ret_message);
    code_message(&codec, ret_message, &none);
    ret_message->from = frame->header.sender;
    return codec_finish_reading(&reader, ret_message, sizeof *ret_message);
}
