/* The simulated platform as a whole: plans and other resources, tokens, faults and journal behind
 * one lock. Never speaks HTTP. Called by the API, the control interface and main. */
#ifndef QUORATE_LAB_PLATFORM_H
#define QUORATE_LAB_PLATFORM_H

#include "common/text.h"
#include "tests/lab/sim/dialog.h"
#include "tests/lab/sim/fault.h"
#include "tests/lab/sim/journal.h"
#include "tests/lab/sim/permission.h"
#include "tests/lab/sim/plan.h"
#include "tests/lab/sim/refresh.h"
#include "tests/lab/sim/resource/catalog.h"
#include "tests/lab/sim/token.h"
#include "tests/lab/sim/traffic.h"

#include <pthread.h>

enum { PLAN_COUNT = 2 };

struct platform {
    pthread_mutex_t lock; /* over everything below */
    time_ms propagation_ms;
    time_ms read_lag_ms;
    time_ms deploy_delay_ms;
    time_ms attributes_delay_ms;
    int edge_count;
    struct token_book tokens;
    struct refresh_book refreshes;
    struct plan plans[PLAN_COUNT];
    struct effect_log plan_effects[PLAN_COUNT];
    struct catalog catalog;
    struct traffic traffic;
    struct dialog_book dialogs;
    struct permission_set permissions[CLIENTS_MAX];
    int put_rate;     /* writes a minute of one token to one kind of resource; 0: any number */
    int put_parallel; /* writes of one token at a time; 0: any number */
    time_ms put_takes_ms;
    struct fault_book faults;
    struct journal journal;
    int held_count; /* requests that a fault holds back right now */
};

struct platform_options {
    const char *journal_path;
    time_ms token_life_ms;
    time_ms propagation_ms;      /* until the last edge has a change; plans read old that long */
    time_ms read_lag_ms;         /* how long reads of other resources show the old one */
    time_ms deploy_delay_ms;     /* how long what is asynchronous stays Pending */
    time_ms attributes_delay_ms; /* until a participant's attributes show */
    int edge_count;              /* at least 1 */
    bool versioned;
    int rate_per_minute;
    int put_rate;
    int put_parallel;
    time_ms put_takes_ms;
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

/* When a change of a resource of this kind shows. */
struct document_clock platform_clock(const struct platform *platform, const struct kind *kind,
                                     time_ms now_ms);

/* To be called after each change, under the lock: notes what entrances give from now on. */
void platform_plan_changed(struct platform *platform, const struct plan *plan, time_ms now_ms);
void platform_document_changed(struct platform *platform, const struct document *document,
                               time_ms now_ms);

/* The log of an entrance by its name, kind/id; NULL where there is none. */
const struct effect_log *platform_effects(struct platform *platform, const char *name);
/* The flow that a new conversation at an edge gets; the edges count from 1, and the last one is
 * the whole propagation behind. */
const char *platform_edge_flow(const struct platform *platform, const struct effect_log *effects,
                               int edge, time_ms now_ms);

/* Lets the streams of conversations come as far as `now_ms`. Under the lock, before each change of
 * an entrance and before each count. */
void platform_traffic_advance(struct platform *platform, time_ms now_ms);

/* Appends under the lock; a journal that cannot be written ends the process, since it is the proof.
 */
void platform_record(struct platform *platform, const struct journal_entry *entry);

#endif
