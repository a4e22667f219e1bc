#include <string.h>

#include "common/errors.h"
#include "common/log.h"
#include "node/cmd/subcommand.h"
#include "node/cmd/terminal.h"
#include "node/io/loop/node.h"

/* Returns 0, or ERR_INVALID with a complaint printed. */
static int find_level(const struct arguments *arguments, enum log_level *ret_level)
{
    static const char *const words[LOG_LEVEL_N] = {
        [LOG_DEBUG] = "debug", [LOG_INFO] = "info", [LOG_WARN] = "warn", [LOG_ERROR] = "error"};
    const char *word = arguments_value(arguments, OPTION_LOG_LEVEL);
    *ret_level = LOG_INFO;
    if (word == NULL)
        return 0;
    for (int level = 0; level < LOG_LEVEL_N; level++) {
        if (strcmp(words[level], word) == 0) {
            *ret_level = (enum log_level)level;
            return 0;
        }
    }
    const char *near = text_nearest(word, words, LOG_LEVEL_N);
    terminal_error("--log-level: %.20s is none of debug, info, warn, error%s%s%s", word,
                   near != NULL ? " (did you mean " : "", near != NULL ? near : "",
                   near != NULL ? "?)" : "");
    return ERR_INVALID;
}

static enum exit_code run_node(const struct config *config, const char *name, enum log_level level)
{
    struct text why = {.length = 0};
    size_t place = 0;
    int result = config_find_node(config, name, &place);
    if (result != 0) {
        terminal_error("no node is called %s in the configuration", name);
        return EXIT_NOT_FOUND;
    }
    log_open(level, name);
    result = node_run(config, (node_id)(place + 1), &why);
    if (result != 0)
        terminal_error("node %s: %s", name, why.bytes);
    return exit_code_of_error(result);
}

static enum exit_code run(const struct arguments *arguments)
{
    const char *name = arguments_node(arguments);
    struct config *config = NULL;
    struct config_problems problems;
    enum log_level level;
    if (find_level(arguments, &level) != 0)
        return EXIT_USAGE;
    if (name == NULL) {
        terminal_error("run: --node NAME says which of the configuration's nodes this is");
        return EXIT_USAGE;
    }
    int result = config_load(arguments_config(arguments), name, &config, &problems);
    if (result != 0) {
        terminal_problems(&problems);
        return exit_code_of_error(result);
    }
    enum exit_code code = run_node(config, name, level);
    config_free(&config);
    return code;
}

const struct subcommand command_run = {
    .name = "run",
    .arguments = "--node NAME [--config FILE] [--log-level LEVEL]",
    .summary = "Runs a node until SIGTERM or SIGINT",
    .help = "Logs to standard error, one line an event. A node on an empty folder waits for\n"
            "`quorate init`. Stopping a leader hands its leadership over first.\n\n"
            "  quorate run --node fra --config /etc/quorate/quorate.yaml\n",
    .options = OPTION_BIT(OPTION_CONFIG) | OPTION_BIT(OPTION_NODE) | OPTION_BIT(OPTION_LOG_LEVEL),
    .run = run,
};
