/* One entry for each decoder of bytes from outside, under the name that libFuzzer calls.
 * Never keeps anything between two inputs, so that an input alone repeats a failure.
 * Called by libFuzzer in the preset `fuzz`, by replay.c in all others. */
#ifndef QUORATE_TESTS_FUZZ_H
#define QUORATE_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* Always 0; what is wrong ends the process. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

#endif
