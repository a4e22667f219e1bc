/* What each platform says of its limits: its rate headers and what came with 429.
 * Never sends anything and never holds back a write; it says whether a routine request may go.
 * Called by the actuator's jobs, from any lane, and for the status. */
#ifndef QUORATE_IO_ACT_RATE_H
#define QUORATE_IO_ACT_RATE_H

#include "node/io/act/http.h"

enum { RATE_NEAR_PERCENT = 90 /* of what is allowed: from here on the rest is kept for moves */ };

/* As a platform last told it. -1 where it did not, or where that was of a window that is over. */
struct rate_view {
    int32_t used;
    int32_t allowed;
    time_ms reset_ms;     /* a duration until the window is over */
    time_ms limited_ms;   /* a duration until the last Retry-After is over; 0: none runs */
    uint64_t limited;     /* answers of 429 since the start */
    uint64_t held;        /* routine requests that were held back since the start */
    uint64_t interrupted; /* readings that a write ended; filled by the actuator */
};

struct rates;

/* Near the limit one proof goes all the same each `proof_every_ms`: a node must go on showing that
 * it could act. Returns 0 or ERR_NO_MEMORY. */
int rates_new(time_ms proof_every_ms, struct rates **ret_rates);
void rates_free(struct rates **rates);

/* An answer came in. `platform` is a place in the configuration's platforms, here and below. */
void rates_note(struct rates *rates, size_t platform, const struct http_answer *answer,
                time_ms now_ms);

/* May a routine request go now, `proof`: a reading that shows that this node could act? Returns 0,
 * or ERR_BUSY with `why`; what goes and what does not is remembered. */
int rates_admit(struct rates *rates, size_t platform, bool proof, time_ms now_ms, struct text *why);

struct rate_view rates_view(struct rates *rates, size_t platform, time_ms now_ms);

#endif
