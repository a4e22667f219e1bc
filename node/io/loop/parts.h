/* The parts of a running node, each a file of this folder.
 * Never included outside of node/io/loop.
 * driver.c steps the core; ledger_effects.c, world_effects.c, token_effects.c perform what it asks
 * for; frames_in.c, frames_out.c are the wire; cluster_init.c, cluster_join.c, operations.c,
 * preflights.c,
 * pings.c, hello.c, report.c do what their names say; node.c starts and stops. */
#ifndef QUORATE_IO_LOOP_PARTS_H
#define QUORATE_IO_LOOP_PARTS_H

#include <uv.h>

#include "node/core/core.h"
#include "node/io/act/actuator.h"
#include "node/io/act/notifier.h"
#include "node/io/act/token_keeper.h"
#include "node/io/api/api.h"
#include "node/io/bus/bus_zmq.h"
#include "node/io/bus/identity.h"
#include "node/io/loop/clock.h"
#include "node/io/loop/dossier.h"
#include "node/io/loop/mailbox.h"
#include "node/io/loop/payloads.h"
#include "node/io/preflight/preflight.h"
#include "node/io/probe/prober.h"
#include "node/io/store/history.h"
#include "node/io/store/ledger_store.h"

enum {
    WAITING_COUNT_MAX = 64,        /* operators' requests under way */
    OPERATION_PATIENCE_MS = 10000, /* then NO_QUORUM is answered */
    PING_EVERY_MS = 1000,
    INIT_PATIENCE_MS = 5000,
    REPLAY_WINDOW = 1000000, /* sequences start at the wall-clock's microseconds */
};

/* A snapshot's bytes in memory: the newest own one (to send), or one that comes in. */
struct snapshot_bytes {
    log_index index;
    term_id term;
    uint32_t total;
    uint32_t received;
    uint8_t *bytes;
};

/* A proposal on its way back into the core. */
struct proposal {
    struct proposal *next;
    uint8_t kind;
    struct member member;
    size_t length;
    uint8_t bytes[];
};

/* An incident that is open, for its opening time. */
struct open_incident {
    log_index id; /* 0: none */
    int64_t opened_wall_ms;
};

struct waiting {
    uint64_t request_id; /* 0: free */
    node_id from;        /* 0: this node's own API */
    time_ms until_ms;
};

enum init_phase { INIT_IDLE, INIT_ASKING, INIT_SETTING, INIT_PHASE_N };

struct cluster_init {
    enum init_phase phase;
    time_ms until_ms;
    bool answered[NODE_COUNT_MAX + 1];
    struct init_answer answers[NODE_COUNT_MAX + 1];
    bool done[NODE_COUNT_MAX + 1];
    bool storing; /* cluster_id is on its way to the disk */
    bool novice;  /* ... because a running cluster admitted this node */
    uint8_t cluster_id[CLUSTER_ID_BYTES];
    node_id setter; /* who is to hear INIT_DONE once the id is on disk; 0: nobody */
};

struct node {
    const struct config *config;
    node_id self;
    struct identity identity;
    uint64_t incarnation;
    bool novice;
    bool counted; /* the ledger named this very folder */
    uint8_t cluster_id[CLUSTER_ID_BYTES];
    enum node_condition condition;
    struct text condition_why;
    time_ms started_ms;

    uv_loop_t loop;
    uv_timer_t deadline_timer; /* the core's next deadline */
    uv_timer_t second_timer;   /* pings, patience, heartbeat */
    uv_prepare_t prepare;
    uv_check_t check;
    uv_signal_t signals[2];
    bool stopping;
    bool stop_asked;
    time_ms stop_by_ms;
    time_ms core_deadline_ms;
    struct clock_watch clock;
    time_ms heartbeat_ms;

    struct mailbox mailbox;
    struct store *store;
    struct store_loaded loaded;
    struct history *history;
    struct bus *bus;
    struct prober *prober;
    struct actuator *actuator;
    struct token_keeper *keeper;
    struct preflight *preflight;
    struct notifier *notifier;
    struct contexts *contexts; /* NULL where they are off */
    struct api *api;

    struct core *core; /* NULL until the cluster id is known */
    struct update *update;
    struct payloads *payloads;
    struct dossier *dossier;
    struct snapshot_bytes snapshot;
    struct snapshot_bytes incoming;
    struct ledger *installing; /* decoded, being persisted */
    const uint8_t *source;     /* where handles of the present event's entries point into */
    struct proposal *first_proposal;
    struct proposal *last_proposal;
    log_index apply_to;
    bool stepping;
    enum raft_role logged_role;
    term_id logged_term;
    node_id logged_leader;

    uint64_t sequence; /* of frames */
    uint64_t seen_sequence[BUS_CHANNEL_N][NODE_COUNT_MAX + 1];
    uint64_t seen_incarnation[NODE_COUNT_MAX + 1];
    uint64_t seen_votes[NODE_COUNT_MAX + 1];
    uint64_t drops[DROP_REASON_N];
    uint64_t loop_late_count;
    uint64_t heartbeat_late_count;
    time_ms loop_late_max_ms;
    struct view_counts counts;
    struct view_certificates certificates;
    int64_t ping_stamp_us;  /* of the newest ping */
    uint64_t failed_reads;  /* of routes, in a row */
    uint64_t failed_counts; /* of conversations, in a row */
    time_ms preflight_ms;   /* when the next one begins; 0: this node does not lead */
    struct preflight_report *preflights[SERVICE_COUNT_MAX]; /* the last ones, by service's place */
    struct ledger *scratch;
    log_index replay_to;     /* entries up to here were on disk at the start */
    log_index history_index; /* incidents of entries up to here are in the history */
    log_index events_index;  /* ... and events */
    struct open_incident incidents[SERVICE_COUNT_MAX];
    struct waiting waiting[WAITING_COUNT_MAX];
    struct operated replies[WAITING_COUNT_MAX]; /* leave after the step: one may bring a request */
    size_t reply_count;
    struct cluster_init init;
    uint8_t frame[FRAME_BYTES_MAX];
    uint8_t command[COMMAND_BYTES_MAX];
};

/* driver.c */
void driver_step(struct node *node, struct event *event);
/* Steps with a received Raft message or a proposal, whose entries' handles are offsets into
 * `source`. */
void driver_step_from(struct node *node, struct event *event, const uint8_t *source);
void driver_propose(struct node *node, uint8_t kind, const struct member *member,
                    const uint8_t *bytes, size_t length);
/* What a COMMAND_MEMBER's payload says; zeroed for other kinds. Returns 0, or as command_decode. */
int driver_member_of(uint8_t kind, const uint8_t *bytes, size_t length, struct member *ret_member);
/* Makes the core from what was on disk. Returns 0, ERR_DAMAGED or ERR_NO_MEMORY. */
int driver_start_core(struct node *node, struct text *why);
void driver_fail(struct node *node, bool full, const char *why);
void driver_fini(struct node *node);

/* voters.c */
#define VOTERS_DIFFER                                                                              \
    "the file's voters or zones are not the ledger's: the file seeds them once and cannot change " \
    "them; restore its nodes section"
bool voters_agree(const struct node *node, const struct ledger *ledger);
bool voters_agree_with_log(const struct node *node);

/* evidence.c */
/* Verifies what a BALLOT_CLOSE claims against its signed votes. */
bool evidence_carries(const struct node *node, const struct command *close, const uint8_t *evidence,
                      size_t length);

/* ledger_effects.c */
void effect_send(struct node *node, const struct raft_message *message);
void effect_persist(struct node *node, const struct persist_job *job);
void effect_propose(struct node *node, const struct command *command);
void effect_snapshot_take(struct node *node, log_index index, term_id term, log_index compact_to);
void effect_snapshot_chunk(struct node *node, const struct effect *effect);
void effect_snapshot_install(struct node *node, log_index index, term_id term);
void ledger_on_persisted(struct node *node, const struct letter *letter);
/* Answered by cluster_init_on_persisted. Returns 0 or as store_submit. */
int ledger_store_cluster_id(struct node *node, const uint8_t cluster_id[CLUSTER_ID_BYTES],
                            bool novice);

/* world_effects.c */
void effect_probe(struct node *node, uint64_t round, service_slot slot, uint8_t place);
void effect_vote(struct node *node, node_id to, const struct vote *vote);
void effect_call(struct node *node, const struct call *call);
void effect_route(struct node *node, const struct route_job *job);
service_slot world_slot_of(const struct node *node, size_t place); /* of a service's place */
void world_on_probed(struct node *node, const struct probe_done *done);
void world_on_routed(struct node *node, const struct actuator_result *result);

/* token_effects.c: refresh tokens that the ledger keeps */
void tokens_fill_settings(const struct node *node, struct core_settings *settings);
/* The service's platform as the core counts them, from 1; 0 where its nodes mint by themselves. */
uint8_t tokens_platform_of(const struct node *node, const struct service_config *service);
void effect_exchange(struct node *node, const struct effect *effect);
void effect_token(struct node *node, const struct effect *effect);
void tokens_on_exchanged(struct node *node, const struct actuator_result *result);

/* bot_probes.c: conversations with flows need a token, and must not wait for it */
/* The platforms that are asked, as bits (1 << place). */
uint32_t bot_probes_platforms(const struct config *config);
/* A token for the probe. Returns 0 or ERR_NOT_FOUND (none at hand, or it needs none). */
int bot_probes_token(const struct node *node, const struct probe_config *probe,
                     struct token *ret_token);
void bot_probes_on_done(const struct node *node, const struct probe_config *probe,
                        const struct probe_done *done);

/* frames_out.c */
struct frame_header frame_header_of(struct node *node);
void frames_publish(struct node *node, size_t length);
void frames_send(struct node *node, node_id to, size_t length);
void frames_send_all(struct node *node, size_t length);

/* frames_in.c */
void frames_on_frame(enum bus_channel channel, node_id sender, const uint8_t *bytes, size_t length,
                     void *data);

/* cluster_init.c */
int cluster_init_start(void *data, struct text *why);
/* An id came from another node: store it, then start the core. */
void cluster_init_take_id(struct node *node, const uint8_t cluster_id[CLUSTER_ID_BYTES],
                          bool novice);
void cluster_init_on_frame(struct node *node, const struct frame *frame);
void cluster_init_on_persisted(struct node *node);
void cluster_init_tick(struct node *node);

/* cluster_join.c */
void cluster_join_tick(struct node *node);
void cluster_join_on_frame(struct node *node, const struct frame *frame);
void effect_admit(struct node *node, node_id to, uint64_t incarnation);
/* The ledger says who votes: this folder may have been replaced by a newer one. A novice that
 * learns the ledger anew first meets the folders before its own. */
void cluster_join_check(struct node *node);
void cluster_join_on_applied(struct node *node, const struct applied *applied);

/* operations.c */
void operations_start(void *data, const struct operation *operation);
void operations_on_forwarded(struct node *node, node_id from, const struct operation *operation);
void operations_on_answer(struct node *node, const struct operated *operated);
/* Keeps the core's answer to a request that waits here; operations_flush hands it out. */
void operations_reply(struct node *node, const struct operated *operated);
void operations_flush(struct node *node);
void operations_tick(struct node *node);

/* pings.c */
void pings_tick(struct node *node);
void pings_on_frame(struct node *node, const struct frame *frame);

/* hello.c */
void hello_tick(struct node *node);
void hello_on_frame(struct node *node, const struct frame *frame);

/* incidents.c: moves as people look them up */
void incidents_start(struct node *node);
void incidents_on_applied(struct node *node, const struct applied *applied);

/* events.c: what this node did and saw, as its history keeps it */
void events_start(struct node *node);
void events_on_notice(struct node *node, enum notice_kind kind, service_slot slot,
                      const char *json);
void events_on_preflight(struct node *node, service_slot slot, const char *json);
void events_on_applied(struct node *node, const struct applied *applied);
/* The role is about to be logged: leaderships gained and lost are events. */
void events_on_role(struct node *node);
void events_on_write_asked(struct node *node, service_slot slot, const struct actuator_job *job);
void events_on_write_ended(struct node *node, const struct actuator_result *result);

/* preflights.c */
void preflights_tick(struct node *node);
void preflights_on_done(struct node *node, size_t service);
void preflights_stop(struct node *node);

/* report.c: the log, and what people are told */
void report_applied(struct node *node, const struct applied *applied);
void report_notice(struct node *node, const struct effect *effect);
/* What the preflight's notice says is `json`. */
void report_preflight(struct node *node, service_slot slot, const char *json);
void report_roles(struct node *node);
void report_heartbeat(struct node *node);

/* Place of the slot's service in config->services. Returns 0 or ERR_NOT_FOUND. */
int node_find_service(const struct node *node, service_slot slot, size_t *ret_place);

#endif
