#include "node/core/update.h"

#include <string.h>

#include "common/check.h"

void update_clear(struct update *update)
{
    update->count = 0;
    update->deadline_ms = TIME_NEVER;
}

struct effect *update_add(struct update *update, enum effect_kind kind)
{
    CHECK(update->count < EFFECT_COUNT_MAX);
    struct effect *effect = &update->effects[update->count++];
    memset(effect, 0, sizeof *effect);
    effect->kind = kind;
    return effect;
}

size_t update_room(const struct update *update)
{
    return EFFECT_COUNT_MAX - update->count;
}

void update_deadline(struct update *update, time_ms at_ms)
{
    if (at_ms < update->deadline_ms)
        update->deadline_ms = at_ms;
}
