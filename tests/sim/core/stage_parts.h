/* What the parts of the stage ask of each other.
 * Never used outside of tests/sim/core.
 * stage.c: time, faults and questions. stage_node.c: a node's driver. stage_world.c: bots,
 * references, peers and the routing API around it. stage_lines.c: the trace's lines. */
#ifndef QUORATE_TESTS_SIM_CORE_STAGE_PARTS_H
#define QUORATE_TESTS_SIM_CORE_STAGE_PARTS_H

#include "tests/sim/core/stage.h"

enum item_kind { ITEM_EVENT, ITEM_DISK, ITEM_PING, ITEM_READ, ITEM_START, ITEM_WRITE };

struct stage_item {
    time_ms at_ms;
    uint64_t sequence;
    enum item_kind kind;
    node_id node;
    uint32_t incarnation; /* 0: whoever the node is by then */
    struct event event;
    union {
        struct raft_message message;
        struct vote vote;
        struct call call;
        struct route_job job;
    } as;
};

/* stage.c: a zeroed item, `after_ms` from now. For EVENT items pointers of the event are set on
 * delivery. */
struct stage_item *stage_later(struct stage *stage, time_ms after_ms, enum item_kind kind,
                               node_id node);

/* stage_node.c */
uint64_t stage_store_payload(struct stage *stage, const struct command *command);
void stage_disk_done(struct stage *stage, node_id node);
/* The node dies after what it does now; the request under way arrives or not. */
bool stage_springs(struct stage *stage, node_id node, enum trap trap, enum route_step step,
                   enum move_state state);

/* stage_world.c */
void stage_send(struct stage *stage, const struct raft_message *message);
void stage_probe(struct stage *stage, node_id node, const struct effect *effect);
void stage_vote(struct stage *stage, node_id node, node_id to, const struct vote *vote);
void stage_call(struct stage *stage, node_id node, const struct call *call);
void stage_route(struct stage *stage, node_id node, const struct route_job *job);
void stage_ping(struct stage *stage, node_id node);
void stage_write_starts(struct stage *stage, node_id node, const struct route_job *job);
void stage_read_arrives(struct stage *stage, const struct stage_item *item);
void stage_write_arrives(struct stage *stage, const struct stage_item *item);

/* stage_lines.c */
void lines_role(struct stage *stage, node_id node);
void lines_vote(struct stage *stage, const struct vote *vote);
void lines_applied(struct stage *stage, node_id node, const struct applied *applied,
                   const struct command *command);
void lines_write(struct stage *stage, const struct platform_write *write);
void lines_notice(struct stage *stage, node_id node, const struct effect *effect);
void lines_reply(struct stage *stage, node_id node, const struct effect *effect);

#endif
