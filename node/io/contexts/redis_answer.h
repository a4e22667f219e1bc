/* What Redis answers to one operation of a store, into the operation.
 * Never trusts its form: an answer of another one is ERR_MALFORMED.
 * Called by store_redis.c. */
#ifndef QUORATE_IO_REDIS_ANSWER_H
#define QUORATE_IO_REDIS_ANSWER_H

#include <hiredis/hiredis.h>

#include "node/io/contexts/context_store.h"

/* Fills the results of `op`, of a PENDING the ids alone; the totals go to the state where the
 * answer has them. Returns 0, ERR_MALFORMED or ERR_NO_MEMORY; ERR_FULL stands in the operation. */
int redis_answer_take(const redisReply *reply, struct context_op *op,
                      struct context_store_state *state);

/* A number, however it is written; 0 where it is none. */
int64_t redis_answer_number(const redisReply *reply);

/* For CLEANUP. */
void redis_cleanup_reply(redisReply **reply);

#endif
