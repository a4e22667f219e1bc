#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/check.h"
#include "common/prng.h"
#include "node/io/contexts/context_order.h"

enum { ENTRY_COUNT = 6, SHUFFLES = 2000 };

static struct context_version version(uint64_t seq, bool deleted, int64_t stamp_ms, uint8_t hash)
{
    return (struct context_version){
        .seq = seq, .deleted = deleted, .stamp_ms = stamp_ms, .hash = {hash}};
}

static void each_rule_decides_where_those_before_it_are_equal(void **state)
{
    /* Each beats the next one. */
    const struct context_version falling[] = {
        version(9, false, 50, 9), version(8, true, 60, 9),  version(8, false, 10, 9),
        version(8, false, 20, 1), version(8, false, 20, 2), version(7, true, 1, 0),
        version(0, false, 0, 0),
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(falling); i++) {
        for (size_t j = 0; j < ARRAY_COUNT(falling); j++) {
            int compared = context_version_compare(&falling[i], &falling[j]);
            assert_int_equal((compared > 0) - (compared < 0), (i < j) - (i > j));
        }
    }
}

/* What a node holds after entries came in some order, some of them twice. */
static struct context_version merged(const struct context_version *entries, struct prng *prng)
{
    struct context_version held = {.seq = 0};
    bool seen[ENTRY_COUNT] = {false};
    for (size_t left = ENTRY_COUNT; left > 0;) {
        size_t at = prng_below(prng, ENTRY_COUNT);
        bool replaces = false;
        (void)context_merge(&held, &entries[at], &replaces);
        if (replaces)
            held = entries[at];
        left -= !seen[at];
        seen[at] = true;
    }
    return held;
}

static void any_order_of_arrival_ends_in_the_same_entry(void **state)
{
    struct prng prng;
    (void)state;
    prng_init(&prng, 1);
    for (int round = 0; round < SHUFFLES; round++) {
        struct context_version entries[ENTRY_COUNT];
        for (size_t i = 0; i < ENTRY_COUNT; i++)
            entries[i] = version(1 + prng_below(&prng, 2), prng_below(&prng, 4) == 0,
                                 (int64_t)prng_below(&prng, 3), (uint8_t)prng_below(&prng, 2));
        struct context_version one = merged(entries, &prng);
        struct context_version other = merged(entries, &prng);
        assert_int_equal(context_version_compare(&one, &other), 0);
    }
}

static void an_outcome_tells_what_is_held(void **state)
{
    const struct context_version nothing = {.seq = 0};
    const struct context_version held = version(7, false, 100, 5);
    const struct context_version tombstone = version(7, true, 100, 0);
    const struct {
        struct context_version held;
        struct context_version entry;
        enum context_outcome outcome;
        bool replaces;
    } rows[] = {
        {nothing, held, CONTEXT_STORED, true},
        {held, version(8, false, 1, 1), CONTEXT_STORED, true},
        {held, version(6, false, 1, 1), CONTEXT_OLDER, false},
        {held, version(7, false, 200, 5), CONTEXT_SAME, false},
        {held, version(7, false, 50, 5), CONTEXT_SAME, true}, /* its earlier stamp counts */
        {held, version(7, false, 200, 6), CONTEXT_CONFLICT, false},
        {held, tombstone, CONTEXT_STORED, true},
        {tombstone, held, CONTEXT_OLDER, false},
        {tombstone, version(7, true, 300, 0), CONTEXT_SAME, false},
        {tombstone, version(8, false, 1, 1), CONTEXT_STORED, true},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        bool replaces = false;
        assert_int_equal(context_merge(&rows[i].held, &rows[i].entry, &replaces), rows[i].outcome);
        assert_int_equal(replaces, rows[i].replaces);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_rule_decides_where_those_before_it_are_equal),
        cmocka_unit_test(any_order_of_arrival_ends_in_the_same_entry),
        cmocka_unit_test(an_outcome_tells_what_is_held),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
