/* The figures of a run, as a table or as JSON, each with its goal and the command that gives it.
 * Never measures.
 * Called by the parts of the benchmark. */
#ifndef QUORATE_BENCH_REPORT_H
#define QUORATE_BENCH_REPORT_H

#include <stdbool.h>
#include <stddef.h>

enum { FIGURE_COUNT_MAX = 48 };

struct figure {
    const char *name;
    double value;
    const char *unit;
    double goal; /* at most this; 0: none, it is shown for comparison */
    const char *command;
};

struct report {
    struct figure figures[FIGURE_COUNT_MAX];
    size_t count;
};

/* Strings are static. */
void report_add(struct report *report, const struct figure *figure);
bool report_goals_met(const struct report *report);
void report_print_table(const struct report *report);
void report_print_json(const struct report *report);

/* Sort the values. Nearest rank; 0 of none. */
double figure_median(double *values, size_t count);
double figure_percentile(double *values, size_t count, unsigned percent);

#endif
