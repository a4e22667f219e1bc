/* The cases: each row of the move table and each state's request, times the points at which a node
 * can die there, times who dies. Made from node/core/move.h, so that a new row is a new case.
 * Never runs one.
 * Called by main.c. */
#ifndef QUORATE_CLUSTER_MATRIX_H
#define QUORATE_CLUSTER_MATRIX_H

#include "tests/cluster/failpoints/scenario.h"

enum { MATRIX_CASE_COUNT_MAX = 400, MATRIX_NAME_SIZE = 64 };

/* How the simulator holds a request while its sender dies. */
enum held { HELD_NOT, HELD_APPLIED, HELD_LOST, HELD_LATE, HELD_N };

struct matrix_case {
    char
        place[MATRIX_NAME_SIZE]; /* as node/io/loop/failpoint.h has them, "STATE/WORD/POINT:ROLE" */
    enum move_state state;
    bool leader;    /* who dies */
    enum held held; /* else the test kills the leader once its request is held */
    const struct script *script;
};

struct matrix {
    size_t count;
    struct matrix_case cases[MATRIX_CASE_COUNT_MAX];
    size_t unreachable_count;
};

/* Returns false where a row or a request has no scenario, with its name printed. */
bool matrix_make(struct matrix *matrix);

#endif
