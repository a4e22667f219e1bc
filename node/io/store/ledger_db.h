/* The ledger's SQLite database: its tables, its transactions, and the mark that each transaction
 * moves on. Never retries, never knows the watermark file, the queue or a thread. Called by the
 * ledger store, by one thread at a time. */
#ifndef QUORATE_IO_STORE_LEDGER_DB_H
#define QUORATE_IO_STORE_LEDGER_DB_H

#include <sqlite3.h>
#include <stdbool.h>

#include "common/text.h"
#include "node/io/store/folder.h"
#include "node/io/store/ledger_store.h"
#include "node/io/store/mark.h"

#define LEDGER_FILE "ledger.db"

enum ledger_statement {
    LEDGER_BEGIN,
    LEDGER_COMMIT,
    LEDGER_ROLLBACK,
    LEDGER_APPEND,
    LEDGER_TRUNCATE,
    LEDGER_COMPACT,
    LEDGER_ROW,
    LEDGER_SNAPSHOT,
    LEDGER_MARK,
    LEDGER_STATEMENT_N
};

struct ledger_db {
    sqlite3 *db;
    sqlite3_stmt *statement[LEDGER_STATEMENT_N];
    char path[FOLDER_PATH_SIZE];
    struct mark mark; /* of the last commit */
    struct mark next; /* of the open transaction */
    int wal_pages;    /* in the WAL since its last checkpoint */
};

/* Opens the file, or makes it empty. ret_empty: it holds no tables, ledger_db_create is to follow,
 * else ledger_db_load. The address of `ledger` must not change while it is open. Errors, with a
 * text: ERR_DAMAGED (SQLite's own check fails), ERR_BUSY, ERR_IO, ERR_FULL, ERR_NO_MEMORY. */
int ledger_db_open(const struct folder *folder, struct ledger_db *ledger, bool *ret_empty,
                   struct text *why);

/* Makes the tables and the first mark in one transaction. Errors as above. */
int ledger_db_create(struct ledger_db *ledger, const struct mark *mark, struct text *why);

/* Reads the mark. Errors: ERR_DAMAGED, ERR_VERSION. */
int ledger_db_load_mark(struct ledger_db *ledger, struct text *why);

/* Reads everything, each row held against its checksum, its neighbours and the mark. The caller
 * owns the result. Errors: ERR_DAMAGED, ERR_IO, ERR_NO_MEMORY. */
int ledger_db_load(struct ledger_db *ledger, struct store_loaded *ret_loaded, struct text *why);

/* One transaction: begin, a write for each job, commit. After an error in any of them only
 * ledger_db_abort and ledger_db_close may follow. Errors: ERR_FULL, ERR_IO, ERR_DAMAGED,
 * ERR_NO_MEMORY; ERR_INVALID for a job that does not fit the log. */
int ledger_db_begin(struct ledger_db *ledger);
int ledger_db_write(struct ledger_db *ledger, const struct store_job *job);
int ledger_db_commit(struct ledger_db *ledger);

/* Sets the words for the last error. */
void ledger_db_explain(const struct ledger_db *ledger, struct text *why);

/* Rolls back what is open and forbids the checkpoint at close: after a failure nothing more is
 * written. */
void ledger_db_abort(struct ledger_db *ledger);

/* Moves the WAL into the database, so that the next commit starts it over. Errors: ERR_IO,
 * ERR_FULL, ERR_DAMAGED. */
int ledger_db_checkpoint(struct ledger_db *ledger);

/* NULL-safe in its parts: also after a failed open. */
void ledger_db_close(struct ledger_db *ledger);

#endif
