/* A ballot: counts one round of votes and says when a side's part is decided.
 * Never opens, numbers or times a ballot; inquiry.c does.
 * Called by inquiry.c and tests. Pure. */
#ifndef QUORATE_CORE_BALLOT_H
#define QUORATE_CORE_BALLOT_H

#include "proto/command.h"

struct ballot {
    bool voted[NODE_COUNT_MAX + 1]; /* by node id: each voter counts once */
    struct side_vote side[NODE_COUNT_MAX + 1][SIDE_N];
};

struct electorate {
    uint8_t voter_count;
    uint8_t zone[NODE_COUNT_MAX + 1]; /* by node id: voters of one zone share a number */
    uint8_t min_zones;
};

/* The first vote of a voter stands. Returns 0 or ERR_EXISTS. */
int ballot_add(struct ballot *ballot, const struct vote *vote);

/* DESIGN 2.4: FAIL as soon as a quorum said not-UP from at least min_zones zones, PASS as soon as a
 * quorum said UP, else VOID so far. Fills the whole close; result VOID means that it is not
 * decided. */
void ballot_tally(const struct ballot *ballot, const struct electorate *electorate, enum side side,
                  struct side_close *ret_close);

#endif
