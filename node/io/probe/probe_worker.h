/* One prober thread: takes queued probes, drives them with a curl multi handle, ends them in time.
 * Never touches another thread's probes.
 * Called by the prober. */
#ifndef QUORATE_IO_PROBE_WORKER_H
#define QUORATE_IO_PROBE_WORKER_H

#include "node/io/probe/probe_request.h"
#include "node/io/probe/prober.h"

struct probe_worker;

/* `settings` stays until the worker is freed. Returns 0, ERR_NO_MEMORY or ERR_INTERNAL. */
int probe_worker_new(const struct probe_settings *settings, prober_done_fn *done, void *data,
                     struct probe_worker **ret_worker);

/* Any thread. Returns 0 and owns the probe, or ERR_FULL and does not. */
int probe_worker_submit(struct probe_worker *worker, struct probe *probe);

/* Ends all probes with SAMPLE_LOCAL on the worker's thread and joins it. */
void probe_worker_free(struct probe_worker *worker);

#endif
