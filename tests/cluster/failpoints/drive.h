/* Runs one case of the matrix on a cluster: brings it to the place, lets the node die there, and
 * demands that the others end the move as the scenario says, with one switch at most.
 * Never starts the cluster.
 * Called by main.c, in a process that a failed demand ends. */
#ifndef QUORATE_CLUSTER_DRIVE_H
#define QUORATE_CLUSTER_DRIVE_H

#include "tests/cluster/failpoints/matrix.h"

/* What was seen. */
struct drive_report {
    char victim[16];
    char end[16];        /* the state in which the move ended */
    time_ms progress_ms; /* from the death to the next effective request, or to the end */
    time_ms allowed_ms;  /* 0: the script itself waits, so that it is not judged */
};

/* `has_goal`: fails, too, where it takes longer than allowed. */
void drive_case(struct cluster *cluster, const struct matrix_case *made, bool has_goal,
                struct drive_report *ret_report);
/* Both sides healthy, no fault, no hold, no open move, all nodes up and equal. */
void drive_reset(struct cluster *cluster);

#endif
