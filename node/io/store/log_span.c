#include "node/io/store/log_span.h"

#include "common/errors.h"
#include "node/io/store/ledger_store.h"

bool log_span_is_empty(const struct log_span *span)
{
    return span->last < span->first;
}

static void make_empty(struct log_span *span)
{
    span->first = span->snapshot + 1;
    span->last = span->snapshot;
}

void log_span_truncate(struct log_span *span, log_index from)
{
    if (from == 0 || from > span->last)
        return;
    if (from <= span->first)
        make_empty(span);
    else
        span->last = from - 1;
}

int log_span_compact(struct log_span *span, log_index index, log_index compact_to)
{
    bool empty = log_span_is_empty(span);
    if (index != 0 && index < span->snapshot)
        return ERR_INVALID;
    if (index != 0)
        span->snapshot = index;
    if (compact_to > span->snapshot)
        return ERR_INVALID;
    if (empty || compact_to >= span->last)
        make_empty(span);
    else if (compact_to >= span->first)
        span->first = compact_to + 1;
    return span->last < span->snapshot ? ERR_INVALID : 0;
}

int log_span_append(struct log_span *span, log_index index)
{
    if (index != span->last + 1)
        return ERR_INVALID;
    span->last = index;
    return 0;
}

int log_span_apply(struct log_span *span, const struct store_job *job)
{
    struct log_span next = *span;
    log_span_truncate(&next, job->truncate_from);
    int error =
        log_span_compact(&next, job->has_snapshot ? job->snapshot.index : 0, job->compact_to);
    for (size_t i = 0; error == 0 && i < job->entry_count; i++)
        error = log_span_append(&next, job->entries[i].index);
    if (error == 0)
        *span = next;
    return error;
}
