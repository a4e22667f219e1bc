#include "node/cmd/operate.h"
#include "node/cmd/subcommand.h"

static enum exit_code arm(const struct arguments *arguments)
{
    return operate_run(arguments, "arm", "mode act; convictions move the route");
}

static enum exit_code disarm(const struct arguments *arguments)
{
    return operate_run(arguments, "disarm", "mode observe; verdicts only");
}

const struct subcommand command_arm = {
    .name = "arm",
    .arguments = "SERVICE [--reason TEXT]",
    .summary = "Lets convictions move a service (mode act)",
    .help = "  quorate arm support-line --reason \"a month of verdicts was right\"\n",
    .options = OPTIONS_OPERATE,
    .words_min = 1,
    .words_max = 1,
    .run = arm,
};

const struct subcommand command_disarm = {
    .name = "disarm",
    .arguments = "SERVICE [--reason TEXT]",
    .summary = "Keeps to verdicts only (mode observe)",
    .help = "  quorate disarm support-line --reason \"the probes are being changed\"\n",
    .options = OPTIONS_OPERATE,
    .words_min = 1,
    .words_max = 1,
    .run = disarm,
};
