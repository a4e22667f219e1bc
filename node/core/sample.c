#include "node/core/sample.h"

#include "common/check.h"

/* DESIGN 2.3: only a wrong status or body from the target itself is authoritative. */
static const struct sample_meaning meanings[SAMPLE_RESULT_N] = {
    [SAMPLE_OK] = {SAMPLE_OK, VOTE_UP, VOTE_REASON_OK, true, "OK"},
    [SAMPLE_OVER_LATENCY] = {SAMPLE_OVER_LATENCY, VOTE_SLOW, VOTE_REASON_OVER_LATENCY, false,
                             "SLOW"},
    [SAMPLE_STATUS] = {SAMPLE_STATUS, VOTE_DOWN, VOTE_REASON_STATUS, true, "STAT"},
    [SAMPLE_BODY] = {SAMPLE_BODY, VOTE_DOWN, VOTE_REASON_BODY, true, "BODY"},
    [SAMPLE_DNS] = {SAMPLE_DNS, VOTE_DOWN, VOTE_REASON_NO_ANSWER, false, "DNS"},
    [SAMPLE_REFUSED] = {SAMPLE_REFUSED, VOTE_DOWN, VOTE_REASON_NO_ANSWER, false, "RFSD"},
    [SAMPLE_CONNECT_TIMEOUT] = {SAMPLE_CONNECT_TIMEOUT, VOTE_DOWN, VOTE_REASON_NO_ANSWER, false,
                                "CONN"},
    [SAMPLE_TLS] = {SAMPLE_TLS, VOTE_DOWN, VOTE_REASON_NO_ANSWER, false, "TLS"},
    [SAMPLE_TIMEOUT] = {SAMPLE_TIMEOUT, VOTE_DOWN, VOTE_REASON_NO_ANSWER, false, "TOUT"},
    [SAMPLE_RESET] = {SAMPLE_RESET, VOTE_DOWN, VOTE_REASON_NO_ANSWER, false, "RST"},
    [SAMPLE_PROXY] = {SAMPLE_PROXY, VOTE_DOWN, VOTE_REASON_NO_ANSWER, false, "PRXY"},
    [SAMPLE_LOCAL] = {SAMPLE_LOCAL, VOTE_CANNOT_TELL, VOTE_REASON_LOCAL, true, "LOCL"},
    [SAMPLE_BOT] = {SAMPLE_BOT, VOTE_DOWN, VOTE_REASON_BOT, true, "BOT"},
    /* our token, our quota or the platform's own trouble: none of them is the bot's failure */
    [SAMPLE_PLATFORM] = {SAMPLE_PLATFORM, VOTE_CANNOT_TELL, VOTE_REASON_PLATFORM, true, "PLAT"},
};

const struct sample_meaning *sample_meaning(enum sample_result result)
{
    return (size_t)result < ARRAY_COUNT(meanings) ? &meanings[result] : &meanings[SAMPLE_LOCAL];
}

bool sample_is_failure(const struct sample *sample)
{
    const struct sample_meaning *meaning = sample_meaning(sample->result);
    return meaning->reason == VOTE_REASON_NO_ANSWER || meaning->reason == VOTE_REASON_LOCAL ||
           meaning->reason == VOTE_REASON_PLATFORM;
}

int32_t sample_round_trip_us(const struct sample *sample)
{
    return !sample->reused && sample->connect_us > 0 ? sample->connect_us : -1;
}

int32_t sample_whole_us(const struct sample *sample)
{
    if (sample_is_failure(sample) || sample->total_us < 0)
        return -1;
    int64_t whole = sample->total_us;
    if (!sample->reused) {
        whole += sample->connect_us > 0 ? sample->connect_us : 0;
        whole += sample->tls_us > 0 ? sample->tls_us : 0;
    }
    return whole > INT32_MAX ? INT32_MAX : (int32_t)whole;
}
