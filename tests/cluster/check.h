/* Compares what the routing API saw with what the nodes' histories say that they did.
 * Never changes anything; the nodes that run are asked, the others' words are missed.
 * Called by cluster_finish, and by tests in their middle. */
#ifndef QUORATE_CLUSTER_CHECK_H
#define QUORATE_CLUSTER_CHECK_H

#include "tests/cluster/cluster.h"

/* Fails the test unless:
 * - no key was effective twice, and each request's term was led, by one node, which asked for it;
 * - no request was started at the end of its lease or later, nor after its node had stepped down;
 * - the ledger's route went through what the API made effective, in its order, and nothing else.
 * What a node may not have written down yet is waited for. */
void check_histories(const struct cluster *cluster);

/* Events of a kind in the node's history. */
int check_event_count(const struct cluster *cluster, size_t place, const char *kind);
/* The newest event's data of the kind, whose number `key` has the value; NULL where there is none.
 * The caller deletes it. */
cJSON *check_event(const struct cluster *cluster, size_t place, const char *kind, const char *key,
                   double value);

#endif
