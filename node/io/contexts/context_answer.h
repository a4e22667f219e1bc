/* What a client hears: statuses, bodies, and which refusal is counted.
 * Never shows a secret field's value without the reading token.
 * Called by contexts.c. */
#ifndef QUORATE_IO_CONTEXT_ANSWER_H
#define QUORATE_IO_CONTEXT_ANSWER_H

#include "node/io/contexts/context_engine.h"
#include "node/io/contexts/context_seal.h"

/* Fills status, json, length, retry_after_s. Returns the refusal to count, or CONTEXT_REFUSAL_N
 * where it was answered well. */
enum context_refusal context_answer_result(const struct context_seal *seal,
                                           const struct context_request *request,
                                           const struct context_result *result,
                                           struct context_answer *ret_answer);
/* A body, an id or a field that cannot be taken. */
enum context_refusal context_answer_form(int error, const struct text *why,
                                         struct context_answer *ret_answer);
/* context_engine_begin's errors. */
enum context_refusal context_answer_refused(int error, struct context_answer *ret_answer);

#endif
