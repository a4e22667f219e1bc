#include "common/ring.h"

#include "common/errors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void slots_come_back_in_the_order_they_were_put(void **state)
{
    (void)state;
    struct ring ring;
    ring_init(&ring, 4);
    for (size_t round = 0; round < 10; round++) {
        size_t put[3] = {9, 9, 9};
        for (size_t i = 0; i < 3; i++)
            assert_int_equal(ring_put(&ring, &put[i]), 0);
        for (size_t i = 0; i < 3; i++) {
            size_t taken = 9;
            assert_int_equal(ring_take(&ring, &taken), 0);
            assert_int_equal(taken, put[i]);
            assert_true(taken < 4);
        }
    }
}

static void a_full_ring_says_so_and_keeps_all(void **state)
{
    (void)state;
    struct ring ring;
    size_t slot = 9;
    ring_init(&ring, 2);
    assert_int_equal(ring_put(&ring, &slot), 0);
    assert_int_equal(ring_put(&ring, &slot), 0);
    slot = 9;
    assert_int_equal(ring_put(&ring, &slot), ERR_FULL);
    assert_int_equal(slot, 9);
    assert_int_equal(ring_count(&ring), 2);
    assert_int_equal(ring_take(&ring, &slot), 0);
    assert_int_equal(slot, 0);
}

static void an_empty_ring_gives_nothing(void **state)
{
    (void)state;
    struct ring ring;
    size_t slot = 9;
    ring_init(&ring, 1);
    assert_int_equal(ring_take(&ring, &slot), ERR_NOT_FOUND);
    assert_int_equal(slot, 9);
    assert_int_equal(ring_count(&ring), 0);
}

static void the_counters_may_wrap_around(void **state)
{
    (void)state;
    struct ring ring = {.head = UINT64_MAX - 1, .tail = UINT64_MAX - 1, .capacity = 4};
    for (size_t i = 0; i < 4; i++) {
        size_t slot = 9;
        assert_int_equal(ring_put(&ring, &slot), 0);
        assert_int_equal(slot, (i + 2) % 4);
    }
    assert_int_equal(ring_count(&ring), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slots_come_back_in_the_order_they_were_put),
        cmocka_unit_test(a_full_ring_says_so_and_keeps_all),
        cmocka_unit_test(an_empty_ring_gives_nothing),
        cmocka_unit_test(the_counters_may_wrap_around),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
