/* A golden trace: one line an occurrence, stamped with virtual milliseconds.
 * Never decides what is worth a line; the world and its observers do.
 * Used by the simulation and its tests. */
#ifndef QUORATE_TESTS_SIM_TRACE_H
#define QUORATE_TESTS_SIM_TRACE_H

#include "proto/types.h"

struct trace {
    bool on;
    char *text; /* NUL-terminated, owned by the trace; NULL while empty */
    size_t length;
    size_t capacity;
};

void trace_fini(struct trace *trace);
/* Node 0 stands for the scenario itself. Nothing happens while the trace is off. */
void trace_add(struct trace *trace, time_ms now_ms, node_id node, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* 0 where the trace equals the file; else the number of the first line that differs, or -1 where
 * the file cannot be read. Both versions of that line go to standard error. */
int trace_compare(const struct trace *trace, const char *path);
int trace_write(const struct trace *trace, const char *path);

#endif
