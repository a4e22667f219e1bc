/* Questions that tests ask a cluster: of its nodes' API and of the simulator's journal.
 * Never changes anything but by the operators' requests.
 * Called by the cluster tests and the benchmark. */
#ifndef QUORATE_CLUSTER_ASK_H
#define QUORATE_CLUSTER_ASK_H

#include "tests/cluster/cluster.h"
#include "tests/lab/base/clock.h"

#include <poll.h>

#define ASK_WRITE "Authorization: Bearer " CLUSTER_WRITE_TOKEN
#define ASK_READ "Authorization: Bearer " CLUSTER_READ_TOKEN

/* Repeats until the condition holds; fails the test after the time, or twenty seconds. */
#define WAIT_UNTIL_MS(condition, within_ms)                                \
    do {                                                                   \
        time_ms until_ms_ = clock_boot_ms() + (within_ms);                 \
        while (!(condition)) {                                             \
            if (clock_boot_ms() > until_ms_)                               \
                fail_msg("not within %d ms: %s", (within_ms), #condition); \
            (void)poll(NULL, 0, 20);                                       \
        }                                                                  \
    } while (0)
#define WAIT_UNTIL(condition) WAIT_UNTIL_MS(condition, 20000)

/* The condition holds all the time. */
#define STAYS_FOR(condition, during_ms)                       \
    do {                                                      \
        time_ms until_ms_ = clock_boot_ms() + (during_ms);    \
        while (clock_boot_ms() < until_ms_) {                 \
            if (!(condition))                                 \
                fail_msg("not all the time: %s", #condition); \
            (void)poll(NULL, 0, 50);                          \
        }                                                     \
    } while (0)

/* One request with the header (or NULL); the caller frees the reply. */
void ask_send(const struct cluster *cluster, size_t place, const char *method, const char *path,
              const char *header, const char *body, struct client_reply *ret_reply);
/* The status of a GET with the read token; 0 without an answer. */
long ask_status_code(const struct cluster *cluster, size_t place, const char *path);
/* A GET with the read token that must be a 200; the caller deletes it. */
cJSON *ask_get(const struct cluster *cluster, size_t place, const char *path);
/* A POST with the write token that must have the status; the caller deletes it. */
cJSON *ask_post(const struct cluster *cluster, size_t place, const char *path, const char *body,
                long status);
/* As ask_post, for an operator's word about the service. */
void ask_operate(const struct cluster *cluster, size_t place, const char *word, const char *body,
                 long status);
void ask_init(const struct cluster *cluster, size_t place, long status);

/* The place of the node that says that it leads; -1 where none does. */
int ask_leader(const struct cluster *cluster);
size_t ask_wait_leader(const struct cluster *cluster);
/* A leader has read the route, and every running node has applied that and knows the leader. */
bool ask_settled(const struct cluster *cluster);

/* Of /v1/services/SERVICE at one node. "" where it has none. */
void ask_service_word(const struct cluster *cluster, size_t place, const char *key, char *buffer,
                      size_t size);
bool ask_service_is(const struct cluster *cluster, size_t place, const char *key, const char *word);
/* ... at all nodes that run. */
bool ask_all_say(const struct cluster *cluster, const char *key, const char *word);
bool ask_move_is(const struct cluster *cluster, size_t place, const char *state);
/* A code of /v1/services/SERVICE/explain: "why" or "detail". */
bool ask_explains(const struct cluster *cluster, size_t place, const char *key, const char *code);
/* A counter of /v1/status, inside the object `part` or (NULL) on top. */
double ask_count(const struct cluster *cluster, size_t place, const char *part, const char *key);
/* All running nodes stand at one index with one hash. */
bool ask_ledgers_equal(const struct cluster *cluster);

/* The journal's PATCH requests that were applied and left the plan in the state (NULL: in any). */
int ask_effective(const struct cluster *cluster, const char *state);
/* All requests of a method, whatever became of them. */
int ask_requests(const struct cluster *cluster, const char *method, const char *path);
/* The journal's `nth` (from 0) applied PATCH; the caller deletes it. */
cJSON *ask_patch(const struct cluster *cluster, int nth);

#endif
