/* The few things that every use of SQLite here shares: errors as this project's codes, statements,
 * text for people. Never knows a table. Called by the ledger's and the history's database files. */
#ifndef QUORATE_IO_STORE_SQL_H
#define QUORATE_IO_STORE_SQL_H

#include <sqlite3.h>
#include <stdint.h>

#include "common/text.h"

/* This project's code for an SQLite result of `db`: ERR_FULL, ERR_IO, ERR_BUSY, ERR_NO_MEMORY;
 * everything that does not happen with a whole database is ERR_DAMAGED. 0 for SQLITE_OK, ROW and
 * DONE. */
int sql_error(sqlite3 *db, int result);

/* Sets "PATH: SQLite's words (the system's words)". */
void sql_explain(sqlite3 *db, const char *path, struct text *why);

/* Statements without results, separated by semicolons; rows that they give are ignored. */
int sql_exec(sqlite3 *db, const char *sql);

int sql_prepare(sqlite3 *db, const char *sql, sqlite3_stmt **ret_statement);

/* Runs a prepared statement that gives no rows, and resets it with its bindings cleared. */
int sql_run(sqlite3_stmt *statement);

/* The first row's first column as an integer or as a word; a missing row is ERR_DAMAGED. */
int sql_ask_int64(sqlite3 *db, const char *sql, int64_t *ret_value);
int sql_ask_word(sqlite3 *db, const char *sql, struct text *ret_word);

/* Integers are stored as two's complement; blobs must live until the statement ran, NULL is an
 * empty blob. */
int sql_bind_u64(sqlite3_stmt *statement, int column, uint64_t value);
int sql_bind_blob(sqlite3_stmt *statement, int column, const void *bytes, size_t length);
uint64_t sql_column_u64(sqlite3_stmt *statement, int column);

void sql_finalize(sqlite3_stmt **statement);

#endif
