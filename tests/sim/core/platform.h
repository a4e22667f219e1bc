/* A simulated routing API: one versioned plan, its faults, and a journal of every write that
 * reached it. Never knows the cluster; it believes what requests say. Used by the stage, filled by
 * the scenarios' faults, judged by the checks. */
#ifndef QUORATE_TESTS_SIM_CORE_PLATFORM_H
#define QUORATE_TESTS_SIM_CORE_PLATFORM_H

#include "common/prng.h"
#include "node/core/update.h"

enum { PLATFORM_FAULTS_MAX = 16 };

enum platform_fault {
    PLATFORM_WELL,
    PLATFORM_APPLY_THEN_DROP, /* carried out, never answered */
    PLATFORM_DROP,            /* neither carried out nor answered */
    PLATFORM_EDITED,          /* a human changed something else of the plan just before */
    PLATFORM_RATE_LIMIT,
    PLATFORM_SERVER_ERROR,
    PLATFORM_FORBIDDEN,
    PLATFORM_SLOW, /* arrives shortly before its sender gives up */
    PLATFORM_LATE, /* carried out long after its sender gave up */
    PLATFORM_FAULT_N
};

struct platform_write {
    time_ms at_ms;
    node_id node;
    struct route_job job;
    enum platform_fault fault;
    enum route_result result;
    bool effective;         /* the plan was changed by it */
    enum route_state state; /* as the plan was afterwards */
};

struct platform {
    bool versioned; /* otherwise every version is 0 and the last one to write is right */
    enum route_state state;
    uint64_t version;
    uint64_t edit;       /* rises with each change of what is not ours: bodies change with it */
    bool by_human;       /* the state is one that somebody else set */
    time_ms delay_ms;    /* more, one way */
    time_ms paused_ms;   /* since when the route is paused by us; -1: it is not */
    time_ms linger_ms;   /* conversations end so long after the pause */
    time_ms straggle_ms; /* an edge that hears of the pause so late lets in one more */
    bool uncounted;      /* counts are forbidden */
    uint32_t read_trouble_permille; /* readings that get no answer, or no good one */
    size_t fault_first;
    size_t fault_count;
    enum platform_fault faults[PLATFORM_FAULTS_MAX]; /* of the next writes, in order */
    size_t write_count;
    size_t write_capacity;
    struct platform_write *writes;
};

void platform_init(struct platform *platform, bool versioned);
void platform_fini(struct platform *platform);
/* The next `count` writes meet the fault. */
void platform_add_fault(struct platform *platform, enum platform_fault fault, size_t count);
/* Somebody else changes the route. */
void platform_edit(struct platform *platform, enum route_state state);
/* The next write's fault is this one, and with that it is over. */
bool platform_takes_fault(struct platform *platform, enum platform_fault fault);
/* How a reading ends. */
enum route_result platform_read(const struct platform *platform, struct prng *prng);
struct route_view platform_view(const struct platform *platform);
/* Conversations on the side that the pause drains. */
uint64_t platform_live(const struct platform *platform, time_ms now_ms);
/* A write arrives. Returns its entry in the journal; a result of UNKNOWN is never answered. */
const struct platform_write *platform_write(struct platform *platform, time_ms now_ms, node_id node,
                                            const struct route_job *job);
const char *platform_fault_name(enum platform_fault fault);

#endif
