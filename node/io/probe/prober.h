/* The prober: threads that probe targets and say how each probe ended, in phases.
 * Never judges beyond one sample, never follows redirects, never reads the environment.
 * Called by the control loop; samples come back by one callback on the prober's threads. */
#ifndef QUORATE_IO_PROBER_H
#define QUORATE_IO_PROBER_H

#include "common/text.h"
#include "node/io/act/tokens.h"
#include "node/io/config/config.h"

enum {
    PROBER_THREAD_COUNT_MAX = 16,
    PROBER_PENDING_COUNT_MAX = 512, /* probes of one thread that are queued or under way */
};

struct prober;

struct probe_job {
    uint64_t ticket;                   /* comes back unchanged */
    const struct probe_config *target; /* copied by prober_submit */
    const struct token *token;         /* of a bot's platform, copied; NULL: it cannot be asked */
};

struct probe_done {
    uint64_t ticket;
    struct sample sample;
    int64_t
        certificate_end_s; /* seconds since 1970, of the server's certificate; 0: none was seen */
    bool token_refused;    /* the platform knows the job's token no more: this one */
    bool token_shared;
    uint64_t token_generation;
};

/* Called on one of the prober's threads, exactly once for each accepted job, also when prober_free
 * ends it (SAMPLE_LOCAL). Short, and may not call prober_free. */
typedef void prober_done_fn(const struct probe_done *done, void *data);

/* Starts timing.prober_threads threads (at least one). local.proxy and local.connect_to are copied.
 * Returns 0, ERR_NO_MEMORY or ERR_INTERNAL with `why`. */
int prober_new(const struct config *config, prober_done_fn *done, void *data,
               struct prober **ret_prober, struct text *why);

/* Any thread. Probes of one host and port are made by one thread, which knows its distance and its
 * connections. Returns 0, ERR_INVALID (the URL), ERR_FULL or ERR_NO_MEMORY; then `done` is not
 * called for the job. */
int prober_submit(struct prober *prober, const struct probe_job *job);

/* Ends what is under way and joins the threads; no callback comes afterwards. NULL is accepted. */
void prober_free(struct prober **prober);

#endif
