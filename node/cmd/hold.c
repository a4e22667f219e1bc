#include "node/cmd/operate.h"
#include "node/cmd/subcommand.h"
#include "node/cmd/terminal.h"

/* One service or --all, not both and not neither. */
static enum exit_code check_words(const struct arguments *arguments, const char *verb)
{
    bool all = arguments_have(arguments, OPTION_ALL);
    if (all == (arguments->word_count == 0))
        return EXIT_OK;
    terminal_error("%s: name one SERVICE, or --all", verb);
    return EXIT_USAGE;
}

static enum exit_code hold(const struct arguments *arguments)
{
    enum exit_code code = check_words(arguments, "hold");
    if (code != EXIT_OK)
        return code;
    if (!arguments_have(arguments, OPTION_FOR) || !arguments_have(arguments, OPTION_REASON)) {
        terminal_error("hold: --for DURATION (at most 7d, or indefinite) and --reason TEXT are "
                       "both needed");
        return EXIT_USAGE;
    }
    return operate_run(arguments, "hold", "on hold; no automatic move is made");
}

static enum exit_code release(const struct arguments *arguments)
{
    enum exit_code code = check_words(arguments, "release");
    return code != EXIT_OK ? code : operate_run(arguments, "release", "released");
}

const struct subcommand command_hold = {
    .name = "hold",
    .arguments = "SERVICE|--all --for DURATION|indefinite --reason TEXT",
    .summary = "Blocks automatic moves of a service, or of all, and aborts open ones before their "
               "switch",
    .help = "  quorate hold support-line --for 2h --reason \"release of bot 4.2\"\n"
            "  quorate hold --all --for 2h --reason \"the network is being worked on\"\n",
    .options = OPTIONS_OPERATE | OPTION_BIT(OPTION_FOR) | OPTION_BIT(OPTION_ALL),
    .words_max = 1,
    .run = hold,
};

const struct subcommand command_release = {
    .name = "release",
    .arguments = "SERVICE|--all [--reason TEXT]",
    .summary = "Ends a hold, or a blocked move that a human has seen",
    .help = "  --all ends the hold of all services; those of single ones stay.\n\n"
            "  quorate release support-line --reason \"release is out\"\n"
            "  quorate release --all\n",
    .options = OPTIONS_OPERATE | OPTION_BIT(OPTION_ALL),
    .words_max = 1,
    .run = release,
};
