#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "common/check.h"
#include "node/io/probe/probe_match.h"

/* Two lengths, the wanted text, and a target's answer in pieces: found exactly where a plain search
 * of the whole finds it. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    enum { HEAD_BYTES = 2 };
    char wanted[PROBE_MATCH_BYTES_MAX + 1] = "";
    struct probe_match match;
    if (length < HEAD_BYTES || length - HEAD_BYTES < bytes[0])
        return 0;
    memcpy(wanted, bytes + HEAD_BYTES, bytes[0]);
    size_t wanted_length = strlen(wanted);
    size_t piece = (size_t)bytes[1] + 1;
    const char *answer = (const char *)bytes + HEAD_BYTES + bytes[0];
    size_t answer_length = length - HEAD_BYTES - bytes[0];
    probe_match_init(&match, wanted);
    for (size_t at = 0; at < answer_length; at += piece)
        probe_match_feed(&match, answer + at,
                         piece < answer_length - at ? piece : answer_length - at);
    CHECK(probe_match_found(&match) ==
          (memmem(answer, answer_length, wanted, wanted_length) != NULL));
    return 0;
}
