#include "node/io/probe/probe_patterns.h"

#include <stdlib.h>
#include <string.h>

static void drop(struct probe_pattern *pattern)
{
    regfree(&pattern->compiled);
    free(pattern);
}

/* A full table makes room for the new one: the configuration's patterns always fit. */
static void put(struct probe_patterns *patterns, struct probe_pattern *pattern)
{
    if (patterns->count == PROBE_PATTERN_COUNT_MAX) {
        patterns->count -= 1;
        drop(patterns->items[patterns->count]);
    }
    patterns->items[patterns->count] = pattern;
    patterns->count += 1;
}

const regex_t *probe_patterns_get(struct probe_patterns *patterns, const char *text)
{
    for (size_t i = 0; i < patterns->count; i++) {
        if (strcmp(patterns->items[i]->text, text) == 0) {
            return &patterns->items[i]->compiled;
        }
    }
    struct probe_pattern *pattern = calloc(1, sizeof *pattern);
    if (pattern == NULL || text_copy(pattern->text, sizeof pattern->text, text) < 0 ||
        pattern_compile(text, &pattern->compiled) < 0) {
        free(pattern);
        return NULL;
    }
    put(patterns, pattern);
    return &pattern->compiled;
}

void probe_patterns_fini(struct probe_patterns *patterns)
{
    while (patterns->count > 0) {
        patterns->count -= 1;
        drop(patterns->items[patterns->count]);
    }
}
