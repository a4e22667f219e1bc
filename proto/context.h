/* Conversation contexts on the wire between nodes: entries, and the frames that carry them.
 * Never opens what is sealed, never allocates; bounded by its own, larger frame size.
 * Called by the context store's thread, its simulation and tests. PROTOCOL.md has the format. */
#ifndef QUORATE_PROTO_CONTEXT_H
#define QUORATE_PROTO_CONTEXT_H

#include "proto/types.h"

enum {
    CONTEXT_FRAME_BYTES_MAX = 96 * 1024, /* on the contexts' sockets alone */
    CONTEXT_ID_BYTES_MAX = 120,
    CONTEXT_ID_SIZE = CONTEXT_ID_BYTES_MAX + 1,
    CONTEXT_HASH_BYTES = 16,
    CONTEXT_PART_BYTES_MAX = 65535,       /* one sealed part */
    CONTEXT_SEALED_BYTES_MAX = 80 * 1024, /* both parts of an entry together */
    CONTEXT_STUB_COUNT_MAX = 256,         /* in one page; the longest ids fit a frame */
};

#define CONTEXT_SEQ_MAX (INT64_C(9007199254740991)) /* 2^53 - 1 */

struct context_id {
    char text[CONTEXT_ID_SIZE]; /* printable ASCII without '/', NUL-terminated, zero-filled */
};

/* What orders the entries of one id; see node/io/contexts/context_order.h. */
struct context_version {
    uint64_t seq;     /* the client's, 1 or more */
    bool deleted;     /* a tombstone: nothing is sealed in it */
    int64_t stamp_ms; /* its coordinator's clock; breaks ties alone, is never a time */
    uint8_t hash[CONTEXT_HASH_BYTES]; /* keyed, of the content: equal for a repeated request */
};

/* A checkpoint as the nodes keep it. Who holds the seal opens it; replicas do not. */
struct context_entry {
    struct context_id id;
    struct context_version version;
    bool follows;          /* it is to be written through to the platform */
    time_ms age_ms;        /* since it was acknowledged or stored, by the sender's clock */
    const uint8_t *sealed; /* step, fields, names of secret fields; length 0 in a tombstone */
    size_t sealed_length;
    const uint8_t
        *secret; /* the secret fields' values, under another key; 0 where there are none */
    size_t secret_length;
};

/* One id and which of its entries is meant. */
struct context_stub {
    struct context_id id;
    struct context_version version;
};

/* What became of an entry that a node was given. */
enum context_outcome {
    CONTEXT_STORED,   /* the entry is what is held now */
    CONTEXT_SAME,     /* equal content was held, and is: a repeated request */
    CONTEXT_OLDER,    /* a higher seq, or a tombstone of the same, is held */
    CONTEXT_CONFLICT, /* the same seq with other content is held */
    CONTEXT_FULL,     /* a new id over a cap, or a full disk */
    CONTEXT_FAILED,   /* the disk or the service behind it failed */
    CONTEXT_OUTCOME_N
};

enum context_frame_kind {
    CONTEXT_FRAME_PUT,      /* entry, repair: merge it, commit it, say HELD */
    CONTEXT_FRAME_HELD,     /* outcome, version: what is on disk now */
    CONTEXT_FRAME_GET,      /* id */
    CONTEXT_FRAME_ENTRY,    /* the answer: id, present, entry */
    CONTEXT_FRAME_PAGE_ASK, /* id (after it; empty: from the start) */
    CONTEXT_FRAME_PAGE,     /* more, stubs in the order of their ids */
    CONTEXT_FRAME_HELLO,    /* each second; missed */
    CONTEXT_FRAME_WRITTEN,  /* id, seq: it is on the platform; may be lost */
    CONTEXT_FRAME_KIND_N
};

/* One frame; which members count stands at its kind. Bytes of entries point into what was decoded.
 */
struct context_frame {
    struct name cluster;
    node_id sender; /* must be the connection's proved identity */
    enum context_frame_kind kind;
    uint64_t round;    /* of who asked, echoed by who answers; 0 in a hello */
    uint64_t store_id; /* of the sender's store: another one means that it lost its disk */
    bool complete;     /* the sender counts in majorities */
    bool repair;       /* PUT: others hold it already, no cap refuses it */
    bool missed;       /* HELLO: something could not be sent to the receiver lately */
    bool present;
    bool more;
    enum context_outcome outcome;
    struct context_id id;
    uint64_t seq;
    struct context_version version; /* zeros: nothing is held */
    struct context_entry entry;
    uint16_t stub_count;
    struct context_stub stubs[CONTEXT_STUB_COUNT_MAX];
};

/* Returns 0, ERR_INVALID (a member out of its range) or ERR_TOO_LARGE. */
int context_frame_encode(const struct context_frame *frame, uint8_t *buffer, size_t size,
                         size_t *ret_length);
/* Returns 0, ERR_TOO_LARGE (over CONTEXT_FRAME_BYTES_MAX), ERR_VERSION or ERR_MALFORMED; on error
 * the output is zeroed. */
int context_frame_decode(const uint8_t *bytes, size_t length, struct context_frame *ret_frame);

/* Fills an id, zero-padded. Returns 0, ERR_INVALID (empty, or a byte that is not printable ASCII or
 * is '/') or ERR_TOO_LARGE. */
int context_id_set(struct context_id *ret_id, const char *text);

#endif
