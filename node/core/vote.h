/* Votes: what a node says of one side, from its sample and from how far it trusts itself in that
 * round. Never decides for the cluster. Called by patrol.c and tests. Pure. */
#ifndef QUORATE_CORE_VOTE_H
#define QUORATE_CORE_VOTE_H

#include "proto/types.h"

enum { INFLATION_HISTORY_MAX = 8 };

struct trust_settings {
    time_ms timer_late_ms;        /* over this the node's own timers ran late */
    time_ms inflation_minimum_ms; /* inflated: over max(factor x rolling minimum, rolling minimum +
                                     this) */
    uint32_t inflation_factor;
};

/* The smallest of a target's recent whole times, in microseconds: a small ring. */
struct rolling_minimum {
    int32_t values_us[INFLATION_HISTORY_MAX];
    uint8_t count;
    uint8_t next;
};

void rolling_minimum_add(struct rolling_minimum *minimum, int32_t value_us);
/* -1 where nothing was added yet. */
int32_t rolling_minimum_get(const struct rolling_minimum *minimum);

/* DESIGN 2.3: over max(factor x minimum, minimum + inflation_minimum). Nothing is inflated without
 * a history. */
bool vote_is_inflated(int32_t value_us, int32_t minimum_us, const struct trust_settings *settings);

/* What a round showed of the node itself. */
struct round_trust {
    uint8_t reference_count;
    uint8_t reference_failed;
    uint8_t reference_inflated;
    int32_t late_ms;     /* the worst lateness of any of the round's probes */
    bool config_differs; /* from the call's */
    bool peers_normal;   /* a quorum of peers, this node included, is heard at normal round trips */
    bool proof_answered; /* the proof that it could act was answered, at a normal pace, in this
                            round */
};

/* Why the node does not trust itself in this round; VOTE_REASON_OK where it does. */
enum vote_reason vote_distrust(const struct round_trust *trust,
                               const struct trust_settings *settings);

/* The side's part of the vote, with its evidence. */
void vote_judge(const struct sample *sample, const struct round_trust *trust,
                const struct trust_settings *settings, struct side_vote *ret_vote);

/* Says the same in the words of a ledger's wire level. */
void vote_lower(struct side_vote *vote, uint8_t level);

/* What ballots count as a word against the side. */
static inline bool vote_is_not_up(enum vote_value value)
{
    return value == VOTE_DOWN || value == VOTE_SLOW;
}

#endif
