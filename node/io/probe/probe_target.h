/* What a prober's thread knows of a host and port: recent round trips, look-ups left behind.
 * Never resolves or connects; time is a parameter; pure.
 * Called by one prober thread. */
#ifndef QUORATE_IO_PROBE_TARGET_H
#define QUORATE_IO_PROBE_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PROBE_TARGET_COUNT_MAX = 256, /* both sides of all services, and the references */
    PROBE_TARGET_KEY_SIZE = 208,
    PROBE_CONNECT_COUNT = 16, /* the round trip is the smallest of so many connects */
    PROBE_LOOKUPS_LEFT_MAX = 4,
    /* A resolver with its defaults gives up on one silent name server after ten seconds. */
    PROBE_LOOKUP_LEFT_US = 10 * 1000 * 1000,
};

struct probe_target {
    char key[PROBE_TARGET_KEY_SIZE]; /* host:port */
    int64_t used_us;
    size_t probe_count; /* probes that point here; 0 may be forgotten */
    int32_t connects_us[PROBE_CONNECT_COUNT];
    size_t connect_count; /* counts on past the maximum */
    size_t lookups_left;  /* look-ups that outlived their probe and hold a thread of the resolver */
    int64_t left_until_us; /* when the last of them has surely ended */
};

struct probe_targets {
    struct probe_target items[PROBE_TARGET_COUNT_MAX];
    size_t count;
};

/* The record of host:port, made where there is none, in place of the one that was used longest ago.
 * NULL where all are in use. The caller counts itself in and out of probe_count. */
struct probe_target *probe_targets_get(struct probe_targets *targets, const char *key,
                                       int64_t now_us);

void probe_target_add_connect(struct probe_target *target, int32_t connect_us);
/* The smallest recent TCP connect time, or -1 where none is known. */
int32_t probe_target_round_trip_us(const struct probe_target *target);

/* False while so many look-ups were left behind that one more would only hold one more thread. */
bool probe_target_may_resolve(const struct probe_target *target, int64_t now_us);
void probe_target_lookup_left(struct probe_target *target, int64_t now_us);
/* The name was resolved: the resolver answers again. */
void probe_target_resolved(struct probe_target *target);

#endif
