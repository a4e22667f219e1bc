/* A simulated disk: what would be there after a power cut, and the writes on their way to it.
 * Never decides when a write is down; the world does.
 * Used by the simulated nodes and by the invariants. */
#ifndef QUORATE_TESTS_SIM_DISK_H
#define QUORATE_TESTS_SIM_DISK_H

#include "node/core/update.h"

enum { DISK_QUEUE_MAX = 1024 };

enum disk_job_kind {
    DISK_JOB_PERSIST,
    DISK_JOB_TAKE,
    DISK_JOB_INSTALL,
    DISK_JOB_ADMIT, /* the cluster's id, and that a novice has it */
    DISK_JOB_KIND_N
};

/* A ledger as a snapshot holds it: all that counts in the simulation is a hash of what was applied.
 */
struct disk_snapshot {
    log_index index;
    term_id term;
    uint64_t state;
    struct members members;
};

struct disk_job {
    enum disk_job_kind kind;
    struct persist_job persist;
    struct disk_snapshot snapshot;
    log_index compact_to;
};

struct disk {
    uint64_t incarnation; /* of the data folder */
    bool empty;           /* it belongs to no cluster yet */
    bool novice;          /* the cluster was running when it came to belong to it */
    term_id term;
    node_id voted_for;
    struct disk_snapshot snapshot;
    log_index first_index; /* entries[index] is there for first_index..last_index */
    log_index last_index;
    struct raft_entry *entries; /* `handle` is the payload */
    size_t entry_capacity;
    struct disk_job *queue; /* in order, oldest first */
    size_t queue_count;
};

void disk_init(struct disk *disk);
void disk_fini(struct disk *disk);
/* The job is copied. More than DISK_QUEUE_MAX of them are the simulation's own mistake. */
void disk_enqueue(struct disk *disk, const struct disk_job *job);
/* The oldest job becomes durable; it is handed back. */
struct disk_job disk_complete(struct disk *disk);
/* A power cut: the first `kept` jobs made it, the others never happened. */
void disk_crash(struct disk *disk, size_t kept);
/* ... and of the next job some parts made it, in the order of their writing. */
void disk_tear(struct disk *disk, size_t parts);
/* Who votes, as the node will believe when it starts from this disk. */
struct members disk_members(const struct disk *disk, uint8_t node_count);
/* The entry's term, or 0 where the disk does not hold the index as an entry. */
term_id disk_term_at(const struct disk *disk, log_index index);

#endif
