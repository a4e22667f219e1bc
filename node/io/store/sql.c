#include "node/io/store/sql.h"

#include <errno.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/errors.h"
#include "node/io/store/folder.h"

/* A failed commit does not reach sqlite3_system_errno; errno still has it, because sql_run clears
 * it before. */
static int system_error(sqlite3 *db)
{
    int system = sqlite3_system_errno(db);
    return system != 0 ? system : errno;
}

int sql_error(sqlite3 *db, int result)
{
    switch (result & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return 0;
    case SQLITE_FULL:
        return ERR_FULL;
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
        return folder_error_of(system_error(db));
    case SQLITE_READONLY:
    case SQLITE_PERM:
        return ERR_IO;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return ERR_BUSY;
    case SQLITE_NOMEM:
        return ERR_NO_MEMORY;
    default:
        return ERR_DAMAGED;
    }
}

void sql_explain(sqlite3 *db, const char *path, struct text *why)
{
    text_set(why, "%s: %s", path, sqlite3_errmsg(db));
    int kind = sqlite3_errcode(db) & 0xff;
    int system = system_error(db);
    if (system != 0 && (kind == SQLITE_IOERR || kind == SQLITE_CANTOPEN))
        text_add(why, " (%s)", strerror(system));
}

int sql_exec(sqlite3 *db, const char *sql)
{
    return sql_error(db, sqlite3_exec(db, sql, NULL, NULL, NULL));
}

int sql_prepare(sqlite3 *db, const char *sql, sqlite3_stmt **ret_statement)
{
    return sql_error(db, sqlite3_prepare_v2(db, sql, -1, ret_statement, NULL));
}

int sql_run(sqlite3_stmt *statement)
{
    errno = 0;
    int error = sql_error(sqlite3_db_handle(statement), sqlite3_step(statement));
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return error;
}

/* Steps to the first row. */
static int ask(sqlite3 *db, const char *sql, sqlite3_stmt **ret_statement)
{
    int error = sql_prepare(db, sql, ret_statement);
    if (error != 0)
        return error;
    int result = sqlite3_step(*ret_statement);
    error = sql_error(db, result);
    return error == 0 && result != SQLITE_ROW ? ERR_DAMAGED : error;
}

int sql_ask_int64(sqlite3 *db, const char *sql, int64_t *ret_value)
{
    CLEANUP(sql_finalize) sqlite3_stmt *statement = NULL;
    int error = ask(db, sql, &statement);
    if (error == 0)
        *ret_value = sqlite3_column_int64(statement, 0);
    return error;
}

int sql_ask_word(sqlite3 *db, const char *sql, struct text *ret_word)
{
    CLEANUP(sql_finalize) sqlite3_stmt *statement = NULL;
    int error = ask(db, sql, &statement);
    if (error != 0)
        return error;
    const unsigned char *word = sqlite3_column_text(statement, 0);
    text_set(ret_word, "%s", word == NULL ? "" : (const char *)word);
    return 0;
}

int sql_bind_u64(sqlite3_stmt *statement, int column, uint64_t value)
{
    sqlite3 *db = sqlite3_db_handle(statement);
    return sql_error(db, sqlite3_bind_int64(statement, column, (sqlite3_int64)value));
}

int sql_bind_blob(sqlite3_stmt *statement, int column, const void *bytes, size_t length)
{
    sqlite3 *db = sqlite3_db_handle(statement);
    const void *at = bytes == NULL ? "" : bytes;
    return sql_error(db, sqlite3_bind_blob64(statement, column, at, length, SQLITE_STATIC));
}

uint64_t sql_column_u64(sqlite3_stmt *statement, int column)
{
    return (uint64_t)sqlite3_column_int64(statement, column);
}

void sql_finalize(sqlite3_stmt **statement)
{
    sqlite3_finalize(*statement);
    *statement = NULL;
}
