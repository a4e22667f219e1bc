/* Frames: the bytes on every socket between nodes, [version, cluster, sender, incarnation, kind,
 * sequence, body]. Never allocates, never trusts a length, never reads past what it was given;
 * PROTOCOL.md is its description. Called by the control loop, the bus and tests, from any thread.
 */
#ifndef QUORATE_PROTO_FRAME_H
#define QUORATE_PROTO_FRAME_H

#include "proto/operation.h"
#include "proto/raft_message.h"
#include "proto/votes.h"
#include "proto/why.h"

enum frame_kind {
    FRAME_VOTES,       /* struct votes, signed */
    FRAME_CALL,        /* struct call; the caller is the sender */
    FRAME_RAFT,        /* struct raft_message with its payloads; from is the sender */
    FRAME_PING,        /* struct frame_ping */
    FRAME_PONG,        /* the ping's stamp, echoed */
    FRAME_INIT_ASK,    /* is your data folder empty? no content */
    FRAME_INIT_ANSWER, /* struct init_answer */
    FRAME_INIT_SET,    /* the new cluster's id */
    FRAME_INIT_DONE,   /* the id that is now on this node's disk */
    FRAME_OPERATE,     /* struct operation, forwarded to the leader */
    FRAME_OPERATED,    /* struct operated, its answer */
    FRAME_HELLO,       /* struct frame_hello, each second; from wire level 2 on */
    FRAME_JOIN,        /* struct frame_join, each second; from wire level 2 on */
    FRAME_ADMIT,       /* struct frame_admit, the leader's answer; level 2 */
    FRAME_KIND_N
};

struct frame_header {
    uint8_t cluster_id[CLUSTER_ID_BYTES]; /* zeros only where frame_kind_is_init */
    node_id sender;                       /* must be the connection's proved identity */
    uint64_t incarnation;                 /* of the sender */
    enum frame_kind kind;                 /* encoders write their own and do not read it */
    uint64_t sequence;                    /* rises with each frame of this incarnation */
};

/* A frame whose header was read. Points into the caller's bytes, which must stay as long as it is
 * used. */
struct frame {
    struct frame_header header;
    const uint8_t *bytes;
    size_t length;
    size_t body_offset;
};

struct frame_ping {
    int64_t stamp_us; /* the pinging node's own clock; means nothing elsewhere */
};

/* What a node says of itself. One that is silent speaks the first wire level and is not known to be
 * able to act. */
struct frame_hello {
    uint8_t level; /* the newest wire level that it speaks */
    bool can_act;  /* its last proof, younger than two proof intervals, was answered well */
};

struct init_answer {
    uint8_t cluster_id[CLUSTER_ID_BYTES]; /* zeros where there is none */
    log_index last_index;
    bool empty;
    uint64_t incarnation;
};

/* The sender's folder is empty. */
struct frame_join {
    uint8_t level; /* the newest wire level that it speaks */
};

/* The ledger has the node as a learner. */
struct frame_admit {
    uint8_t cluster_id[CLUSTER_ID_BYTES];
    uint64_t incarnation; /* of the folder that is meant */
};

enum operated_state {
    OPERATED_ANSWERED,   /* the ledger accepted or refused it: accepted, why, move, earliest_ms */
    OPERATED_NOT_LEADER, /* ask another node */
    OPERATED_NO_QUORUM,  /* leads, but cannot commit */
    OPERATED_STATE_N
};

struct operated {
    uint64_t request_id;
    enum operated_state state;
    bool accepted;
    enum why why;
    log_index move;
    time_ms earliest_ms; /* a duration from now; -1 where nobody can tell */
};

/* Bytes that a Raft message carries: one for each entry of an APPEND, one for the chunk of a
 * SNAPSHOT. */
struct payload {
    const uint8_t *bytes;
    size_t length;
};

/* Sent by nodes that may not know a cluster's id. */
bool frame_kind_is_init(enum frame_kind kind);

/* Reads a frame's header. Returns 0, ERR_TOO_LARGE (over FRAME_BYTES_MAX), ERR_VERSION (another
 * version, or a kind that this build does not know) or ERR_MALFORMED; on error *ret_frame is
 * zeroed. The body is not looked at: sender and cluster can be checked first. */
int frame_open(const uint8_t *bytes, size_t length, struct frame *ret_frame);

/* Each decoder takes an opened frame of its own kind and reads its body to the last byte.
 * Returns 0 or ERR_MALFORMED; on error the output is zeroed. */
int frame_decode_votes(const struct frame *frame, struct votes *ret_votes);
int frame_decode_call(const struct frame *frame, struct call *ret_call);
/* entries[].handle and snapshot.handle are offsets of the payload in frame->bytes. */
int frame_decode_raft(const struct frame *frame, struct raft_message *ret_message);
int frame_decode_ping(const struct frame *frame, struct frame_ping *ret_ping); /* PONG, too */
int frame_decode_hello(const struct frame *frame, struct frame_hello *ret_hello);
int frame_decode_init_ask(const struct frame *frame);
int frame_decode_init_answer(const struct frame *frame, struct init_answer *ret_answer);
/* INIT_SET and INIT_DONE. */
int frame_decode_init_id(const struct frame *frame, uint8_t ret_cluster_id[CLUSTER_ID_BYTES]);
int frame_decode_join(const struct frame *frame, struct frame_join *ret_join);
int frame_decode_admit(const struct frame *frame, struct frame_admit *ret_admit);
int frame_decode_operate(const struct frame *frame, struct operation *ret_operation);
int frame_decode_operated(const struct frame *frame, struct operated *ret_operated);

/* Encoders return 0, ERR_TOO_LARGE (over `size` or FRAME_BYTES_MAX) or ERR_INVALID (a field out of
 * the range that the decoder accepts); *ret_length is set on success. FRAME_BYTES_MAX is always
 * enough. */
int frame_encode_votes(const struct frame_header *header, const struct votes *votes,
                       uint8_t *buffer, size_t size, size_t *ret_length);
int frame_encode_call(const struct frame_header *header, const struct call *call, uint8_t *buffer,
                      size_t size, size_t *ret_length);
/* payload_count is entry_count for APPEND, 1 for SNAPSHOT, else 0, and the lengths are the
 * message's. */
int frame_encode_raft(const struct frame_header *header, const struct raft_message *message,
                      const struct payload *payloads, size_t payload_count, uint8_t *buffer,
                      size_t size, size_t *ret_length);
int frame_encode_ping(const struct frame_header *header, const struct frame_ping *ping,
                      uint8_t *buffer, size_t size, size_t *ret_length);
int frame_encode_pong(const struct frame_header *header, const struct frame_ping *ping,
                      uint8_t *buffer, size_t size, size_t *ret_length);
int frame_encode_hello(const struct frame_header *header, const struct frame_hello *hello,
                       uint8_t *buffer, size_t size, size_t *ret_length);
int frame_encode_init_ask(const struct frame_header *header, uint8_t *buffer, size_t size,
                          size_t *ret_length);
int frame_encode_init_answer(const struct frame_header *header, const struct init_answer *answer,
                             uint8_t *buffer, size_t size, size_t *ret_length);
int frame_encode_init_set(const struct frame_header *header,
                          const uint8_t cluster_id[CLUSTER_ID_BYTES], uint8_t *buffer, size_t size,
                          size_t *ret_length);
int frame_encode_init_done(const struct frame_header *header,
                           const uint8_t cluster_id[CLUSTER_ID_BYTES], uint8_t *buffer, size_t size,
                           size_t *ret_length);
int frame_encode_join(const struct frame_header *header, const struct frame_join *join,
                      uint8_t *buffer, size_t size, size_t *ret_length);
int frame_encode_admit(const struct frame_header *header, const struct frame_admit *admit,
                       uint8_t *buffer, size_t size, size_t *ret_length);
int frame_encode_operate(const struct frame_header *header, const struct operation *operation,
                         uint8_t *buffer, size_t size, size_t *ret_length);
int frame_encode_operated(const struct frame_header *header, const struct operated *operated,
                          uint8_t *buffer, size_t size, size_t *ret_length);

#endif
