#include "proto/votes.h"

#include <sodium.h>
#include <string.h>

#include "common/errors.h"
#include "proto/level.h"
#include "proto/parts.h"

/* Values and details of level 3: whoever speaks less does not know them. */
static bool knows_details(void)
{
    return proto_level() >= PROTO_LEVEL_STEPS;
}

/* The detail stands there only where there is one, so that votes without it have the bytes that
 * they have at lower levels. */
static void code_sample(struct codec *codec, struct sample *sample)
{
    uint8_t fields = sample->detail[0] != '\0' ? 10 : 9;
    codec_count8(codec, &fields, knows_details() ? 10 : 9);
    if (fields < 9)
        codec_refuse(codec);
    CODEC_ENUM(codec, &sample->result, knows_details() ? SAMPLE_RESULT_N : SAMPLE_BOT);
    codec_i32(codec, &sample->dns_us, -1);
    codec_i32(codec, &sample->connect_us, -1);
    codec_i32(codec, &sample->tls_us, -1);
    codec_i32(codec, &sample->first_byte_us, -1);
    codec_i32(codec, &sample->total_us, -1);
    codec_i32(codec, &sample->late_ms, -1);
    codec_i32(codec, &sample->status, -1);
    codec_bool(codec, &sample->reused);
    if (fields < 10)
        return;
    codec_printable(codec, sample->detail, sizeof sample->detail);
    if (sample->detail[0] == '\0')
        codec_refuse(codec);
}

static void code_side(struct codec *codec, struct side_vote *side)
{
    codec_array(codec, 6);
    CODEC_ENUM(codec, &side->value, VOTE_VALUE_N);
    CODEC_ENUM(codec, &side->reason, knows_details() ? VOTE_REASON_N : VOTE_REASON_BOT);
    code_sample(codec, &side->sample);
    codec_u8(codec, &side->reference_count, REFERENCE_COUNT_MAX);
    codec_u8(codec, &side->reference_failed, REFERENCE_COUNT_MAX);
    codec_u8(codec, &side->reference_inflated, REFERENCE_COUNT_MAX);
    if (side->reference_failed > side->reference_count ||
        side->reference_inflated > side->reference_count)
        codec_refuse(codec);
}

static void code_vote(struct codec *codec, struct vote *vote)
{
    codec_array(codec, 10);
    codec_node(codec, &vote->voter);
    codec_slot(codec, &vote->service);
    codec_u64(codec, &vote->config_hash, UINT64_MAX);
    codec_index(codec, &vote->inquiry);
    codec_u32(codec, &vote->ballot, UINT32_MAX);
    codec_u64(codec, &vote->nonce, UINT64_MAX);
    codec_u64(codec, &vote->sequence, UINT64_MAX);
    codec_i64(codec, &vote->probed_wall_ms, 0);
    for (int side = 0; side < SIDE_N; side++)
        code_side(codec, &vote->side[side]);
}

int vote_encode(const struct vote *vote, uint8_t *buffer, size_t size, size_t *ret_length)
{
    struct writer writer;
    writer_init(&writer, buffer, size);
    struct codec codec = codec_for_writing(&writer);
    code_vote(&codec, (struct vote *)vote); /* a writing codec does not store */
    return codec_finish_writing(&writer, ret_length);
}

int vote_decode(const uint8_t *bytes, size_t length, struct vote *ret_vote)
{
    struct reader reader;
    reader_init(&reader, bytes, length);
    struct codec codec = codec_for_reading(&reader);
    memset(ret_vote, 0, sizeof *ret_vote);
    code_vote(&codec, ret_vote);
    return codec_finish_reading(&reader, ret_vote, sizeof *ret_vote);
}

void codec_vote_leaf(struct codec *codec, struct vote *vote)
{
    size_t length = 0;
    if (codec_is_reading(codec)) {
        const uint8_t *leaf = reader_bin(codec->reader, VOTE_BYTES_MAX, &length);
        if (vote_decode(leaf, length, vote) != 0)
            codec_refuse(codec);
        return;
    }
    uint8_t leaf[VOTE_BYTES_MAX];
    int error = vote_encode(vote, leaf, sizeof leaf, &length);
    if (error != 0)
        codec_fail(codec, error);
    else
        writer_bin(codec->writer, leaf, length);
}

void codec_votes_header(struct codec *codec, struct votes_header *header)
{
    codec_array(codec, 4);
    codec_fixed_nonzero(codec, header->cluster_id, CLUSTER_ID_BYTES);
    codec_node(codec, &header->voter);
    codec_u64(codec, &header->incarnation, UINT64_MAX);
    codec_u64(codec, &header->sequence, UINT64_MAX);
}

int votes_leaf_hash(const struct vote *vote, uint8_t ret_hash[HASH_BYTES])
{
    uint8_t leaf[1 + VOTE_BYTES_MAX] = {0x00};
    size_t length = 0;
    int error = vote_encode(vote, leaf + 1, VOTE_BYTES_MAX, &length);
    if (error == 0)
        crypto_hash_sha256(ret_hash, leaf, 1 + length);
    return error;
}

void votes_node_hash(const uint8_t left[HASH_BYTES], const uint8_t right[HASH_BYTES],
                     uint8_t ret_hash[HASH_BYTES])
{
    uint8_t node[1 + 2 * HASH_BYTES] = {0x01};
    memcpy(node + 1, left, HASH_BYTES);
    memcpy(node + 1 + HASH_BYTES, right, HASH_BYTES);
    crypto_hash_sha256(ret_hash, node, sizeof node);
}

uint16_t votes_fold_row(uint8_t row[VOTES_COUNT_MAX][HASH_BYTES], uint16_t count)
{
    uint16_t pairs = count / 2;
    for (uint16_t i = 0; i < pairs; i++)
        votes_node_hash(row[2 * i], row[2 * i + 1], row[i]);
    if (count % 2 == 1)
        memmove(row[pairs], row[count - 1], HASH_BYTES);
    return (uint16_t)(pairs + count % 2);
}

int votes_leaf_row(const struct votes *votes, uint8_t ret_row[VOTES_COUNT_MAX][HASH_BYTES])
{
    if (votes->count == 0 || votes->count > VOTES_COUNT_MAX)
        return ERR_INVALID;
    for (uint16_t i = 0; i < votes->count; i++) {
        if (votes->votes[i].voter != votes->header.voter)
            return ERR_INVALID;
        int error = votes_leaf_hash(&votes->votes[i], ret_row[i]);
        if (error != 0)
            return error;
    }
    return 0;
}

static uint8_t *put_u64(uint8_t *at, uint64_t value)
{
    for (int shift = 56; shift >= 0; shift -= 8)
        *at++ = (uint8_t)(value >> shift);
    return at;
}

void votes_message_of(const struct votes_header *header, uint16_t count,
                      const uint8_t root[HASH_BYTES], uint8_t ret_message[VOTES_MESSAGE_BYTES])
{
    uint8_t *at = ret_message;
    memcpy(at, header->cluster_id, CLUSTER_ID_BYTES);
    at += CLUSTER_ID_BYTES;
    *at++ = header->voter;
    at = put_u64(at, header->incarnation);
    at = put_u64(at, header->sequence);
    *at++ = (uint8_t)(count >> 8);
    *at++ = (uint8_t)count;
    memcpy(at, root, HASH_BYTES);
}

int votes_message(const struct votes *votes, uint8_t ret_message[VOTES_MESSAGE_BYTES])
{
    uint8_t row[VOTES_COUNT_MAX][HASH_BYTES];
    int error = votes_leaf_row(votes, row);
    if (error != 0)
        return error;
    for (uint16_t left = votes->count; left > 1;)
        left = votes_fold_row(row, left);
    votes_message_of(&votes->header, votes->count, row[0], ret_message);
    return 0;
}
