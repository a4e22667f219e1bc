#include "node/io/store/history_db.h"

#include <string.h>

#include "common/cleanup.h"
#include "common/errors.h"
#include "node/io/store/sql.h"

enum { BUSY_TIMEOUT_MS = 250 };

/* NORMAL: a power cut may take the last records, never the database. */
static const char settings[] = "PRAGMA synchronous=NORMAL;"
                               "PRAGMA journal_size_limit=4194304;"
                               "PRAGMA trusted_schema=OFF";

static const char tables[] =
    "CREATE TABLE IF NOT EXISTS events(id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " wall_ms INTEGER NOT NULL, kind TEXT NOT NULL, service TEXT NOT NULL, idx INTEGER NOT NULL,"
    " json TEXT NOT NULL);"
    "CREATE TABLE IF NOT EXISTS incidents(id INTEGER PRIMARY KEY, service TEXT NOT NULL,"
    " opened_wall_ms INTEGER NOT NULL, closed_wall_ms INTEGER NOT NULL, idx INTEGER NOT NULL,"
    " verdict TEXT NOT NULL, severity TEXT NOT NULL, origin TEXT NOT NULL,"
    " destination TEXT NOT NULL, outcome TEXT NOT NULL, certificate BLOB,"
    " steps TEXT NOT NULL DEFAULT '')";

/* What a database of an earlier build lacks. */
static const char has_steps[] =
    "SELECT count(*) FROM pragma_table_info('incidents') WHERE name = 'steps'";
static const char add_steps[] = "ALTER TABLE incidents ADD COLUMN steps TEXT NOT NULL DEFAULT ''";

static const char put_incident[] =
    "INSERT INTO incidents(id, service, opened_wall_ms, closed_wall_ms, idx, verdict, severity,"
    " origin, destination, outcome, certificate, steps)"
    " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) ON CONFLICT(id) DO UPDATE SET"
    " service = excluded.service, opened_wall_ms = excluded.opened_wall_ms,"
    " closed_wall_ms = excluded.closed_wall_ms, idx = excluded.idx, verdict = excluded.verdict,"
    " severity = excluded.severity, origin = excluded.origin, destination = excluded.destination,"
    " outcome = excluded.outcome, certificate = coalesce(excluded.certificate, certificate),"
    " steps = excluded.steps";

static const char trim_incidents[] =
    "DELETE FROM incidents WHERE id <="
    " (SELECT id FROM incidents ORDER BY id DESC LIMIT 1 OFFSET ?1)";

static const char *const statements[HISTORY_STATEMENT_N] = {
    [HISTORY_BEGIN] = "BEGIN IMMEDIATE",
    [HISTORY_COMMIT] = "COMMIT",
    [HISTORY_ROLLBACK] = "ROLLBACK",
    [HISTORY_EVENT] =
        "INSERT INTO events(wall_ms, kind, service, idx, json) VALUES(?1, ?2, ?3, ?4, ?5)",
    [HISTORY_INCIDENT] = put_incident,
    [HISTORY_TRIM_EVENTS] = "DELETE FROM events WHERE id <= (SELECT max(id) FROM events) - ?1",
    [HISTORY_TRIM_INCIDENTS] = trim_incidents,
};

static const char oldest_events[] = "SELECT id, wall_ms, kind, service, idx, json FROM events"
                                    " WHERE id > ?1 ORDER BY id LIMIT ?2";
static const char newest_events[] = "SELECT id, wall_ms, kind, service, idx, json FROM events"
                                    " WHERE id > ?1 ORDER BY id DESC LIMIT ?2";

static const char list_incidents[] =
    "SELECT id, service, opened_wall_ms, closed_wall_ms, idx, verdict, severity, origin,"
    " destination, outcome, coalesce(length(certificate), 0), steps FROM incidents"
    " ORDER BY id DESC LIMIT ?1";
static const char one_incident[] =
    "SELECT id, service, opened_wall_ms, closed_wall_ms, idx, verdict, severity, origin,"
    " destination, outcome, certificate, steps FROM incidents WHERE id = ?1";

static int upgrade(sqlite3 *db)
{
    struct text count = {0};
    int error = sql_ask_word(db, has_steps, &count);
    if (error == 0 && strcmp(count.bytes, "0") == 0)
        error = sql_exec(db, add_steps);
    return error;
}

static int open_writer(struct history_db *db, const char *path, struct text *why)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    int result = sqlite3_open_v2(path, &db->db, flags, NULL);
    if (db->db == NULL) {
        text_set(why, "%s: no memory to open it", path);
        return ERR_NO_MEMORY;
    }
    sqlite3_busy_timeout(db->db, BUSY_TIMEOUT_MS);
    struct text word = {0};
    int error = sql_error(db->db, result);
    if (error == 0)
        error = sql_exec(db->db, settings);
    if (error == 0)
        error = sql_ask_word(db->db, "PRAGMA journal_mode=WAL", &word);
    if (error == 0)
        error = sql_ask_word(db->db, "PRAGMA quick_check(1)", &word);
    if (error == 0 && strcmp(word.bytes, "ok") != 0) {
        text_set(why, "%s: %.200s", path, word.bytes);
        return ERR_DAMAGED;
    }
    if (error == 0)
        error = sql_exec(db->db, tables);
    if (error == 0)
        error = upgrade(db->db);
    for (int i = 0; error == 0 && i < HISTORY_STATEMENT_N; i++)
        error = sql_prepare(db->db, statements[i], &db->statement[i]);
    if (error != 0)
        sql_explain(db->db, path, why);
    return error;
}

int history_db_open(const char *path, struct history_db *ret_db, struct text *why)
{
    struct history_db db = {0};
    int error = open_writer(&db, path, why);
    if (error == 0)
        *ret_db = db;
    else
        history_db_close(&db);
    return error;
}

void history_db_close(struct history_db *db)
{
    for (int i = 0; i < HISTORY_STATEMENT_N; i++)
        sql_finalize(&db->statement[i]);
    sqlite3_close(db->db);
    db->db = NULL;
}

int history_db_begin(struct history_db *db)
{
    return sql_run(db->statement[HISTORY_BEGIN]);
}

static int bind_word(sqlite3_stmt *statement, int column, const char *word)
{
    const char *at = word == NULL ? "" : word;
    return sql_error(sqlite3_db_handle(statement),
                     sqlite3_bind_text(statement, column, at, -1, SQLITE_STATIC));
}

int history_db_add_event(struct history_db *db, const struct history_event *event)
{
    sqlite3_stmt *statement = db->statement[HISTORY_EVENT];
    int error = sql_bind_u64(statement, 1, (uint64_t)event->wall_ms);
    if (error == 0)
        error = bind_word(statement, 2, event->kind);
    if (error == 0)
        error = bind_word(statement, 3, event->service);
    if (error == 0)
        error = sql_bind_u64(statement, 4, event->index);
    if (error == 0)
        error = bind_word(statement, 5, event->json);
    return error != 0 ? error : sql_run(statement);
}

int history_db_put_incident(struct history_db *db, const struct history_incident *incident)
{
    sqlite3_stmt *statement = db->statement[HISTORY_INCIDENT];
    const uint64_t numbers[] = {(uint64_t)incident->opened_wall_ms,
                                (uint64_t)incident->closed_wall_ms, incident->index};
    const char *const words[] = {incident->verdict, incident->severity, incident->from,
                                 incident->to, incident->outcome};
    int error = sql_bind_u64(statement, 1, incident->id);
    if (error == 0)
        error = bind_word(statement, 2, incident->service);
    for (int i = 0; error == 0 && i < 3; i++)
        error = sql_bind_u64(statement, 3 + i, numbers[i]);
    for (int i = 0; error == 0 && i < 5; i++)
        error = bind_word(statement, 6 + i, words[i]);
    if (error == 0 && incident->certificate != NULL)
        error = sql_bind_blob(statement, 11, incident->certificate, incident->certificate_length);
    if (error == 0)
        error = bind_word(statement, 12, incident->steps);
    return error != 0 ? error : sql_run(statement);
}

static int trim(sqlite3_stmt *statement, uint64_t keep)
{
    int error = sql_bind_u64(statement, 1, keep);
    return error != 0 ? error : sql_run(statement);
}

int history_db_end(struct history_db *db)
{
    int error = trim(db->statement[HISTORY_TRIM_EVENTS], HISTORY_EVENTS_MAX);
    if (error == 0)
        error = trim(db->statement[HISTORY_TRIM_INCIDENTS], HISTORY_INCIDENTS_MAX);
    return error != 0 ? error : sql_run(db->statement[HISTORY_COMMIT]);
}

void history_db_abort(struct history_db *db)
{
    if (sqlite3_get_autocommit(db->db) == 0)
        sql_run(db->statement[HISTORY_ROLLBACK]);
}

int history_db_open_reader(const char *path, sqlite3 **ret_db)
{
    sqlite3 *db = NULL;
    int result = sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL);
    int error = db == NULL ? ERR_NO_MEMORY : sql_error(db, result);
    if (error != 0) {
        sqlite3_close(db);
        return error;
    }
    sqlite3_busy_timeout(db, BUSY_TIMEOUT_MS);
    *ret_db = db;
    return 0;
}

static const char *word_at(sqlite3_stmt *row, int column)
{
    const unsigned char *word = sqlite3_column_text(row, column);
    return word == NULL ? "" : (const char *)word;
}

int history_db_read_events(sqlite3 *db, bool newest_first, uint64_t after, size_t limit,
                           history_event_fn *found, void *data)
{
    CLEANUP(sql_finalize) sqlite3_stmt *row = NULL;
    int error = sql_prepare(db, newest_first ? newest_events : oldest_events, &row);
    if (error == 0)
        error = sql_bind_u64(row, 1, after);
    if (error == 0)
        error = sql_bind_u64(row, 2, limit);
    if (error != 0)
        return error;
    int result;
    while ((result = sqlite3_step(row)) == SQLITE_ROW) {
        struct history_event event = {.id = sql_column_u64(row, 0),
                                      .wall_ms = sqlite3_column_int64(row, 1),
                                      .kind = word_at(row, 2),
                                      .service = word_at(row, 3),
                                      .index = sql_column_u64(row, 4),
                                      .json = word_at(row, 5)};
        found(&event, data);
    }
    return sql_error(db, result);
}

/* Columns in the order of the struct; the certificate or its length last. */
static void give_incident(sqlite3_stmt *row, bool with_certificate, history_incident_fn *found,
                          void *data)
{
    struct history_incident incident = {.id = sql_column_u64(row, 0),
                                        .service = word_at(row, 1),
                                        .opened_wall_ms = sqlite3_column_int64(row, 2),
                                        .closed_wall_ms = sqlite3_column_int64(row, 3),
                                        .index = sql_column_u64(row, 4),
                                        .verdict = word_at(row, 5),
                                        .severity = word_at(row, 6),
                                        .from = word_at(row, 7),
                                        .to = word_at(row, 8),
                                        .outcome = word_at(row, 9),
                                        .steps = word_at(row, 11)};
    if (with_certificate) {
        incident.certificate = sqlite3_column_blob(row, 10);
        incident.certificate_length = (size_t)sqlite3_column_bytes(row, 10);
    } else {
        incident.certificate_length = (size_t)sqlite3_column_int64(row, 10);
    }
    found(&incident, data);
}

int history_db_read_incidents(sqlite3 *db, size_t limit, history_incident_fn *found, void *data)
{
    CLEANUP(sql_finalize) sqlite3_stmt *row = NULL;
    int error = sql_prepare(db, list_incidents, &row);
    if (error == 0)
        error = sql_bind_u64(row, 1, limit);
    if (error != 0)
        return error;
    int result;
    while ((result = sqlite3_step(row)) == SQLITE_ROW)
        give_incident(row, false, found, data);
    return sql_error(db, result);
}

int history_db_read_incident(sqlite3 *db, uint64_t id, history_incident_fn *found, void *data)
{
    CLEANUP(sql_finalize) sqlite3_stmt *row = NULL;
    int error = sql_prepare(db, one_incident, &row);
    if (error == 0)
        error = sql_bind_u64(row, 1, id);
    if (error != 0)
        return error;
    int result = sqlite3_step(row);
    if (result == SQLITE_ROW)
        give_incident(row, true, found, data);
    return result == SQLITE_DONE ? ERR_NOT_FOUND : sql_error(db, result);
}
