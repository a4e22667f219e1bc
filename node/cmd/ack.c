#include "node/cmd/operate.h"
#include "node/cmd/subcommand.h"

static enum exit_code ack(const struct arguments *arguments)
{
    return operate_run(arguments, "ack", "the blocked move is ended");
}

const struct subcommand command_ack = {
    .name = "ack",
    .arguments = "SERVICE [--reason TEXT]",
    .summary = "Ends a blocked move that a human has seen, and leaves a hold in place",
    .help = "  quorate ack support-line --reason \"the client may write the plan again\"\n",
    .options = OPTIONS_OPERATE,
    .words_min = 1,
    .words_max = 1,
    .run = ack,
};
