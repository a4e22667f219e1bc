#include "node/io/probe/probe_judge.h"

#include <errno.h>

#include "common/check.h"

enum {
    US_PER_MS = 1000,
    /* RFC 6298: a first retransmission comes after a second. A connect that took so long lost its
     * SYN and says nothing about the distance. */
    SYN_RETRANSMIT_US = 1000 * US_PER_MS,
};

struct code_row {
    CURLcode code;
    enum sample_result result;
};

struct errno_row {
    int code;
    enum sample_result result;
};

/* Codes that are not listed are this node's own trouble. */
static const struct code_row code_rows[] = {
    {CURLE_COULDNT_RESOLVE_HOST, SAMPLE_DNS},
    {CURLE_COULDNT_RESOLVE_PROXY, SAMPLE_PROXY},
    {CURLE_PROXY, SAMPLE_PROXY},
    {CURLE_SSL_CONNECT_ERROR, SAMPLE_TLS},
    {CURLE_PEER_FAILED_VERIFICATION, SAMPLE_TLS},
    {CURLE_SSL_ISSUER_ERROR, SAMPLE_TLS},
    {CURLE_SSL_CIPHER, SAMPLE_TLS},
    {CURLE_SSL_INVALIDCERTSTATUS, SAMPLE_TLS},
    {CURLE_SSL_CLIENTCERT, SAMPLE_TLS},
    {CURLE_SEND_ERROR, SAMPLE_RESET},
    {CURLE_RECV_ERROR, SAMPLE_RESET},
    {CURLE_GOT_NOTHING, SAMPLE_RESET},
    {CURLE_PARTIAL_FILE, SAMPLE_RESET},
    {CURLE_SSL_SHUTDOWN_FAILED, SAMPLE_RESET},
    /* what came is not HTTP: no usable answer, and nobody knows whose */
    {CURLE_WEIRD_SERVER_REPLY, SAMPLE_RESET},
    {CURLE_UNSUPPORTED_PROTOCOL, SAMPLE_RESET},
    {CURLE_BAD_CONTENT_ENCODING, SAMPLE_RESET},
};

/* Of connect(). What is not listed came from the other side. */
static const struct errno_row errno_rows[] = {
    {ETIMEDOUT, SAMPLE_CONNECT_TIMEOUT},
    {EHOSTUNREACH, SAMPLE_CONNECT_TIMEOUT},
    {ENETUNREACH, SAMPLE_LOCAL},
    {EADDRNOTAVAIL, SAMPLE_LOCAL},
    {EACCES, SAMPLE_LOCAL},
    {EPERM, SAMPLE_LOCAL},
    {ENOBUFS, SAMPLE_LOCAL},
    {ENOMEM, SAMPLE_LOCAL},
};

static const enum sample_result expired_results[PROBE_STAGE_N] = {
    [PROBE_RESOLVING] = SAMPLE_DNS,
    [PROBE_CONNECTING] = SAMPLE_CONNECT_TIMEOUT,
    [PROBE_SECURING] = SAMPLE_TLS,
    [PROBE_SENT] = SAMPLE_TIMEOUT,
};

static enum sample_result expired_result(const struct probe_phases *phases)
{
    if (phases->proxied && phases->stage < PROBE_SENT) {
        return SAMPLE_PROXY; /* the target's name and the tunnel are the proxy's work */
    }
    return expired_results[phases->stage];
}

static enum sample_result connect_result(const struct probe_phases *phases)
{
    if (phases->no_socket) {
        return SAMPLE_LOCAL;
    }
    for (size_t i = 0; i < ARRAY_COUNT(errno_rows); i++) {
        if (errno_rows[i].code == phases->os_error) {
            return errno_rows[i].result;
        }
    }
    return phases->proxied ? SAMPLE_PROXY : SAMPLE_REFUSED;
}

static enum sample_result failure_result(const struct probe_phases *phases)
{
    if (phases->proxy_status != 0 && phases->proxy_status / 100 != 2) {
        return SAMPLE_PROXY;
    }
    if (phases->code == CURLE_OPERATION_TIMEDOUT) {
        return expired_result(phases);
    }
    if (phases->code == CURLE_COULDNT_CONNECT) {
        return connect_result(phases);
    }
    for (size_t i = 0; i < ARRAY_COUNT(code_rows); i++) {
        if (code_rows[i].code == phases->code) {
            return code_rows[i].result;
        }
    }
    return SAMPLE_LOCAL;
}

int32_t probe_round_trip_us(const struct probe_phases *phases, int32_t round_trip_min_us)
{
    const struct sample *sample = &phases->sample;
    /* For tcp:// and tls:// the connect is what is measured, so it cannot be its own allowance. */
    if (!phases->connect_only && !sample->reused && sample->connect_us >= 0 &&
        sample->connect_us < SYN_RETRANSMIT_US) {
        return sample->connect_us;
    }
    return round_trip_min_us == PROBE_ROUND_TRIP_UNKNOWN ? 0 : round_trip_min_us;
}

int64_t probe_answer_within_us(const struct probe_phases *phases, const struct probe_config *config,
                               int32_t round_trip_min_us)
{
    int64_t allowance_us =
        config->latency_total ? 0 : probe_round_trip_us(phases, round_trip_min_us);
    return config->timeout_ms * US_PER_MS + allowance_us;
}

static bool is_over_latency(const struct probe_phases *phases, const struct probe_config *config,
                            int32_t round_trip_min_us)
{
    int64_t latency_us = config->latency_ms * US_PER_MS;
    if (config->latency_total) {
        return phases->elapsed_us > latency_us;
    }
    return phases->sample.total_us - probe_round_trip_us(phases, round_trip_min_us) > latency_us;
}

static bool is_late(const struct probe_phases *phases, const struct probe_config *config,
                    int32_t round_trip_min_us)
{
    return phases->sample.total_us > probe_answer_within_us(phases, config, round_trip_min_us);
}

/* What is wrong with a whole answer but its pace. */
static enum sample_result answer_result(const struct probe_phases *phases,
                                        const struct probe_config *config)
{
    bool by_status = config->kind == PROBE_HTTP || config->kind == PROBE_CONNECTOR;
    if (by_status && !config_status_fits(&config->expect_status, phases->sample.status)) {
        return SAMPLE_STATUS;
    }
    return phases->word.result;
}

/* The bot was not asked, or the platform did not carry the question to it. */
static bool is_platforms(const struct probe_phases *phases)
{
    bool answered = !phases->expired && phases->code == CURLE_OK;
    return !answered && (phases->step == TALK_SESSION || phases->stage < PROBE_SENT);
}

enum sample_result probe_judge(const struct probe_phases *phases, const struct probe_config *config,
                               int32_t round_trip_min_us)
{
    enum sample_result result = SAMPLE_OK;
    if (phases->expired) {
        result = expired_result(phases);
    } else if (phases->code != CURLE_OK) {
        result = failure_result(phases);
    } else if (!phases->connect_only && is_late(phases, config, round_trip_min_us)) {
        /* An answer that this thread saw too late is no answer in time; late_ms tells why. */
        result = SAMPLE_TIMEOUT;
    } else if (!phases->connect_only) {
        result = answer_result(phases, config);
    }
    if (config->kind == PROBE_BOT && result != SAMPLE_LOCAL && is_platforms(phases)) {
        return SAMPLE_PLATFORM;
    }
    if (result != SAMPLE_OK) {
        return result;
    }
    return is_over_latency(phases, config, round_trip_min_us) ? SAMPLE_OVER_LATENCY : SAMPLE_OK;
}
