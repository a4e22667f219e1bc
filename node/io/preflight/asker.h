/* The preflight's way to a real platform: one request after the other, at a pace, with the
 * actuator's tokens and a connection of its own, so that no lane waits for it.
 * Never writes. Called by the preflight's thread and by `quorate check --online`; the calls that
 * say so from any thread. */
#ifndef QUORATE_IO_PREFLIGHT_ASKER_H
#define QUORATE_IO_PREFLIGHT_ASKER_H

#include "node/io/act/actuator.h"
#include "node/io/preflight/page.h"

enum {
    ASKER_ANSWER_MS = 4000,     /* for one answer, its token included: others wait for its turn */
    ASKER_RETRY_MS_MAX = 60000, /* a Retry-After that is longer is not waited for */
    ASKER_SHARE_PERCENT = 50,   /* of what the platform allows: the rest is for moves and proofs */
    ASKER_TRY_COUNT_MAX = 3,
    ASKER_AGAIN_MS = 5000, /* after a turn that did not come */
};

struct asker;

/* The configuration and the actuator must outlive it. Returns 0, ERR_NO_MEMORY or ERR_INTERNAL. */
int asker_new(const struct config *config, struct actuator *actuator, time_ms pace_ms,
              struct asker **ret_asker);
void asker_free(struct asker **asker);

/* Valid as long as the asker. */
const struct preflight_port *asker_port(const struct asker *asker);

/* While held no request begins. Any thread. */
void asker_hold(struct asker *asker, bool held);
/* Each question is answered CANCELED from now on, also one that waits for its turn, until
 * asker_resume. Any thread. */
void asker_cancel(struct asker *asker);
void asker_resume(struct asker *asker);
/* Cancels for ever and ends the running request. Any thread. */
void asker_stop(struct asker *asker);

#endif
