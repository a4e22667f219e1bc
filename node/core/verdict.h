/* The verdict: what a side's last decided ballots say, one pure function used everywhere.
 * Never knows who voted; ballots are closed before they come here.
 * Called by ledger.c at apply, by the leader before it proposes, by explain and tests. */
#ifndef QUORATE_CORE_VERDICT_H
#define QUORATE_CORE_VERDICT_H

#include "proto/ledger.h"

enum verdict { VERDICT_OPEN, VERDICT_CONVICTED, VERDICT_ACQUITTED, VERDICT_N };

enum { ACQUIT_PASSES = 3 }; /* PASSes in a row that acquit and abort: DESIGN 2.5, 2.7 */

struct finding {
    enum verdict verdict;
    enum severity
        severity;  /* of a conviction: DOWN where each convicting ballot had a quorum of DOWN */
    uint8_t fails; /* among the young decided ballots that the rule looks at */
    uint8_t passes_in_row; /* newest first */
    uint8_t decided;       /* young decided ballots */
};

/* Puts a decided ballot behind the others; the oldest goes when `of` are kept. */
void rolling_push(struct rolling *rolling, const struct ballot_record *record, uint8_t of);

/* DESIGN 2.5: of the last `of` decided ballots younger than `within`, `fail` FAILs convict (in a
 * row where `consecutive`), three PASSes in a row acquit. */
struct finding verdict_of(const struct rolling *rolling, const struct service_settings *settings,
                          time_ms now_ms);

/* How good a side is by its last closed ballot younger than `within`. Returns 0 or ERR_NOT_FOUND.
 */
int verdict_last_value(const struct rolling *rolling, const struct service_settings *settings,
                       time_ms now_ms, enum vote_value *ret_value);

#endif
