/* One probe of a URL as a plain monitor makes it: fresh connection, one deadline, one latency
 * limit. Never doubts itself; that is the point of it. Called by the checker's loop. */
#ifndef QUORATE_LAB_PROBE_H
#define QUORATE_LAB_PROBE_H

#include "common/duration.h"
#include "common/text.h"

#include <stdbool.h>

struct probe_target {
    const char *url;
    const char *connect_to; /* HOST:PORT instead of the URL's, or NULL */
    time_ms timeout_ms;
    time_ms latency_ms;
};

struct probe_result {
    bool ok;
    bool stopped; /* ended by a stop: no result */
    int status;   /* 0 without an answer */
    double total_ms;
    struct text why; /* of a failure */
};

/* Errors: ERR_NO_MEMORY, ERR_INTERNAL. */
int probe_run(const struct probe_target *target, int stop_fd, struct probe_result *ret_result);

#endif
