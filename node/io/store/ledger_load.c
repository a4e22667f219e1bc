#include <stdlib.h>
#include <string.h>

#include "common/errors.h"
#include "node/io/store/ledger_db.h"
#include "node/io/store/sql.h"

/* While loading, rows' bytes are counted; they get their addresses when the block no longer moves.
 */
struct loading {
    struct store_loaded *loaded;
    size_t entry_capacity;
    size_t block_length;
    size_t block_capacity;
    uint32_t checksum; /* of the last row */
};

static int damaged(const struct ledger_db *ledger, struct text *why, const char *what,
                   log_index index)
{
    text_set(why, "%s: %s (index %llu)", ledger->path, what, (unsigned long long)index);
    return ERR_DAMAGED;
}

static int keep_bytes(struct loading *loading, const void *bytes, size_t length)
{
    size_t wanted = loading->block_length + length;
    if (wanted > loading->block_capacity || loading->loaded->block == NULL) {
        size_t capacity = wanted < 4096 ? 4096 : wanted * 2;
        uint8_t *block = realloc(loading->loaded->block, capacity);
        if (block == NULL)
            return ERR_NO_MEMORY;
        loading->loaded->block = block;
        loading->block_capacity = capacity;
    }
    if (length > 0)
        memcpy(loading->loaded->block + loading->block_length, bytes, length);
    loading->block_length = wanted;
    return 0;
}

static int keep_entry(struct loading *loading, const struct store_entry *entry)
{
    struct store_loaded *loaded = loading->loaded;
    if (loaded->entry_count == loading->entry_capacity) {
        size_t capacity = loading->entry_capacity == 0 ? 256 : loading->entry_capacity * 2;
        struct store_entry *entries = realloc(loaded->entries, capacity * sizeof *entries);
        if (entries == NULL)
            return ERR_NO_MEMORY;
        loaded->entries = entries;
        loading->entry_capacity = capacity;
    }
    loaded->entries[loaded->entry_count] = *entry;
    loaded->entries[loaded->entry_count].bytes = NULL;
    loaded->entry_count++;
    return keep_bytes(loading, entry->bytes, entry->length);
}

static bool has_types(sqlite3_stmt *row, int integers)
{
    for (int i = 0; i < integers; i++) {
        if (sqlite3_column_type(row, i) != SQLITE_INTEGER)
            return false;
    }
    return sqlite3_column_type(row, integers) == SQLITE_BLOB;
}

static int load_row(struct ledger_db *ledger, struct loading *loading, sqlite3_stmt *row,
                    struct text *why)
{
    struct store_loaded *loaded = loading->loaded;
    log_index expected = ledger->mark.span.first + loaded->entry_count;
    if (!has_types(row, 4))
        return damaged(ledger, why, "a row of the log has the wrong shape", expected);
    struct store_entry entry = {.index = sql_column_u64(row, 0), .term = sql_column_u64(row, 1)};
    uint64_t kind = sql_column_u64(row, 2);
    if (entry.index != expected)
        return damaged(ledger, why, "rows of the log are missing", expected);
    entry.kind = (uint8_t)kind;
    entry.bytes = sqlite3_column_blob(row, 4);
    entry.length = (size_t)sqlite3_column_bytes(row, 4);
    uint32_t checksum = mark_entry_checksum(loading->checksum, &entry);
    if (kind > UINT8_MAX || checksum != sql_column_u64(row, 3))
        return damaged(ledger, why, "a row of the log fails its checksum", expected);
    if (loaded->entry_count > 0 && entry.term < loaded->entries[loaded->entry_count - 1].term)
        return damaged(ledger, why, "the term falls in the log", expected);
    loading->checksum = checksum;
    return keep_entry(loading, &entry);
}

static int check_end(const struct ledger_db *ledger, const struct loading *loading,
                     struct text *why)
{
    const struct mark *mark = &ledger->mark;
    size_t count = loading->loaded->entry_count;
    if (mark->span.first + count != mark->span.last + 1)
        return damaged(ledger, why, "rows at the log's end are missing", mark->span.first + count);
    term_id term = count > 0 ? loading->loaded->entries[count - 1].term : mark->snapshot_term;
    if (loading->checksum != mark->last_checksum || term != mark->last_term)
        return damaged(ledger, why, "the last row of the log is not the one that was written last",
                       mark->span.last);
    return 0;
}

static int load_log(struct ledger_db *ledger, struct loading *loading, struct text *why)
{
    sqlite3_stmt *row = NULL;
    int error =
        sql_prepare(ledger->db, "SELECT idx, term, kind, crc, bytes FROM log ORDER BY idx", &row);
    int result = SQLITE_DONE;
    text_clear(why);
    while (error == 0 && (result = sqlite3_step(row)) == SQLITE_ROW)
        error = load_row(ledger, loading, row, why);
    if (error == 0)
        error = sql_error(ledger->db, result);
    if (error != 0 && why->length == 0)
        sql_explain(ledger->db, ledger->path, why);
    sql_finalize(&row);
    return error != 0 ? error : check_end(ledger, loading, why);
}

static int load_snapshot_row(struct ledger_db *ledger, struct loading *loading, sqlite3_stmt *row,
                             struct text *why)
{
    const struct mark *mark = &ledger->mark;
    int result = sqlite3_step(row);
    if (result == SQLITE_DONE && mark->span.snapshot == 0)
        return 0;
    if (result != SQLITE_ROW && result != SQLITE_DONE) {
        sql_explain(ledger->db, ledger->path, why);
        return sql_error(ledger->db, result);
    }
    if (result == SQLITE_DONE || !has_types(row, 3))
        return damaged(ledger, why, "the snapshot is missing", mark->span.snapshot);
    struct store_snapshot *snapshot = &loading->loaded->snapshot;
    snapshot->index = sql_column_u64(row, 0);
    snapshot->term = sql_column_u64(row, 1);
    snapshot->bytes = sqlite3_column_blob(row, 3);
    snapshot->length = (size_t)sqlite3_column_bytes(row, 3);
    uint32_t checksum = mark_snapshot_checksum(snapshot);
    if (snapshot->index != mark->span.snapshot || snapshot->term != mark->snapshot_term ||
        checksum != mark->snapshot_checksum || checksum != sql_column_u64(row, 2))
        return damaged(ledger, why, "the snapshot fails its checksum", mark->span.snapshot);
    return keep_bytes(loading, snapshot->bytes, snapshot->length);
}

static int load_snapshot(struct ledger_db *ledger, struct loading *loading, struct text *why)
{
    sqlite3_stmt *row = NULL;
    int error = sql_prepare(ledger->db, "SELECT idx, term, crc, bytes FROM snapshot", &row);
    if (error != 0)
        sql_explain(ledger->db, ledger->path, why);
    else
        error = load_snapshot_row(ledger, loading, row, why);
    sql_finalize(&row);
    return error;
}

static void give_addresses(struct store_loaded *loaded)
{
    loaded->snapshot.bytes = loaded->block;
    const uint8_t *at = loaded->block;
    if (at == NULL)
        return;
    at += loaded->snapshot.length;
    for (size_t i = 0; i < loaded->entry_count; i++) {
        loaded->entries[i].bytes = at;
        at += loaded->entries[i].length;
    }
}

int ledger_db_load(struct ledger_db *ledger, struct store_loaded *ret_loaded, struct text *why)
{
    const struct mark *mark = &ledger->mark;
    struct store_loaded loaded = {.term = mark->term,
                                  .voted_for = mark->voted_for,
                                  .incarnation = mark->incarnation,
                                  .novice = mark->novice};
    memcpy(loaded.cluster_id, mark->cluster_id, CLUSTER_ID_BYTES);
    struct loading loading = {.loaded = &loaded, .checksum = mark->base_checksum};
    int error = load_snapshot(ledger, &loading, why);
    if (error == 0)
        error = load_log(ledger, &loading, why);
    if (error == ERR_NO_MEMORY)
        text_set(why, "%s: no memory for its content", ledger->path);
    if (error != 0) {
        store_loaded_fini(&loaded);
        return error;
    }
    give_addresses(&loaded);
    *ret_loaded = loaded;
    return 0;
}

void store_loaded_fini(struct store_loaded *loaded)
{
    free(loaded->entries);
    free(loaded->block);
    *loaded = (struct store_loaded){0};
}
