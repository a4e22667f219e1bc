/* One example of each thing that travels: the same bytes on every machine.
 * Never random, never dependent on a clock.
 * Used by the vector files' test and by the decoders' unit tests. */
#ifndef QUORATE_TESTS_VECTORS_H
#define QUORATE_TESTS_VECTORS_H

#include <stddef.h>
#include <stdint.h>

#include "proto/evidence.h"
#include "proto/frame.h"
#include "proto/ledger.h"

enum { VECTOR_BYTES_MAX = FRAME_BYTES_MAX };

struct vector {
    const char *name; /* of the file */
    int (*encode)(uint8_t *buffer, size_t size, size_t *ret_length);
    /* Decodes, and encodes what came out. Returns the decoder's error; then `ret_dirty` says
     * whether it left anything but zeros behind. NULL where there is no decoder (a signed message).
     */
    int (*recode)(const uint8_t *bytes, size_t length, uint8_t *buffer, size_t size,
                  size_t *ret_length, bool *ret_dirty);
};

extern const struct vector vectors[];
extern const size_t vector_count;

/* The nodes of the examples have keys made from seeds: 32 times the node's id. */
void example_keys(node_id node, uint8_t ret_public[KEY_BYTES], uint8_t ret_secret[64]);
int example_verify(const uint8_t key[KEY_BYTES], const uint8_t *message, size_t length,
                   const uint8_t signature[SIGNATURE_BYTES]);
void example_cluster_id(uint8_t ret_cluster_id[CLUSTER_ID_BYTES]);
void example_name(struct name *ret_name, const char *text);
struct frame_header example_header(node_id sender);
struct vote example_vote(node_id voter, service_slot service, enum vote_value primary);
/* Votes of one node on `count` services, signed. The first one is on service 0. */
void example_votes(node_id voter, uint16_t count, enum vote_value primary, struct votes *ret_votes);
/* One vote with these values, signed. */
void example_votes_of(node_id voter, enum vote_value primary, enum vote_value standby,
                      struct votes *ret_votes);
/* Renews the signature after a change. */
void example_sign(struct votes *votes);
/* Three nodes, three zones, min_zones 2. */
struct evidence_electors example_electors(void);
struct command example_close(void);
/* The votes of nodes 1 to 3 behind example_close. */
void example_evidence(struct evidence_list *ret_list);
struct service_settings example_settings(void);
void example_ledger(struct ledger *ret_ledger);
/* Adds a platform's token record, which level 2 has. */
void example_token(struct ledger *ledger);
bool all_zero(const void *bytes, size_t size);

/* Parts of the table, in files of their own. */
typedef int vector_encode_fn(uint8_t *buffer, size_t size, size_t *ret_length);
int frame_recode(const uint8_t *bytes, size_t length, uint8_t *buffer, size_t size,
                 size_t *ret_length, bool *ret_dirty);
vector_encode_fn encode_votes, encode_call, encode_ping, encode_pong, encode_hello, encode_join,
    encode_admit, encode_init_ask, encode_init_answer, encode_init_set, encode_init_done,
    encode_operate, encode_operated;
vector_encode_fn encode_prevote, encode_prevote_reply, encode_vote, encode_vote_reply,
    encode_append, encode_append_reply, encode_snapshot, encode_snapshot_reply, encode_timeout_now;
int context_recode(const uint8_t *bytes, size_t length, uint8_t *buffer, size_t size,
                   size_t *ret_length, bool *ret_dirty);
vector_encode_fn encode_context_put, encode_context_put_deleted, encode_context_held,
    encode_context_get, encode_context_entry, encode_context_entry_none, encode_context_page_ask,
    encode_context_page, encode_context_hello, encode_context_written;
int command_recode(const uint8_t *bytes, size_t length, uint8_t *buffer, size_t size,
                   size_t *ret_length, bool *ret_dirty);
vector_encode_fn encode_noop, encode_cluster, encode_service_set, encode_inquiry_open,
    encode_ballot_close, encode_inquiry_lapse, encode_move_open, encode_intent, encode_outcome,
    encode_move_input, encode_route_seen, encode_hold, encode_release, encode_arm, encode_disarm,
    encode_tick, encode_ack, encode_level, encode_service_set_2, encode_outcome_2,
    encode_service_set_3, encode_outcome_3, encode_outcome_unit, encode_route_seen_3,
    encode_hold_all, encode_release_all, encode_operate_all, encode_member, encode_token_intent,
    encode_token_set, encode_token_locked_out;

#endif
