/* A small seeded generator for jitter, simulation and tests; the same seed gives the same numbers.
 * Never used for keys, nonces or tokens.
 * Called by node/core (jitter, from a seed in the event) and by tests. Pure. */
#ifndef QUORATE_COMMON_PRNG_H
#define QUORATE_COMMON_PRNG_H

#include <stdint.h>

struct prng {
    uint64_t state[2];
};

void prng_init(struct prng *prng, uint64_t seed);
uint64_t prng_next(struct prng *prng);
/* Uniform in [0, bound); bound 0 gives 0. */
uint64_t prng_below(struct prng *prng, uint64_t bound);

#endif
