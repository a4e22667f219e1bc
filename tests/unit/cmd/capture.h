/* What a command prints: both standard streams go into files while it runs.
 * Never more than one capture at a time.
 * Called by the tests of the commands. */
#ifndef QUORATE_TESTS_CMD_CAPTURE_H
#define QUORATE_TESTS_CMD_CAPTURE_H

#include <stddef.h>

#include "node/cmd/subcommand.h"

enum { CAPTURE_WORDS_MAX = 16 };

struct captured {
    int code;
    char *out;
    char *err;
};

/* Runs "quorate WORDS..." through the dispatcher; `line` is split at single spaces, '~' inside a
 * word stands for a space. */
struct captured capture_line(const struct subcommand *const *table, size_t count, const char *line);
void captured_clear(struct captured *captured);

#endif
