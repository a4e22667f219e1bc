/* Places of a move at which the test build `quorate-failpoints` kills itself, so that tests can see
 * what its death there leaves behind. Never part of `quorate`: there, these are empty.
 * Called by driver.c and the effects. */
#ifndef QUORATE_IO_LOOP_FAILPOINT_H
#define QUORATE_IO_LOOP_FAILPOINT_H

#include "node/io/loop/parts.h"

/* A place is "STATE/WORD/POINT:ROLE". WORD is an input, for the entry that takes this row of the
 * move table; "intent", for the entry that lets the state's request be made; or "request" itself.
 * POINT is proposed, persisted (on this node, or applied before it is) or applied of an entry;
 * asked or answered of a request. ROLE is leader or follower. The environment's QUORATE_FAILPOINT
 * names a file; whoever comes to the place that stands in it removes the file and dies by SIGKILL.
 */
#ifdef QUORATE_FAILPOINTS
void failpoint_proposed(const struct node *node, const struct command *command);
/* Before the core hears of it. */
void failpoint_persisted(const struct node *node, uint64_t ticket);
void failpoint_applied(const struct node *node, const struct applied *applied);
void failpoint_write(const struct node *node, service_slot slot, const char *point);
#else
static inline void failpoint_proposed(const struct node *node, const struct command *command)
{
    (void)node;
    (void)command;
}

static inline void failpoint_persisted(const struct node *node, uint64_t ticket)
{
    (void)node;
    (void)ticket;
}

static inline void failpoint_applied(const struct node *node, const struct applied *applied)
{
    (void)node;
    (void)applied;
}

static inline void failpoint_write(const struct node *node, service_slot slot, const char *point)
{
    (void)node;
    (void)slot;
    (void)point;
}
#endif

#endif
