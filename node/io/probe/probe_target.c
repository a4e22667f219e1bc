#include "node/io/probe/probe_target.h"

#include <string.h>

#include "common/check.h"
#include "node/io/probe/probe_judge.h"

/* A free place, or the one that was used longest ago and has no probes; NULL where all have. */
static struct probe_target *place_for_new(struct probe_targets *targets)
{
    if (targets->count < PROBE_TARGET_COUNT_MAX) {
        targets->count += 1;
        return &targets->items[targets->count - 1];
    }
    struct probe_target *oldest = NULL;
    for (size_t i = 0; i < targets->count; i++) {
        struct probe_target *target = &targets->items[i];
        if (target->probe_count == 0 && (oldest == NULL || target->used_us < oldest->used_us)) {
            oldest = target;
        }
    }
    return oldest;
}

struct probe_target *probe_targets_get(struct probe_targets *targets, const char *key,
                                       int64_t now_us)
{
    size_t length = strlen(key);
    CHECK(length < PROBE_TARGET_KEY_SIZE);
    for (size_t i = 0; i < targets->count; i++) {
        if (strcmp(targets->items[i].key, key) == 0) {
            targets->items[i].used_us = now_us;
            return &targets->items[i];
        }
    }
    struct probe_target *target = place_for_new(targets);
    if (target != NULL) {
        *target = (struct probe_target){.used_us = now_us};
        memcpy(target->key, key, length + 1);
    }
    return target;
}

void probe_target_add_connect(struct probe_target *target, int32_t connect_us)
{
    target->connects_us[target->connect_count % PROBE_CONNECT_COUNT] = connect_us;
    target->connect_count += 1;
}

int32_t probe_target_round_trip_us(const struct probe_target *target)
{
    int32_t smallest = PROBE_ROUND_TRIP_UNKNOWN;
    for (size_t i = 0; i < target->connect_count && i < PROBE_CONNECT_COUNT; i++) {
        if (smallest == PROBE_ROUND_TRIP_UNKNOWN || target->connects_us[i] < smallest) {
            smallest = target->connects_us[i];
        }
    }
    return smallest;
}

bool probe_target_may_resolve(const struct probe_target *target, int64_t now_us)
{
    return target->lookups_left < PROBE_LOOKUPS_LEFT_MAX || now_us >= target->left_until_us;
}

void probe_target_lookup_left(struct probe_target *target, int64_t now_us)
{
    if (now_us >= target->left_until_us) {
        target->lookups_left = 0;
    }
    target->lookups_left += 1;
    target->left_until_us = now_us + PROBE_LOOKUP_LEFT_US;
}

void probe_target_resolved(struct probe_target *target)
{
    target->lookups_left = 0;
}
