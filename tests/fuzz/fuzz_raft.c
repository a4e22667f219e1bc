#include "tests/fuzz/fuzz.h"

#include "common/check.h"
#include "proto/frame.h"
#include "tests/fuzz/trip.h"

static void check_payload(size_t offset, size_t payload_length, size_t length)
{
    CHECK(offset <= length && payload_length <= length - offset);
}

/* The driver reads payloads by these offsets. */
static void check_payloads(const struct raft_message *message, size_t length)
{
    if (message->kind == RAFT_APPEND)
        for (size_t i = 0; i < message->as.append.entry_count; i++)
            check_payload(message->as.append.entries[i].handle,
                          message->as.append.entries[i].length, length);
    if (message->kind == RAFT_SNAPSHOT)
        check_payload(message->as.snapshot.handle, message->as.snapshot.length, length);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct frame frame;
    struct raft_message message;
    if (length > FRAME_BYTES_MAX || frame_open(bytes, length, &frame) != 0 ||
        frame.header.kind != FRAME_RAFT || !trip_run("frame-raft-append", bytes, length))
        return 0;
    CHECK(frame_decode_raft(&frame, &message) == 0);
    check_payloads(&message, length);
    return 0;
}
