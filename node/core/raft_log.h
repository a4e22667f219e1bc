/* The log's metadata in memory, {index, term, kind, length}, behind a snapshot, in a bounded ring.
 * Never holds payload bytes; never overwrites an entry that was not truncated or compacted.
 * Called by raft*.c. */
#ifndef QUORATE_CORE_RAFT_LOG_H
#define QUORATE_CORE_RAFT_LOG_H

#include "proto/raft_message.h"

enum { RAFT_LOG_CAPACITY = 16384 }; /* a power of two */

struct raft_log {
    log_index snapshot_index; /* the snapshot covers up to here */
    term_id snapshot_term;
    log_index first_index; /* oldest entry kept; last_index + 1 where none is */
    log_index last_index;
    term_id base_term; /* of first_index - 1 */
    struct raft_entry entries[RAFT_LOG_CAPACITY];
};

void raft_log_init(struct raft_log *log);
/* Entries that can be appended yet. */
size_t raft_log_room(const struct raft_log *log);
/* Of the last entry, or of what precedes the first where there is none. */
term_id raft_log_last_term(const struct raft_log *log);
/* Returns 0, or ERR_NOT_FOUND where the index was compacted away or lies ahead. Index 0 has term 0.
 */
int raft_log_term(const struct raft_log *log, log_index index, term_id *ret_term);
/* NULL where raft_log_term would say ERR_NOT_FOUND, and for the position before the first entry.
 * Valid until the next change of the log. */
const struct raft_entry *raft_log_get(const struct raft_log *log, log_index index);
/* Appends at last_index + 1, where the entry must say so. Returns 0 or ERR_FULL. */
int raft_log_append(struct raft_log *log, const struct raft_entry *entry);
/* Forgets `index` and all after it; what the snapshot covers is never cut. */
void raft_log_truncate_from(struct raft_log *log, log_index index);
/* The snapshot now covers up to `index`; entries up to `compact_to` (<= index) are forgotten. */
void raft_log_snapshot(struct raft_log *log, log_index index, term_id term, log_index compact_to);
/* Everything is replaced by a snapshot from the leader. */
void raft_log_reset(struct raft_log *log, log_index index, term_id term);

#endif
