/* A whole cluster on a stage: cores as they run in production, around them simulated disks,
 * networks, clocks, bots, references and routing APIs, all in virtual time. The same scenario gives
 * the same trace. Never decides anything that a core decides; it drives them as node/io/loop does:
 * effects in order, committed entries before anything else, then proposals. Used by scenarios and
 * swarms, which say when what happens and what must come of it. */
#ifndef QUORATE_TESTS_SIM_CORE_STAGE_H
#define QUORATE_TESTS_SIM_CORE_STAGE_H

#include "node/core/core.h"
#include "tests/sim/core/platform.h"
#include "tests/sim/world.h"

enum {
    STAGE_SERVICES_MAX = 4,
    STAGE_REFERENCES = 3,
    STAGE_ZONES = 3,
    STAGE_PROPOSALS_MAX = 256,
    STAGE_BUSY_MAX = 1000,
    STAGE_LINK_MS = 10,       /* one way between two nodes */
    STAGE_PATH_MS = 20,       /* round trip to a bot or a reference */
    STAGE_CONGESTED_MS = 900, /* ... more where a node's own network is slow */
    STAGE_STALL_MS = 500,     /* ... and an answer stalls for so long */
    STAGE_PERSIST_MS = 3,
    STAGE_API_MS = 15,        /* one way to the routing API */
    STAGE_START_MS = 1,       /* until the actuator's thread starts a write */
    STAGE_LATE_MS = 6000,     /* how long a late request is on its way */
    STAGE_DEADLINE_MS = 2000, /* D */
    STAGE_ELECTION_MS = 1000,
    STAGE_HEARTBEAT_MS = 100,
    STAGE_PING_MS = 1000,
    STAGE_CHUNK_BYTES = 700, /* a snapshot takes several */
    STAGE_HISTORY = 8,       /* own votes that a liar may say again */
};

/* How a bot or a reference behaves. */
enum mood { MOOD_WELL, MOOD_SLOW, MOOD_REFUSES, MOOD_HANGS, MOOD_WRONG, MOOD_N };

/* What a voter makes of its votes. */
enum lie {
    LIE_NONE,
    LIE_DOWN,      /* all is down, always */
    LIE_UP,        /* all is well, always */
    LIE_TWO_FACED, /* to every second peer the contrary, and twice */
    LIE_REPLAY,    /* old votes come again, and calls that it never may make */
    LIE_N
};

/* Crashes the node that is first to do it. */
enum trap {
    TRAP_NONE,
    TRAP_ACCEPTED, /* an intent of `trap_step` was accepted; nothing of what follows is done */
    TRAP_SENT,     /* its request left and will arrive */
    TRAP_LOST,     /* its request left and gets lost */
    TRAP_STATE,    /* the move came into `trap_state` */
};

/* A node's own network and machine: what is slow there is slow towards everything. */
struct weather {
    time_ms delay_ms;       /* more on each path, and a quarter of it one way between nodes */
    time_ms stall_ms;       /* an answer takes so much longer, too */
    uint32_t loss_permille; /* probes and API requests that a lost packet delays or ends */
    int32_t late_ms;        /* how late its own timers run */
};

struct payload {
    size_t length;
    uint8_t bytes[];
};

struct proposal {
    uint8_t kind;
    uint64_t handle;
};

/* A snapshot's chunks as they come in. */
struct receipt {
    log_index index;
    uint32_t received;
    uint8_t *bytes;
    size_t capacity;
};

struct actor {
    bool up;
    bool ruined; /* its log was found damaged: it refuses to start for the rest of the run */
    uint32_t incarnation;
    time_ms stopped_until_ms; /* a stopped process: everything waits */
    struct core *core;
    struct update *update;
    time_ms disk_free_ms;
    time_ms persist_ms;      /* a write takes so long ... */
    time_ms persist_more_ms; /* ... and up to so much longer */
    bool disk_full;          /* the next write is refused */
    time_ms deadline_ms;     /* on the stage's clock */
    int64_t clock_permille;  /* of the stage's pace; its own clock was at `clock_own_ms` ... */
    time_ms clock_own_ms;
    time_ms clock_stage_ms; /* ... when the stage's was here */
    uint32_t effects_left;  /* it crashes before the effect that comes then; 0: never */
    log_index apply_to;
    struct proposal proposals[STAGE_PROPOSALS_MAX];
    size_t proposal_count;
    struct receipt receipt;
    struct weather weather;
    bool api_cut;
    enum lie lie;
    struct vote history[STAGE_HISTORY];
    uint64_t history_count;
    uint64_t votes_shown[SIDE_N]; /* a patrol vote is traced when it differs from the last */
    enum raft_role role_shown;
};

/* One service's world: its route's API and its bots as each node sees them. */
struct stage_service {
    struct name name;
    struct service_settings settings;
    struct platform platform;
    enum mood bots[NODE_COUNT_MAX + 1][SIDE_N];
};

/* A service's routes as a node read them last: it writes from that. */
struct stage_kept {
    uint32_t incarnation; /* of the node; 0: never */
    struct platform_part parts[PLATFORM_PARTS_MAX];
};

struct stage;

/* What differs between scenarios; zeroes mean what the first ones need. */
struct stage_setup {
    const char *name; /* the scenario's and of its golden trace */
    uint64_t seed;    /* 0: 1 */
    node_id node_count;
    uint16_t service_count; /* 0: 1 */
    struct service_settings settings[STAGE_SERVICES_MAX];
    uint8_t part_count[STAGE_SERVICES_MAX];      /* 0: 1 */
    uint32_t part_versioned[STAGE_SERVICES_MAX]; /* of several: a bit a part */
    time_ms election_ms;                         /* 0: STAGE_ELECTION_MS, and so on */
    time_ms heartbeat_ms;
    time_ms ping_ms;
    uint32_t snapshot_every;
    uint32_t snapshot_trailing;
    int64_t clock_permille[NODE_COUNT_MAX + 1];
    bool wild;  /* what a crash leaves of the writes under way is drawn */
    bool quiet; /* no trace */
    /* Does not return; NULL: the running test fails. */
    void (*failed)(const struct stage *stage, const char *what);
};

struct stage_item;

/* An item's place in the queue: by time, then in the order in which they were begun. */
struct stage_place {
    time_ms at_ms;
    uint64_t sequence;
    struct stage_item *item;
};

struct stage {
    struct stage_setup setup;
    node_id node_count;
    uint16_t service_count;
    struct stage_service services[STAGE_SERVICES_MAX];
    time_ms now_ms;
    uint64_t seed; /* of what the scenario leaves open; for failures' messages */
    struct prng prng;
    struct network network;
    struct trace trace;
    struct world rafts; /* what Raft's invariants look at: disks, payloads by index, who is up */
    struct actor actors[NODE_COUNT_MAX + 1];
    struct ledger_node nodes[NODE_COUNT_MAX];
    enum mood references[NODE_COUNT_MAX + 1][REFERENCE_COUNT_MAX];
    struct stage_kept kept[NODE_COUNT_MAX + 1][STAGE_SERVICES_MAX];
    struct stage_place *places; /* a heap */
    size_t item_count;
    size_t item_capacity;
    struct stage_item *spare_items;
    uint64_t next_sequence;
    time_ms busy_ms; /* timers that fired at this moment */
    uint32_t busy_count;
    struct payload **payloads; /* by handle; 0 is none */
    size_t payload_count;
    size_t payload_capacity;
    enum trap trap;
    enum route_step trap_step;
    enum move_state trap_state;
    node_id trapped;   /* who was caught last */
    time_ms jumped_ms; /* when a clock last jumped; 0: never */
    uint64_t next_request;
    uint64_t step_count;     /* of cores: each is an event of Raft, too */
    uint64_t snapshot_count; /* that were installed */
    struct checks *checks;
};

/* A service's settings as the defaults of the configuration make them, in mode act. */
struct service_settings stage_settings(void);
/* All nodes start at 0 ms with empty disks. */
struct stage *stage_open(const struct stage_setup *setup);
/* A scenario of one service whose trace is golden. */
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

/* What happens. Node 0 means all; what takes no service means the first. */
void stage_bot(struct stage *stage, node_id node, enum side side, enum mood mood);
void stage_bot_of(struct stage *stage, uint16_t service, node_id node, enum side side,
                  enum mood mood);
void stage_reference(struct stage *stage, node_id node, enum mood mood);
void stage_congest(struct stage *stage, node_id node, bool congested);
void stage_cut_api(struct stage *stage, node_id node, bool cut);
void stage_fault(struct stage *stage, enum platform_fault fault, size_t count);
void stage_edit(struct stage *stage, enum route_state state);
void stage_edit_of(struct stage *stage, uint16_t service, enum route_state state);
void stage_edit_part(struct stage *stage, uint16_t service, uint8_t part, enum route_state state);
void stage_isolate(struct stage *stage, node_id node);
/* Everything works again: nodes, networks, bots, references, the API; a human takes back what
 * humans did to routes. */
void stage_heal(struct stage *stage);
void stage_crash(struct stage *stage, node_id node);
void stage_restart(struct stage *stage, node_id node);
void stage_doubt_time(struct stage *stage, node_id node);
/* The node's clock jumps forward; it notices as the driver does. */
void stage_jump_clock(struct stage *stage, node_id node, time_ms jump_ms);
/* The leader hands leadership over. */
void stage_transfer(struct stage *stage);
/* The process is stopped; when it goes on it notices the jump before it looks at what waited. */
void stage_stop(struct stage *stage, node_id node, time_ms duration_ms);
/* Asks the leader; returns the request's id. */
uint64_t stage_operate(struct stage *stage, enum operation_kind kind, time_ms for_ms);
uint64_t stage_operate_on(struct stage *stage, uint16_t service, enum operation_kind kind,
                          time_ms for_ms);
void stage_trap(struct stage *stage, enum trap trap, enum route_step step, enum move_state state);

/* What is seen. */
node_id stage_leader(const struct stage *stage); /* ready; 0: none */
/* On the node that is furthest. */
const struct ledger *stage_ledger(const struct stage *stage); /* NULL: nobody is up */
const struct service_record *stage_record(const struct stage *stage, uint16_t service);
const struct service_record *stage_service(const struct stage *stage);
/* Which of the stage's services the node's ledger has in the slot. */
uint16_t stage_service_at(const struct stage *stage, node_id node, service_slot slot);
time_ms stage_own_ms(const struct stage *stage, node_id node); /* the node's own clock */
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
