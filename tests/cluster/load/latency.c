#include "tests/cluster/load/latency.h"

#include <stdlib.h>

void latency_add(struct latency *latency, int64_t took_us)
{
    if (latency->count == latency->room) {
        size_t room = latency->room == 0 ? 4096 : latency->room * 2;
        uint32_t *values_us = realloc(latency->values_us, room * sizeof(*values_us));
        if (values_us == NULL)
            return;
        latency->values_us = values_us;
        latency->room = room;
    }
    latency->values_us[latency->count++] =
        took_us < 0 ? 0 : (uint32_t)(took_us < UINT32_MAX ? took_us : UINT32_MAX);
}

static int compare(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a;
    uint32_t right = *(const uint32_t *)b;
    return (left > right) - (left < right);
}

double latency_ms(struct latency *latency, unsigned per_thousand)
{
    if (latency->count == 0)
        return 0;
    qsort(latency->values_us, latency->count, sizeof(*latency->values_us), compare);
    size_t rank = (latency->count * per_thousand + 999) / 1000;
    return latency->values_us[rank == 0 ? 0 : rank - 1] / 1000.0;
}

void latency_free(struct latency *latency)
{
    free(latency->values_us);
    *latency = (struct latency){.count = 0};
}
