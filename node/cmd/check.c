#include "common/errors.h"
#include "node/cmd/check_online.h"
#include "node/cmd/subcommand.h"
#include "node/cmd/terminal.h"
#include "node/io/act/routing.h"

static int check_routes(const struct config *config)
{
    int result = 0;
    for (size_t i = 0; i < config->service_count; i++) {
        struct text why = {.length = 0};
        if (routing_check_service(&config->services[i], &why) == 0)
            continue;
        terminal_error("%s", why.bytes);
        result = ERR_INVALID;
    }
    return result;
}

static enum exit_code check(const struct arguments *arguments)
{
    struct config *config = NULL;
    struct config_problems problems;
    const char *path =
        arguments->word_count == 1 ? arguments->words[0] : arguments_config(arguments);
    if (arguments_have(arguments, OPTION_DEFAULTS)) {
        config_print_defaults(stdout, arguments_have(arguments, OPTION_JSON));
        return EXIT_OK;
    }
    if (arguments_have(arguments, OPTION_ONLINE))
        return check_online(arguments, path);
    if (arguments_have(arguments, OPTION_JSON) || arguments_have(arguments, OPTION_SERVICE)) {
        terminal_error("check: --json goes with --defaults or --online, --service with --online");
        return EXIT_USAGE;
    }
    int result = config_load(path, arguments_value(arguments, OPTION_NODE), &config, &problems);
    if (result != 0) {
        terminal_problems(&problems);
        return exit_code_of_error(result);
    }
    result = check_routes(config);
    if (result == 0) {
        printf("%s: ok\n\n", path);
        config_explain_platforms(config, stdout);
        config_explain_routes(config, stdout);
        config_explain_timing(config, stdout);
    }
    config_free(&config);
    return exit_code_of_error(result);
}

const struct subcommand command_check = {
    .name = "check",
    .arguments = "[FILE] [--node NAME] [--defaults | --online [--service NAME]] [--json]",
    .summary = "Says everything that is wrong with a configuration, or what its timings add up to",
    .help = "Each problem is one line: FILE:LINE: KEY: what is wrong. With --node the node's own\n"
            "overrides and credentials are read, too.\n\n"
            "With --online the platform is asked whether a failover would work: credentials,\n"
            "permissions, routes, both flows, what they share, and every other entrance that\n"
            "points at the primary. Nothing is written there. Exit code 15 says that a check\n"
            "failed; warnings alone are shown and end with 0. The leader repeats it each\n"
            "`preflight.every`.\n\n"
            "  quorate check quorate.yaml\n"
            "  quorate check quorate.yaml --node fra\n"
            "  quorate check --online --node fra --service support-line\n"
            "  quorate check --defaults\n",
    .options = OPTION_BIT(OPTION_CONFIG) | OPTION_BIT(OPTION_NODE) | OPTION_BIT(OPTION_DEFAULTS) |
               OPTION_BIT(OPTION_ONLINE) | OPTION_BIT(OPTION_SERVICE) | OPTION_BIT(OPTION_JSON),
    .words_max = 1,
    .run = check,
};
