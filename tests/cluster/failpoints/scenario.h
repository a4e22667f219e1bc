/* How a cluster is brought to each row of the move table and to each request: data.
 * Never runs anything; drive.c does.
 * Called by the matrix of failpoints. */
#ifndef QUORATE_CLUSTER_SCENARIO_H
#define QUORATE_CLUSTER_SCENARIO_H

#include "common/duration.h"
#include "proto/move.h"
#include "tests/cluster/cluster.h"

/* Clusters that differ in their drains and limits. */
enum variant {
    VARIANT_QUICK,
    VARIANT_LONG_DRAIN,
    VARIANT_SHORT_PAUSE,
    VARIANT_EXPIRING,
    VARIANT_N
};

enum act {
    ACT_END, /* of the script */
    ACT_FAIL_SERVING,
    ACT_SLOW_SERVING,
    ACT_FAIL_OTHER,
    ACT_HOLD,
    ACT_RELEASE,
    ACT_FAULT, /* the simulator's, in `text` */
    ACT_CLEAR_FAULTS,
    ACT_EDIT_PAUSED,  /* a human writes the paused plan once more */
    ACT_EDIT_FOREIGN, /* a human gives the route to a flow that is not ours */
    ACT_HOLD_REQUEST, /* where the case is about the state's request: the simulator holds it */
};

/* Once the move is in the state for so long (MOVE_NONE: at once). */
struct line {
    enum move_state when;
    time_ms after_ms;
    enum act act;
    const char *text;
    enum move_state request; /* HOLD_REQUEST */
};

struct script {
    enum variant variant;
    unsigned ends;     /* bits of the move states in which it may end */
    bool slow;         /* it waits for a back-off or a limit: how long it takes says nothing */
    bool stays_paused; /* the resume was refused for good: a human must unpause */
    struct line lines[8];
};

/* Either a script that comes to the row, or why none can. */
struct row_scenario {
    enum move_state from;
    enum move_input input;
    const struct script *script;
    const char *unreachable;
};

/* NULL where the tables were forgotten. */
const struct row_scenario *scenario_of_row(enum move_state from, enum move_input input);
/* The script that makes the state's request. */
const struct script *scenario_of_request(enum move_state state);
const struct cluster_settings *scenario_settings(enum variant variant);

#endif
