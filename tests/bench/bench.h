/* The parts of the benchmark: each starts a cluster of its own and adds its figures.
 * Never judges; the report does.
 * Called by main.c. */
#ifndef QUORATE_BENCH_BENCH_H
#define QUORATE_BENCH_BENCH_H

#include "tests/bench/report.h"
#include "tests/cluster/ask.h"

enum { RUNS_MAX = 100, SECONDS_MAX = 600, CONVERSATIONS_MAX = 1000000 };

/* From the vote that completes the third FAIL ballot to the switch request at the API. */
void bench_switch(struct report *report, unsigned runs);
/* From the fault to the conviction, with all voters informative. */
void bench_conviction(struct report *report, unsigned runs);
/* CPU and memory of nodes that have nothing to do. */
void bench_idle(struct report *report, unsigned seconds);

/* Conversations that checkpoint every 30 s, through a failover with a killed leader. */
struct contexts_options {
    unsigned conversations;
    unsigned seconds;
    bool redis;
};
void bench_contexts(struct report *report, const struct contexts_options *options);

/* disk.c: what the disk under the ledgers takes for one write that stays, in milliseconds: median
 * and p99 of 200. */
struct disk_sync {
    double median_ms;
    double p99_ms;
};
struct disk_sync disk_sync_measure(const struct cluster *cluster);

/* fault.c: a cluster whose sides fail in turn. */

/* Lets the serving side fail in `mode` (as the bot knows it) while the other is well, waits for the
 * end of the move, heals, and waits until all is steady. Gives the boot-time clock at the fault. */
int64_t fault_run(struct cluster *cluster, const char *mode);

/* log_times.c: what the leader's log says of one move away from the serving side. */
struct log_times {
    int64_t move;
    int64_t vote_us;     /* the vote that completed the last ballot came in */
    int64_t proposed_us; /* its close, with the move and its intent, was proposed */
    int64_t applied_us;  /* ... was committed and applied */
};

/* All moves of a log in their order. Returns how many. */
size_t log_times_read(const char *path, struct log_times *ret_times, size_t count_max);

#endif
