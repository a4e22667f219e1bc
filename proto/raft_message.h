/* Raft messages as data. Entries carry {index, term, kind, length, handle}; payload bytes are the
 * driver's. Never decides; node/core/raft.c does. Used by the core, the driver (encode/decode with
 * payloads) and the simulator. */
#ifndef QUORATE_PROTO_RAFT_MESSAGE_H
#define QUORATE_PROTO_RAFT_MESSAGE_H

#include "proto/members.h"

enum {
    RAFT_ENTRIES_MAX = 32, /* entries in one message */
    RAFT_ENTRIES_BYTES_MAX =
        40960, /* their payloads together; one larger entry (up to COMMAND_BYTES_MAX) goes alone */
    RAFT_CHUNK_BYTES_MAX = 32768, /* one chunk of a snapshot */
};

enum raft_message_kind {
    RAFT_PREVOTE,
    RAFT_PREVOTE_REPLY,
    RAFT_VOTE,
    RAFT_VOTE_REPLY,
    RAFT_APPEND, /* heartbeats too */
    RAFT_APPEND_REPLY,
    RAFT_SNAPSHOT,
    RAFT_SNAPSHOT_REPLY,
    RAFT_TIMEOUT_NOW, /* leadership transfer: campaign at once */
    RAFT_MESSAGE_N
};

struct raft_entry {
    log_index index;
    term_id term;
    uint8_t kind;
    uint32_t length;
    uint64_t handle;      /* the driver's; in a received message an offset into the frame */
    struct member member; /* what a COMMAND_MEMBER says, for the driver to fill in */
};

struct raft_message {
    enum raft_message_kind kind;
    node_id from;
    node_id to;
    term_id term;
    uint64_t incarnation; /* of the sender's data folder, for the driver to fill in; 0: not known */
    union {
        struct { /* PREVOTE, VOTE */
            log_index last_index;
            term_id last_term;
            uint64_t nonce; /* PREVOTE: echoed */
            bool transfer;  /* the leader asked for this campaign ... */
            uint64_t round; /* ... and this was its newest round then; 0 otherwise */
        } vote;
        struct { /* PREVOTE_REPLY, VOTE_REPLY */
            bool granted;
            uint64_t nonce;
            time_ms
                retry_ms; /* denied pre-vote: how long the voter's loyalty to a leader lasts yet */
        } vote_reply;
        struct {
            log_index prev_index;
            term_id prev_term;
            log_index commit;
            uint64_t round; /* heartbeat round, rises with each sending */
            uint32_t entry_count;
            struct raft_entry entries[RAFT_ENTRIES_MAX];
        } append;
        struct {
            bool matched;
            log_index match_index; /* matched: last index known equal and persisted here */
            log_index hint_index;  /* not matched: try this as prev_index */
            uint64_t round;        /* of the newest APPEND heard */
        } append_reply;
        /* The core says index, offset and round; the sending driver adds the rest by the offset:
         * the newest snapshot's total, and up to RAFT_CHUNK_BYTES_MAX bytes (none where the offset
         * is the total). */
        struct {
            log_index index;
            term_id index_term;
            uint32_t offset;
            uint32_t total;
            uint32_t length;
            uint64_t handle;
            uint64_t round;
        } snapshot;
        struct {
            log_index index;
            uint32_t received; /* bytes had so far: the next chunk's offset */
            bool installed;    /* all is decoded and on disk: replication goes on from `index` */
            uint64_t round;
        } snapshot_reply;
        struct {
            uint64_t round; /* the leader's newest; later rounds take the permission back */
        } timeout_now;
    } as;
};

const char *raft_message_kind_name(enum raft_message_kind kind);

#endif
