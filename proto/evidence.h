/* Evidence: the signed votes that closed a ballot, each provable alone by its path to a signed
 * root. Never calls a signature library or a clock: the verifier is a parameter. Used by the leader
 * (collects it behind BALLOT_CLOSE), by every follower before it appends, and by verify. */
#ifndef QUORATE_PROTO_EVIDENCE_H
#define QUORATE_PROTO_EVIDENCE_H

#include "proto/command.h"
#include "proto/votes.h"

enum { EVIDENCE_BYTES_MAX = 8192 }; /* a whole encoded list */

/* One vote, cut out of a signed frame. */
struct evidence {
    struct votes_header header;
    struct vote vote;
    uint16_t count;    /* leaves under the root */
    uint16_t position; /* of this leaf, 0 is the first */
    uint8_t path_count;
    /* Siblings from the leaf upwards; rows without one are left out. */
    uint8_t path[VOTES_PATH_MAX][HASH_BYTES];
    uint8_t signature[SIGNATURE_BYTES];
};

/* At most one vote a voter, in rising order of voters. */
struct evidence_list {
    uint8_t count;
    struct evidence items[NODE_COUNT_MAX];
};

/* Who may vote, with what keys, from where. Index: node id - 1. A key of zeros is no key. */
struct evidence_electors {
    uint8_t cluster_id[CLUSTER_ID_BYTES];
    uint8_t node_count;
    uint8_t min_zones;
    uint8_t zones[NODE_COUNT_MAX];              /* equal numbers are one failure domain */
    uint8_t keys[NODE_COUNT_MAX][2][KEY_BYTES]; /* current, next */
};

/* Plain Ed25519 over VOTES_DOMAIN, a zero byte and the message. Returns 0 or ERR_AUTH. */
typedef int signature_verify_fn(const uint8_t key[KEY_BYTES], const uint8_t *message, size_t length,
                                const uint8_t signature[SIGNATURE_BYTES]);

/* Cuts the vote at `position` out of a frame whose signature was verified. Returns 0 or
 * ERR_INVALID. */
int evidence_make(const struct votes *votes, uint16_t position, struct evidence *ret_evidence);

/* Walks the path and gives the message that `signature` must cover. Returns 0 or ERR_MALFORMED (the
 * path does not fit position and count, or the vote is not the header's voter's). */
int evidence_check_path(const struct evidence *evidence, uint8_t ret_message[VOTES_MESSAGE_BYTES]);

/* Puts it in its place. Returns 0, ERR_EXISTS (the first vote of a voter stands) or ERR_INVALID (no
 * such voter). */
int evidence_list_add(struct evidence_list *list, const struct evidence *evidence);

/* Encode returns 0, ERR_TOO_LARGE or ERR_INVALID. Decode returns 0, ERR_MALFORMED or ERR_VERSION
 * and then leaves *ret_list zeroed; it checks form only. EVIDENCE_BYTES_MAX is always enough. */
int evidence_list_encode(const struct evidence_list *list, uint8_t *buffer, size_t size,
                         size_t *ret_length);
int evidence_list_decode(const uint8_t *bytes, size_t length, struct evidence_list *ret_list);

/* Does the evidence carry what a BALLOT_CLOSE claims? Every vote in it must be signed by an
 * elector's key and be for this service, inquiry and ballot, all with one nonce. A side closed as
 * PASS needs a quorum (majority of node_count) of UP, as FAIL a quorum of SLOW or DOWN from at
 * least min_zones zones, with severity DOWN a quorum of DOWN. VOID needs nothing, and then the
 * evidence may be empty (length 0). Returns 0, ERR_AUTH (a signature, or the votes do not carry the
 * claim) or ERR_MALFORMED. */
int evidence_verify_close(const struct command *close, const uint8_t *evidence, size_t length,
                          const struct evidence_electors *electors, signature_verify_fn *verify);

#endif
