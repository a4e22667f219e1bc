/* Runs one program with a message on its standard input, without a shell, within a limit of time.
 * Never passes on this process's environment, signals or open files.
 * Called by the notifier's thread. */
#ifndef QUORATE_IO_ACT_RUN_PROGRAM_H
#define QUORATE_IO_ACT_RUN_PROGRAM_H

#include <stddef.h>

#include "common/duration.h"
#include "common/text.h"

/* `arguments` starts with the path and ends with NULL; `input` must be smaller than a pipe's buffer
 * (64 KiB). Becoming readable, `stop_fd` ends the program. Returns 0 after exit code 0, else with
 * `why`: ERR_NOT_FOUND (could not be started), ERR_STATE (another exit code or a signal),
 * ERR_TIMEOUT or ERR_CANCELED (killed) or ERR_IO. */
int run_program(const char *const *arguments, const char *input, size_t input_length,
                time_ms limit_ms, int stop_fd, struct text *why);

#endif
