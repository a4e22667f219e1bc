/* chaos: a TCP proxy that delays, stalls, cuts and refuses. */
#include "common/cleanup.h"
#include "common/errors.h"
#include "tests/lab/base/options.h"
#include "tests/lab/base/stop.h"
#include "tests/lab/base/web_loop.h"
#include "tests/lab/chaos/control.h"
#include "tests/lab/chaos/pair.h"

#include <stdio.h>
#include <stdlib.h>

struct command {
    const char *host;
    struct option_values listen;
    struct option_values to;
    uint16_t control_port;
    int64_t seed;
};

struct chaos {
    uv_loop_t loop;
    uv_poll_t stop;
    struct web *web;
    struct web_loop web_loop;
    struct control control;
    struct pair pairs[OPTION_VALUES_MAX];
};

static bool command_read(struct command *command, int argc, char **argv, int *ret_exit_code)
{
    const struct option table[] = {
        {"listen", OPTION_EACH, true, &command->listen, "P",
         "where to accept; several, each with its --to"},
        {"to", OPTION_EACH, true, &command->to, "HOST:PORT", "where that goes"},
        {"control-port", OPTION_PORT, true, &command->control_port, "C",
         "where POST /set and GET /state are served"},
        {"host", OPTION_TEXT, false, &command->host, "ADDRESS",
         "to listen on, control too; default 127.0.0.1"},
        {"seed", OPTION_COUNT, false, &command->seed, "N", "of loss and jitter; default 1"},
    };
    const struct options options = {
        .program = "chaos",
        .purpose = "a TCP proxy that delays, stalls, cuts and refuses",
        .example = "chaos --listen 18181 --to 127.0.0.1:18081 --control-port 18190\n"
                   "  curl -d '{\"delay_ms\":90,\"loss_percent\":30}' http://127.0.0.1:18190/set",
        .table = table,
        .count = sizeof(table) / sizeof(table[0]),
    };

    return options_read(&options, argc, argv, ret_exit_code);
}

static int port_parse(const char *word, uint16_t *ret_port, struct text *why)
{
    char *end = NULL;
    unsigned long port = strtoul(word, &end, 10);

    if (word[0] < '0' || word[0] > '9' || *end != '\0' || port > UINT16_MAX) {
        text_set(why, "--listen wants a port from 0 to 65535, not \"%s\"", word);
        return ERR_INVALID;
    }
    *ret_port = (uint16_t)port;
    return 0;
}

static int pairs_open(struct chaos *chaos, const struct command *command, struct text *why)
{
    if (command->listen.count != command->to.count) {
        text_set(why, "%zu --listen but %zu --to", command->listen.count, command->to.count);
        return ERR_INVALID;
    }
    for (size_t i = 0; i < command->listen.count; i++) {
        uint16_t port = 0;
        int result = port_parse(command->listen.values[i], &port, why);

        if (result == 0)
            result = pair_init(&chaos->pairs[i], &chaos->loop, command->host, port,
                               command->to.values[i], (uint64_t)command->seed + i, why);
        if (result != 0)
            return result;
    }
    chaos->control = (struct control){.pairs = chaos->pairs, .pair_count = command->listen.count};
    return 0;
}

static void on_stop(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    uv_stop(poll->loop);
}

static void ready_print(const struct chaos *chaos)
{
    printf("ready port=%u", (unsigned)chaos->pairs[0].port);
    for (size_t i = 1; i < chaos->control.pair_count; i++)
        printf(",%u", (unsigned)chaos->pairs[i].port);
    printf(" control_port=%u\n", (unsigned)web_port(chaos->web));
    (void)fflush(stdout);
}

static int control_open(struct chaos *chaos, const struct command *command, struct text *why)
{
    int result = web_new(command->host, command->control_port, WEB_LOOP, chaos_control_handle,
                         &chaos->control, &chaos->web, why);

    if (result == 0 && web_loop_start(&chaos->web_loop, &chaos->loop, chaos->web) != 0) {
        text_set(why, "port %u: libuv does not poll it", (unsigned)command->control_port);
        web_free(&chaos->web);
        result = ERR_INTERNAL;
    }
    return result;
}

static void loop_empty(struct chaos *chaos)
{
    for (size_t i = 0; i < OPTION_VALUES_MAX; i++)
        pair_close(&chaos->pairs[i]);
    (void)uv_run(&chaos->loop, UV_RUN_DEFAULT);
    (void)uv_loop_close(&chaos->loop);
}

static int serve(struct chaos *chaos, const struct command *command, int stop_fd, struct text *why)
{
    int result;

    if (uv_loop_init(&chaos->loop) != 0)
        return ERR_INTERNAL;
    result = pairs_open(chaos, command, why);
    if (result == 0)
        result = control_open(chaos, command, why);
    if (result == 0) {
        (void)uv_poll_init(&chaos->loop, &chaos->stop, stop_fd);
        (void)uv_poll_start(&chaos->stop, UV_READABLE, on_stop);
        ready_print(chaos);
        (void)uv_run(&chaos->loop, UV_RUN_DEFAULT);
        uv_close((uv_handle_t *)&chaos->stop, NULL);
        web_loop_stop(&chaos->web_loop);
    }
    loop_empty(chaos);
    web_free(&chaos->web);
    return result;
}

int main(int argc, char **argv)
{
    struct command command = {.host = "127.0.0.1", .seed = 1};
    struct text why = {0};
    CLEANUP(cleanup_close) int stop_fd = -1;
    CLEANUP(cleanup_free) struct chaos *chaos = NULL;
    int exit_code = EXIT_SUCCESS;
    int result;

    if (stop_open(&stop_fd) != 0)
        return EXIT_START;
    if (!command_read(&command, argc, argv, &exit_code))
        return exit_code;
    chaos = calloc(1, sizeof(*chaos));
    result = chaos == NULL ? ERR_NO_MEMORY : serve(chaos, &command, stop_fd, &why);
    if (result == 0)
        return EXIT_SUCCESS;
    fprintf(stderr, "chaos: %s\n", why.bytes[0] != '\0' ? why.bytes : error_name(result));
    return result == ERR_INVALID ? EXIT_USAGE : EXIT_START;
}
