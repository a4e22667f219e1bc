#include "node/cmd/operate.h"
#include "node/cmd/subcommand.h"
#include "node/cmd/terminal.h"

static enum exit_code hold(const struct arguments *arguments)
{
    if (!arguments_have(arguments, OPTION_FOR) || !arguments_have(arguments, OPTION_REASON)) {
        terminal_error("hold: --for DURATION (at most 7d, or indefinite) and --reason TEXT are "
                       "both needed");
        return EXIT_USAGE;
    }
    return operate_run(arguments, "hold", "on hold; no automatic move is made");
}

static enum exit_code release(const struct arguments *arguments)
{
    return operate_run(arguments, "release", "released");
}

const struct subcommand command_hold = {
    .name = "hold",
    .arguments = "SERVICE --for DURATION|indefinite --reason TEXT",
    .summary = "Blocks automatic moves of a service, and aborts an open one before its switch",
    .help = "  quorate hold support-line --for 2h --reason \"release of bot 4.2\"\n",
    .options = OPTIONS_OPERATE | OPTION_BIT(OPTION_FOR),
    .words_min = 1,
    .words_max = 1,
    .run = hold,
};

const struct subcommand command_release = {
    .name = "release",
    .arguments = "SERVICE [--reason TEXT]",
    .summary = "Ends a hold, or a blocked move that a human has seen",
    .help = "  quorate release support-line --reason \"release is out\"\n",
    .options = OPTIONS_OPERATE,
    .words_min = 1,
    .words_max = 1,
    .run = release,
};
