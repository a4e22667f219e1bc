#include "node/core/vote.h"

#include <string.h>

#include "node/core/sample.h"
#include "proto/level.h"

void rolling_minimum_add(struct rolling_minimum *minimum, int32_t value_us)
{
    minimum->values_us[minimum->next] = value_us;
    minimum->next = (uint8_t)((minimum->next + 1) % INFLATION_HISTORY_MAX);
    if (minimum->count < INFLATION_HISTORY_MAX)
        minimum->count++;
}

int32_t rolling_minimum_get(const struct rolling_minimum *minimum)
{
    int32_t smallest = -1;
    for (uint8_t i = 0; i < minimum->count; i++)
        if (smallest < 0 || minimum->values_us[i] < smallest)
            smallest = minimum->values_us[i];
    return smallest;
}

bool vote_is_inflated(int32_t value_us, int32_t minimum_us, const struct trust_settings *settings)
{
    if (value_us < 0 || minimum_us < 0)
        return false;
    int64_t by_factor = (int64_t)minimum_us * settings->inflation_factor;
    int64_t by_minimum = (int64_t)minimum_us + settings->inflation_minimum_ms * 1000;
    return value_us > (by_factor > by_minimum ? by_factor : by_minimum);
}

static bool is_majority(uint8_t part, uint8_t whole)
{
    return part * 2 > whole;
}

/* Distrust by references is lifted where peers and the platform's API are as near as ever: then it
 * is the references that are broken. Late timers are this node's own fault whatever the others say.
 */
enum vote_reason vote_distrust(const struct round_trust *trust,
                               const struct trust_settings *settings)
{
    if (trust->config_differs)
        return VOTE_REASON_CONFIG_DIFFERS;
    if (trust->late_ms > settings->timer_late_ms)
        return VOTE_REASON_TIMER_LATE;
    uint8_t bad = (uint8_t)(trust->reference_failed + trust->reference_inflated);
    if (!is_majority(bad, trust->reference_count))
        return VOTE_REASON_OK;
    if (trust->peers_normal && trust->proof_answered)
        return VOTE_REASON_OK;
    return is_majority(trust->reference_failed, trust->reference_count)
               ? VOTE_REASON_REFERENCES_FAILED
               : VOTE_REASON_REFERENCES_INFLATED;
}

void vote_judge(const struct sample *sample, const struct round_trust *trust,
                const struct trust_settings *settings, struct side_vote *ret_vote)
{
    const struct sample_meaning *meaning = sample_meaning(sample->result);
    enum vote_reason distrust = vote_distrust(trust, settings);
    bool stands = meaning->authoritative && distrust != VOTE_REASON_CONFIG_DIFFERS;
    bool trusted = distrust == VOTE_REASON_OK;
    *ret_vote = (struct side_vote){
        .value = stands || trusted ? meaning->value : VOTE_CANNOT_TELL,
        .reason = stands || trusted ? meaning->reason : distrust,
        .sample = *sample,
        .reference_count = trust->reference_count,
        .reference_failed = trust->reference_failed,
        .reference_inflated = trust->reference_inflated,
    };
}

void vote_lower(struct side_vote *vote, uint8_t level)
{
    if (level >= PROTO_LEVEL_STEPS)
        return;
    memset(vote->sample.detail, 0, sizeof vote->sample.detail);
    if (vote->sample.result == SAMPLE_BOT)
        vote->sample.result = SAMPLE_BODY;
    if (vote->sample.result == SAMPLE_PLATFORM)
        vote->sample.result = SAMPLE_LOCAL;
    if (vote->reason == VOTE_REASON_BOT)
        vote->reason = VOTE_REASON_BODY;
    if (vote->reason == VOTE_REASON_PLATFORM)
        vote->reason = VOTE_REASON_LOCAL;
}
