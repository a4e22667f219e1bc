/* Payloads: the bytes of the log's entries, by index; the core holds only their metadata.
 * Never writes to disk.
 * Called by the control loop. */
#ifndef QUORATE_IO_LOOP_PAYLOADS_H
#define QUORATE_IO_LOOP_PAYLOADS_H

#include "node/core/raft_log.h"
#include "proto/frame.h"

struct payloads; /* one slot an entry that the log's ring can hold */

int payloads_new(struct payloads **ret_payloads);
void payloads_free(struct payloads **payloads);
/* Copies; replaces what was at the index. Returns 0 or ERR_NO_MEMORY. */
int payloads_put(struct payloads *payloads, log_index index, const uint8_t *bytes, size_t length);
/* Valid until the index is put again or its slot is reused. Returns 0 or ERR_NOT_FOUND. */
int payloads_get(const struct payloads *payloads, log_index index, struct payload *ret_payload);

#endif
