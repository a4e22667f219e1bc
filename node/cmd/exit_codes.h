/* The exit codes of every command: one table, which `quorate help exit-codes` prints.
 * Never two meanings for one code.
 * Called by the commands. */
#ifndef QUORATE_CMD_EXIT_CODES_H
#define QUORATE_CMD_EXIT_CODES_H

#include <stdio.h>

enum exit_code {
    EXIT_OK = 0,
    EXIT_FAILED = 1,
    EXIT_USAGE = 2,
    EXIT_INVALID = 3,
    EXIT_NOT_FOUND = 4,
    EXIT_REFUSED = 5,
    EXIT_NO_QUORUM = 6,
    EXIT_UNREACHABLE = 7,
    EXIT_AUTH = 8,
    EXIT_DAMAGED = 9,
    EXIT_BUSY = 10,
    EXIT_IO = 11,
    EXIT_UNKNOWN = 12,
    EXIT_NOT_LEADER = 13,
    EXIT_MOVE_ENDED = 14,
    EXIT_PREFLIGHT = 15,
};

/* The exit code of an ERR_ (common/errors.h) or 0. */
enum exit_code exit_code_of_error(int error);
/* The exit code of an answer of the API. */
enum exit_code exit_code_of_status(long status);
void exit_codes_print(FILE *out);

#endif
