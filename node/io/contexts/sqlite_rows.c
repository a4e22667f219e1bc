#include "node/io/contexts/sqlite_rows.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/errors.h"
#include "common/hash.h"
#include "node/io/store/sql.h"

enum { BUSY_TIMEOUT_MS = 250 };

static const char settings[] = "PRAGMA synchronous=FULL;"
                               "PRAGMA cache_size=-8192;"
                               "PRAGMA journal_size_limit=16777216;"
                               "PRAGMA trusted_schema=OFF";

/* `follows` and `written_seq` are the write-through's: a row is pending while its newest seq is not
 * on the platform. */
static const char tables[] =
    "CREATE TABLE IF NOT EXISTS entries(id TEXT NOT NULL UNIQUE, seq INTEGER NOT NULL,"
    " deleted INTEGER NOT NULL, stamp_ms INTEGER NOT NULL, hash BLOB NOT NULL,"
    " follows INTEGER NOT NULL, sealed BLOB NOT NULL, secret BLOB NOT NULL,"
    " stored_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL, written_seq INTEGER NOT NULL,"
    " bytes INTEGER NOT NULL, crc INTEGER NOT NULL);"
    "CREATE INDEX IF NOT EXISTS entries_expiry ON entries(expires_ms);"
    "CREATE INDEX IF NOT EXISTS entries_pending ON entries(id)"
    " WHERE follows = 1 AND written_seq < seq;"
    "CREATE TABLE IF NOT EXISTS state(one INTEGER PRIMARY KEY CHECK(one = 1),"
    " store_id INTEGER NOT NULL, complete INTEGER NOT NULL, clock_ms INTEGER NOT NULL,"
    " wall_ms INTEGER NOT NULL)";

#define STUB "id, seq, deleted, stamp_ms, hash"

static const char *const statements[ROWS_STATEMENT_N] = {
    [ROWS_BEGIN] = "BEGIN IMMEDIATE",
    [ROWS_COMMIT] = "COMMIT",
    [ROWS_ROLLBACK] = "ROLLBACK",
    [ROWS_HELD] = "SELECT " STUB ", bytes, stored_ms, written_seq FROM entries WHERE id = ?1",
    [ROWS_GET] = "SELECT " STUB ", follows, sealed, secret, stored_ms, crc FROM entries"
                 " WHERE id = ?1",
    [ROWS_PUT] = "INSERT INTO entries(" STUB ", follows, sealed, secret, stored_ms, expires_ms,"
                 " written_seq, bytes, crc) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11,"
                 " ?12, ?13) ON CONFLICT(id) DO UPDATE SET seq = excluded.seq,"
                 " deleted = excluded.deleted, stamp_ms = excluded.stamp_ms, hash = excluded.hash,"
                 " follows = excluded.follows, sealed = excluded.sealed, secret = excluded.secret,"
                 " stored_ms = excluded.stored_ms, expires_ms = excluded.expires_ms,"
                 " bytes = excluded.bytes, crc = excluded.crc",
    [ROWS_PAGE] = "SELECT " STUB " FROM entries WHERE id > ?1 ORDER BY id LIMIT ?2",
    [ROWS_EXPIRED] = "SELECT id, bytes FROM entries WHERE expires_ms <= ?1"
                     " ORDER BY expires_ms LIMIT ?2",
    [ROWS_DELETE] = "DELETE FROM entries WHERE id = ?1",
    [ROWS_PENDING] = "SELECT " STUB " FROM entries WHERE follows = 1 AND written_seq < seq"
                     " AND id > ?1 ORDER BY id LIMIT ?2",
    [ROWS_PENDING_COUNT] = "SELECT count(*) FROM entries WHERE follows = 1 AND written_seq < seq",
    [ROWS_WRITTEN] = "UPDATE entries SET written_seq = max(written_seq, ?2) WHERE id = ?1",
    [ROWS_STATE] = "INSERT INTO state(one, store_id, complete, clock_ms, wall_ms)"
                   " VALUES(1, ?1, ?2, ?3, ?4) ON CONFLICT(one) DO UPDATE SET"
                   " store_id = excluded.store_id, complete = excluded.complete,"
                   " clock_ms = excluded.clock_ms, wall_ms = excluded.wall_ms",
};

/* Of a new database: an id that no store had before. */
static int load_state(struct rows *rows, struct rows_state *ret_state)
{
    CLEANUP(sql_finalize) sqlite3_stmt *row = NULL;
    int error =
        sql_prepare(rows->db, "SELECT store_id, complete, clock_ms, wall_ms FROM state", &row);
    if (error != 0)
        return error;
    int result = sqlite3_step(row);
    if (result == SQLITE_ROW) {
        *ret_state = (struct rows_state){.store_id = sql_column_u64(row, 0),
                                         .complete = sqlite3_column_int(row, 1) != 0,
                                         .clock_ms = sqlite3_column_int64(row, 2),
                                         .wall_ms = sqlite3_column_int64(row, 3)};
        return 0;
    }
    *ret_state = (struct rows_state){.store_id = 0};
    while (ret_state->store_id == 0)
        randombytes_buf(&ret_state->store_id, sizeof ret_state->store_id);
    return sql_error(rows->db, result);
}

static int check_pages(struct rows *rows, const char *path, struct text *why)
{
    struct text word = {0};
    int error = sql_ask_word(rows->db, "PRAGMA quick_check(1)", &word);
    if (error == 0 && strcmp(word.bytes, "ok") != 0) {
        text_set(why, "%s: %.200s", path, word.bytes);
        return ERR_DAMAGED;
    }
    return error;
}

static int open_db(struct rows *rows, const char *path, struct rows_state *ret_state,
                   struct text *why)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    int result = sqlite3_open_v2(path, &rows->db, flags, NULL);
    struct text word = {0};
    if (rows->db == NULL) {
        text_set(why, "%s: no memory to open it", path);
        return ERR_NO_MEMORY;
    }
    sqlite3_busy_timeout(rows->db, BUSY_TIMEOUT_MS);
    int error = sql_error(rows->db, result);
    if (error == 0)
        error = sql_exec(rows->db, settings);
    if (error == 0)
        error = sql_ask_word(rows->db, "PRAGMA journal_mode=WAL", &word);
    if (error == 0)
        error = check_pages(rows, path, why);
    if (error == 0)
        error = sql_exec(rows->db, tables);
    for (int i = 0; error == 0 && i < ROWS_STATEMENT_N; i++)
        error = sql_prepare(rows->db, statements[i], &rows->statement[i]);
    if (error == 0)
        error = load_state(rows, ret_state);
    if (error != 0 && why->length == 0)
        sql_explain(rows->db, path, why);
    return error;
}

int rows_open(const char *path, struct rows *ret_rows, struct rows_state *ret_state,
              struct text *why)
{
    struct rows rows = {0};
    int error = open_db(&rows, path, ret_state, why);
    if (error != 0)
        rows_close(&rows);
    else
        *ret_rows = rows;
    return error;
}

void rows_close(struct rows *rows)
{
    for (int i = 0; i < ROWS_STATEMENT_N; i++)
        sql_finalize(&rows->statement[i]);
    sqlite3_close(rows->db);
    rows->db = NULL;
}

int rows_sum(struct rows *rows, uint64_t *ret_count, uint64_t *ret_bytes, int64_t *ret_stamp_ms)
{
    CLEANUP(sql_finalize) sqlite3_stmt *row = NULL;
    int error = sql_prepare(
        rows->db, "SELECT count(*), total(bytes), coalesce(max(stamp_ms), 0) FROM entries", &row);
    if (error != 0)
        return error;
    int result = sqlite3_step(row);
    if (result != SQLITE_ROW)
        return result == SQLITE_DONE ? ERR_DAMAGED : sql_error(rows->db, result);
    *ret_count = sql_column_u64(row, 0);
    *ret_bytes = (uint64_t)sqlite3_column_double(row, 1);
    *ret_stamp_ms = sqlite3_column_int64(row, 2);
    return 0;
}

int rows_run(struct rows *rows, enum rows_statement statement)
{
    return sql_run(rows->statement[statement]);
}

static int bind_id(sqlite3_stmt *statement, const struct context_id *id)
{
    return sql_error(sqlite3_db_handle(statement),
                     sqlite3_bind_text(statement, 1, id->text, -1, SQLITE_STATIC));
}

static void reset(sqlite3_stmt *statement)
{
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
}

/* The first five columns. */
static int read_stub(sqlite3_stmt *row, struct context_stub *ret_stub)
{
    struct context_stub stub = {.version = {.seq = sql_column_u64(row, 1),
                                            .deleted = sqlite3_column_int(row, 2) != 0,
                                            .stamp_ms = sqlite3_column_int64(row, 3)}};
    const char *id = (const char *)sqlite3_column_text(row, 0);
    const void *hash = sqlite3_column_blob(row, 4);
    if (id == NULL || context_id_set(&stub.id, id) != 0 || hash == NULL ||
        sqlite3_column_bytes(row, 4) != CONTEXT_HASH_BYTES || stub.version.seq == 0)
        return ERR_DAMAGED;
    memcpy(stub.version.hash, hash, CONTEXT_HASH_BYTES);
    *ret_stub = stub;
    return 0;
}

int rows_held(struct rows *rows, const struct context_id *id, struct rows_held *ret_held)
{
    sqlite3_stmt *row = rows->statement[ROWS_HELD];
    struct context_stub stub;
    *ret_held = (struct rows_held){.bytes = 0};
    int error = bind_id(row, id);
    int result = error == 0 ? sqlite3_step(row) : SQLITE_DONE;
    if (result == SQLITE_ROW) {
        error = read_stub(row, &stub);
        if (error == 0)
            *ret_held = (struct rows_held){.version = stub.version,
                                           .bytes = sql_column_u64(row, 5),
                                           .stored_ms = sqlite3_column_int64(row, 6),
                                           .written_seq = sql_column_u64(row, 7)};
    } else if (error == 0) {
        error = sql_error(rows->db, result);
    }
    reset(row);
    return error;
}

/* Over all that a seal does not cover, and the seals. */
static uint32_t checksum(const struct context_entry *entry)
{
    const struct context_version *version = &entry->version;
    const uint64_t numbers[] = {version->seq, version->deleted, (uint64_t)version->stamp_ms,
                                entry->follows, entry->sealed_length};
    uint32_t crc = hash_crc32c(0, entry->id.text, strlen(entry->id.text));
    crc = hash_crc32c(crc, numbers, sizeof numbers);
    crc = hash_crc32c(crc, version->hash, CONTEXT_HASH_BYTES);
    crc = hash_crc32c(crc, entry->sealed, entry->sealed_length);
    return hash_crc32c(crc, entry->secret, entry->secret_length);
}

static int read_entry(sqlite3_stmt *row, struct context_entry *ret_entry, uint8_t **ret_bytes)
{
    struct context_stub stub;
    int error = read_stub(row, &stub);
    if (error != 0)
        return error;
    const void *sealed = sqlite3_column_blob(row, 6);
    const void *secret = sqlite3_column_blob(row, 7);
    size_t sealed_length = (size_t)sqlite3_column_bytes(row, 6);
    size_t secret_length = (size_t)sqlite3_column_bytes(row, 7);
    uint8_t *bytes = malloc(sealed_length + secret_length + 1);
    if (bytes == NULL)
        return ERR_NO_MEMORY;
    if (sealed_length > 0)
        memcpy(bytes, sealed, sealed_length);
    if (secret_length > 0)
        memcpy(bytes + sealed_length, secret, secret_length);
    *ret_entry = (struct context_entry){.id = stub.id,
                                        .version = stub.version,
                                        .follows = sqlite3_column_int(row, 5) != 0,
                                        .age_ms = sqlite3_column_int64(row, 8),
                                        .sealed = bytes,
                                        .sealed_length = sealed_length,
                                        .secret = bytes + sealed_length,
                                        .secret_length = secret_length};
    if (checksum(ret_entry) != (uint32_t)sqlite3_column_int64(row, 9)) {
        free(bytes);
        return ERR_DAMAGED;
    }
    *ret_bytes = bytes;
    return 0;
}

int rows_get(struct rows *rows, const struct context_id *id, bool *ret_found,
             struct context_entry *ret_entry, uint8_t **ret_bytes)
{
    sqlite3_stmt *row = rows->statement[ROWS_GET];
    *ret_found = false;
    int error = bind_id(row, id);
    int result = error == 0 ? sqlite3_step(row) : SQLITE_DONE;
    if (result == SQLITE_ROW) {
        error = read_entry(row, ret_entry, ret_bytes);
        *ret_found = error == 0;
    } else if (error == 0) {
        error = sql_error(rows->db, result);
    }
    reset(row);
    return error;
}

int rows_put(struct rows *rows, const struct context_entry *entry, time_ms stored_ms,
             time_ms expires_ms, uint64_t written_seq)
{
    sqlite3_stmt *row = rows->statement[ROWS_PUT];
    const struct context_version *version = &entry->version;
    const struct {
        int column;
        uint64_t value;
    } numbers[] = {
        {2, version->seq},
        {3, version->deleted},
        {4, (uint64_t)version->stamp_ms},
        {6, entry->follows},
        {9, (uint64_t)stored_ms},
        {10, (uint64_t)expires_ms},
        {11, written_seq},
        {12, strlen(entry->id.text) + entry->sealed_length + entry->secret_length},
        {13, checksum(entry)},
    };
    int error = bind_id(row, &entry->id);
    for (size_t i = 0; error == 0 && i < sizeof numbers / sizeof numbers[0]; i++)
        error = sql_bind_u64(row, numbers[i].column, numbers[i].value);
    if (error == 0)
        error = sql_bind_blob(row, 5, version->hash, CONTEXT_HASH_BYTES);
    if (error == 0)
        error = sql_bind_blob(row, 7, entry->sealed, entry->sealed_length);
    if (error == 0)
        error = sql_bind_blob(row, 8, entry->secret, entry->secret_length);
    if (error == 0)
        return sql_run(row);
    reset(row);
    return error;
}

int rows_page(struct rows *rows, enum rows_statement statement, const struct context_id *id,
              size_t limit, struct context_stub *stubs, size_t *ret_count, bool *ret_more)
{
    sqlite3_stmt *row = rows->statement[statement];
    int error = bind_id(row, id);
    *ret_count = 0;
    *ret_more = false;
    if (error == 0)
        error = sql_bind_u64(row, 2, limit + 1);
    while (error == 0) {
        int result = sqlite3_step(row);
        if (result != SQLITE_ROW) {
            error = sql_error(rows->db, result);
            break;
        }
        *ret_more = *ret_count == limit;
        if (*ret_more)
            break;
        error = read_stub(row, &stubs[(*ret_count)++]);
    }
    reset(row);
    return error;
}

/* The ids first: a statement must not read what another one deletes. */
static int list_expired(struct rows *rows, time_ms clock_ms, size_t limit, struct context_id *ids,
                        uint64_t *bytes, size_t *ret_count)
{
    sqlite3_stmt *row = rows->statement[ROWS_EXPIRED];
    size_t count = 0;
    int error = sql_bind_u64(row, 1, (uint64_t)clock_ms);
    if (error == 0)
        error = sql_bind_u64(row, 2, limit);
    while (error == 0 && count < limit) {
        int result = sqlite3_step(row);
        if (result != SQLITE_ROW) {
            error = sql_error(rows->db, result);
            break;
        }
        const char *id = (const char *)sqlite3_column_text(row, 0);
        if (id == NULL || context_id_set(&ids[count], id) != 0)
            error = ERR_DAMAGED;
        bytes[count++] = sql_column_u64(row, 1);
    }
    reset(row);
    *ret_count = count;
    return error;
}

int rows_expire(struct rows *rows, time_ms clock_ms, size_t limit, uint64_t *ret_count,
                uint64_t *ret_bytes)
{
    CLEANUP(cleanup_free) struct context_id *ids = calloc(limit + 1, sizeof *ids);
    CLEANUP(cleanup_free) uint64_t *bytes = calloc(limit + 1, sizeof *bytes);
    size_t count = 0;
    *ret_count = 0;
    *ret_bytes = 0;
    if (ids == NULL || bytes == NULL)
        return ERR_NO_MEMORY;
    int error = list_expired(rows, clock_ms, limit, ids, bytes, &count);
    for (size_t i = 0; error == 0 && i < count; i++) {
        error = bind_id(rows->statement[ROWS_DELETE], &ids[i]);
        if (error == 0)
            error = rows_run(rows, ROWS_DELETE);
        *ret_count += 1;
        *ret_bytes += bytes[i];
    }
    return error;
}

int rows_pending_count(struct rows *rows, uint64_t *ret_count)
{
    sqlite3_stmt *row = rows->statement[ROWS_PENDING_COUNT];
    int result = sqlite3_step(row);
    int error = result == SQLITE_ROW ? 0 : sql_error(rows->db, result);
    if (error == 0)
        *ret_count = sql_column_u64(row, 0);
    reset(row);
    return error;
}

int rows_written(struct rows *rows, const struct context_id *id, uint64_t seq)
{
    sqlite3_stmt *row = rows->statement[ROWS_WRITTEN];
    int error = bind_id(row, id);
    if (error == 0)
        error = sql_bind_u64(row, 2, seq);
    return error != 0 ? error : sql_run(row);
}

int rows_save_state(struct rows *rows, const struct rows_state *state)
{
    sqlite3_stmt *row = rows->statement[ROWS_STATE];
    const uint64_t numbers[] = {state->store_id, state->complete, (uint64_t)state->clock_ms,
                                (uint64_t)state->wall_ms};
    int error = 0;
    for (int i = 0; error == 0 && i < 4; i++)
        error = sql_bind_u64(row, i + 1, numbers[i]);
    return error != 0 ? error : sql_run(row);
}
