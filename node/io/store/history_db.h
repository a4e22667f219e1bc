/* The history's SQLite database: its two tables, what is written in a batch, and what is read.
 * Never knows the queue or a thread.
 * Called by the history; a connection by one thread at a time. */
#ifndef QUORATE_IO_STORE_HISTORY_DB_H
#define QUORATE_IO_STORE_HISTORY_DB_H

#include <sqlite3.h>

#include "common/text.h"
#include "node/io/store/history.h"

#define HISTORY_FILE "history.db"

enum history_statement {
    HISTORY_BEGIN,
    HISTORY_COMMIT,
    HISTORY_ROLLBACK,
    HISTORY_EVENT,
    HISTORY_INCIDENT,
    HISTORY_TRIM_EVENTS,
    HISTORY_TRIM_INCIDENTS,
    HISTORY_STATEMENT_N
};

struct history_db {
    sqlite3 *db;
    sqlite3_stmt *statement[HISTORY_STATEMENT_N];
};

/* Opens for writing, makes the tables, checks the pages. Errors: ERR_DAMAGED, ERR_IO, ERR_FULL,
 * ERR_BUSY, ERR_NO_MEMORY; it is closed again then. */
int history_db_open(const char *path, struct history_db *ret_db, struct text *why);
void history_db_close(struct history_db *db);

/* A batch: begin, records, end (which trims and commits), or abort. Errors: as SQLite gives them,
 * see sql_error. */
int history_db_begin(struct history_db *db);
int history_db_add_event(struct history_db *db, const struct history_event *event);
int history_db_put_incident(struct history_db *db, const struct history_incident *incident);
int history_db_end(struct history_db *db);
void history_db_abort(struct history_db *db);

/* A read-only connection. Errors: ERR_IO, ERR_BUSY, ERR_NO_MEMORY. */
int history_db_open_reader(const char *path, sqlite3 **ret_db);

/* What history.h's reading functions give. Errors: see sql_error; one incident also ERR_NOT_FOUND.
 */
int history_db_read_events(sqlite3 *db, bool newest_first, uint64_t after, size_t limit,
                           history_event_fn *found, void *data);
int history_db_read_incidents(sqlite3 *db, size_t limit, history_incident_fn *found, void *data);
int history_db_read_incident(sqlite3 *db, uint64_t id, history_incident_fn *found, void *data);

#endif
