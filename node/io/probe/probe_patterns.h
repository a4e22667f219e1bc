/* A thread's compiled regular expressions, each compiled once.
 * Never shared between threads.
 * Called by one prober thread. */
#ifndef QUORATE_IO_PROBE_PATTERNS_H
#define QUORATE_IO_PROBE_PATTERNS_H

#include "node/io/config/config.h"
#include "node/io/config/pattern.h"

enum { PROBE_PATTERN_COUNT_MAX = 160 }; /* both sides of all services, and the references */

struct probe_pattern {
    char text[HEADER_SIZE];
    regex_t compiled;
};

struct probe_patterns {
    struct probe_pattern *items[PROBE_PATTERN_COUNT_MAX];
    size_t count;
};

/* The pattern's compiled form, the table's own; NULL where memory does not suffice, or the pattern
 * is none. */
const regex_t *probe_patterns_get(struct probe_patterns *patterns, const char *text);
void probe_patterns_fini(struct probe_patterns *patterns);

#endif
