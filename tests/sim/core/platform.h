/* A simulated routing API: the routes of one service, their faults, and a journal of every write
 * that reached them. Never knows the cluster; it believes what requests say. Used by the stage,
 * filled by the scenarios' faults, judged by the checks. */
#ifndef QUORATE_TESTS_SIM_CORE_PLATFORM_H
#define QUORATE_TESTS_SIM_CORE_PLATFORM_H

#include "common/prng.h"
#include "node/core/update.h"

enum { PLATFORM_FAULTS_MAX = 16, PLATFORM_PARTS_MAX = 3 };

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

/* One route. */
struct platform_part {
    enum route_state state;
    uint64_t
        version; /* 0 and staying so where it is not versioned: the last one to write is right */
    bool versioned;
    uint64_t edit; /* rises with each change of what is not ours: bodies change with it */
    bool by_human; /* the state is one that somebody else set */
};

struct platform_write {
    time_ms at_ms;
    node_id node;
    struct route_job job;
    uint8_t part;
    enum platform_fault fault;
    enum route_result result;
    bool effective;         /* the route was changed by it */
    enum route_state state; /* as the whole service's route was afterwards */
};

struct platform {
    uint8_t part_count; /* 1, or several routes that move as one unit */
    struct platform_part parts[PLATFORM_PARTS_MAX];
    bool versioned;         /* all of them are */
    enum route_state state; /* what the parts amount to, as the two that follow */
    uint64_t version;
    bool by_human;                  /* of any part */
    time_ms delay_ms;               /* more, one way */
    time_ms paused_ms;              /* since when the route is paused by us; -1: it is not */
    time_ms linger_ms;              /* conversations end so long after the pause */
    time_ms straggle_ms;            /* an edge that hears of the pause so late lets in one more */
    bool uncounted;                 /* counts are forbidden */
    uint32_t read_trouble_permille; /* readings that get no answer, or no good one */
    size_t fault_first;
    size_t fault_count;
    enum platform_fault faults[PLATFORM_FAULTS_MAX]; /* of the next writes, in order */
    size_t write_count;
    size_t write_capacity;
    struct platform_write *writes;
};

void platform_init(struct platform *platform, bool versioned);
/* `versioned` has a bit for each part. */
void platform_init_unit(struct platform *platform, uint8_t part_count, uint32_t versioned);
void platform_fini(struct platform *platform);
/* The next `count` writes meet the fault. */
void platform_add_fault(struct platform *platform, enum platform_fault fault, size_t count);
/* Somebody else changes the route, all of it or one part. */
void platform_edit(struct platform *platform, enum route_state state);
void platform_edit_part(struct platform *platform, uint8_t part, enum route_state state);
/* The next write's fault is this one, and with that it is over. */
bool platform_takes_fault(struct platform *platform, enum platform_fault fault);
/* How a reading ends. */
enum route_result platform_read(const struct platform *platform, struct prng *prng);
struct route_view platform_view(const struct platform *platform);
struct route_view platform_view_of(const struct platform_part parts[], uint8_t count);
/* What a writer that has seen this part sends of it, where it sends anything. */
bool platform_is_done(const struct platform_part *part, uint8_t count, const struct route_job *job);
/* Conversations on the side that the pause drains. */
uint64_t platform_live(const struct platform *platform, time_ms now_ms);
/* A write to the part arrives, which names the version. Returns its entry in the journal; a result
 * of UNKNOWN is never answered. */
const struct platform_write *platform_write(struct platform *platform, time_ms now_ms, node_id node,
                                            const struct route_job *job, uint8_t part,
                                            uint64_t version);
const char *platform_fault_name(enum platform_fault fault);

#endif
