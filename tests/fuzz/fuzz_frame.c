#include "tests/fuzz/fuzz.h"

#include "tests/fuzz/trip.h"

/* All kinds; votes, calls and Raft have targets of their own as well. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    (void)trip_run("frame-ping", bytes, length);
    return 0;
}
