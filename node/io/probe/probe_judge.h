/* How a probe ended, by its phases: one table of curl's codes and one rule for the budgets.
 * Never performs anything; pure.
 * Called by the prober's threads and their tests. */
#ifndef QUORATE_IO_PROBE_JUDGE_H
#define QUORATE_IO_PROBE_JUDGE_H

#include <curl/curl.h>

#include "node/io/config/config.h"
#include "node/io/probe/probe_talk.h"

enum { PROBE_ROUND_TRIP_UNKNOWN = -1 };

/* How far a probe came. */
enum probe_stage {
    PROBE_RESOLVING,
    PROBE_CONNECTING, /* a TCP connection was begun */
    PROBE_SECURING,   /* TCP is up, TLS was begun */
    PROBE_SENT,       /* the request was sent, or is being sent */
    PROBE_STAGE_N
};

struct probe_phases {
    struct sample sample; /* all but its result */
    int32_t elapsed_us;   /* from the probe's start to its end */
    enum probe_stage stage;
    bool expired;      /* its own deadline ended it */
    CURLcode code;     /* otherwise: how curl ended it; CURLE_OK is a whole answer */
    int os_error;      /* errno of a failed connect, or 0 */
    bool no_socket;    /* the system gave no socket to connect with */
    bool connect_only; /* tcp:// and tls:// ask for a connection, nothing is sent */
    bool proxied;
    int proxy_status;       /* of the proxy's own answer, 0 where there is none */
    struct probe_word word; /* of a whole answer */
    enum talk_step step;    /* of a bot: what was asked last */
};

/* What is taken off for the distance: the connection's own TCP connect time; the target's smallest
 * recent one (or PROBE_ROUND_TRIP_UNKNOWN) where the connection was reused, or where the first SYN
 * was surely lost. */
int32_t probe_round_trip_us(const struct probe_phases *phases, int32_t round_trip_min_us);

/* How long after the sending a whole answer may take, in microseconds. */
int64_t probe_answer_within_us(const struct probe_phases *phases, const struct probe_config *config,
                               int32_t round_trip_min_us);

/* Of a bot nothing counts against it but its own turn: SAMPLE_PLATFORM where it was not asked. */
enum sample_result probe_judge(const struct probe_phases *phases, const struct probe_config *config,
                               int32_t round_trip_min_us);

#endif
