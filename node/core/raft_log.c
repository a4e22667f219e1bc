#include "node/core/raft_log.h"

#include "common/check.h"
#include "common/errors.h"

static struct raft_entry *slot_of(struct raft_log *log, log_index index)
{
    return &log->entries[index & (RAFT_LOG_CAPACITY - 1)];
}

void raft_log_init(struct raft_log *log)
{
    log->snapshot_index = 0;
    log->snapshot_term = 0;
    log->first_index = 1;
    log->last_index = 0;
    log->base_term = 0;
}

size_t raft_log_room(const struct raft_log *log)
{
    return RAFT_LOG_CAPACITY - (size_t)(log->last_index + 1 - log->first_index);
}

term_id raft_log_last_term(const struct raft_log *log)
{
    if (log->last_index < log->first_index)
        return log->base_term;
    return raft_log_get(log, log->last_index)->term;
}

int raft_log_term(const struct raft_log *log, log_index index, term_id *ret_term)
{
    if (index + 1 == log->first_index) {
        *ret_term = log->base_term;
        return 0;
    }
    const struct raft_entry *entry = raft_log_get(log, index);
    if (entry == NULL)
        return ERR_NOT_FOUND;
    *ret_term = entry->term;
    return 0;
}

const struct raft_entry *raft_log_get(const struct raft_log *log, log_index index)
{
    if (index < log->first_index || index > log->last_index)
        return NULL;
    return &log->entries[index & (RAFT_LOG_CAPACITY - 1)];
}

int raft_log_append(struct raft_log *log, const struct raft_entry *entry)
{
    CHECK(entry->index == log->last_index + 1);
    if (raft_log_room(log) == 0)
        return ERR_FULL;
    *slot_of(log, entry->index) = *entry;
    log->last_index = entry->index;
    return 0;
}

void raft_log_truncate_from(struct raft_log *log, log_index index)
{
    CHECK(index > log->snapshot_index && index >= log->first_index);
    if (index <= log->last_index)
        log->last_index = index - 1;
}

void raft_log_snapshot(struct raft_log *log, log_index index, term_id term, log_index compact_to)
{
    CHECK(compact_to <= index && index <= log->last_index && index > log->snapshot_index);
    log->snapshot_index = index;
    log->snapshot_term = term;
    if (compact_to < log->first_index)
        return;
    log->base_term = raft_log_get(log, compact_to)->term;
    log->first_index = compact_to + 1;
}

void raft_log_reset(struct raft_log *log, log_index index, term_id term)
{
    log->snapshot_index = index;
    log->snapshot_term = term;
    log->first_index = index + 1;
    log->last_index = index;
    log->base_term = term;
}
