#include "node/io/contexts/context_store.h"

#include <stdlib.h>

bool context_is_over(const struct context_limits *limits, const struct context_version *version,
                     time_ms age_ms)
{
    return age_ms >= (version->deleted ? 2 : 1) * limits->ttl_ms;
}

void context_store_free(struct context_store **store)
{
    if (*store == NULL)
        return;
    (*store)->vtable->close(*store);
    *store = NULL;
}

void context_op_fini(struct context_op *op)
{
    free(op->bytes);
    op->bytes = NULL;
}
