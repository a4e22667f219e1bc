/* The notifier: a thread that tells people by running a program or posting to a webhook, and
 * fetches heartbeat_url. Never blocks its callers and never decides what is worth telling. Called
 * by the control loop. */
#ifndef QUORATE_IO_ACT_NOTIFIER_H
#define QUORATE_IO_ACT_NOTIFIER_H

#include <stdint.h>

#include "common/text.h"
#include "node/io/config/config.h"
#include "proto/notice.h"

enum {
    NOTIFIER_DELIVERY_COUNT_MAX = 64, /* waiting, one a notice and target */
    NOTIFIER_JSON_BYTES_MAX = 16384,
};

struct notifier;

struct notifier_counts {
    uint64_t delivered;
    uint64_t failed;  /* given up after the last try */
    uint64_t dropped; /* no room in the queue, or still waiting at the stop */
};

/* The configuration must outlive the notifier. Returns 0, or ERR_NO_MEMORY or ERR_INTERNAL with
 * `why`. */
int notifier_new(const struct config *config, struct notifier **ret_notifier, struct text *why);

/* Queues the notice for each target whose `on` names it. `service` may be "" where none is
 * concerned; `json` is the message and is copied. Returns 0, ERR_TOO_LARGE, or ERR_FULL where a
 * target was left out. Any thread. */
int notifier_send(struct notifier *notifier, enum notice_kind kind, const char *service,
                  const char *json);

/* Asks for one fetch of heartbeat_url; nothing happens where none is configured or one is waiting.
 * Any thread. */
void notifier_heartbeat(struct notifier *notifier);

void notifier_count(struct notifier *notifier, struct notifier_counts *ret_counts);

/* Stops at once: a running request or program is ended, what waits is dropped and counted in the
 * log. */
void notifier_free(struct notifier **notifier);

#endif
