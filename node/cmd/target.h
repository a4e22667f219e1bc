/* Which node a command asks, and what it shows there.
 * Never opens a connection.
 * Called by client.c. */
#ifndef QUORATE_CMD_TARGET_H
#define QUORATE_CMD_TARGET_H

#include "node/cmd/arguments.h"
#include "node/cmd/exit_codes.h"
#include "node/io/config/config.h"

struct target {
    char url[URL_SIZE]; /* "http://127.0.0.1:7700", without a slash at its end */
    char token[SECRET_SIZE];
    char ca_file[PATH_SIZE]; /* "" for the system's */
    bool pinned;             /* ca_file is the node's own certificate: its name does not matter */
};

/* Returns EXIT_OK, or prints why not. */
enum exit_code target_find(const struct arguments *arguments, bool writes,
                           struct target *ret_target);

#endif
