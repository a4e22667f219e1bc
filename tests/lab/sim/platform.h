/* The simulated platform as a whole: plans, tokens, faults and journal behind one lock.
 * Never speaks HTTP.
 * Called by the API, the control interface and main. */
#ifndef QUORATE_LAB_PLATFORM_H
#define QUORATE_LAB_PLATFORM_H

#include "common/text.h"
#include "tests/lab/sim/fault.h"
#include "tests/lab/sim/journal.h"
#include "tests/lab/sim/plan.h"
#include "tests/lab/sim/refresh.h"
#include "tests/lab/sim/token.h"

#include <pthread.h>

enum { PLAN_COUNT = 2 };

struct platform {
    pthread_mutex_t lock; /* over everything below */
    time_ms propagation_ms;
    struct token_book tokens;
    struct refresh_book refreshes;
    struct plan plans[PLAN_COUNT];
    struct fault_book faults;
    struct journal journal;
    int held_count; /* requests that a fault holds back right now */
};

struct platform_options {
    const char *journal_path;
    time_ms token_life_ms;
    time_ms propagation_ms;
    bool versioned;
    int rate_per_minute;
    const char *const *clients; /* ID:SECRET */
    size_t client_count;
    const char *const *refreshes; /* the first refresh tokens */
    size_t refresh_count;
    time_ms refresh_grace_ms;
};

/* Errors: ERR_NO_MEMORY, ERR_INVALID (a client), ERR_IO (the journal), each with `why`. */
int platform_new(const struct platform_options *options, struct platform **ret_platform,
                 struct text *why);
void platform_free(struct platform **platform);

/* NULL where there is none. Under the lock. */
struct plan *platform_find_plan(struct platform *platform, const char *id);

/* Appends under the lock; a journal that cannot be written ends the process, since it is the proof.
 */
void platform_record(struct platform *platform, const struct journal_entry *entry);

#endif
