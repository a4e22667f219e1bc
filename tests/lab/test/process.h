/* Starts and stops a lab program in a test, and finds ports for it.
 * Never leaves one behind: a child dies with its test.
 * Called by the lab's tests. */
#ifndef QUORATE_LAB_TEST_PROCESS_H
#define QUORATE_LAB_TEST_PROCESS_H

#include "common/duration.h"

#include <stdint.h>
#include <sys/types.h>

enum { PROCESS_OUTPUT_BYTES = 4096, PROCESS_DEADLINE_MS = 10000 };

struct process {
    pid_t pid;
    int output_fd;
    char output[PROCESS_OUTPUT_BYTES]; /* what it wrote to both outputs so far, NUL-terminated */
};

/* A free port below the ephemeral range. Fails the test where there is none. */
uint16_t process_port_find(void);

/* Tests that run side by side each take their own of `count` parts of the ports. */
void process_port_slice(unsigned slice, unsigned count);

/* Runs `program` (a path) with a NULL-terminated argv of its own. */
void process_spawn(struct process *process, const char *const *argv);
/* Spawns and waits for its "ready" line. Fails the test at the deadline. */
void process_start(struct process *process, const char *const *argv);
/* Waits for its end. Returns the exit code, or -signal. Fails the test at the deadline. */
int process_wait(struct process *process);
/* SIGTERM, then wait. *ret_took_ms may be NULL. */
int process_stop(struct process *process, time_ms *ret_took_ms);

#endif
