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
    bool follows;          /* it names a conversation: to be written through to the platform */
    time_ms age_ms;        /* since it was acknowledged or stored, by the sender's clock */
    const uint8_t *sealed; /* step, fields, names of secret fields; length 0 in a tombstone */
    size_t sealed_length;
    const uint8_t
        *secret; /* the secret fields' values, under another key; 0 where there are none */
    size_t secret_length;
};

/* Fills an id, zero-padded. Returns 0, ERR_INVALID (empty, or a byte that is not printable ASCII or
 * is '/') or ERR_TOO_LARGE. */
int context_id_set(struct context_id *ret_id, const char *text);

#endif
