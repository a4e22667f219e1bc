/* What a reading of the route says of the open intent: done, surely not done, refused, or not to be
 * told yet. Never asks for anything and never proposes; the runner does what follows.
 * Called by runner.c with its own notes on the attempt. */
#ifndef QUORATE_CORE_JUDGE_H
#define QUORATE_CORE_JUDGE_H

#include "node/core/core.h"

enum judgement {
    JUDGEMENT_READ_AGAIN, /* it makes no sense, or more readings must agree */
    JUDGEMENT_WAIT,       /* ... once no request can be under way any more: runner.quiet_ms */
    JUDGEMENT_REPEAT,     /* the same request, with the same key, may be made once more */
    JUDGEMENT_APPLIED,
    JUDGEMENT_SUPERSEDED,
    JUDGEMENT_FOREIGN,
    JUDGEMENT_REFUSED, /* the definite no that the runner remembers, and what it left behind */
    JUDGEMENT_N
};

/* The state that the intent's step makes effective. */
enum route_state judge_target(const struct intent_record *intent);

/* Requests on a version that is consumed are refused, all of them: a single versioned route. Of a
 * unit one part's version may be consumed while another's is not. */
bool judge_is_fenced(const struct service_record *service, const struct route_parts *parts);

/* Judges the reading and counts it in the runner's notes. */
enum judgement judge_reading(struct runner *runner, const struct service_record *service,
                             const struct route_view *view, time_ms now_ms);

#endif
