#include "common/prng.h"

/* Spreads a small seed over the whole state; splitmix64 never gives two zeros in a row. */
static uint64_t splitmix_next(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static uint64_t rotate_left(uint64_t value, unsigned count)
{
    return (value << count) | (value >> (64 - count));
}

void prng_init(struct prng *prng, uint64_t seed)
{
    prng->state[0] = splitmix_next(&seed);
    prng->state[1] = splitmix_next(&seed);
}

/* xoroshiro128++ of Blackman and Vigna, https://prng.di.unimi.it/ */
uint64_t prng_next(struct prng *prng)
{
    uint64_t s0 = prng->state[0];
    uint64_t s1 = prng->state[1];
    uint64_t result = rotate_left(s0 + s1, 17) + s0;
    s1 ^= s0;
    prng->state[0] = rotate_left(s0, 49) ^ s1 ^ (s1 << 21);
    prng->state[1] = rotate_left(s1, 28);
    return result;
}

/* Numbers of the incomplete last span are thrown away, so that no remainder is likelier than
 * another. */
uint64_t prng_below(struct prng *prng, uint64_t bound)
{
    if (bound == 0)
        return 0;
    uint64_t threshold = (0 - bound) % bound; /* 2^64 mod bound */
    uint64_t value = prng_next(prng);
    while (value < threshold)
        value = prng_next(prng);
    return value % bound;
}
