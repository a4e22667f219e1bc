/* What the API may show of a running node: borrowed pointers and counters, valid during one call.
 * Never changes anything.
 * Filled by the control loop, read by the API's pages. */
#ifndef QUORATE_IO_API_VIEW_H
#define QUORATE_IO_API_VIEW_H

#include "common/text.h"
#include "node/core/core.h"
#include "node/io/act/rate.h"
#include "node/io/act/trouble.h"
#include "node/io/bus/bus_zmq.h"
#include "node/io/config/config.h"
#include "node/io/contexts/contexts.h"
#include "node/io/preflight/report.h"
#include "node/io/store/history.h"

enum node_condition {
    NODE_UNINITIALISED, /* an empty folder: neither votes nor campaigns until `quorate init`, or
                           until a running cluster readmits it */
    NODE_RUNNING,
    NODE_FAILED, /* the disk failed: serves status, votes no more */
    NODE_CONDITION_N
};

/* Why a frame was dropped. */
enum drop_reason {
    DROP_MALFORMED,
    DROP_VERSION,
    DROP_CLUSTER,  /* another cluster's id */
    DROP_SENDER,   /* not the connection's proved identity */
    DROP_REPLAYED, /* its sequence is not newer */
    DROP_SIGNATURE,
    DROP_EVIDENCE,   /* an entry whose evidence does not carry its claim */
    DROP_UNEXPECTED, /* a kind that means nothing in the present condition */
    DROP_REASON_N
};

/* What this node counted since its start. */
struct view_counts {
    uint64_t votes_heard;
    uint64_t ballots[SERVICE_COUNT_MAX][BALLOT_RESULT_N]; /* sides closed, by slot */
    uint64_t moves[SERVICE_COUNT_MAX][MOVE_STATE_N];      /* entries into the state, by slot */
};

/* When the certificates end that this node's probes last saw, in seconds since 1970; 0: none was
 * seen. By place in config->services. */
struct view_certificates {
    int64_t end_s[SERVICE_COUNT_MAX][SIDE_N];
};

struct node_view {
    const struct config *config;
    node_id self;
    enum node_condition condition;
    const char *condition_why; /* "" where there is nothing to say */
    const struct core *core;   /* NULL while uninitialised */
    uint8_t cluster_id[CLUSTER_ID_BYTES];
    uint64_t incarnation;
    time_ms now_ms;
    time_ms started_ms;
    uint64_t drops[DROP_REASON_N];
    uint64_t loop_late_count; /* how often the loop ran late over timing.timer_late */
    uint64_t heartbeat_late_count; /* ... over one heartbeat: one, or a vote, went out so late */
    time_ms loop_late_max_ms;
    const struct view_counts *counts;
    const struct view_certificates *certificates;       /* may be NULL */
    int64_t wall_ms;                                    /* for display only */
    struct trouble_counts troubles[PLATFORM_COUNT_MAX]; /* by place in config->platforms */
    struct rate_view rates[PLATFORM_COUNT_MAX];         /* by the same */
    /* What the leader's last preflight found, by place in config->services; NULL where there is
     * none. */
    struct preflight_report *const *preflights;
    struct bus_stats bus;
    struct history *history; /* for reading incidents */
    struct contexts_stats contexts;
};

const char *node_condition_name(enum node_condition condition);
const char *drop_reason_name(enum drop_reason reason);

#endif
