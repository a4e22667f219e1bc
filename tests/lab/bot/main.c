/* bot: a bot's canary that falls ill on command. */
#include "common/cleanup.h"
#include "common/errors.h"
#include "tests/lab/base/options.h"
#include "tests/lab/base/stop.h"
#include "tests/lab/base/web.h"
#include "tests/lab/bot/bot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct command {
    const char *host;
    const char *name;
    uint16_t port;
    uint16_t control_port;
};

static bool command_read(struct command *command, int argc, char **argv, int *ret_exit_code)
{
    const struct option table[] = {
        {"port", OPTION_PORT, true, &command->port, "P", "where the canary answers; 0 takes any"},
        {"control-port", OPTION_PORT, true, &command->control_port, "C",
         "where POST /mode and GET /state are served"},
        {"host", OPTION_TEXT, false, &command->host, "ADDRESS", "of both; default 127.0.0.1"},
        {"name", OPTION_TEXT, false, &command->name, "NAME", "in its answers; default primary"},
    };
    const struct options options = {
        .program = "bot",
        .purpose = "a bot's canary and its connector's webhook, which fall ill on command",
        .example = "bot --port 18081 --control-port 18091 --name primary\n"
                   "  curl -d '{\"mode\":\"slow\",\"ms\":400}' http://127.0.0.1:18091/mode",
        .table = table,
        .count = sizeof(table) / sizeof(table[0]),
    };

    return options_read(&options, argc, argv, ret_exit_code);
}

static void mode_post(struct bot *bot, const struct web_request *request, struct web_answer *answer)
{
    struct text why = {0};
    int result = bot_set_mode(bot, request->body, request->body_length, &why);

    if (result == 0)
        web_answer_json(answer, 200, bot_describe(bot));
    else
        web_answer_refusal(answer, result == ERR_BUSY ? 503 : 400, "%s", why.bytes);
}

static void control_handle(const struct web_request *request, struct web_answer *answer, void *data)
{
    if (strcmp(request->path, "/mode") == 0 && strcmp(request->method, "POST") == 0)
        mode_post(data, request, answer);
    else if (strcmp(request->path, "/state") == 0 && strcmp(request->method, "GET") == 0)
        web_answer_json(answer, 200, bot_describe(data));
    else
        web_answer_refusal(answer, 404, "there is no %s %s; POST /mode or GET /state",
                           request->method, request->path);
}

static int serve(const struct command *command, int stop_fd, struct bot *bot, struct text *why)
{
    struct web *control = NULL;
    int result = web_new(command->host, command->control_port, WEB_THREADS, control_handle, bot,
                         &control, why);

    if (result != 0)
        return result;
    printf("ready port=%u control_port=%u\n", (unsigned)bot->port, (unsigned)web_port(control));
    (void)fflush(stdout);
    (void)stop_wait(stop_fd, -1);
    web_free(&control);
    return 0;
}

int main(int argc, char **argv)
{
    struct command command = {.host = "127.0.0.1", .name = "primary"};
    struct text why = {0};
    CLEANUP(cleanup_close) int stop_fd = -1;
    struct bot bot;
    int exit_code = EXIT_SUCCESS;
    int result;

    if (stop_open(&stop_fd) != 0)
        return EXIT_START;
    if (!command_read(&command, argc, argv, &exit_code))
        return exit_code;
    result = bot_init(&bot, command.name, command.host, command.port, &why);
    if (result == 0)
        result = serve(&command, stop_fd, &bot, &why);
    bot_fini(&bot);
    if (result == 0)
        return EXIT_SUCCESS;
    fprintf(stderr, "bot: %s\n", why.bytes);
    return EXIT_START;
}
