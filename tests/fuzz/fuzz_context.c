#include "tests/fuzz/fuzz.h"

#include "tests/fuzz/trip.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    (void)trip_run("context-put", bytes, length);
    return 0;
}
