#include "common/prng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void the_same_seed_gives_the_same_numbers(void **state)
{
    (void)state;
    struct prng a;
    struct prng b;
    prng_init(&a, 42);
    prng_init(&b, 42);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(prng_next(&a), prng_next(&b));
}

static void neighbouring_seeds_give_different_numbers(void **state)
{
    (void)state;
    struct prng a;
    struct prng b;
    prng_init(&a, 0);
    prng_init(&b, 1);
    for (int i = 0; i < 1000; i++)
        assert_int_not_equal(prng_next(&a), prng_next(&b));
}

/* A recorded simulation must replay for ever, so these numbers must never change. */
static void the_first_numbers_of_seed_one_stay_what_they_are(void **state)
{
    (void)state;
    static const uint64_t expected[] = {UINT64_C(0x08260b0f1b52fcac), UINT64_C(0x5d9320f71ce29ff1),
                                        UINT64_C(0x28197699ec67f190)};
    struct prng prng;
    prng_init(&prng, 1);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(prng_next(&prng), expected[i]);
}

static void numbers_below_a_bound_stay_below_it(void **state)
{
    (void)state;
    struct prng prng;
    prng_init(&prng, 7);
    for (uint64_t bound = 1; bound != 0; bound <<= 1) {
        for (int i = 0; i < 100; i++)
            assert_true(prng_below(&prng, bound) < bound);
    }
    assert_int_equal(prng_below(&prng, 0), 0);
    assert_int_equal(prng_below(&prng, 1), 0);
}

static void each_number_below_a_bound_is_equally_likely(void **state)
{
    (void)state;
    enum { BOUND = 7, ROUNDS = 70000 };
    int counts[BOUND] = {0};
    struct prng prng;
    prng_init(&prng, 3);
    for (int i = 0; i < ROUNDS; i++)
        counts[prng_below(&prng, BOUND)]++;
    for (int i = 0; i < BOUND; i++)
        assert_in_range(counts[i], 9600, 10400); /* over four standard deviations */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_seed_gives_the_same_numbers),
        cmocka_unit_test(neighbouring_seeds_give_different_numbers),
        cmocka_unit_test(the_first_numbers_of_seed_one_stay_what_they_are),
        cmocka_unit_test(numbers_below_a_bound_stay_below_it),
        cmocka_unit_test(each_number_below_a_bound_is_equally_likely),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
