/* One routing plan: its document, its version and which flow new conversations reach.
 * Never speaks HTTP, never reads a clock.
 * Called by the API and the human's hand under the platform's lock. */
#ifndef QUORATE_LAB_PLAN_H
#define QUORATE_LAB_PLAN_H

#include "common/duration.h"
#include "common/text.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

enum { PLAN_ID_BYTES = 32, PLAN_NAME_BYTES = 64 };

struct plan {
    char id[PLAN_ID_BYTES];
    char name[PLAN_NAME_BYTES]; /* routing-plan/ID */
    bool versioned;
    int64_t version;
    cJSON *document; /* {id, name, routingType, version?, entries} */
    cJSON *seen; /* what reads still show until `seen_until_ms`; NULL where that is the document */
    time_ms seen_until_ms;
};

/* The plan with the primary active and the standby inactive, version 1. Errors: ERR_NO_MEMORY. */
int plan_init(struct plan *plan, const char *id, bool versioned);
void plan_fini(struct plan *plan);

/* The flow that new conversations reach; NULL where no entry is active. */
const char *plan_flow(const struct plan *plan);

/* The flow of the lowest priority among the entries whose `active` is not false decides:
 * "primary", "standby", "paused" (no such entry, or the hold flow) or "foreign". */
const char *plan_state(const struct plan *plan);

/* What a read sees now: the document, or the older one while a change propagates. The plan keeps
 * it. */
const cJSON *plan_read(const struct plan *plan, time_ms now_ms);

/* Replaces name, routingType and the whole of `entries` where `change` has them, and counts the
 * version up. A version in `change` must be the current one on a versioned plan, and is ignored on
 * others; *ret_sent is it, or -1. Errors: ERR_INVALID with `why` (a field), ERR_CONFLICT,
 * ERR_NO_MEMORY; the plan is then as it was. */
int plan_change(struct plan *plan, const cJSON *change, time_ms now_ms, time_ms propagation_ms,
                int64_t *ret_sent, struct text *why);

#endif
