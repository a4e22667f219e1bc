#include "common/errors.h"
#include "node/cmd/client.h"
#include "node/cmd/subcommand.h"
#include "node/cmd/terminal.h"

static enum exit_code run(const struct arguments *arguments)
{
    struct client *client = NULL;
    struct client_answer answer = {.status = 0};
    struct text why = {.length = 0};
    enum exit_code code = client_open(arguments, true, &client);
    if (code != EXIT_OK)
        return code;
    cJSON *body = cJSON_CreateObject();
    int result = client_request(client, "/v1/init", body, &answer, &why);
    cJSON_Delete(body);
    client_close(&client);
    if (result != 0) {
        terminal_error("%s", why.bytes);
        return exit_code_of_error(result);
    }
    code = client_report(arguments, &answer);
    if (code == EXIT_OK && !arguments_have(arguments, OPTION_JSON))
        printf("the cluster is initialised: %s\n", member_string(answer.json, "answers"));
    client_answer_clear(&answer);
    return code;
}

const struct subcommand command_init = {
    .name = "init",
    .arguments = "[--node NAME] [--config FILE] [--api URL]",
    .summary = "Starts a new cluster, once, when all of its nodes run on empty folders",
    .help =
        "Every voter must answer that its folder is empty; then a random cluster id is given to\n"
        "all of them. Prints who answered what.\n\n"
        "  quorate init --node fra\n",
    .options = OPTIONS_CLIENT | OPTION_BIT(OPTION_ACTOR),
    .run = run,
};
