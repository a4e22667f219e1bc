/* The leader's preflight: a thread that runs all checks when it is told to, and keeps what it found
 * of each service. Never decides when to run, never writes to a platform, delays no lane of the
 * actuator. Called by the control loop. */
#ifndef QUORATE_IO_PREFLIGHT_PREFLIGHT_H
#define QUORATE_IO_PREFLIGHT_PREFLIGHT_H

#include "node/io/act/actuator.h"
#include "node/io/preflight/report.h"

struct preflight;

/* On the preflight's thread: a report of this service (place in config->services) can be taken. */
typedef void preflight_done_fn(size_t service, void *data);

/* Starts the thread, which waits. The configuration and the actuator must outlive it. Returns 0, or
 * ERR_NO_MEMORY or ERR_INTERNAL with `why`. */
int preflight_new(const struct config *config, struct actuator *actuator, preflight_done_fn *done,
                  void *data, struct preflight **ret_preflight, struct text *why);
/* Ends a run and the thread at once. */
void preflight_free(struct preflight **preflight);

/* Runs over all services; nothing happens where a run is under way. */
void preflight_start(struct preflight *preflight);
bool preflight_is_running(struct preflight *preflight);
/* Ends the run before its next request; what it has not reported yet is not reported. */
void preflight_cancel(struct preflight *preflight);
/* A run waits while held, with no request under way but the one that had begun. */
void preflight_hold(struct preflight *preflight, bool held);

/* The newest report of a service that was not taken yet, which the caller frees; or NULL. */
struct preflight_report *preflight_take(struct preflight *preflight, size_t service);

#endif
