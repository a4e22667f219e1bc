#include "tests/vectors/vectors.h"

#include "common/check.h"

static int encode_message(const struct raft_message *message, const struct payload *payloads,
                          size_t count, uint8_t *buffer, size_t size, size_t *ret_length)
{
    struct frame_header header = example_header(message->from);
    return frame_encode_raft(&header, message, payloads, count, buffer, size, ret_length);
}

static struct raft_message message_of(enum raft_message_kind kind, node_id from, node_id to)
{
    return (struct raft_message){.kind = kind, .from = from, .to = to, .term = 9};
}

int encode_prevote(uint8_t *buffer, size_t size, size_t *ret_length)
{
    struct raft_message message = message_of(RAFT_PREVOTE, 2, 3);
    message.as.vote.last_index = 4800;
    message.as.vote.last_term = 8;
    message.as.vote.nonce = UINT64_C(0xabcdef0123456789);
    return encode_message(&message, NULL, 0, buffer, size, ret_length);
}

int encode_prevote_reply(uint8_t *buffer, size_t size, size_t *ret_length)
{
    struct raft_message message = message_of(RAFT_PREVOTE_REPLY, 3, 2);
    message.as.vote_reply.nonce = UINT64_C(0xabcdef0123456789);
    message.as.vote_reply.retry_ms = 640;
    return encode_message(&message, NULL, 0, buffer, size, ret_length);
}

int encode_vote(uint8_t *buffer, size_t size, size_t *ret_length)
{
    struct raft_message message = message_of(RAFT_VOTE, 2, 1);
    message.as.vote.last_index = 4800;
    message.as.vote.last_term = 8;
    message.as.vote.transfer = true;
    message.as.vote.round = 70002;
    return encode_message(&message, NULL, 0, buffer, size, ret_length);
}

int encode_vote_reply(uint8_t *buffer, size_t size, size_t *ret_length)
{
    struct raft_message message = message_of(RAFT_VOTE_REPLY, 1, 2);
    message.as.vote_reply.granted = true;
    return encode_message(&message, NULL, 0, buffer, size, ret_length);
}

int encode_append(uint8_t *buffer, size_t size, size_t *ret_length)
{
    uint8_t first[64];
    uint8_t second[64];
    size_t first_length = 0;
    size_t second_length = 0;
    CHECK(encode_noop(first, sizeof first, &first_length) == 0);
    CHECK(encode_inquiry_lapse(second, sizeof second, &second_length) == 0);
    struct payload payloads[] = {{first, first_length}, {second, second_length}};
    struct raft_message message = message_of(RAFT_APPEND, 1, 3);
    message.as.append.prev_index = 4800;
    message.as.append.prev_term = 8;
    message.as.append.commit = 4799;
    message.as.append.round = 70000;
    message.as.append.entry_count = 2;
    message.as.append.entries[0] = (struct raft_entry){
        .index = 4801, .term = 9, .kind = COMMAND_NOOP, .length = (uint32_t)first_length};
    message.as.append.entries[1] = (struct raft_entry){
        .index = 4802, .term = 9, .kind = COMMAND_INQUIRY_LAPSE, .length = (uint32_t)second_length};
    return encode_message(&message, payloads, 2, buffer, size, ret_length);
}

int encode_append_reply(uint8_t *buffer, size_t size, size_t *ret_length)
{
    struct raft_message message = message_of(RAFT_APPEND_REPLY, 3, 1);
    message.as.append_reply.matched = true;
    message.as.append_reply.match_index = 4802;
    message.as.append_reply.round = 70000;
    return encode_message(&message, NULL, 0, buffer, size, ret_length);
}

int encode_snapshot(uint8_t *buffer, size_t size, size_t *ret_length)
{
    uint8_t chunk[300];
    for (size_t i = 0; i < sizeof chunk; i++)
        chunk[i] = (uint8_t)(i * 7);
    struct payload payload = {chunk, sizeof chunk};
    struct raft_message message = message_of(RAFT_SNAPSHOT, 1, 3);
    message.as.snapshot.index = 4096;
    message.as.snapshot.index_term = 8;
    message.as.snapshot.offset = 32768;
    message.as.snapshot.total = 33068;
    message.as.snapshot.length = sizeof chunk;
    message.as.snapshot.round = 70001;
    return encode_message(&message, &payload, 1, buffer, size, ret_length);
}

int encode_snapshot_reply(uint8_t *buffer, size_t size, size_t *ret_length)
{
    struct raft_message message = message_of(RAFT_SNAPSHOT_REPLY, 3, 1);
    message.as.snapshot_reply.index = 4096;
    message.as.snapshot_reply.received = 33068;
    message.as.snapshot_reply.installed = true;
    message.as.snapshot_reply.round = 70001;
    return encode_message(&message, NULL, 0, buffer, size, ret_length);
}

int encode_timeout_now(uint8_t *buffer, size_t size, size_t *ret_length)
{
    struct raft_message message = message_of(RAFT_TIMEOUT_NOW, 1, 2);
    message.as.timeout_now.round = 70002;
    return encode_message(&message, NULL, 0, buffer, size, ret_length);
}
