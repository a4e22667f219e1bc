/* The wish to stop: SIGTERM and SIGINT as a descriptor that becomes readable.
 * Never interrupts anything by itself; a second signal changes nothing.
 * Called first in each lab program's main, before any thread exists and before slow start-up work.
 */
#ifndef QUORATE_LAB_STOP_H
#define QUORATE_LAB_STOP_H

#include "common/duration.h"

#include <stdbool.h>

/* Blocks both signals, ignores SIGPIPE and opens the descriptor, which the caller closes. Errors:
 * ERR_IO. */
int stop_open(int *ret_fd);

/* True where a stop was asked for before `wait_ms` passed; a negative `wait_ms` waits for ever. */
bool stop_wait(int fd, time_ms wait_ms);

#endif
