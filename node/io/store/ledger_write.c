#include "common/errors.h"
#include "node/io/store/ledger_db.h"
#include "node/io/store/sql.h"

/* The mark takes over what the row at the log's new end (or before its new start) was. */
static int read_row(struct ledger_db *ledger, log_index index, term_id *ret_term,
                    uint32_t *ret_checksum)
{
    sqlite3_stmt *statement = ledger->statement[LEDGER_ROW];
    int error = sql_bind_u64(statement, 1, index);
    if (error != 0)
        return error;
    int result = sqlite3_step(statement);
    error = result == SQLITE_DONE ? ERR_DAMAGED : sql_error(ledger->db, result);
    if (result == SQLITE_ROW) {
        *ret_term = sql_column_u64(statement, 0);
        *ret_checksum = (uint32_t)sqlite3_column_int64(statement, 1);
    }
    sqlite3_reset(statement);
    return error;
}

static int delete_rows(struct ledger_db *ledger, enum ledger_statement which, log_index bound)
{
    sqlite3_stmt *statement = ledger->statement[which];
    int error = sql_bind_u64(statement, 1, bound);
    return error != 0 ? error : sql_run(statement);
}

static void start_over(struct mark *mark)
{
    mark->last_term = mark->snapshot_term;
    mark->base_checksum = 0;
    mark->last_checksum = 0;
}

static int write_truncation(struct ledger_db *ledger, log_index from)
{
    struct mark *mark = &ledger->next;
    if (from == 0 || from > mark->span.last)
        return 0;
    log_span_truncate(&mark->span, from);
    int error = 0;
    if (log_span_is_empty(&mark->span))
        start_over(mark);
    else
        error = read_row(ledger, mark->span.last, &mark->last_term, &mark->last_checksum);
    return error != 0 ? error : delete_rows(ledger, LEDGER_TRUNCATE, from);
}

static int write_compaction(struct ledger_db *ledger, log_index new_snapshot, log_index compact_to)
{
    struct mark *mark = &ledger->next;
    log_index first = mark->span.first;
    int error = log_span_compact(&mark->span, new_snapshot, compact_to);
    if (error != 0)
        return error;
    term_id term = 0;
    if (log_span_is_empty(&mark->span))
        start_over(mark);
    else if (mark->span.first != first)
        error = read_row(ledger, compact_to, &term, &mark->base_checksum);
    if (error != 0 || compact_to == 0)
        return error;
    return delete_rows(ledger, LEDGER_COMPACT, compact_to);
}

static int write_snapshot(struct ledger_db *ledger, const struct store_snapshot *snapshot)
{
    struct mark *mark = &ledger->next;
    mark->snapshot_term = snapshot->term;
    mark->snapshot_checksum = mark_snapshot_checksum(snapshot);
    sqlite3_stmt *statement = ledger->statement[LEDGER_SNAPSHOT];
    int error = sql_bind_u64(statement, 1, snapshot->index);
    if (error == 0)
        error = sql_bind_u64(statement, 2, snapshot->term);
    if (error == 0)
        error = sql_bind_u64(statement, 3, mark->snapshot_checksum);
    if (error == 0)
        error = sql_bind_blob(statement, 4, snapshot->bytes, snapshot->length);
    return error != 0 ? error : sql_run(statement);
}

static int write_entry(struct ledger_db *ledger, const struct store_entry *entry)
{
    struct mark *mark = &ledger->next;
    int error =
        entry->term < mark->last_term ? ERR_INVALID : log_span_append(&mark->span, entry->index);
    if (error != 0)
        return error;
    mark->last_term = entry->term;
    mark->last_checksum = mark_entry_checksum(mark->last_checksum, entry);
    sqlite3_stmt *statement = ledger->statement[LEDGER_APPEND];
    error = sql_bind_u64(statement, 1, entry->index);
    if (error == 0)
        error = sql_bind_u64(statement, 2, entry->term);
    if (error == 0)
        error = sql_bind_u64(statement, 3, entry->kind);
    if (error == 0)
        error = sql_bind_u64(statement, 4, mark->last_checksum);
    if (error == 0)
        error = sql_bind_blob(statement, 5, entry->bytes, entry->length);
    return error != 0 ? error : sql_run(statement);
}

int ledger_db_write(struct ledger_db *ledger, const struct store_job *job)
{
    struct mark *mark = &ledger->next;
    if (job->has_vote) {
        mark->term = job->term;
        mark->voted_for = job->voted_for;
    }
    if (job->has_cluster_id)
        mark->novice = job->novice;
    for (size_t i = 0; job->has_cluster_id && i < CLUSTER_ID_BYTES; i++)
        mark->cluster_id[i] = job->cluster_id[i];
    int error = write_truncation(ledger, job->truncate_from);
    if (error == 0 && job->has_snapshot)
        error = write_snapshot(ledger, &job->snapshot);
    if (error == 0)
        error =
            write_compaction(ledger, job->has_snapshot ? job->snapshot.index : 0, job->compact_to);
    for (size_t i = 0; error == 0 && i < job->entry_count; i++)
        error = write_entry(ledger, &job->entries[i]);
    return error;
}
