/* The command line of a lab program: a table of `--name VALUE`, its checks and its help.
 * Never knows a program; never keeps anything.
 * Called once by each main. */
#ifndef QUORATE_LAB_OPTIONS_H
#define QUORATE_LAB_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

enum { EXIT_USAGE = 1, EXIT_START = 2 };
enum { OPTION_VALUES_MAX = 16 };

/* What `target` points at. Texts point into argv. */
enum option_kind {
    OPTION_PORT,     /* uint16_t */
    OPTION_COUNT,    /* int64_t, zero or more */
    OPTION_DURATION, /* time_ms, with its unit */
    OPTION_YES_NO,   /* bool */
    OPTION_TEXT,     /* const char * */
    OPTION_EACH,     /* struct option_values: may be given several times */
    OPTION_KIND_N
};

struct option_values {
    const char *values[OPTION_VALUES_MAX];
    size_t count;
};

struct option {
    const char *name; /* without the dashes */
    enum option_kind kind;
    bool required;
    void *target; /* holds the default */
    const char *value_word;
    const char *help;
};

struct options {
    const char *program;
    const char *purpose;
    const char *example;
    const struct option *table;
    size_t count;
};

/* True where the program shall go on. Else *ret_exit_code is set: 0 after `--help`, EXIT_USAGE
 * after a message on standard error that names the option. */
bool options_read(const struct options *options, int argc, char **argv, int *ret_exit_code);

#endif
