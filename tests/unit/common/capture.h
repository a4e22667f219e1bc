/* Runs a function with standard error going to a buffer, for tests of what is written there.
 * Never used outside of tests/unit/common.
 * Called by the tests of the log and of the checks. */
#ifndef QUORATE_TESTS_UNIT_COMMON_CAPTURE_H
#define QUORATE_TESTS_UNIT_COMMON_CAPTURE_H

#include <stddef.h>

/* Calls run(data) in a child process and puts what it wrote to standard error, NUL-terminated and
 * at most size - 1 bytes of it, into ret_bytes. Returns the child's status as waitpid gives it. */
int capture_stderr(void (*run)(void *data), void *data, char *ret_bytes, size_t size);

#endif
