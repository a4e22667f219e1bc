/* `check --online`: the preflight from this machine, with the file's credentials.
 * Never writes to the platform, never asks a node.
 * Called by check.c. */
#ifndef QUORATE_CMD_CHECK_ONLINE_H
#define QUORATE_CMD_CHECK_ONLINE_H

#include "node/cmd/arguments.h"
#include "node/cmd/exit_codes.h"

/* Prints the table, or JSON. EXIT_PREFLIGHT where a check failed. */
enum exit_code check_online(const struct arguments *arguments, const char *path);

#endif
