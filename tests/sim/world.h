/* A cluster in one process and in virtual time: nodes, disks, the network, and a seed for the rest.
 * Never reads a clock; never forgives: the first invariant that breaks stops the world.
 * Used by scenarios with golden traces and by random ones; the same seed gives the same run. */
#ifndef QUORATE_TESTS_SIM_WORLD_H
#define QUORATE_TESTS_SIM_WORLD_H

#include "common/prng.h"
#include "node/core/raft.h"
#include "tests/sim/disk.h"
#include "tests/sim/invariants.h"
#include "tests/sim/network.h"
#include "tests/sim/trace.h"

struct world;

enum { WORLD_DEPTH = 2 };

/* What runs on each node: bare Raft, or a whole core around it. The world performs Raft's effects
 * by itself. */
struct world_brain {
    size_t bytes; /* of `self`, which the world allocates */
    void (*init)(void *self, const struct raft_settings *settings, time_ms now_ms);
    struct raft *(*raft)(void *self);
    void (*step)(void *self, const struct event *event, struct update *update);
    void (*effect)(struct world *world, node_id node, const struct effect *effect); /* all others */
};

extern const struct world_brain world_brain_raft;

struct world_settings {
    uint64_t seed;
    node_id voter_count;
    time_ms election_ms;
    time_ms heartbeat_ms;
    time_ms latency_min_ms;
    time_ms latency_max_ms;
    time_ms persist_min_ms;
    time_ms persist_max_ms;
    uint32_t snapshot_every;
    uint32_t snapshot_trailing;
    uint32_t chunk_bytes;
    bool trace;
};

/* A snapshot on its way in, as the driver collects it. */
struct world_receipt {
    struct disk_snapshot snapshot;
    uint32_t received;
};

struct world_node {
    bool up;
    bool wiped;        /* its data is lost, and nobody may rely on it yet */
    struct disk ghost; /* the folder that was lost last */
    time_ms member_proposed_ms;
    uint32_t incarnation;
    time_ms paused_until_ms; /* a stopped process: everything waits */
    time_ms deadline_ms;
    time_ms clock_ms; /* how far the node's own clock is ahead of the world's */
    void *self;
    struct raft *raft;
    struct disk disk;
    time_ms disk_free_ms; /* when the disk is through with its queue */
    bool disk_broken;     /* the next write is refused */
    bool disk_full;       /* ... because there is no space */
    /* The driver's memory, gone with the process. */
    uint64_t *payloads; /* by index */
    size_t payload_capacity;
    uint64_t state; /* hash of all payloads applied */
    struct disk_snapshot snapshot;
    struct world_receipt receipt;
    struct update *updates; /* WORLD_DEPTH of them; the second for entries applied within a step */
    uint8_t depth;
};

/* A node as the trace knows it. */
struct world_portrait {
    enum raft_role role;
    term_id term;
    node_id leader;
    log_index commit_index;
    uint64_t rejected;
};

struct world_item;

struct world {
    struct world_settings settings;
    const struct world_brain *brain;
    time_ms now_ms;
    struct prng prng;
    struct network network;
    struct world_node *nodes; /* by id; 0 is unused */
    struct world_item *items; /* a heap by time, then by sequence */
    size_t item_count;
    size_t item_capacity;
    uint64_t next_sequence;
    uint64_t next_payload;
    uint64_t steps; /* events fed */
    uint64_t wipes;
    uint64_t rejoins;
    struct invariants invariants;
    struct trace trace;
};

/* All nodes start at 0 ms with empty disks. */
void world_init(struct world *world, const struct world_settings *settings,
                const struct world_brain *brain);
void world_fini(struct world *world);

/* Lets virtual time pass; ends early when an invariant broke. */
void world_run(struct world *world, time_ms duration_ms);
/* Until the question is answered with true. Returns 0, or ERR_TIMEOUT after `limit_ms`. */
int world_run_until(struct world *world, bool (*question)(const struct world *world),
                    time_ms limit_ms);

/* Faults. `kept` of the writes under way survive the crash, counted from the oldest. */
void world_crash(struct world *world, node_id node, size_t kept);
void world_restart(struct world *world, node_id node);
/* Of the write after those that are kept some parts survive. */
void world_crash_torn(struct world *world, node_id node, size_t kept, size_t parts);
/* The data folder is gone, and with it the process; a restart begins with an empty one. */
void world_wipe(struct world *world, node_id node);
/* So many nodes' data may be lost at once that the others can go on. */
bool world_may_lose(const struct world *world, node_id node);
void world_pause(struct world *world, node_id node, time_ms duration_ms);
void world_break_disk(struct world *world, node_id node);
/* Heals the network, resumes and restarts every node. */
void world_heal(struct world *world);

/* An entry of the kind (enum command_kind) is offered to the node, which drops it unless it leads.
 * Returns the payload. */
uint64_t world_propose(struct world *world, node_id node, uint8_t kind);
void world_propose_member(struct world *world, node_id node, const struct member *member);
void world_transfer(struct world *world, node_id from, node_id to);

/* The leader of the newest term that is up; 0: none. */
node_id world_leader(const struct world *world);
/* A leader that has applied its own no-op, and everybody has applied all of its log. */
bool world_is_settled(const struct world *world);

/* A change of the members is proposed or on its way, and nobody's log may hold it. */
bool world_member_is_under_way(const struct world *world);

/* For the parts of the world. */
/* world_member.c: nodes that lost their data. */
struct world_join {
    node_id node;
    uint64_t incarnation;
};
void world_join_tick(struct world *world, node_id node);
void world_on_join(struct world *world, node_id leader, const struct world_join *join);
void world_on_admit(struct world *world, node_id node, uint64_t incarnation);
void world_members_after_step(struct world *world, node_id node);
/* Sends a word that is no Raft message: to a leader that the node joins, or that it is admitted. */
void world_deliver_join(struct world *world, node_id from, node_id to, bool admit,
                        uint64_t incarnation);
void world_step(struct world *world, node_id node, const struct event *event);
void world_start_node(struct world *world, node_id node);
void world_perform(struct world *world, node_id node, const struct update *update);
void world_deliver(struct world *world, const struct raft_message *message);
/* Without the entries that its count does not cover. */
void world_copy_message(struct raft_message *copy, const struct raft_message *message);
void world_disk_write(struct world *world, node_id node, const struct disk_job *job);
void world_disk_done(struct world *world, node_id node);
struct world_portrait world_portrait_of(const struct raft *raft);
void world_trace_changes(struct world *world, node_id node, const struct world_portrait *before);
void world_trace_send(struct world *world, const struct raft_message *message);
uint64_t *world_payload_at(struct world_node *node, log_index index);

#endif
