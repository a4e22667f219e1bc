/* Samples: what each way for a probe to end means for a vote, as one table.
 * Never probes; the prober in node/io fills struct sample.
 * Called by vote.c, status and tests. */
#ifndef QUORATE_CORE_SAMPLE_H
#define QUORATE_CORE_SAMPLE_H

#include "proto/types.h"

struct sample_meaning {
    enum sample_result result;
    enum vote_value value; /* what the node would say if it trusts itself */
    enum vote_reason reason;
    bool authoritative;     /* the target itself said so: holds even for a node that does not trust
                               itself */
    const char *short_code; /* at most 4 letters, for tables */
};

/* The row of a result; results out of range are treated as SAMPLE_LOCAL. */
const struct sample_meaning *sample_meaning(enum sample_result result);

/* A reference that did not answer at all. Any answer, whatever its status, shows that the path
 * works. */
bool sample_is_failure(const struct sample *sample);

/* The round trip that the sample shows, in microseconds, or -1: connect time of a fresh connection.
 */
int32_t sample_round_trip_us(const struct sample *sample);

/* Time from the start of connecting to the answer's end, in microseconds; -1 where it never ended.
 */
int32_t sample_whole_us(const struct sample *sample);

#endif
