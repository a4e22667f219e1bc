/* One call of the public API while it is served.
 * Never outlives its handler.
 * Used by the API's dispatcher and its two resources. */
#ifndef QUORATE_LAB_CALL_H
#define QUORATE_LAB_CALL_H

#include "tests/lab/base/web.h"
#include "tests/lab/sim/platform.h"
#include "tests/lab/sim/reply.h"

#define CALL_TOKEN_PATH "/oauth/token"
#define CALL_PLAN_PATH "/api/v2/routing/plans/"

struct call {
    const struct web_request *request;
    struct web_answer *answer;
    struct platform *platform;
    struct plan *plan; /* the one that the path names, or NULL */
    struct journal_entry entry;
    struct token_rate rate;
    char correlation[CORRELATION_BYTES];
    time_ms now_ms; /* when it is served; later than its arrival where it was held */
};

/* Each fills answer and entry, under the platform's lock. */
void call_serve_token(struct call *call);
void call_serve_plan(struct call *call);

#endif
