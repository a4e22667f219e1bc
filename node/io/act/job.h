/* One actuator job from token to answer, on the calling lane's thread and client.
 * Never queues, never decides whether to write, never repeats but once after a 401.
 * Called by the actuator's lanes. */
#ifndef QUORATE_IO_ACT_JOB_H
#define QUORATE_IO_ACT_JOB_H

#include <stdatomic.h>

#include "node/io/act/actuator.h"
#include "node/io/act/http.h"
#include "node/io/act/kept.h"
#include "node/io/act/rate.h"
#include "node/io/act/tokens.h"
#include "node/io/act/trouble.h"
#include "node/io/act/turn.h"

#define JOB_ANY_TERM UINT64_MAX

/* What a job works with; all of it belongs to the actuator. */
struct job_tools {
    const struct config *config;
    struct tokens *tokens;
    struct troubles *troubles;
    struct kept *kept;
    const atomic_uint_least64_t *term; /* whose writes may be begun; JOB_ANY_TERM: all */
    struct turns *turns;
    struct rates *rates;
    struct http_client *client; /* the lane's own */
};

/* actuator.c: what a thread of another part asks with, by `client`, which is its own. Valid until
 * actuator_free, before which that thread has ended. Any thread. */
void actuator_lend_tools(struct actuator *actuator, struct http_client *client,
                         struct job_tools *ret_tools);

/* Runs the job to its end, which is at the latest at deadline_ms on the boot-time clock. Always
 * fills the result. */
void job_run(const struct job_tools *tools, const struct actuator_job *job, time_ms deadline_ms,
             struct actuator_result *ret_result);

/* job_count.c: an ACTUATOR_COUNT, for job_run. */
void job_run_count(const struct job_tools *tools, const struct actuator_job *job,
                   time_ms deadline_ms, struct actuator_result *result);

/* A question that moves no route: the preflight's, and copies of contexts. */
struct job_question {
    size_t platform; /* place in config->platforms, or CALL_NO_PLATFORM */
    const char *url;
    const struct header_list *headers; /* more of them, or NULL */
    enum http_method method;           /* GET where it is left out */
    const char *body;                  /* text, or NULL for none; kept until the call returns */
    bool routine;                      /* goes only where the platform's limits leave room for it */
    time_ms deadline_ms;               /* on the boot-time clock */
};

struct job_reply {
    enum route_result result;
    int status;       /* 0 where none was received */
    bool cut;         /* the answer is over HTTP_BODY_BYTES_MAX: `body` is not to be used */
    const char *body; /* NUL-terminated, in the client's storage until its next request */
    size_t body_length;
    time_ms retry_after_ms;
    struct text why; /* empty with OK */
};

/* One request with the platform's token, once more with a new one after a 401. How it ends is the
 * asker's to tell: it counts as no trouble of the routing API. Always fills the reply. */
void job_ask(const struct job_tools *tools, const struct job_question *question,
             struct job_reply *ret_reply);

/* The result of a job that was never begun. */
void job_cancel(const struct actuator_job *job, const char *why,
                struct actuator_result *ret_result);

#endif
