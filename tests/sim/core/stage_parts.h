/* What the parts of the stage ask of each other.
 * Never used outside of tests/sim/core.
 * stage.c: scenarios and questions. stage_time.c: clocks and what comes next. stage_faults.c: what
 * happens. stage_node.c: a node's driver. stage_disk.c: its log and snapshots. stage_world.c: bots,
 * references and peers. stage_api.c: the routing APIs. stage_lines.c: the trace's lines. */
#ifndef QUORATE_TESTS_SIM_CORE_STAGE_PARTS_H
#define QUORATE_TESTS_SIM_CORE_STAGE_PARTS_H

#include "tests/sim/core/stage.h"

enum item_kind { ITEM_EVENT, ITEM_DISK, ITEM_PING, ITEM_READ, ITEM_START, ITEM_WRITE, ITEM_NEXT };

/* A write's requests, one a part that needs it. */
struct stage_order {
    uint16_t service;
    uint32_t sender;    /* incarnation that is to hear the answer; 0: nobody waits any more */
    time_ms started_ms; /* the whole of it */
    uint8_t part;       /* the request under way */
    bool continues;     /* it follows another one of the same job */
    struct platform_part plan[PLATFORM_PARTS_MAX]; /* as the parts were read */
};

struct stage_item {
    struct stage_item *next_spare;
    enum item_kind kind;
    node_id node;
    uint32_t incarnation; /* 0: whoever the node is by then */
    struct event event;
    struct stage_order order; /* START has none yet */
    union {
        struct raft_message message;
        struct vote vote;
        struct call call;
        struct route_job job;
    } as; /* not zeroed */
};

/* stage_time.c: an item, `after_ms` from now. For EVENT items pointers of the event are set on
 * delivery. */
struct stage_item *stage_later(struct stage *stage, time_ms after_ms, enum item_kind kind,
                               node_id node);
/* Before all that waits until then. */
struct stage_item *stage_first_then(struct stage *stage, time_ms after_ms, enum item_kind kind,
                                    node_id node);
/* The next occurrence up to `until_ms`. Returns false where there is none. */
bool stage_run_next(struct stage *stage, time_ms until_ms);
time_ms stage_time_of(const struct stage *stage, node_id node, time_ms own_ms);
/* The node's clock as it goes on from here. */
void stage_set_clock(struct stage *stage, node_id node, time_ms own_ms);
void stage_free_items(struct stage *stage);

/* stage_node.c */
uint64_t stage_store_command(struct stage *stage, const struct command *command);
/* The node dies after what it does now; the request under way arrives or not. */
bool stage_springs(struct stage *stage, node_id node, enum trap trap, enum route_step step,
                   enum move_state state);

/* stage_disk.c */
uint64_t stage_store_payload(struct stage *stage, const uint8_t *bytes, size_t length);
struct disk *stage_disk(struct stage *stage, node_id node);
uint64_t *stage_payload_at(struct stage *stage, node_id node, log_index index);
void stage_persist(struct stage *stage, node_id node, const struct persist_job *persist);
void stage_snapshot_take(struct stage *stage, node_id node, const struct effect *effect);
void stage_snapshot_fill(struct stage *stage, node_id node, struct raft_message *message);
void stage_snapshot_chunk(struct stage *stage, node_id node, const struct effect *effect);
void stage_snapshot_install(struct stage *stage, node_id node, const struct effect *effect);
void stage_disk_done(struct stage *stage, node_id node);
void stage_disk_crash(struct stage *stage, node_id node);
/* The core is made from what the disk holds. */
void stage_disk_load(struct stage *stage, node_id node, const struct core_settings *settings);

/* stage_world.c */
struct network_fate stage_link_fate(struct stage *stage, node_id from, node_id to);
void stage_send(struct stage *stage, const struct raft_message *message);
void stage_probe(struct stage *stage, node_id node, const struct effect *effect);
void stage_vote(struct stage *stage, node_id node, node_id to, const struct vote *vote);
void stage_call(struct stage *stage, node_id node, const struct call *call);
void stage_ping(struct stage *stage, node_id node);

/* stage_api.c */
void stage_route(struct stage *stage, node_id node, const struct route_job *job);
void stage_write_starts(struct stage *stage, node_id node, const struct route_job *job);
void stage_read_arrives(struct stage *stage, const struct stage_item *item);
void stage_write_arrives(struct stage *stage, const struct stage_item *item);
/* A part of a unit was written; the next one follows. */
void stage_write_goes_on(struct stage *stage, const struct stage_item *item);

/* stage_lines.c */
void lines_role(struct stage *stage, node_id node);
void lines_vote(struct stage *stage, const struct vote *vote);
void lines_applied(struct stage *stage, node_id node, const struct applied *applied,
                   const struct command *command);
void lines_write(struct stage *stage, uint16_t service, const struct platform_write *write);
void lines_notice(struct stage *stage, node_id node, const struct effect *effect);
void lines_reply(struct stage *stage, node_id node, const struct effect *effect);

#endif
