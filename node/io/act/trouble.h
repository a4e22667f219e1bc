/* What goes wrong between this node and a platform, told apart: a token that expired, a token
 * endpoint that refuses or is away, an API that is away or answers badly. Never decides anything; a
 * repeating failure is logged at its first and at its end, with a count. Called by the token store
 * and the actuator's jobs, from any thread. */
#ifndef QUORATE_IO_ACT_TROUBLE_H
#define QUORATE_IO_ACT_TROUBLE_H

#include "common/text.h"
#include "node/io/config/config.h"
#include "proto/route.h"

/* Since the start. The first three are of the token endpoint, the last two of the API. */
struct trouble_counts {
    uint64_t token_expired; /* past its life, or refused by the API before */
    uint64_t auth_refused;
    uint64_t auth_unreachable;
    uint64_t api_unreachable;
    uint64_t api_error;
};

/* How one request ended. */
struct trouble_case {
    size_t platform;
    enum route_result result;
    int status; /* 0: no answer */
    const char *why;
};

struct troubles;

/* The configuration must outlive it. Returns 0 or ERR_NO_MEMORY. */
int troubles_new(const struct config *config, struct troubles **ret_troubles);
void troubles_free(struct troubles **troubles);

void troubles_auth(struct troubles *troubles, const struct trouble_case *ended);
void troubles_api(struct troubles *troubles, const struct trouble_case *ended);
/* `reason` is a word of the log line. */
void troubles_expired(struct troubles *troubles, size_t platform, const char *reason,
                      time_ms age_ms);
struct trouble_counts troubles_counts(struct troubles *troubles, size_t platform);

#endif
