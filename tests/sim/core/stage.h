/* A whole cluster on a stage: cores as they run in production, around them simulated disks,
 * networks, bots, references and a routing API, all in virtual time. The same scenario gives the
 * same trace. Never decides anything that a core decides; it drives them as node/io/loop does:
 * effects in order, committed entries before anything else, then proposals. Used by scenarios,
 * which say when what happens and what must come of it. */
#ifndef QUORATE_TESTS_SIM_CORE_STAGE_H
#define QUORATE_TESTS_SIM_CORE_STAGE_H

#include "node/core/core.h"
#include "tests/sim/core/platform.h"
#include "tests/sim/disk.h"
#include "tests/sim/network.h"
#include "tests/sim/trace.h"

enum {
    STAGE_REFERENCES = 3,
    STAGE_PROPOSALS_MAX = 256,
    STAGE_BUSY_MAX = 1000,
    STAGE_LINK_MS = 10,       /* one way between two nodes */
    STAGE_PATH_MS = 20,       /* round trip to a bot or a reference */
    STAGE_CONGESTED_MS = 900, /* ... more where a node's own network is slow and loses packets */
    STAGE_PERSIST_MS = 3,
    STAGE_API_MS = 15,        /* one way to the routing API */
    STAGE_START_MS = 1,       /* until the actuator's thread starts a write */
    STAGE_LATE_MS = 6000,     /* how long a late request is on its way */
    STAGE_DEADLINE_MS = 2000, /* D */
    STAGE_ELECTION_MS = 1000,
};

/* How a bot or a reference behaves. */
enum mood { MOOD_WELL, MOOD_SLOW, MOOD_REFUSES, MOOD_HANGS, MOOD_WRONG, MOOD_N };

/* Crashes the node that is first to do it. */
enum trap {
    TRAP_NONE,
    TRAP_ACCEPTED, /* an intent of `trap_step` was accepted; nothing of what follows is done */
    TRAP_SENT,     /* its request left and will arrive */
    TRAP_LOST,     /* its request left and gets lost */
    TRAP_STATE,    /* the move came into `trap_state` */
};

struct payload {
    size_t length;
    uint8_t bytes[];
};

struct proposal {
    uint8_t kind;
    uint64_t handle;
};

struct actor {
    bool up;
    uint32_t incarnation;
    time_ms stopped_until_ms; /* a stopped process: everything waits */
    struct core *core;
    struct update *update;
    struct disk disk;
    time_ms disk_free_ms;
    time_ms deadline_ms;
    log_index apply_to;
    uint64_t *handles; /* payloads by index */
    size_t handle_capacity;
    struct proposal proposals[STAGE_PROPOSALS_MAX];
    size_t proposal_count;
    bool congested;
    bool api_cut;
    uint64_t votes_shown[SIDE_N]; /* a patrol vote is traced when it differs from the last */
    enum raft_role role_shown;
};

struct stage_item;

struct stage {
    const char *name;
    node_id node_count;
    struct service_settings settings;
    struct name service;
    time_ms now_ms;
    uint64_t seed; /* of what the scenario leaves open; for failures' messages */
    struct prng prng;
    struct network network;
    struct trace trace;
    struct actor actors[NODE_COUNT_MAX + 1];
    struct ledger_node nodes[NODE_COUNT_MAX];
    enum mood bots[NODE_COUNT_MAX + 1][SIDE_N]; /* as the node sees it */
    enum mood references[NODE_COUNT_MAX + 1][REFERENCE_COUNT_MAX];
    struct platform platform;
    struct stage_item **items;
    size_t item_count;
    size_t item_capacity;
    uint64_t next_sequence;
    time_ms busy_ms; /* timers that fired at this moment */
    uint32_t busy_count;
    struct payload **payloads; /* by handle; 0 is none */
    size_t payload_count;
    size_t payload_capacity;
    enum trap trap;
    enum route_step trap_step;
    enum move_state trap_state;
    node_id trapped; /* who was caught last */
    uint64_t next_request;
    struct checks *checks;
};

/* A service's settings as the defaults of the configuration make them, in mode act. */
struct service_settings stage_settings(void);
/* `name` is the scenario's and of its golden trace. All nodes start at 0 ms with empty disks. */
struct stage *stage_new(const char *name, node_id node_count,
                        const struct service_settings *settings);
/* Judges the journal and the ledgers, then compares the trace with the golden one. Fails the
 * running test where anything is wrong. */
void stage_finish(struct stage **stage);
/* Judges the journal and the ledgers alone. */
void stage_judge(struct stage *stage);
void stage_free(struct stage **stage);

/* Lets time pass up to `at_ms`. */
void stage_to(struct stage *stage, time_ms at_ms);
/* Until the service's move is in the state on a leader; fails the test when `at_ms` comes first. */
void stage_expect(struct stage *stage, enum move_state state, time_ms at_ms);
/* Until the trap was sprung; returns who crashed. */
node_id stage_expect_trap(struct stage *stage, time_ms at_ms);

/* What happens. Node 0 means all. */
void stage_bot(struct stage *stage, node_id node, enum side side, enum mood mood);
void stage_reference(struct stage *stage, node_id node, enum mood mood);
void stage_congest(struct stage *stage, node_id node, bool congested);
void stage_cut_api(struct stage *stage, node_id node, bool cut);
void stage_fault(struct stage *stage, enum platform_fault fault, size_t count);
void stage_edit(struct stage *stage, enum route_state state);
void stage_isolate(struct stage *stage, node_id node);
/* Everything works again: nodes, networks, bots, references, the API. */
void stage_heal(struct stage *stage);
void stage_crash(struct stage *stage, node_id node);
void stage_restart(struct stage *stage, node_id node);
void stage_doubt_time(struct stage *stage, node_id node);
/* The leader hands leadership over. */
void stage_transfer(struct stage *stage);
/* The process is stopped; when it goes on it notices the jump before it looks at what waited. */
void stage_stop(struct stage *stage, node_id node, time_ms duration_ms);
/* Asks the leader; returns the request's id. */
uint64_t stage_operate(struct stage *stage, enum operation_kind kind, time_ms for_ms);
void stage_trap(struct stage *stage, enum trap trap, enum route_step step, enum move_state state);

/* What is seen. */
node_id stage_leader(const struct stage *stage); /* ready; 0: none */
const struct service_record *
stage_service(const struct stage *stage); /* on the node that is furthest */
size_t stage_effective_writes(const struct stage *stage, enum route_step step);
size_t stage_count(const struct stage *stage, const char *text); /* in the trace */
bool stage_traced(const struct stage *stage, const char *text);

/* For the parts of the stage. */
void stage_step(struct stage *stage, node_id node, struct event *event);
void stage_start(struct stage *stage, node_id node);
void stage_say(struct stage *stage, node_id node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void stage_fail(const struct stage *stage, const char *format, ...)
    __attribute__((format(printf, 2, 3), noreturn));

#endif
