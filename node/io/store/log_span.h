/* Which rows a log has, and the three changes that keep it whole: truncate, compact, append.
 * Never touches rows; a change that would leave a gap is refused.
 * Called by the store, once when a job is submitted and once when it is written. Pure. */
#ifndef QUORATE_IO_STORE_LOG_SPAN_H
#define QUORATE_IO_STORE_LOG_SPAN_H

#include <stdbool.h>

#include "proto/types.h"

/* Rows first..last; an empty log has first = last + 1 and last = snapshot.
 * Otherwise first <= snapshot + 1 and last >= snapshot, except between the parts of one job. */
struct log_span {
    log_index first;
    log_index last;
    log_index snapshot; /* 0: there is none */
};

struct store_job;

bool log_span_is_empty(const struct log_span *span);

/* Rows from `from` on go. 0, or an index after the last: no change. */
void log_span_truncate(struct log_span *span, log_index from);

/* A snapshot at `index` (0: no new one) is there, and rows up to `compact_to` (0: none) go.
 * Returns 0, or ERR_INVALID where the snapshot goes back, or rows that no snapshot covers would go.
 */
int log_span_compact(struct log_span *span, log_index index, log_index compact_to);

/* One row more. Returns 0, or ERR_INVALID where `index` does not continue the log. */
int log_span_append(struct log_span *span, log_index index);

/* All of a job's changes. Returns 0, or ERR_INVALID, then `span` is unchanged. */
int log_span_apply(struct log_span *span, const struct store_job *job);

#endif
