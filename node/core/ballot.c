#include "node/core/ballot.h"

#include "common/errors.h"

int ballot_add(struct ballot *ballot, const struct vote *vote)
{
    if (ballot->voted[vote->voter])
        return ERR_EXISTS;
    ballot->voted[vote->voter] = true;
    for (int side = 0; side < SIDE_N; side++)
        ballot->side[vote->voter][side] = vote->side[side];
    return 0;
}

static uint8_t count_zones(const struct ballot *ballot, const struct electorate *electorate,
                           enum side side)
{
    uint32_t seen = 0;
    uint8_t zones = 0;
    for (node_id voter = 1; voter <= electorate->voter_count; voter++) {
        enum vote_value value = ballot->side[voter][side].value;
        uint32_t bit = UINT32_C(1) << electorate->zone[voter];
        if (!ballot->voted[voter] || (value != VOTE_DOWN && value != VOTE_SLOW) || (seen & bit))
            continue;
        seen |= bit;
        zones++;
    }
    return zones;
}

void ballot_tally(const struct ballot *ballot, const struct electorate *electorate, enum side side,
                  struct side_close *ret_close)
{
    struct side_close close = {.closed = true, .result = BALLOT_VOID};
    for (node_id voter = 1; voter <= electorate->voter_count; voter++)
        if (ballot->voted[voter])
            close.votes[ballot->side[voter][side].value]++;
    close.zones = count_zones(ballot, electorate, side);
    uint8_t quorum = (uint8_t)(electorate->voter_count / 2 + 1);
    uint8_t not_up = (uint8_t)(close.votes[VOTE_DOWN] + close.votes[VOTE_SLOW]);
    if (not_up >= quorum && close.zones >= electorate->min_zones) {
        close.result = BALLOT_FAIL;
        close.severity = close.votes[VOTE_DOWN] >= quorum ? SEVERITY_DOWN : SEVERITY_SLOW;
    } else if (close.votes[VOTE_UP] >= quorum) {
        close.result = BALLOT_PASS;
    }
    *ret_close = close;
}
