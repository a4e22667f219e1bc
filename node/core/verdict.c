#include "node/core/verdict.h"

#include <string.h>

#include "common/errors.h"

void rolling_push(struct rolling *rolling, const struct ballot_record *record, uint8_t of)
{
    while (rolling->count > 0 && rolling->count >= of) {
        memmove(&rolling->records[0], &rolling->records[1],
                (size_t)(rolling->count - 1) * sizeof rolling->records[0]);
        rolling->count--;
    }
    rolling->records[rolling->count++] = *record;
}

static bool is_young(const struct ballot_record *record, const struct service_settings *settings,
                     time_ms now_ms)
{
    return now_ms - record->closed_ms < settings->within_ms;
}

/* Walks from the newest to the oldest young ballot. */
struct finding verdict_of(const struct rolling *rolling, const struct service_settings *settings,
                          time_ms now_ms)
{
    struct finding finding = {.verdict = VERDICT_OPEN, .severity = SEVERITY_DOWN};
    uint8_t fails_in_row = 0;
    bool passing = true;
    bool failing = true;
    for (uint8_t back = 1; back <= rolling->count && back <= settings->rule_of; back++) {
        const struct ballot_record *record = &rolling->records[rolling->count - back];
        if (!is_young(record, settings, now_ms))
            break;
        finding.decided++;
        if (record->result == BALLOT_FAIL) {
            passing = false;
            finding.fails++;
            if (failing)
                fails_in_row++;
            if (finding.fails <= settings->rule_fail && record->severity == SEVERITY_SLOW)
                finding.severity = SEVERITY_SLOW;
        } else {
            failing = false;
            if (passing)
                finding.passes_in_row++;
        }
    }
    uint8_t counted = settings->consecutive ? fails_in_row : finding.fails;
    if (counted >= settings->rule_fail)
        finding.verdict = VERDICT_CONVICTED;
    else if (finding.passes_in_row >= ACQUIT_PASSES)
        finding.verdict = VERDICT_ACQUITTED;
    return finding;
}

int verdict_last_value(const struct rolling *rolling, const struct service_settings *settings,
                       time_ms now_ms, enum vote_value *ret_value)
{
    if (rolling->count == 0)
        return ERR_NOT_FOUND;
    const struct ballot_record *last = &rolling->records[rolling->count - 1];
    if (!is_young(last, settings, now_ms))
        return ERR_NOT_FOUND;
    if (last->result == BALLOT_PASS)
        *ret_value = VOTE_UP;
    else
        *ret_value = last->severity == SEVERITY_DOWN ? VOTE_DOWN : VOTE_SLOW;
    return 0;
}
