/* How long requests took: all values are kept, so that no percentile is a guess.
 * Never judges.
 * Called by load.c and who reports. */
#ifndef QUORATE_CLUSTER_LOAD_LATENCY_H
#define QUORATE_CLUSTER_LOAD_LATENCY_H

#include <stddef.h>
#include <stdint.h>

struct latency {
    uint32_t *values_us;
    size_t count;
    size_t room;
};

/* A value that finds no memory is lost, and the count says so. */
void latency_add(struct latency *latency, int64_t took_us);
/* Nearest rank in milliseconds, of `per_thousand` 500, 990, 999 or 1000; 0 of none. Sorts. */
double latency_ms(struct latency *latency, unsigned per_thousand);
void latency_free(struct latency *latency);

#endif
