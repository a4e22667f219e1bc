/* One run of the preflight: asks what the checks want to know, service after service, and has it
 * judged. What is the platform's, not a service's, is asked once a run.
 * Never writes anything anywhere and is bounded: pages, entities and requests have limits, and what
 * was left out is said. Called by the preflight's thread and by `quorate check --online`. */
#ifndef QUORATE_IO_PREFLIGHT_RUN_H
#define QUORATE_IO_PREFLIGHT_RUN_H

#include "node/io/config/config.h"
#include "node/io/preflight/page.h"
#include "node/io/preflight/report.h"

enum {
    RUN_REQUEST_COUNT_MAX = 250, /* to one platform; its limit is 300 a minute and token */
    RUN_PAGE_COUNT_MAX = 40,     /* of one list */
    RUN_ROLE_COUNT_MAX = 8,
    RUN_ACTION_COUNT_MAX = 16, /* of one flow */
};

struct preflight_run;

/* The configuration and the port must outlive it. `alone`: no node of the cluster runs here.
 * Returns 0 or ERR_NO_MEMORY. */
int preflight_run_new(const struct config *config, const struct preflight_port *port, bool alone,
                      struct preflight_run **ret_run);
void preflight_run_free(struct preflight_run **run);

/* Looks at one service; the caller frees the report, whose times are not set. Returns 0,
 * ERR_CANCELED (the port answered so) or ERR_NO_MEMORY. */
int preflight_run_service(struct preflight_run *run, size_t service,
                          struct preflight_report **ret_report);

#endif
