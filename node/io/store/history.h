/* The history: notable events and incidents for people, in a database of its own on a thread of its
 * own. Never a part of any decision; it is best effort: what finds the queue full or the disk
 * broken is dropped and counted. Called by the control loop (adding, and the API's reading). */
#ifndef QUORATE_IO_STORE_HISTORY_H
#define QUORATE_IO_STORE_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/text.h"
#include "proto/types.h"

enum {
    HISTORY_QUEUE_RECORDS_MAX = 4096,
    HISTORY_QUEUE_BYTES_MAX = 16 * 1024 * 1024,
    HISTORY_RECORD_BYTES_MAX = 1024 * 1024, /* one record with its words and certificate */
    HISTORY_EVENTS_MAX = 50000,             /* the oldest beyond go */
    HISTORY_INCIDENTS_MAX = 1000,           /* those with the lowest ids beyond go */
};

struct history;

/* Words may be NULL when adding (kept as ""), never when reading. */
struct history_event {
    uint64_t id; /* given by the history, rising; ignored when adding */
    int64_t wall_ms;
    const char *kind;
    const char *service;
    log_index index; /* of the ledger's entry; 0: none */
    const char *json;
};

struct history_incident {
    uint64_t id; /* the caller's: the inquiry's log index */
    const char *service;
    int64_t opened_wall_ms;
    int64_t closed_wall_ms; /* 0: still open */
    log_index index;        /* of the last ledger entry that changed it */
    const char *verdict;
    const char *severity;
    const char *from;
    const char *to;
    const char *outcome;
    const char *steps;          /* JSON, or "" where nothing is known of them */
    const uint8_t *certificate; /* NULL: none; in lists always NULL */
    size_t certificate_length;  /* in lists as stored */
};

/* Opens or makes history.db in the folder, which must exist. A file that is no sound database is
 * moved to history.db.damaged (replacing an older one) and begun anew. Errors: ERR_IO, ERR_FULL,
 * ERR_BUSY, ERR_TOO_LARGE, ERR_NO_MEMORY; the node may go on without a history. */
int history_open(const char *folder, struct history **ret_history, struct text *why);

/* Copies and queues. Any thread. Errors, counted as dropped: ERR_FULL, ERR_TOO_LARGE,
 * ERR_NO_MEMORY. */
int history_add_event(struct history *history, const struct history_event *event);

/* The same for an incident; one with the same id is replaced, but keeps its certificate where the
 * new one has none. */
int history_put_incident(struct history *history, const struct history_incident *incident);

/* What was dropped since the start, for the status. Any thread. */
uint64_t history_dropped_count(const struct history *history);

/* Called for each record; its pointers are valid during the call. */
typedef void history_event_fn(const struct history_event *event, void *data);
typedef void history_incident_fn(const struct history_incident *incident, void *data);

/* Reading opens a short read-only connection of its own on the calling thread; what is still queued
 * is not seen. Errors: ERR_IO, ERR_BUSY, ERR_DAMAGED, ERR_NO_MEMORY. */

/* At most `limit` events with an id over `after`, oldest first. */
int history_list_events(const struct history *history, uint64_t after, size_t limit,
                        history_event_fn *found, void *data);
/* At most `limit` events, the newest ones, newest first. */
int history_list_last_events(const struct history *history, size_t limit, history_event_fn *found,
                             void *data);
/* At most `limit` incidents, newest first. */
int history_list_incidents(const struct history *history, size_t limit, history_incident_fn *found,
                           void *data);
/* One incident with its certificate. Also ERR_NOT_FOUND. */
int history_get_incident(const struct history *history, uint64_t id, history_incident_fn *found,
                         void *data);

/* Writes what is queued and ends the thread. NULL is accepted. */
void history_free(struct history **history);

#endif
