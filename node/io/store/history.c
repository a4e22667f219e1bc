#include "node/io/store/history.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/check.h"
#include "common/errors.h"
#include "common/log.h"
#include "node/io/store/folder.h"
#include "node/io/store/history_db.h"
#include "node/io/store/worker.h"

enum record_kind { RECORD_EVENT, RECORD_INCIDENT, RECORD_KIND_N };

/* A record in the queue; its words and bytes stand behind it in the same block. */
struct record {
    struct worker_item item;
    enum record_kind kind;
    union {
        struct history_event event;
        struct history_incident incident;
    };
};

struct history {
    char path[FOLDER_PATH_SIZE];
    struct worker worker;
    _Atomic uint64_t dropped;
    /* Of the history's thread alone: */
    struct history_db db;
    uint64_t failed_batches; /* in a row; logged at the first and at the end */
};

static int write_batch(struct history_db *db, const struct worker_item *first)
{
    int error = history_db_begin(db);
    for (const struct worker_item *item = first; error == 0 && item != NULL; item = item->next) {
        const struct record *record = (const struct record *)item;
        error = record->kind == RECORD_EVENT ? history_db_add_event(db, &record->event)
                                             : history_db_put_incident(db, &record->incident);
    }
    if (error == 0)
        error = history_db_end(db);
    if (error != 0)
        history_db_abort(db);
    return error;
}

static size_t release_batch(struct worker_item *first)
{
    size_t count = 0;
    while (first != NULL) {
        struct worker_item *next = first->next;
        free(first);
        first = next;
        count++;
    }
    return count;
}

static void note_outcome(struct history *history, int error, size_t count)
{
    if (error != 0) {
        atomic_fetch_add(&history->dropped, count);
        if (history->failed_batches++ == 0)
            log_warn("history_failed", "path=%s error=%s", history->path, error_name(error));
    } else if (history->failed_batches != 0) {
        log_info("history_works_again", "path=%s failed_batches=%llu", history->path,
                 (unsigned long long)history->failed_batches);
        history->failed_batches = 0;
    }
}

static void *run(void *data)
{
    struct history *history = data;
    struct worker_item *first = NULL;
    while (worker_take(&history->worker, -1, &first) == 0) {
        int error = write_batch(&history->db, first);
        note_outcome(history, error, release_batch(first));
    }
    return NULL;
}

/* It is only history: the bad file is kept for whoever wants to look, and a new one begun. */
static int move_away(const char *path)
{
    char to[FOLDER_PATH_SIZE + 16], with_wal[FOLDER_PATH_SIZE + 16];
    snprintf(to, sizeof to, "%s.damaged", path);
    if (rename(path, to) != 0)
        return folder_error_of(errno);
    static const char *const companions[] = {"-wal", "-shm"};
    for (size_t i = 0; i < ARRAY_COUNT(companions); i++) {
        snprintf(with_wal, sizeof with_wal, "%s%s", path, companions[i]);
        unlink(with_wal);
    }
    return 0;
}

static int open_or_replace(struct history *history, struct text *why)
{
    int error = history_db_open(history->path, &history->db, why);
    if (error != ERR_DAMAGED)
        return error;
    log_warn("history_damaged", "path=%s why=\"%s\" kept_as=%s.damaged", history->path, why->bytes,
             history->path);
    error = move_away(history->path);
    if (error != 0) {
        text_add(why, "; cannot be moved away");
        return error;
    }
    text_clear(why);
    return history_db_open(history->path, &history->db, why);
}

int history_open(const char *folder, struct history **ret_history, struct text *why)
{
    struct history *history = calloc(1, sizeof *history);
    if (history == NULL) {
        text_set(why, "%s: no memory for the history", folder);
        return ERR_NO_MEMORY;
    }
    worker_init(&history->worker, HISTORY_QUEUE_RECORDS_MAX, HISTORY_QUEUE_BYTES_MAX);
    int error = folder_path(folder, HISTORY_FILE, history->path);
    if (error != 0) {
        text_set(why, "the data folder's name is too long: %s", folder);
        goto fail_open;
    }
    error = open_or_replace(history, why);
    if (error != 0)
        goto fail_open;
    error = worker_start(&history->worker, "history", run, history);
    if (error != 0) {
        text_set(why, "%s: no thread for the history", history->path);
        goto fail_thread;
    }
    *ret_history = history;
    return 0;

fail_thread:
    history_db_close(&history->db);
fail_open:
    worker_fini(&history->worker);
    free(history);
    return error;
}

static size_t length_of(const char *word)
{
    return word == NULL ? 0 : strnlen(word, HISTORY_RECORD_BYTES_MAX);
}

/* A block for a record with `words` and a certificate behind it, or an error. */
static int record_new(const char **const *words, size_t count, size_t extra,
                      struct record **ret_record)
{
    size_t bytes = sizeof(struct record);
    if (extra > HISTORY_RECORD_BYTES_MAX)
        return ERR_TOO_LARGE;
    for (size_t i = 0; i < count; i++)
        bytes += length_of(*words[i]) + 1;
    bytes += extra;
    if (bytes > HISTORY_RECORD_BYTES_MAX)
        return ERR_TOO_LARGE;
    struct record *record = malloc(bytes);
    if (record == NULL)
        return ERR_NO_MEMORY;
    char *at = (char *)(record + 1);
    for (size_t i = 0; i < count; i++) {
        size_t length = length_of(*words[i]);
        if (length > 0)
            memcpy(at, *words[i], length);
        at[length] = '\0';
        *words[i] = at;
        at += length + 1;
    }
    record->item = (struct worker_item){.bytes = bytes};
    *ret_record = record;
    return 0;
}

static int hand_over(struct history *history, int error, struct record *record)
{
    if (error == 0)
        error = worker_put(&history->worker, &record->item);
    if (error != 0) {
        atomic_fetch_add(&history->dropped, 1);
        free(record);
    }
    return error;
}

int history_add_event(struct history *history, const struct history_event *event)
{
    struct history_event copy = *event;
    const char **const words[] = {&copy.kind, &copy.service, &copy.json};
    struct record *record = NULL;
    int error = record_new(words, ARRAY_COUNT(words), 0, &record);
    if (error == 0) {
        record->kind = RECORD_EVENT;
        record->event = copy;
    }
    return hand_over(history, error, record);
}

int history_put_incident(struct history *history, const struct history_incident *incident)
{
    struct history_incident copy = *incident;
    const char **const words[] = {&copy.service, &copy.verdict, &copy.severity, &copy.from,
                                  &copy.to,      &copy.outcome, &copy.steps};
    size_t length = incident->certificate == NULL ? 0 : incident->certificate_length;
    struct record *record = NULL;
    int error = record_new(words, ARRAY_COUNT(words), length, &record);
    if (error == 0) {
        record->kind = RECORD_INCIDENT;
        copy.certificate = NULL;
        if (length > 0) {
            uint8_t *at = (uint8_t *)record + record->item.bytes - length;
            copy.certificate = memcpy(at, incident->certificate, length);
        }
        record->incident = copy;
    }
    return hand_over(history, error, record);
}

uint64_t history_dropped_count(const struct history *history)
{
    return atomic_load(&history->dropped);
}

int history_list_events(const struct history *history, uint64_t after, size_t limit,
                        history_event_fn *found, void *data)
{
    sqlite3 *db = NULL;
    int error = history_db_open_reader(history->path, &db);
    if (error != 0)
        return error;
    error = history_db_read_events(db, false, after, limit, found, data);
    sqlite3_close(db);
    return error;
}

int history_list_last_events(const struct history *history, size_t limit, history_event_fn *found,
                             void *data)
{
    sqlite3 *db = NULL;
    int error = history_db_open_reader(history->path, &db);
    if (error != 0)
        return error;
    error = history_db_read_events(db, true, 0, limit, found, data);
    sqlite3_close(db);
    return error;
}

int history_list_incidents(const struct history *history, size_t limit, history_incident_fn *found,
                           void *data)
{
    sqlite3 *db = NULL;
    int error = history_db_open_reader(history->path, &db);
    if (error != 0)
        return error;
    error = history_db_read_incidents(db, limit, found, data);
    sqlite3_close(db);
    return error;
}

int history_get_incident(const struct history *history, uint64_t id, history_incident_fn *found,
                         void *data)
{
    sqlite3 *db = NULL;
    int error = history_db_open_reader(history->path, &db);
    if (error != 0)
        return error;
    error = history_db_read_incident(db, id, found, data);
    sqlite3_close(db);
    return error;
}

void history_free(struct history **history)
{
    if (*history == NULL)
        return;
    worker_stop(&(*history)->worker);
    worker_fini(&(*history)->worker);
    history_db_close(&(*history)->db);
    free(*history);
    *history = NULL;
}
