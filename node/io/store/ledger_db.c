#include "node/io/store/ledger_db.h"

#include <string.h>
#include <unistd.h>

#include "common/check.h"
#include "common/errors.h"
#include "node/io/store/sql.h"

/* Exclusive: one connection, so the WAL's index is in memory and no second program can slip in a
 * write. The checkpoints are ours (ledger_db_checkpoint), outside the commits. The size limit takes
 * effect when the WAL starts over. */
static const char settings[] = "PRAGMA locking_mode=EXCLUSIVE;"
                               "PRAGMA synchronous=FULL;"
                               "PRAGMA wal_autocheckpoint=0;"
                               "PRAGMA journal_size_limit=16777216;"
                               "PRAGMA cell_size_check=ON;"
                               "PRAGMA trusted_schema=OFF;"
                               "PRAGMA mmap_size=0;"
                               "PRAGMA temp_store=MEMORY";

static const char tables[] =
    "CREATE TABLE meta(id INTEGER PRIMARY KEY, mark BLOB NOT NULL);"
    "CREATE TABLE log(idx INTEGER PRIMARY KEY, term INTEGER NOT NULL, kind INTEGER NOT NULL,"
    " crc INTEGER NOT NULL, bytes BLOB NOT NULL);"
    "CREATE TABLE snapshot(id INTEGER PRIMARY KEY, idx INTEGER NOT NULL, term INTEGER NOT NULL,"
    " crc INTEGER NOT NULL, bytes BLOB NOT NULL)";

static const char put_snapshot[] = "INSERT OR REPLACE INTO snapshot(id, idx, term, crc, bytes)"
                                   " VALUES(1, ?1, ?2, ?3, ?4)";

static const char *const statements[LEDGER_STATEMENT_N] = {
    [LEDGER_BEGIN] = "BEGIN IMMEDIATE",
    [LEDGER_COMMIT] = "COMMIT",
    [LEDGER_ROLLBACK] = "ROLLBACK",
    [LEDGER_APPEND] = "INSERT INTO log(idx, term, kind, crc, bytes) VALUES(?1, ?2, ?3, ?4, ?5)",
    [LEDGER_TRUNCATE] = "DELETE FROM log WHERE idx >= ?1",
    [LEDGER_COMPACT] = "DELETE FROM log WHERE idx <= ?1",
    [LEDGER_ROW] = "SELECT term, crc FROM log WHERE idx = ?1",
    [LEDGER_SNAPSHOT] = put_snapshot,
    [LEDGER_MARK] = "INSERT OR REPLACE INTO meta(id, mark) VALUES(1, ?1)",
};

static int count_pages(void *data, sqlite3 *db, const char *name, int pages)
{
    struct ledger_db *ledger = data;
    (void)db;
    (void)name;
    ledger->wal_pages = pages;
    return SQLITE_OK;
}

/* SQLite opens a file whose header says a newer format as read-only: where the file itself may be
 * written, the header is what is wrong. */
static int check_writable(struct ledger_db *ledger, struct text *why)
{
    if (access(ledger->path, W_OK) != 0) {
        text_set(why, "%s: the file cannot be written", ledger->path);
        return ERR_IO;
    }
    if (sqlite3_db_readonly(ledger->db, "main") == 0)
        return 0;
    text_set(why, "%s: the header does not hold", ledger->path);
    return ERR_DAMAGED;
}

/* Free lists, page use and key order: damage there would only bite when later writes run into it.
 */
static int check_pages(struct ledger_db *ledger, struct text *why)
{
    struct text word = {0};
    int error = sql_ask_word(ledger->db, "PRAGMA quick_check(1)", &word);
    if (error != 0) {
        sql_explain(ledger->db, ledger->path, why);
        return error;
    }
    if (strcmp(word.bytes, "ok") == 0)
        return 0;
    text_set(why, "%s: %.200s", ledger->path, word.bytes);
    return ERR_DAMAGED;
}

static int use_wal(struct ledger_db *ledger, struct text *why)
{
    struct text mode = {0};
    int error = sql_ask_word(ledger->db, "PRAGMA journal_mode=WAL", &mode);
    if (error != 0) {
        sql_explain(ledger->db, ledger->path, why);
        return error;
    }
    if (strcmp(mode.bytes, "wal") == 0)
        return 0;
    text_set(why, "%s: this file system cannot keep a write-ahead log", ledger->path);
    return ERR_IO;
}

static int open_file(struct ledger_db *ledger, bool *ret_empty, struct text *why)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    int result = sqlite3_open_v2(ledger->path, &ledger->db, flags, NULL);
    if (ledger->db == NULL) {
        text_set(why, "%s: no memory to open it", ledger->path);
        return ERR_NO_MEMORY;
    }
    sqlite3_extended_result_codes(ledger->db, 1);
    int error = sql_error(ledger->db, result);
    if (error == 0)
        error = sql_exec(ledger->db, settings);
    int64_t count = 0;
    if (error == 0)
        error = sql_ask_int64(ledger->db, "SELECT count(*) FROM sqlite_schema", &count);
    if (error != 0) {
        sql_explain(ledger->db, ledger->path, why);
        return error;
    }
    error = check_writable(ledger, why);
    if (error == 0)
        error = use_wal(ledger, why);
    if (error == 0)
        error = check_pages(ledger, why);
    *ret_empty = count == 0;
    return error;
}

int ledger_db_open(const struct folder *folder, struct ledger_db *ledger, bool *ret_empty,
                   struct text *why)
{
    memset(ledger, 0, sizeof *ledger);
    if (folder_path(folder->path, LEDGER_FILE, ledger->path) != 0) {
        text_set(why, "the data folder's name is too long: %s", folder->path);
        return ERR_TOO_LARGE;
    }
    int error = open_file(ledger, ret_empty, why);
    if (error == 0) {
        sqlite3_wal_hook(ledger->db, count_pages, ledger);
        return 0;
    }
    ledger_db_abort(ledger);
    ledger_db_close(ledger);
    return error;
}

static int prepare_all(struct ledger_db *ledger)
{
    int error = 0;
    for (int i = 0; error == 0 && i < LEDGER_STATEMENT_N; i++)
        error = sql_prepare(ledger->db, statements[i], &ledger->statement[i]);
    return error;
}

static int write_mark(struct ledger_db *ledger)
{
    uint8_t bytes[MARK_BYTES];
    mark_encode(&ledger->next, bytes);
    sqlite3_stmt *statement = ledger->statement[LEDGER_MARK];
    int error = sql_bind_blob(statement, 1, bytes, sizeof bytes);
    return error != 0 ? error : sql_run(statement);
}

int ledger_db_create(struct ledger_db *ledger, const struct mark *mark, struct text *why)
{
    ledger->next = *mark;
    int error = sql_exec(ledger->db, "BEGIN IMMEDIATE");
    if (error == 0)
        error = sql_exec(ledger->db, tables);
    if (error == 0)
        error = prepare_all(ledger);
    if (error == 0)
        error = write_mark(ledger);
    if (error == 0)
        error = sql_run(ledger->statement[LEDGER_COMMIT]);
    if (error == 0)
        ledger->mark = *mark;
    else
        sql_explain(ledger->db, ledger->path, why);
    return error;
}

static int read_mark(sqlite3_stmt *statement, struct mark *ret_mark)
{
    int result = sqlite3_step(statement);
    if (result != SQLITE_ROW)
        return result == SQLITE_DONE ? ERR_DAMAGED
                                     : sql_error(sqlite3_db_handle(statement), result);
    const void *bytes = sqlite3_column_blob(statement, 0);
    int error = mark_decode(bytes, (size_t)sqlite3_column_bytes(statement, 0), ret_mark);
    return error == ERR_MALFORMED ? ERR_DAMAGED : error;
}

int ledger_db_load_mark(struct ledger_db *ledger, struct text *why)
{
    int error = prepare_all(ledger);
    sqlite3_stmt *statement = NULL;
    if (error == 0)
        error = sql_prepare(ledger->db, "SELECT mark FROM meta WHERE id = 1", &statement);
    if (error != 0) {
        sql_explain(ledger->db, ledger->path, why);
        return error;
    }
    error = read_mark(statement, &ledger->mark);
    sql_finalize(&statement);
    if (error == ERR_VERSION)
        text_set(why, "%s was written by another version", ledger->path);
    else if (error != 0)
        text_set(why, "%s: the row in table meta does not hold", ledger->path);
    return error;
}

int ledger_db_begin(struct ledger_db *ledger)
{
    ledger->next = ledger->mark;
    return sql_run(ledger->statement[LEDGER_BEGIN]);
}

int ledger_db_commit(struct ledger_db *ledger)
{
    ledger->next.sequence++;
    int error = write_mark(ledger);
    if (error == 0)
        error = sql_run(ledger->statement[LEDGER_COMMIT]);
    if (error == 0)
        ledger->mark = ledger->next;
    return error;
}

void ledger_db_explain(const struct ledger_db *ledger, struct text *why)
{
    sql_explain(ledger->db, ledger->path, why);
}

void ledger_db_abort(struct ledger_db *ledger)
{
    if (ledger->db == NULL)
        return;
    if (sqlite3_get_autocommit(ledger->db) == 0 && ledger->statement[LEDGER_ROLLBACK] != NULL)
        sql_run(ledger->statement[LEDGER_ROLLBACK]);
    sqlite3_db_config(ledger->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
}

int ledger_db_checkpoint(struct ledger_db *ledger)
{
    int result =
        sqlite3_wal_checkpoint_v2(ledger->db, "main", SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    int error = sql_error(ledger->db, result);
    if (error == 0)
        ledger->wal_pages = 0;
    return error;
}

void ledger_db_close(struct ledger_db *ledger)
{
    for (int i = 0; i < LEDGER_STATEMENT_N; i++)
        sql_finalize(&ledger->statement[i]);
    CHECK(sqlite3_close(ledger->db) == SQLITE_OK);
    ledger->db = NULL;
}
