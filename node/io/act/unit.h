/* Several routes of one service as one: what their readings amount to.
 * Never reads or writes anything; it is arithmetic on readings.
 * Called by the kept readings, by the actuator's jobs and by the simulated platforms. */
#ifndef QUORATE_IO_ACT_UNIT_H
#define QUORATE_IO_ACT_UNIT_H

#include "proto/route.h"

/* What one route was read as. body_hash[state]: of the body that makes the state effective from
 * here; 0 of a state that cannot be written. */
struct unit_part {
    enum route_state state;
    uint64_t version;
    bool versioned;
    uint64_t body_hash[ROUTE_STATE_N];
};

/* The view of `count` routes (1 to ROUTE_PART_COUNT_MAX). A part that nobody knows makes the unit
 * UNKNOWN, a foreign one FOREIGN, different ones, or one that differs in itself, MIXED. Of one
 * route everything is its own, and parts.count is 0; of several the version is a number made of all
 * versions (0 where one of them has none) and a body's hash one made of all bodies (0 where one of
 * them cannot be written). */
struct route_view unit_view(const struct unit_part parts[], uint8_t count);

/* A step has nothing to write to this part: it is as the step wants it. A single route is always
 * written, so that its version is consumed. */
bool unit_part_is_done(const struct unit_part *part, uint8_t count, enum route_state target);

#endif
