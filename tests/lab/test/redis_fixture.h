/* A real Redis of a test's own: on a free port, in a folder of its own, never the system's.
 * Never outlives its test.
 * Called by the tests of contexts and the benchmark. */
#ifndef QUORATE_LAB_TEST_REDIS_FIXTURE_H
#define QUORATE_LAB_TEST_REDIS_FIXTURE_H

#include "tests/lab/test/process.h"

enum { REDIS_FOLDER_SIZE = 64, REDIS_OPTION_COUNT_MAX = 8 };

struct redis_process {
    struct process process; /* pid 0: does not run */
    uint16_t port;
    char folder[REDIS_FOLDER_SIZE];
    const char *options[REDIS_OPTION_COUNT_MAX + 1]; /* more of its command line, NULL at the end */
};

/* Makes the folder and starts it, with appendonly and appendfsync always; waits until it answers.
 * The options may say otherwise. */
void redis_start(struct redis_process *redis);
/* SIGKILL; what it had on disk stays. */
void redis_kill(struct redis_process *redis);
/* On the same port and folder. */
void redis_restart(struct redis_process *redis);
/* Ends it and removes the folder. */
void redis_finish(struct redis_process *redis);

/* redis-cli's way: one command of words without blanks; gives the answer's first line. */
void redis_ask(const struct redis_process *redis, const char *command, char *ret_line, size_t size);

#endif
