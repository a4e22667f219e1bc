/* Index arithmetic of a bounded ring whose storage the caller owns; capacity is a power of two.
 * Never allocates, never overwrites: a full ring says so.
 * Called by node/core and adapters. Pure. */
#ifndef QUORATE_COMMON_RING_H
#define QUORATE_COMMON_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* head and tail count for ever; slot = counter & (capacity - 1). */
struct ring {
    uint64_t head; /* next to take */
    uint64_t tail; /* next to put */
    size_t capacity;
};

void ring_init(struct ring *ring, size_t capacity);
size_t ring_count(const struct ring *ring);
/* Reserves a slot at the tail. Returns 0 or ERR_FULL. */
int ring_put(struct ring *ring, size_t *ret_slot);
/* Takes the slot at the head. Returns 0 or ERR_NOT_FOUND where the ring is empty. */
int ring_take(struct ring *ring, size_t *ret_slot);

#endif
