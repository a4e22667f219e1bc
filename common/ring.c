#include "common/ring.h"

#include "common/check.h"
#include "common/errors.h"

void ring_init(struct ring *ring, size_t capacity)
{
    CHECK(capacity > 0 && (capacity & (capacity - 1)) == 0);
    *ring = (struct ring){.capacity = capacity};
}

size_t ring_count(const struct ring *ring)
{
    return (size_t)(ring->tail - ring->head);
}

static bool is_full(const struct ring *ring)
{
    return ring_count(ring) == ring->capacity;
}

int ring_put(struct ring *ring, size_t *ret_slot)
{
    CHECK(ring_count(ring) <= ring->capacity);
    if (is_full(ring))
        return ERR_FULL;
    *ret_slot = (size_t)ring->tail & (ring->capacity - 1);
    ring->tail++;
    return 0;
}

int ring_take(struct ring *ring, size_t *ret_slot)
{
    CHECK(ring_count(ring) <= ring->capacity);
    if (ring->head == ring->tail)
        return ERR_NOT_FOUND;
    *ret_slot = (size_t)ring->head & (ring->capacity - 1);
    ring->head++;
    return 0;
}
