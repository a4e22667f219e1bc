#include "tests/fuzz/fuzz.h"

#include "common/check.h"
#include "proto/frame.h"
#include "tests/fuzz/trip.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct frame frame;
    struct call call;
    if (length > FRAME_BYTES_MAX || frame_open(bytes, length, &frame) != 0 ||
        frame.header.kind != FRAME_CALL || !trip_run("frame-call", bytes, length))
        return 0;
    CHECK(frame_decode_call(&frame, &call) == 0);
    CHECK(call.service < SERVICE_COUNT_MAX);
    return 0;
}
