#include "common/errors.h"
#include "node/cmd/client.h"
#include "node/cmd/operate.h"
#include "node/cmd/subcommand.h"
#include "node/cmd/terminal.h"
#include "proto/types.h"

static void print_votes(const cJSON *page)
{
    struct table table = {.row_count = 0};
    const cJSON *vote = NULL;
    table_row(&table);
    table_cell(&table, "NODE");
    table_cell(&table, "ZONE");
    table_cell(&table, "PRIMARY");
    table_cell(&table, "STANDBY");
    table_cell(&table, "HEARD");
    cJSON_ArrayForEach(vote, cJSON_GetObjectItemCaseSensitive(page, "votes"))
    {
        char ago[AGO_SIZE];
        const cJSON *ago_ms = cJSON_GetObjectItemCaseSensitive(vote, "ago_ms");
        if (!member_true(vote, "heard"))
            continue;
        table_row(&table);
        table_cell(&table, "%s", member_string(vote, "node"));
        table_cell(&table, "%s", member_string(vote, "zone"));
        for (int side = 0; side < SIDE_N; side++)
            table_cell(
                &table, "%s",
                member_string(cJSON_GetObjectItemCaseSensitive(vote, side_name((enum side)side)),
                              "value"));
        table_cell(&table, "%s",
                   terminal_ago(cJSON_IsNumber(ago_ms) ? (time_ms)ago_ms->valuedouble : -1, ago));
    }
    table_print(&table);
}

static void print_page(const cJSON *page)
{
    const cJSON *rolling = cJSON_GetObjectItemCaseSensitive(page, "rolling");
    const cJSON *sentence = NULL;
    printf("%s: %s   primary [%s]   standby [%s]\n", member_string(page, "service"),
           member_string(page, "condition"), member_string(rolling, "primary"),
           member_string(rolling, "standby"));
    cJSON_ArrayForEach(sentence, cJSON_GetObjectItemCaseSensitive(page, "sentences"))
        printf("  - %s\n", cJSON_IsString(sentence) ? sentence->valuestring : "");
    print_votes(page);
}

static enum exit_code explain_one(const struct arguments *arguments, const char *service)
{
    char path[OPERATE_PATH_SIZE];
    struct client_answer answer = {.status = 0};
    bool shown = false;
    enum exit_code code = operate_path(service, "explain", path);
    if (code == EXIT_OK)
        code = client_get(arguments, path, &answer, &shown);
    if (code == EXIT_OK && !shown)
        print_page(answer.json);
    client_answer_clear(&answer);
    return code;
}

static enum exit_code explain_all(const struct arguments *arguments)
{
    struct client_answer answer = {.status = 0};
    struct arguments plain = *arguments;
    bool shown = false;
    plain.values[OPTION_JSON] = NULL;
    enum exit_code code = client_get(&plain, "/v1/services", &answer, &shown);
    const cJSON *service = NULL;
    cJSON_ArrayForEach(service, cJSON_GetObjectItemCaseSensitive(answer.json, "services"))
    {
        if (code == EXIT_OK)
            code = explain_one(arguments, member_string(service, "name"));
    }
    client_answer_clear(&answer);
    return code;
}

static enum exit_code run(const struct arguments *arguments)
{
    return arguments->word_count == 0 ? explain_all(arguments)
                                      : explain_one(arguments, arguments->words[0]);
}

const struct subcommand command_explain = {
    .name = "explain",
    .arguments = "[SERVICE] [--json] [--node NAME] [--config FILE] [--api URL]",
    .summary = "Says why a service moved, moves or does not move, and when it could",
    .help = "The leader knows all votes; another node knows its own, and says whom to ask.\n\n"
            "  quorate explain support-line\n"
            "  quorate explain support-line --json | jq -r '.sentences[]'\n",
    .options = OPTIONS_CLIENT,
    .words_max = 1,
    .run = run,
};
