/* genesys-sim: the API of a small Genesys Cloud organisation, with tokens, a journal and faults. */
#include "common/cleanup.h"
#include "tests/lab/base/options.h"
#include "tests/lab/base/stop.h"
#include "tests/lab/base/web.h"
#include "tests/lab/sim/api.h"
#include "tests/lab/sim/control.h"
#include "tests/lab/sim/platform.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    RATE_PER_MINUTE = 3000,
    TOKEN_LIFE_MS = 7200 * 1000,
    DEPLOY_DELAY_MS = 1000,
    ATTRIBUTES_DELAY_MS = 200
};

struct command {
    const char *host;
    uint16_t port;
    const char *journal_path;
    time_ms token_life_ms;
    time_ms propagation_ms;
    time_ms read_lag_ms;
    time_ms deploy_delay_ms;
    time_ms attributes_delay_ms;
    int64_t edge_count;
    int64_t put_rate;
    int64_t put_parallel;
    time_ms put_takes_ms;
    bool versioned;
    int64_t rate_per_minute;
    struct option_values clients;
    struct option_values refreshes;
    time_ms refresh_grace_ms;
};

static bool command_read(struct command *command, int argc, char **argv, int *ret_exit_code)
{
    const struct option table[] = {
        {"port", OPTION_PORT, true, &command->port, "P", "where to listen; 0 takes any"},
        {"host", OPTION_TEXT, false, &command->host, "ADDRESS", "default 127.0.0.1"},
        {"journal", OPTION_TEXT, true, &command->journal_path, "FILE",
         "appends each request as a line of JSON"},
        {"token-life", OPTION_DURATION, false, &command->token_life_ms, "TIME", "default 7200s"},
        {"versioned", OPTION_YES_NO, false, &command->versioned, "yes|no",
         "whether plans carry a version; default yes"},
        {"propagation", OPTION_DURATION, false, &command->propagation_ms, "TIME",
         "how long reads still show the old plan, and until the last edge has a change; default "
         "0ms"},
        {"edges", OPTION_COUNT, false, &command->edge_count, "N",
         "edges that a change reaches one after the other; default 1"},
        {"read-lag", OPTION_DURATION, false, &command->read_lag_ms, "TIME",
         "how long reads of other resources than plans show the old one; default 0ms"},
        {"deploy", OPTION_DURATION, false, &command->deploy_delay_ms, "TIME",
         "how long web deployments and email routes stay Pending after a change; default 1s"},
        {"attributes", OPTION_DURATION, false, &command->attributes_delay_ms, "TIME",
         "how long until the attributes of a participant show; default 200ms"},
        {"client", OPTION_EACH, false, &command->clients, "ID:SECRET",
         "one more OAuth client beside demo-client:demo-secret"},
        {"refresh", OPTION_EACH, false, &command->refreshes, "TOKEN",
         "a refresh token to begin with; each exchange rotates it"},
        {"refresh-grace", OPTION_DURATION, false, &command->refresh_grace_ms, "TIME",
         "how long a rotated refresh token still counts; default 0ms"},
        {"rate", OPTION_COUNT, false, &command->rate_per_minute, "N",
         "requests a minute and token before 429; default 3000"},
        {"put-rate", OPTION_COUNT, false, &command->put_rate, "N",
         "PUTs and PATCHes a minute and token to one kind of resource before 429; default 0, any "
         "number"},
        {"put-parallel", OPTION_COUNT, false, &command->put_parallel, "N",
         "PUTs and PATCHes of a token that may run at a time before 429; default 0, any number"},
        {"put-takes", OPTION_DURATION, false, &command->put_takes_ms, "TIME",
         "how long each PUT and PATCH runs before its effect; default 0ms"},
    };
    const struct options options = {
        .program = "genesys-sim",
        .purpose =
            "the API of a simulated Genesys Cloud organisation, with tokens, a journal and faults",
        .example = "genesys-sim --port 18080 --journal /tmp/journal.jsonl --token-life 60s",
        .table = table,
        .count = sizeof(table) / sizeof(table[0]),
    };

    return options_read(&options, argc, argv, ret_exit_code);
}

static void request_handle(const struct web_request *request, struct web_answer *answer, void *data)
{
    if (strncmp(request->path, SIM_CONTROL_PATH, strlen(SIM_CONTROL_PATH)) == 0)
        sim_control_handle(request, answer, data);
    else
        api_handle(request, answer, data);
}

static int serve(const struct command *command, int stop_fd, struct text *why)
{
    struct platform_options options = {
        .journal_path = command->journal_path,
        .token_life_ms = command->token_life_ms,
        .propagation_ms = command->propagation_ms,
        .read_lag_ms = command->read_lag_ms,
        .deploy_delay_ms = command->deploy_delay_ms,
        .attributes_delay_ms = command->attributes_delay_ms,
        .put_rate = (int)command->put_rate,
        .put_parallel = (int)command->put_parallel,
        .put_takes_ms = command->put_takes_ms,
        .edge_count = command->edge_count > 0 ? (int)command->edge_count : 1,
        .versioned = command->versioned,
        .rate_per_minute = (int)command->rate_per_minute,
        .clients = command->clients.values,
        .client_count = command->clients.count,
        .refreshes = command->refreshes.values,
        .refresh_count = command->refreshes.count,
        .refresh_grace_ms = command->refresh_grace_ms,
    };
    struct platform *platform = NULL;
    struct web *web = NULL;
    int result = platform_new(&options, &platform, why);

    if (result != 0)
        return result;
    result =
        web_new(command->host, command->port, WEB_THREADS, request_handle, platform, &web, why);
    if (result == 0) {
        printf("ready port=%u\n", (unsigned)web_port(web));
        (void)fflush(stdout);
        (void)stop_wait(stop_fd, -1);
    }
    web_free(&web);
    platform_free(&platform);
    return result;
}

int main(int argc, char **argv)
{
    struct command command = {
        .host = "127.0.0.1",
        .token_life_ms = TOKEN_LIFE_MS,
        .versioned = true,
        .rate_per_minute = RATE_PER_MINUTE,
        .deploy_delay_ms = DEPLOY_DELAY_MS,
        .attributes_delay_ms = ATTRIBUTES_DELAY_MS,
        .edge_count = 1,
    };
    struct text why = {0};
    CLEANUP(cleanup_close) int stop_fd = -1;
    int exit_code = EXIT_SUCCESS;

    if (stop_open(&stop_fd) != 0)
        return EXIT_START;
    if (!command_read(&command, argc, argv, &exit_code))
        return exit_code;
    if (serve(&command, stop_fd, &why) == 0)
        return EXIT_SUCCESS;
    fprintf(stderr, "genesys-sim: %s\n", why.bytes);
    return EXIT_START;
}
