/* The embedded store's database: its tables, its statements, and single rows.
 * Never a transaction of its own and no rule about caps: store_sqlite.c has both.
 * Called by store_sqlite.c. */
#ifndef QUORATE_IO_CONTEXTS_SQLITE_ROWS_H
#define QUORATE_IO_CONTEXTS_SQLITE_ROWS_H

#include <sqlite3.h>

#include "node/io/contexts/context_store.h"

enum rows_statement {
    ROWS_BEGIN,
    ROWS_COMMIT,
    ROWS_ROLLBACK,
    ROWS_HELD, /* what orders an entry, and its size */
    ROWS_GET,  /* the whole entry */
    ROWS_PUT,
    ROWS_PAGE,
    ROWS_EXPIRED, /* ids and sizes of what is over */
    ROWS_DELETE,
    ROWS_PENDING,
    ROWS_PENDING_COUNT,
    ROWS_WRITTEN,
    ROWS_STATE, /* writes what the store remembers of itself */
    ROWS_STATEMENT_N
};

struct rows {
    sqlite3 *db;
    sqlite3_stmt *statement[ROWS_STATEMENT_N];
};

/* What stands in the database about the store itself. Times are its own clock's, which only runs
 * forward and not while the node is down beyond what the wall clock shows. */
struct rows_state {
    uint64_t store_id;
    bool complete;
    time_ms clock_ms;
    int64_t wall_ms;
};

/* What is held of an id. */
struct rows_held {
    struct context_version version; /* zeros: nothing */
    uint64_t bytes;
    time_ms stored_ms;
    uint64_t written_seq;
};

/* Opens, makes the tables (then *ret_state has a random id and is not complete), checks the pages.
 * Errors: ERR_DAMAGED, ERR_IO, ERR_FULL, ERR_BUSY, ERR_NO_MEMORY; it is closed again then. */
int rows_open(const char *path, struct rows *ret_rows, struct rows_state *ret_state,
              struct text *why);
void rows_close(struct rows *rows);
/* Sums over all rows. */
int rows_sum(struct rows *rows, uint64_t *ret_count, uint64_t *ret_bytes, int64_t *ret_stamp_ms);

/* Errors of all: as sql_error; a row whose checksum is wrong is ERR_DAMAGED. */
int rows_run(struct rows *rows, enum rows_statement statement); /* without bindings and rows */
int rows_held(struct rows *rows, const struct context_id *id, struct rows_held *ret_held);
/* *ret_found; the parts are copied into *ret_bytes, which the caller frees; entry->age_ms is the
 * time at which it was stored. */
int rows_get(struct rows *rows, const struct context_id *id, bool *ret_found,
             struct context_entry *ret_entry, uint8_t **ret_bytes);
int rows_put(struct rows *rows, const struct context_entry *entry, time_ms stored_ms,
             time_ms expires_ms, uint64_t written_seq);
/* At most `limit` stubs after `id`; *ret_more: there are others. */
int rows_page(struct rows *rows, enum rows_statement statement, const struct context_id *id,
              size_t limit, struct context_stub *stubs, size_t *ret_count, bool *ret_more);
/* Removes at most `limit` rows that are over at `clock_ms`. */
int rows_expire(struct rows *rows, time_ms clock_ms, size_t limit, uint64_t *ret_count,
                uint64_t *ret_bytes);
/* How many rows ROWS_PENDING would give. */
int rows_pending_count(struct rows *rows, uint64_t *ret_count);
int rows_written(struct rows *rows, const struct context_id *id, uint64_t seq);
int rows_save_state(struct rows *rows, const struct rows_state *state);

#endif
