#include "common/log.h"
#include "node/cmd/subcommand.h"
#include "node/cmd/terminal.h"
#include "node/io/loop/node.h"

static enum exit_code run_node(const struct config *config, const char *name)
{
    struct text why = {.length = 0};
    size_t place = 0;
    int result = config_find_node(config, name, &place);
    if (result != 0) {
        terminal_error("no node is called %s in the configuration", name);
        return EXIT_NOT_FOUND;
    }
    log_open(LOG_INFO, name);
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
    if (name == NULL) {
        terminal_error("run: --node NAME says which of the configuration's nodes this is");
        return EXIT_USAGE;
    }
    int result = config_load(arguments_config(arguments), name, &config, &problems);
    if (result != 0) {
        terminal_problems(&problems);
        return exit_code_of_error(result);
    }
    enum exit_code code = run_node(config, name);
    config_free(&config);
    return code;
}

const struct subcommand command_run = {
    .name = "run",
    .arguments = "--node NAME [--config FILE]",
    .summary = "Runs a node until SIGTERM or SIGINT",
    .help = "Logs to standard error, one line an event. A node on an empty folder waits for\n"
            "`quorate init`. Stopping a leader hands its leadership over first.\n\n"
            "  quorate run --node fra --config /etc/quorate/quorate.yaml\n",
    .options = OPTION_BIT(OPTION_CONFIG) | OPTION_BIT(OPTION_NODE),
    .run = run,
};
