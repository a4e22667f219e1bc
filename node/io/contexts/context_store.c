#include "node/io/contexts/context_store.h"

#include <stdlib.h>

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
