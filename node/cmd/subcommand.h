/* A subcommand: its name, what it takes, its help, and its function; and the way from argv to it.
 * Never more than one function for a command line.
 * Called by main.c, which holds the table. */
#ifndef QUORATE_CMD_SUBCOMMAND_H
#define QUORATE_CMD_SUBCOMMAND_H

#include "node/cmd/arguments.h"
#include "node/cmd/exit_codes.h"

struct subcommand {
    const char *name;
    const char *arguments; /* "SERVICE [SIDE]" */
    const char *summary;   /* one line */
    const char *help;      /* more, with examples; ends in a newline */
    uint32_t options;      /* OPTION_BIT of each */
    size_t words_min;
    size_t words_max;
    enum exit_code (*run)(const struct arguments *arguments);
};

extern const struct subcommand command_run;
extern const struct subcommand command_init;
extern const struct subcommand command_status;
extern const struct subcommand command_leader;
extern const struct subcommand command_explain;
extern const struct subcommand command_history;
extern const struct subcommand command_failover;
extern const struct subcommand command_failback;
extern const struct subcommand command_hold;
extern const struct subcommand command_release;
extern const struct subcommand command_arm;
extern const struct subcommand command_disarm;
extern const struct subcommand command_ack;
extern const struct subcommand command_route;
extern const struct subcommand command_check;
extern const struct subcommand command_keygen;
extern const struct subcommand command_graph;

/* Runs the command that argv names; "help", "--help", "--version" and what is unknown are answered
 * here. Returns the process's exit code. */
int subcommand_dispatch(const struct subcommand *const *table, size_t count, int argc,
                        char *const *argv);

#endif
