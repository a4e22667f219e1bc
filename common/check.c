#include "common/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { LINE_BYTES = 512 };

_Noreturn void check_failed(const char *expression, const char *file, int line)
{
    char bytes[LINE_BYTES];
    int length = snprintf(bytes, sizeof bytes, "%s:%d: check failed: %s\n", file, line, expression);
    if (length >= (int)sizeof bytes) {
        length = (int)sizeof bytes - 1;
        bytes[length - 1] = '\n';
    }
    if (length > 0 && write(STDERR_FILENO, bytes, (size_t)length) < 0) {
        /* Nobody is left to be told; the abort says it. */
    }
    abort();
}
