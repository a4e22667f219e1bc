#include "node/core/update.h"

#include <stddef.h>
#include <string.h>

#include "common/check.h"

void update_clear(struct update *update)
{
    update->count = 0;
    update->deadline_ms = TIME_NEVER;
}

/* Messages and writes hold room for many entries and mostly carry few; those that their count does
 * not cover are never looked at. */
static size_t zeroed_bytes(enum effect_kind kind)
{
    enum { MESSAGE_HEAD_BYTES = offsetof(struct raft_message, as) + 64 };
    _Static_assert(MESSAGE_HEAD_BYTES >= offsetof(struct raft_message, as.append.entries),
                   "the head ends behind the count");
    if (kind == EFFECT_SEND)
        return offsetof(struct effect, as.send) + MESSAGE_HEAD_BYTES;
    if (kind == EFFECT_PERSIST)
        return offsetof(struct effect, as.persist.entries);
    return sizeof(struct effect);
}

struct effect *update_add(struct update *update, enum effect_kind kind)
{
    CHECK(update->count < EFFECT_COUNT_MAX);
    struct effect *effect = &update->effects[update->count++];
    memset(effect, 0, zeroed_bytes(kind));
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
