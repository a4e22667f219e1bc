#include "common/errors.h"
#include "node/cmd/client.h"
#include "node/cmd/subcommand.h"
#include "node/cmd/terminal.h"

static enum exit_code judge(const struct arguments *arguments, const cJSON *page)
{
    if (arguments_have(arguments, OPTION_SELF))
        return member_true(page, "self") ? EXIT_OK : EXIT_NOT_LEADER;
    return member_string(page, "leader")[0] != '\0' ? EXIT_OK : EXIT_NO_QUORUM;
}

static void show(const struct arguments *arguments, const cJSON *page)
{
    const char *leader = member_string(page, "leader");
    if (arguments_have(arguments, OPTION_SELF))
        printf("%s %s\n", member_string(page, "node"),
               member_true(page, "self") ? "leads" : "does not lead");
    else if (leader[0] == '\0')
        terminal_error("%s knows no leader", member_string(page, "node"));
    else
        printf("%s leads in term %.0f: %s\n", leader, member_number(page, "term"),
               member_string(page, "leader_url"));
}

static enum exit_code run(const struct arguments *arguments)
{
    struct client_answer answer = {.status = 0};
    bool shown = false;
    enum exit_code code = client_get(arguments, "/v1/leader", &answer, &shown);
    if (code == EXIT_OK && !shown)
        show(arguments, answer.json);
    if (code == EXIT_OK)
        code = judge(arguments, answer.json);
    client_answer_clear(&answer);
    return code;
}

const struct subcommand command_leader = {
    .name = "leader",
    .arguments = "[--self] [--json] [--node NAME] [--config FILE] [--api URL]",
    .summary = "Says which node leads",
    .help = "  quorate leader\n"
            "  quorate leader --self && echo yes\n",
    .options = OPTIONS_CLIENT | OPTION_BIT(OPTION_SELF),
    .run = run,
};
