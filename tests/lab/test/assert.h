/* cmocka with the headers that it wants before it, and one assertion of our own.
 * Never used outside of tests.
 * Included by the lab's tests. */
#ifndef QUORATE_LAB_TEST_ASSERT_H
#define QUORATE_LAB_TEST_ASSERT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/lab/base/clock.h"

#include <poll.h>

/* Repeats until the condition holds; fails the test after ten seconds. */
#define ASSERT_SOON(condition)                               \
    do {                                                     \
        time_ms until_ms_ = clock_boot_ms() + 10000;         \
        while (!(condition)) {                               \
            if (clock_boot_ms() > until_ms_)                 \
                fail_msg("not within 10 s: %s", #condition); \
            (void)poll(NULL, 0, 5);                          \
        }                                                    \
    } while (0)

#endif
