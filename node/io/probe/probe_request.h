/* One probe from submission to sample: curl's handle, the callbacks that stamp phases, deadlines.
 * Never waits and never judges.
 * Called by one prober thread, which owns the probe from prober_submit's queue on. */
#ifndef QUORATE_IO_PROBE_REQUEST_H
#define QUORATE_IO_PROBE_REQUEST_H

#include <curl/curl.h>

#include "node/io/probe/probe_judge.h"
#include "node/io/probe/probe_match.h"
#include "node/io/probe/probe_target.h"

enum { PROBE_BODY_BYTES_MAX = 64 * 1024 }; /* of an answer; what comes after it is not read */

/* What all probes of a prober share. */
struct probe_settings {
    char proxy[URL_SIZE];          /* "" for none */
    struct curl_slist *connect_to; /* owned by the prober */
};

struct probe {
    struct probe *next; /* in its thread's queue */
    size_t place;       /* among its thread's active probes */
    uint64_t ticket;
    struct probe_config config;
    char key[PROBE_TARGET_KEY_SIZE]; /* host:port */
    struct probe_target *target;
    CURL *easy;
    struct probe_match match;
    size_t body_bytes;
    bool body_cut; /* read to PROBE_BODY_BYTES_MAX, where the rest is not wanted */
    bool tcp_only;
    bool proxied;
    /* Boot-time clock; 0 where it has not happened. */
    int64_t submitted_us;
    int64_t started_us;
    int64_t
        opened_first_us; /* sockets to connect with: several where a name has several addresses */
    int64_t opened_last_us;
    int64_t securing_us; /* TCP is up, TLS begins */
    int64_t sent_us;
    int64_t first_byte_us;
    int64_t deadline_us; /* until the sending that of the connection, then that of the answer */
    int64_t late_us;
};

int64_t probe_now_us(void);

/* Makes a probe of the configuration; nothing is started. Returns 0, ERR_INVALID (the URL) or
 * ERR_NO_MEMORY. */
int probe_new(const struct probe_config *config, uint64_t ticket, struct probe **ret_probe);
void probe_free(struct probe *probe);

/* Makes the curl handle and starts the clock. `settings` and `target` stay until the probe is
 * freed. Returns 0 or ERR_NO_MEMORY. */
int probe_prepare(struct probe *probe, const struct probe_settings *settings,
                  struct probe_target *target);

/* The phases so far, before the handle is let go of. `expired`: its own deadline ends it; otherwise
 * `code` is curl's. */
void probe_phases_get(const struct probe *probe, bool expired, CURLcode code,
                      struct probe_phases *ret_phases);

#endif
