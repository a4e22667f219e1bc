/* One actuator job from token to answer, on the calling lane's thread and client.
 * Never queues, never decides whether to write, never repeats but once after a 401.
 * Called by the actuator's lanes. */
#ifndef QUORATE_IO_ACT_JOB_H
#define QUORATE_IO_ACT_JOB_H

#include "node/io/act/actuator.h"
#include "node/io/act/http.h"
#include "node/io/act/kept.h"
#include "node/io/act/rate.h"
#include "node/io/act/tokens.h"
#include "node/io/act/trouble.h"
#include "node/io/act/turn.h"

/* What a job works with; all of it belongs to the actuator. */
struct job_tools {
    const struct config *config;
    struct tokens *tokens;
    struct troubles *troubles;
    struct kept *kept;
    struct turns *turns;
    struct rates *rates;
    struct http_client *client; /* the lane's own */
};

/* Runs the job to its end, which is at the latest at deadline_ms on the boot-time clock. Always
 * fills the result. */
void job_run(const struct job_tools *tools, const struct actuator_job *job, time_ms deadline_ms,
             struct actuator_result *ret_result);

/* The result of a job that was never begun. */
void job_cancel(const struct actuator_job *job, const char *why,
                struct actuator_result *ret_result);

#endif
