#include "tests/fuzz/fuzz.h"

#include "common/check.h"
#include "common/errors.h"
#include "proto/evidence.h"
#include "tests/fuzz/trip.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct evidence_list list;
    uint8_t message[VOTES_MESSAGE_BYTES];
    if (!trip_run("evidence-list", bytes, length))
        return 0;
    CHECK(evidence_list_decode(bytes, length, &list) == 0);
    for (size_t i = 0; i < list.count; i++) {
        int error = evidence_check_path(&list.items[i], message);
        CHECK(error == 0 || error == ERR_MALFORMED);
    }
    return 0;
}
