/* Votes as signed bytes: one vote is one leaf, a frame's votes have one Merkle root, one signature
 * covers it. Never signs or verifies a signature: it gives the exact message, io/bus/identity does
 * the rest. Used by the frames, the evidence behind a closed ballot, the control loop and the
 * verify command. */
#ifndef QUORATE_PROTO_VOTES_H
#define QUORATE_PROTO_VOTES_H

#include "proto/types.h"

/* The signed bytes are this word, one zero byte, and the message: identity_sign and identity_verify
 * with it as their domain. */
#define VOTES_DOMAIN "quorate-votes-1"

enum {
    VOTE_BYTES_MAX = 224,                /* one vote, encoded */
    VOTES_COUNT_MAX = SERVICE_COUNT_MAX, /* votes in one frame */
    VOTES_PATH_MAX = 6,       /* hashes between a leaf and the root of VOTES_COUNT_MAX leaves */
    VOTES_MESSAGE_BYTES = 67, /* cluster id, voter, incarnation, sequence, leaf count, root */
};

/* What is signed beside the root. The voter is not always the frame's sender: peers may relay. */
struct votes_header {
    uint8_t cluster_id[CLUSTER_ID_BYTES];
    node_id voter;
    uint64_t incarnation;
    uint64_t sequence; /* of the voter's frame */
};

/* The body of FRAME_VOTES: 1..VOTES_COUNT_MAX votes of the header's voter. */
struct votes {
    struct votes_header header;
    uint16_t count;
    uint8_t signature[SIGNATURE_BYTES];
    struct vote votes[VOTES_COUNT_MAX];
};

/* One vote as canonical bytes; a decoded vote encodes to the very bytes that it came from.
 * vote_encode returns 0, ERR_TOO_LARGE (size under the need) or ERR_INVALID (a field out of range).
 * vote_decode returns 0 or ERR_MALFORMED and then leaves *ret_vote zeroed. */
int vote_encode(const struct vote *vote, uint8_t *buffer, size_t size, size_t *ret_length);
int vote_decode(const uint8_t *bytes, size_t length, struct vote *ret_vote);

/* The message that the voter signs and that receivers verify; `signature` is not read.
 * Returns 0 or ERR_INVALID (no vote, too many, a field out of range). */
int votes_message(const struct votes *votes, uint8_t ret_message[VOTES_MESSAGE_BYTES]);

/* The message of a header and a root that were found another way (evidence.c). */
void votes_message_of(const struct votes_header *header, uint16_t count,
                      const uint8_t root[HASH_BYTES], uint8_t ret_message[VOTES_MESSAGE_BYTES]);

/* Merkle hashes: SHA-256(0x00 || leaf) and SHA-256(0x01 || left || right); the last of an odd row
 * goes up as it is. votes_leaf_hash returns 0 or ERR_INVALID. ret_hash of votes_node_hash may be
 * one of its inputs. */
int votes_leaf_hash(const struct vote *vote, uint8_t ret_hash[HASH_BYTES]);
void votes_node_hash(const uint8_t left[HASH_BYTES], const uint8_t right[HASH_BYTES],
                     uint8_t ret_hash[HASH_BYTES]);
/* The lowest row of the tree. Returns 0 or ERR_INVALID as votes_message. */
int votes_leaf_row(const struct votes *votes, uint8_t ret_row[VOTES_COUNT_MAX][HASH_BYTES]);
/* The next row, in place; returns its length. */
uint16_t votes_fold_row(uint8_t row[VOTES_COUNT_MAX][HASH_BYTES], uint16_t count);

#endif
