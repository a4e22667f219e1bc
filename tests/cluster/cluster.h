/* A whole cluster in a test: simulator, bots, references, and nodes as processes, on loopback or
 * each in a network namespace of its own. Never shared between tests; what it started ends with it,
 * whether the test passes or not. Called by the cluster tests and the benchmark. */
#ifndef QUORATE_CLUSTER_H
#define QUORATE_CLUSTER_H

#include "node/io/bus/identity.h"
#include "tests/cluster/network.h"
#include "tests/lab/test/bot_fixture.h"
#include "tests/lab/test/chaos_fixture.h"
#include "tests/lab/test/sim_fixture.h"

#include <stdbool.h>

enum {
    CLUSTER_NODE_COUNT = 3, /* where the settings do not say otherwise */
    CLUSTER_NODE_COUNT_MAX = NETWORK_NODE_COUNT_MAX,
    CLUSTER_PATH_SIZE = 128,
};

#define CLUSTER_SERVICE "line"
#define CLUSTER_READ_TOKEN "read-me"
#define CLUSTER_WRITE_TOKEN "write-me"
#define CLUSTER_CONTEXT_READ_TOKEN "read-contexts"
#define CLUSTER_CONTEXT_WRITE_TOKEN "write-contexts"
#define CLUSTER_REFRESH_SEED "refresh-seed-of-the-file"

/* What the configuration file says beside the ports and keys; NULL is the value in config_file.c.
 */
struct cluster_settings {
    const char *mode;
    const char *rule;
    const char *patrol;
    const char *probe;
    const char *side_probe; /* both sides' own; NULL: their canaries */
    const char *route;      /* whole lines: "route: {...}", or "routes:" and what is under it */
    const char *drain;
    const char *verify;
    const char *timing;
    const char *limits;
    const char *log_level;
    const char *paused_max;
    const char *sim_option;
    const char *sim_option_2;
    const char *preflight; /* "{every: 1s, pace: 0s}" */
    const char *standby;   /* more of the standby, ", min_version: v1.0.5" */
    const char *contexts;  /* "store: embedded, ...": with the two tokens below */
    const char *grant;     /* more of the platform, "grant: refresh_token, ..." */
    const char *program;   /* another build of quorate; NULL: this one */
    const char *failpoint; /* its $QUORATE_FAILPOINT */
    size_t node_count;
    bool networked;       /* over network namespaces; needs network_is_permitted */
    bool no_tokens;       /* the API has no tokens at all */
    bool api_over_chaos;  /* the routing API is reached through the chaos proxy */
    bool last_over_chaos; /* the last node reaches the primary through it */
};

struct cluster_node {
    struct process process; /* pid 0: does not run */
    bool frozen;
    const char *program; /* NULL: the settings' */
    bool was_killed;     /* since its last words may have been lost */
    const char *name;
    struct identity identity;
    uint16_t api_port;
    uint16_t vote_port;
    uint16_t raft_port;
    uint16_t context_port;
    char key_file[CLUSTER_PATH_SIZE];
    char data[CLUSTER_PATH_SIZE];
    char log[CLUSTER_PATH_SIZE];
};

struct cluster {
    struct cluster_settings settings;
    char folder[CLUSTER_PATH_SIZE];
    char config[CLUSTER_PATH_SIZE];
    struct sim sim;
    struct bot_process primary;
    struct bot_process standby;
    struct bot_process references;
    struct chaos_process chaos; /* pid 0 where nothing goes through it */
    size_t node_count;
    struct cluster_node nodes[CLUSTER_NODE_COUNT_MAX];
    struct network network; /* open where the settings say so */
    bool passed;
};

/* Folders, keys, configuration and the lab; no node runs yet. */
void cluster_open(struct cluster *cluster, const struct cluster_settings *settings);
/* cluster_open, all nodes, init, a leader, and a route that it has read. */
void cluster_start(struct cluster *cluster, const struct cluster_settings *settings);
/* The end of a test that passed: the histories agree with the API's journal (check.h), and running
 * nodes stop in order with exit code 0. */
void cluster_finish(struct cluster *cluster);
/* Ends what is left and frees. After a failure the folder stays and is named. */
void cluster_abandon(struct cluster *cluster);

/* cmocka's setups and teardown around a `struct cluster`; the initial state is the settings. */
int cluster_setup_opened(void **state);
int cluster_setup_started(void **state);
/* As started; no cluster where namespaces are not permitted to this user. */
int cluster_setup_networked(void **state);
/* The cluster of that setup; without one the test is skipped. */
struct cluster *cluster_of_networked(void **state);
int cluster_teardown(void **state);

/* config_file.c: writes cluster->config anew. */
void cluster_write_config(const struct cluster *cluster);

void node_start(struct cluster *cluster, size_t place);
/* Starts it and waits for its API. */
void node_start_and_wait(struct cluster *cluster, size_t place);
/* SIGTERM; demands exit code 0. */
void node_stop(struct cluster *cluster, size_t place);
void node_kill(struct cluster *cluster, size_t place);
/* It ended without being asked to. */
bool node_has_ended(const struct cluster *cluster, size_t place);
/* Takes notice of a node that killed itself. */
void node_bury(struct cluster *cluster, size_t place);
/* SIGSTOP and SIGCONT; a frozen node counts as one that does not run. */
void node_freeze(struct cluster *cluster, size_t place);
void node_thaw(struct cluster *cluster, size_t place);
/* Runs `quorate run` where it is expected to end by itself; gives its exit code. */
int node_run_to_end(struct cluster *cluster, size_t place);
bool node_is_running(const struct cluster *cluster, size_t place);

/* Runs `quorate ARGUMENTS...` with a shell; output (both streams) into the buffer. */
int quorate_run(const struct cluster *cluster, const char *arguments, char *output, size_t size);

/* How often the text stands in the node's log. */
int node_log_count(const struct cluster *cluster, size_t place, const char *text);
bool node_logged(const struct cluster *cluster, size_t place, const char *text);

#endif
