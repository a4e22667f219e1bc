#include "common/check.h"
#include "node/cmd/subcommand.h"

static const struct subcommand *const commands[] = {
    &command_run,     &command_init,     &command_status,   &command_leader, &command_explain,
    &command_history, &command_failover, &command_failback, &command_hold,   &command_release,
    &command_arm,     &command_disarm,   &command_ack,      &command_route,  &command_check,
    &command_keygen,  &command_graph,
};

int main(int argc, char **argv)
{
    return subcommand_dispatch(commands, ARRAY_COUNT(commands), argc, argv);
}
