/* Collects what is wrong with a configuration: one printable line each, in the file's order, each
 * once. Never decides what is wrong. Called by every part of the loader. */
#ifndef QUORATE_IO_CONFIG_PROBLEMS_H
#define QUORATE_IO_CONFIG_PROBLEMS_H

#include "node/io/config/config.h"

struct problem_list {
    struct config_problems *lines; /* the caller's */
    const char *file;
    int places[PROBLEM_COUNT_MAX]; /* line number of each kept line */
};

/* Clears `lines`; both pointers must outlive the list. */
void problems_open(struct problem_list *list, struct config_problems *lines, const char *file);

/* Adds "FILE:LINE: KEY: message". Line 0 and key "" are left out. A line that stands already is not
 * repeated; over PROBLEM_COUNT_MAX lines are only counted. Control characters of the file's own
 * text become '?'. */
void problems_add(struct problem_list *list, int line, const char *key, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Puts the kept lines into the file's order. */
void problems_sort(struct problem_list *list);

#endif
