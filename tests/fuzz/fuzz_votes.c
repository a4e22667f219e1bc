#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "common/check.h"
#include "proto/evidence.h"
#include "proto/frame.h"
#include "tests/fuzz/trip.h"

/* Each vote that is cut out of the frame must lead to the message that the frame's signature
 * covers. */
static void cut_out(const struct votes *votes)
{
    uint8_t whole[VOTES_MESSAGE_BYTES];
    uint8_t one[VOTES_MESSAGE_BYTES];
    CHECK(votes_message(votes, whole) == 0);
    for (uint16_t i = 0; i < votes->count; i++) {
        struct evidence evidence;
        CHECK(evidence_make(votes, i, &evidence) == 0);
        CHECK(evidence_check_path(&evidence, one) == 0);
        CHECK(memcmp(one, whole, sizeof whole) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct frame frame;
    struct votes votes;
    if (length > FRAME_BYTES_MAX || frame_open(bytes, length, &frame) != 0 ||
        frame.header.kind != FRAME_VOTES || !trip_run("frame-votes", bytes, length))
        return 0;
    CHECK(frame_decode_votes(&frame, &votes) == 0);
    cut_out(&votes);
    return 0;
}
