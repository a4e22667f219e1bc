#include "tests/lab/sim/effect.h"

#include <stdio.h>
#include <string.h>

void effect_note(struct effect_log *log, time_ms at_ms, const char *flow)
{
    const char *name = flow == NULL ? "" : flow;
    struct effect *effect;

    if (log->count > 0 && strcmp(log->effects[(log->count - 1) % EFFECTS_MAX].flow, name) == 0)
        return;
    effect = &log->effects[log->count++ % EFFECTS_MAX];
    effect->at_ms = at_ms;
    (void)snprintf(effect->flow, sizeof(effect->flow), "%s", name);
}

const char *effect_flow(const struct effect_log *log, time_ms at_ms)
{
    size_t kept = log->count < EFFECTS_MAX ? log->count : EFFECTS_MAX;
    const struct effect *found = NULL;

    for (size_t i = 0; i < kept; i++) {
        found = &log->effects[(log->count - 1 - i) % EFFECTS_MAX];
        if (found->at_ms <= at_ms)
            break;
    }
    return found == NULL || found->flow[0] == '\0' ? NULL : found->flow;
}
