/* What an entrance gave new conversations over time, so that an edge can be behind.
 * Never reads a clock, never knows an edge.
 * Called under the platform's lock. */
#ifndef QUORATE_LAB_EFFECT_H
#define QUORATE_LAB_EFFECT_H

#include "common/duration.h"

#include <stddef.h>

enum { EFFECTS_MAX = 16, EFFECT_FLOW_BYTES = 64 };

struct effect {
    time_ms at_ms;
    char flow[EFFECT_FLOW_BYTES]; /* "" where no flow is reached */
};

struct effect_log {
    struct effect effects[EFFECTS_MAX]; /* the newest stay */
    size_t count;                       /* ever */
};

/* From `at_ms` on new conversations reach `flow` (NULL: none). Nothing where they do already. */
void effect_note(struct effect_log *log, time_ms at_ms, const char *flow);

/* The flow that was reached at `at_ms`, or NULL; before the first note that of the oldest. */
const char *effect_flow(const struct effect_log *log, time_ms at_ms);

#endif
