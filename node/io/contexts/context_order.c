#include "node/io/contexts/context_order.h"

#include <string.h>

int context_version_compare(const struct context_version *a, const struct context_version *b)
{
    if (a->seq != b->seq)
        return a->seq > b->seq ? 1 : -1;
    if (a->deleted != b->deleted)
        return a->deleted ? 1 : -1;
    if (a->stamp_ms != b->stamp_ms)
        return a->stamp_ms < b->stamp_ms ? 1 : -1;
    int hashes = memcmp(b->hash, a->hash, CONTEXT_HASH_BYTES);
    return (hashes > 0) - (hashes < 0);
}

bool context_version_same(const struct context_version *a, const struct context_version *b)
{
    return a->seq == b->seq && a->deleted == b->deleted &&
           memcmp(a->hash, b->hash, CONTEXT_HASH_BYTES) == 0;
}

enum context_outcome context_merge(const struct context_version *held,
                                   const struct context_version *entry, bool *ret_replaces)
{
    *ret_replaces = context_version_compare(entry, held) > 0;
    if (context_version_same(held, entry))
        return CONTEXT_SAME;
    if (*ret_replaces)
        return CONTEXT_STORED;
    return entry->seq == held->seq && entry->deleted == held->deleted ? CONTEXT_CONFLICT
                                                                      : CONTEXT_OLDER;
}
