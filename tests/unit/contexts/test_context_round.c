#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/check.h"
#include "node/io/contexts/context_round.h"

enum { ANSWERS_MAX = 5 };

struct answer {
    node_id node; /* 0: no further one */
    bool complete;
    enum context_outcome outcome;
};

struct row {
    uint8_t node_count;
    struct answer answers[ANSWERS_MAX];
    enum context_verdict verdict;
};

static const struct row rows[] = {
    {3, {{1, true, CONTEXT_STORED}}, CONTEXT_WAITS},
    {3, {{1, true, CONTEXT_STORED}, {2, true, CONTEXT_SAME}}, CONTEXT_ON_DISK},
    /* a node counts once, and a new store not at all */
    {3, {{1, true, CONTEXT_STORED}, {1, true, CONTEXT_STORED}}, CONTEXT_WAITS},
    {3, {{1, true, CONTEXT_STORED}, {2, false, CONTEXT_STORED}}, CONTEXT_WAITS},
    {3,
     {{1, true, CONTEXT_STORED}, {2, false, CONTEXT_STORED}, {3, true, CONTEXT_STORED}},
     CONTEXT_ON_DISK},
    {3, {{4, true, CONTEXT_STORED}, {0, false, CONTEXT_STORED}}, CONTEXT_WAITS},
    {5, {{1, true, CONTEXT_STORED}, {2, true, CONTEXT_STORED}}, CONTEXT_WAITS},
    {5,
     {{1, true, CONTEXT_STORED}, {2, true, CONTEXT_STORED}, {5, true, CONTEXT_STORED}},
     CONTEXT_ON_DISK},
    /* an older seq, or another content, needs a majority to be told */
    {3, {{1, true, CONTEXT_OLDER}}, CONTEXT_WAITS},
    {3, {{1, true, CONTEXT_OLDER}, {2, true, CONTEXT_STORED}}, CONTEXT_SUPERSEDED},
    {3, {{1, true, CONTEXT_CONFLICT}, {2, true, CONTEXT_STORED}}, CONTEXT_DIFFERS},
    {3, {{1, true, CONTEXT_CONFLICT}, {2, true, CONTEXT_OLDER}}, CONTEXT_SUPERSEDED},
    /* full and broken nodes, once no majority can come */
    {3, {{1, true, CONTEXT_FULL}, {2, true, CONTEXT_STORED}}, CONTEXT_WAITS},
    {3, {{1, true, CONTEXT_FULL}, {2, true, CONTEXT_FULL}}, CONTEXT_NO_ROOM},
    {3, {{1, true, CONTEXT_FAILED}, {2, true, CONTEXT_FAILED}}, CONTEXT_BROKEN},
    {3, {{1, true, CONTEXT_FAILED}, {2, true, CONTEXT_FULL}}, CONTEXT_NO_ROOM},
    {3, {{1, false, CONTEXT_STORED}, {2, false, CONTEXT_STORED}}, CONTEXT_WAITS},
};

static void a_writings_verdict_is_the_majoritys(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct context_round round;
        context_round_init(&round, rows[i].node_count);
        for (size_t j = 0; j < ANSWERS_MAX; j++)
            (void)context_round_held(&round, rows[i].answers[j].node, rows[i].answers[j].complete,
                                     rows[i].answers[j].outcome);
        if (context_round_written(&round) != rows[i].verdict)
            fail_msg("row %zu: %d, not %d", i, context_round_written(&round), rows[i].verdict);
    }
}

static void a_reading_waits_for_a_majority_that_counts(void **state)
{
    struct context_round round;
    (void)state;
    context_round_init(&round, 5);
    assert_true(context_round_entry(&round, 1, true));
    assert_false(context_round_entry(&round, 1, true));
    assert_true(context_round_entry(&round, 2, false));
    assert_true(context_round_entry(&round, 3, true));
    assert_int_equal(context_round_read(&round), CONTEXT_WAITS);
    assert_true(context_round_entry(&round, 4, true));
    assert_int_equal(context_round_read(&round), CONTEXT_KNOWN);
}

static void those_that_are_known_to_have_it_count_from_the_start(void **state)
{
    struct context_round round;
    (void)state;
    context_round_init(&round, 3);
    context_round_has(&round, 2);
    assert_int_equal(context_round_written(&round), CONTEXT_WAITS);
    (void)context_round_held(&round, 3, true, CONTEXT_STORED);
    assert_int_equal(context_round_written(&round), CONTEXT_ON_DISK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_writings_verdict_is_the_majoritys),
        cmocka_unit_test(a_reading_waits_for_a_majority_that_counts),
        cmocka_unit_test(those_that_are_known_to_have_it_count_from_the_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
