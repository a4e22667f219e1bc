/* The wire level: which command kinds and fields a build understands, beside the frames' version.
 * Never decides when a level is raised; node/core/level.c does, once all voters announce it.
 * Used by the codecs of commands and snapshots, by frames that a lower level lacks, and by the
 * driver's hello. */
#ifndef QUORATE_PROTO_LEVEL_H
#define QUORATE_PROTO_LEVEL_H

#include <stdint.h>

enum {
    PROTO_LEVEL_FIRST = 1, /* what every ledger begins with */
    PROTO_LEVEL_HELLO = 2, /* hellos, and what their header lists: command.h, ledger.h */
    PROTO_LEVEL_STEPS = 3, /* correlation ids with steps, drains by count, details of votes */
    PROTO_LEVEL_NEWEST = PROTO_LEVEL_STEPS,
};

/* What this build speaks. Apart from a build that stands in for an older one in the tests of a
 * rolling upgrade it is PROTO_LEVEL_NEWEST. */
uint8_t proto_level(void);

#endif
