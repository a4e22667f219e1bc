/* Live conversations through a failover with a killed leader: while they put their checkpoints, the
 * primary fails, the cluster begins to move the route, and its leader is killed during the drain;
 * afterwards all that was acknowledged is read back from the nodes that are left.
 * Never judges the times; that acknowledged checkpoints are there is for who reads the result.
 * Called by the benchmark and a cluster test. */
#ifndef QUORATE_CLUSTER_LOAD_FAILOVER_H
#define QUORATE_CLUSTER_LOAD_FAILOVER_H

#include "tests/cluster/load/load.h"

struct failover_plan {
    uint32_t conversations;
    uint32_t period_ms;
    uint32_t run_ms;             /* of the load; what happens begins after a third of it */
    void (*happens)(void *data); /* instead of the failover; NULL: the failover */
    void *data;
};

struct failover_result {
    struct load put;        /* counters and latencies; freed with failover_fini */
    struct load read;       /* counters of the reading back */
    double heartbeats_late; /* of all nodes, the killed one's until a moment before its death */
    double late_max_ms;
    double terms; /* elections that were begun; the killed leader needs one */
    bool moved;   /* the standby serves, the move is done */
};

/* The cluster's nodes run, with contexts on and a drain of some seconds (`down`) in which the
 * leader can be killed; waits until all stores count. */
void failover_run(struct cluster *cluster, const struct failover_plan *plan,
                  struct failover_result *ret_result);
void failover_fini(struct failover_result *result);

/* A number of a node's /metrics; 0 where it is not there. */
double failover_metric(const struct cluster *cluster, size_t place, const char *name);

#endif
