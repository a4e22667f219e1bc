/* Which of two entries of one id counts: a total order, so that merging in any order of arrival,
 * with losses made up and repeats, ends in the same entry on every node.
 * Never looks at a content, a clock or a node.
 * Called by the stores and the engine. Pure. */
#ifndef QUORATE_IO_CONTEXT_ORDER_H
#define QUORATE_IO_CONTEXT_ORDER_H

#include "proto/context.h"

/* Above 0 where a beats b, below where b beats a, 0 where they are one. A higher seq wins; at equal
 * seq a tombstone; then the earlier stamp, so that who came first stays; then the smaller hash. A
 * version of seq 0 is nothing and loses to all. */
int context_version_compare(const struct context_version *a, const struct context_version *b);

/* Equal content under one seq, whoever coordinated it and when: a repeated request. */
bool context_version_same(const struct context_version *a, const struct context_version *b);

/* What comes of `entry` where `held` is (seq 0: nothing). *ret_replaces: it takes the place of what
 * is held. Returns CONTEXT_STORED, _SAME (it may replace: an equal one with an earlier stamp),
 * _OLDER or _CONFLICT. */
enum context_outcome context_merge(const struct context_version *held,
                                   const struct context_version *entry, bool *ret_replaces);

#endif
