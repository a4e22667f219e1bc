/* The command line: options with values, flags and plain words, by one table of all options.
 * Never acts on them.
 * Called by dispatch.c; read by the commands. */
#ifndef QUORATE_CMD_ARGUMENTS_H
#define QUORATE_CMD_ARGUMENTS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "common/text.h"

enum { WORD_COUNT_MAX = 4 };

enum option {
    OPTION_CONFIG,
    OPTION_NODE,
    OPTION_API,
    OPTION_TOKEN_FILE,
    OPTION_CA_FILE,
    OPTION_JSON,
    OPTION_REASON,
    OPTION_ACTOR,
    OPTION_FORCE,
    OPTION_EXPECT,
    OPTION_FOR,
    OPTION_ALL,
    OPTION_WAIT,
    OPTION_SELF,
    OPTION_DEFAULTS,
    OPTION_ONLINE,
    OPTION_SERVICE,
    OPTION_OUT,
    OPTION_SHOW,
    OPTION_AFTER,
    OPTION_SEAL,
    OPTION_DOT,
    OPTION_BREAK_GLASS,
    OPTION_LOG_LEVEL,
    OPTION_HELP,
    OPTION_N
};

#define OPTION_BIT(option) (UINT32_C(1) << (option))
/* What every command that asks a node takes. */
#define OPTIONS_CLIENT                                                              \
    (OPTION_BIT(OPTION_CONFIG) | OPTION_BIT(OPTION_NODE) | OPTION_BIT(OPTION_API) | \
     OPTION_BIT(OPTION_TOKEN_FILE) | OPTION_BIT(OPTION_CA_FILE) | OPTION_BIT(OPTION_JSON))

struct arguments {
    const char *values[OPTION_N]; /* NULL: absent; "" for a flag that was given */
    const char *words[WORD_COUNT_MAX];
    size_t word_count;
};

/* Reads `argv`; only options of `allowed` and --help are accepted: "--name VALUE", "--name=VALUE",
 * "--flag"; "--" ends them. Points into argv. Returns 0, or ERR_INVALID with `why` naming the word
 * and the nearest one. */
int arguments_parse(int argc, char *const *argv, uint32_t allowed, struct arguments *ret_arguments,
                    struct text *why);

bool arguments_have(const struct arguments *arguments, enum option option);
/* The option's value or, where it is absent, NULL. */
const char *arguments_value(const struct arguments *arguments, enum option option);
/* --config, or $QUORATE_CONFIG, or /etc/quorate/quorate.yaml. */
const char *arguments_config(const struct arguments *arguments);
/* --node, or $QUORATE_NODE, or NULL. */
const char *arguments_node(const struct arguments *arguments);

/* One line for each option of the mask. */
void arguments_print_options(uint32_t mask, FILE *out);

#endif
