/* The place between two routes of a unit at which the test build `quorate-failpoints` kills itself.
 * Never part of `quorate`: there, this is empty.
 * Called by job.c, on the actuator's thread. */
#ifndef QUORATE_IO_ACT_FAILPOINT_PART_H
#define QUORATE_IO_ACT_FAILPOINT_PART_H

#include <stddef.h>

#include "proto/route.h"

/* The place is "STEP/part/N": the N-th route (from 1) was just written. As in node/io/loop, the
 * environment's QUORATE_FAILPOINT names a file, and whoever comes to the place that stands in it
 * removes the file and dies by SIGKILL. */
#ifdef QUORATE_FAILPOINTS
/* Whoever is `here` dies, where that is the armed place. Removing the file is the claim: of several
 * nodes at the place one dies. */
void failpoint_come_to(const char *here);
void failpoint_part(enum route_step step, size_t place);
#else
static inline void failpoint_part(enum route_step step, size_t place)
{
    (void)step;
    (void)place;
}
#endif

#endif
