/* A good configuration as text, edits of it, and what the loader says about the result.
 * Never kept: each sheet is a temporary file that is gone after the load.
 * Called by the configuration's tests. */
#ifndef QUORATE_TESTS_CONFIG_SHEET_H
#define QUORATE_TESTS_CONFIG_SHEET_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "node/io/config/config.h"

/* `find` (which must stand in the good text) is replaced once by `put`; NULL ends a list of edits.
 */
struct edit {
    const char *find;
    const char *put;
};

enum { EDIT_COUNT_MAX = 4 };

/* Edits, and the text that one of the problem lines must contain. */
struct sheet_case {
    struct edit edits[EDIT_COUNT_MAX];
    const char *expected; /* "FILE" stands for the file's path at a line's start */
};

const char *sheet_good(void);

/* Loads the good text after the edits. */
int sheet_load(const struct edit *edits, const char *node, struct config **ret_config,
               struct config_problems *problems);
/* Loads exactly these bytes. */
int sheet_load_bytes(const void *bytes, size_t length, const char *node, struct config **ret_config,
                     struct config_problems *problems);

/* Loads each case and fails the test where the expected problem is absent or stands beside others.
 */
void sheet_expect_problems(const struct sheet_case *cases, size_t count);
/* Fails the test, with the problems printed, where the edited text is refused; the caller frees. */
struct config *sheet_expect_good(const struct edit *edits, const char *node);

#endif
