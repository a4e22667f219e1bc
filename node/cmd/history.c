#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "node/cmd/client.h"
#include "node/cmd/subcommand.h"
#include "node/cmd/terminal.h"

enum { QUERY_SIZE = 64, STAMP_SIZE = 32 };

static void print_event(const cJSON *event)
{
    char stamp[STAMP_SIZE] = "-";
    time_t seconds = (time_t)(member_number(event, "wall_ms") / 1000);
    struct tm local;
    char *data = cJSON_PrintUnformatted(cJSON_GetObjectItemCaseSensitive(event, "data"));
    if (localtime_r(&seconds, &local) != NULL)
        (void)strftime(stamp, sizeof stamp, "%Y-%m-%d %H:%M:%S", &local);
    printf("%6.0f  %s  %-12s  %-12s  %s\n", member_number(event, "id"), stamp,
           member_string(event, "kind"), member_string(event, "service"), data != NULL ? data : "");
    free(data);
}

static enum exit_code run(const struct arguments *arguments)
{
    struct client_answer answer = {.status = 0};
    const char *after = arguments_value(arguments, OPTION_AFTER);
    const cJSON *event = NULL;
    char path[QUERY_SIZE] = "/v1/history";
    bool shown = false;
    if (after != NULL && strspn(after, "0123456789") != strnlen(after, QUERY_SIZE / 2)) {
        terminal_error("--after %s: an event's id, a whole number, is wanted", after);
        return EXIT_USAGE;
    }
    if (after != NULL)
        (void)snprintf(path, sizeof path, "/v1/history?after=%s&limit=1000", after);
    enum exit_code code = client_get(arguments, path, &answer, &shown);
    if (!shown)
        cJSON_ArrayForEach(event, cJSON_GetObjectItemCaseSensitive(answer.json, "events"))
            print_event(event);
    client_answer_clear(&answer);
    return code;
}

const struct subcommand command_history = {
    .name = "history",
    .arguments = "[--after ID] [--json] [--node NAME] [--config FILE] [--api URL]",
    .summary = "Lists what a node did and saw: leaderships, moves, routing requests, notices",
    .help =
        "Each node keeps a history of its own. Without --after the newest 50 events are shown,\n"
        "with it up to 1000 that came later; the newest stand last.\n\n"
        "  quorate history\n"
        "  quorate history --after 4711 --json | jq '.events[] | select(.kind == \"move\")'\n",
    .options = OPTIONS_CLIENT | OPTION_BIT(OPTION_AFTER),
    .run = run,
};
