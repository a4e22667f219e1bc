#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "common/check.h"
#include "common/errors.h"
#include "proto/evidence.h"
#include "tests/fuzz/trip.h"
#include "tests/vectors/vectors.h"

/* No input finds a real signature: half of all pass here, so that the rules behind it are reached.
 */
static int accept_half(const uint8_t key[KEY_BYTES], const uint8_t *message, size_t length,
                       const uint8_t signature[SIGNATURE_BYTES])
{
    (void)key, (void)message, (void)length;
    return signature[0] % 2 == 0 ? 0 : ERR_AUTH;
}

static struct evidence_electors three_electors(void)
{
    struct evidence_electors electors = {.node_count = 3, .min_zones = 2, .zones = {1, 2, 3}};
    example_cluster_id(electors.cluster_id);
    for (size_t i = 0; i < electors.node_count; i++)
        memset(electors.keys[i][0], (int)i + 1, KEY_BYTES);
    return electors;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct command command;
    const uint8_t *evidence = NULL;
    size_t evidence_length = 0;
    if (!trip_run("command-noop", bytes, length))
        return 0;
    CHECK(command_decode(bytes, length, &command, &evidence, &evidence_length) == 0);
    if (command.kind != COMMAND_BALLOT_CLOSE)
        return 0;
    struct evidence_electors electors = three_electors();
    int error = evidence_verify_close(&command, evidence, evidence_length, &electors, accept_half);
    CHECK(error == 0 || error == ERR_AUTH || error == ERR_MALFORMED);
    return 0;
}
