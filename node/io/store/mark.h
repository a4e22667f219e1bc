/* The mark: one small record that pins the whole content of a ledger folder, and the checksums that
 * it is made of. It stands in the database and, after each commit, in the watermark file. Never
 * reads or writes a file itself. Called by the store's own files. Pure. */
#ifndef QUORATE_IO_STORE_MARK_H
#define QUORATE_IO_STORE_MARK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "node/io/store/log_span.h"
#include "proto/types.h"

enum { MARK_BYTES = 128 };

struct mark {
    uint64_t sequence; /* rises by one with each transaction; 1 is the one that made the database */
    uint64_t incarnation;
    node_id self;
    uint8_t cluster_id[CLUSTER_ID_BYTES];
    bool novice; /* the cluster was running already when it came here */
    term_id term;
    node_id voted_for;
    struct log_span span;
    term_id last_term;      /* of the row at span.last, or the snapshot's where the log is empty */
    uint32_t base_checksum; /* what the first row's checksum continues */
    uint32_t last_checksum; /* of the row at span.last; it covers all rows, because each continues
                               the one before */
    term_id snapshot_term;
    uint32_t snapshot_checksum;
};

struct store_entry;
struct store_snapshot;

/* Fixed layout, little endian, with a magic word that names its version and a CRC-32C at the end.
 */
void mark_encode(const struct mark *mark, uint8_t ret_bytes[MARK_BYTES]);

/* Errors: ERR_MALFORMED (length or checksum), ERR_VERSION (whole, but of another version). */
int mark_decode(const uint8_t *bytes, size_t length, struct mark *ret_mark);

/* Equality of everything, padding aside. */
bool mark_equal(const struct mark *a, const struct mark *b);

/* A row's checksum over index, term, kind, length and bytes, continuing the row before it. */
uint32_t mark_entry_checksum(uint32_t previous, const struct store_entry *entry);
uint32_t mark_snapshot_checksum(const struct store_snapshot *snapshot);

#endif
