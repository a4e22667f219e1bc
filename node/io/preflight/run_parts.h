/* The parts of a run: what it asks of a platform, of a pair of flows, and the lists.
 * Never included outside of node/io/preflight.
 * run.c is the order of things; run_pair.c and run_lists.c ask. */
#ifndef QUORATE_IO_PREFLIGHT_RUN_PARTS_H
#define QUORATE_IO_PREFLIGHT_RUN_PARTS_H

#include "node/io/preflight/facts.h"
#include "node/io/preflight/run.h"
#include "node/io/preflight/url.h"

struct preflight_run {
    const struct config *config;
    const struct preflight_port *port;
    bool alone;
    bool canceled;
    struct preflight_platform platforms[PLATFORM_COUNT_MAX];
    size_t asked[PLATFORM_COUNT_MAX + 1]; /* the last: what goes through no platform */
};

/* Asks, unless the run is canceled or the platform has been asked enough: then the page stays
 * unasked. */
void run_ask(struct preflight_run *run, size_t platform, const struct url *url,
             struct preflight_page *ret_page);
void run_put(struct preflight_run *run, const struct preflight_question *question,
             struct preflight_page *ret_page);
/* Is there a page behind this one, which was the `number`-th from 1? */
bool run_has_more(const cJSON *page, int number);
/* "pageSize=SIZE&pageNumber=NUMBER" behind `before`, which is "?" or "&". */
void run_add_paging(struct url *url, const char *before, int size, int number);

/* run_platform.c: who we are there, and what the roles allow. */
void run_learn_platform(struct preflight_run *run, size_t platform);
/* run_lists.c: all that points at a primary flow. */
void run_learn_entrances(struct preflight_run *run, size_t platform);
/* run_pair.c: both flows, and what they use. */
void run_learn_pair(struct preflight_run *run, struct preflight_pair *pair);

#endif
