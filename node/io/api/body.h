/* The body of an operator's POST: strict JSON, as one struct operation.
 * Never looks at the service's state.
 * Called by operate.c, tests. */
#ifndef QUORATE_IO_API_BODY_H
#define QUORATE_IO_API_BODY_H

#include "common/text.h"
#include "proto/operation.h"

#define BODY_HOLD_MS_MAX (INT64_C(7) * 24 * 3600 * 1000)

/* Reads {reason, for, expect, force, request_id}; an empty body is {}. `kind`, `service` and
 * `actor` of *ret_operation are the caller's and stay; request_id is 0 where the body has none.
 * Returns 0, or ERR_INVALID with `why` naming the key. */
int body_read_operation(const char *text, size_t length, enum operation_kind kind,
                        struct operation *ret_operation, struct text *why);

#endif
