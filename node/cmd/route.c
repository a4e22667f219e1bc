#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/errors.h"
#include "node/cmd/route_curl.h"
#include "node/cmd/route_job.h"
#include "node/cmd/subcommand.h"
#include "node/cmd/terminal.h"
#include "proto/operation.h"

#define AUDIT_FILE "break-glass.log"

enum { AUDIT_LINE_SIZE = 1024, CONFLICTS_MAX = 3 };

struct route_command {
    const struct arguments *arguments;
    struct config *config;
    size_t place; /* of the service */
    enum side to; /* SIDE_N where none is named */
};

/* One line to standard error and to DATA/break-glass.log. The glass is broken when disks are full,
 * too: a line that the file does not take is said to be lost there, and the command goes on. */
static void audit(const struct route_command *command, const char *what)
{
    char path[PATH_SIZE + sizeof AUDIT_FILE];
    char line[AUDIT_LINE_SIZE];
    char now[32];
    time_t seconds = time(NULL);
    struct tm utc = {0};
    const char *user = getenv("USER");
    const char *reason = arguments_value(command->arguments, OPTION_REASON);
    gmtime_r(&seconds, &utc);
    strftime(now, sizeof now, "%Y-%m-%dT%H:%M:%SZ", &utc);
    int length = snprintf(line, sizeof line,
                          "%s break-glass uid=%ld user=%.32s service=%s side=%s reason=\"%s\" %s\n",
                          now, (long)getuid(), user != NULL ? user : "?",
                          command->config->services[command->place].name.text,
                          side_name(command->to), reason, what);
    if (length >= (int)sizeof line)
        line[sizeof line - 2] = '\n';
    fputs(line, stderr);
    snprintf(path, sizeof path, "%s/" AUDIT_FILE, command->config->local.data);
    CLEANUP(cleanup_close)
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    size_t bytes = strlen(line);
    const char *why = fd < 0 ? strerror(errno) : "the disk did not take it";
    if (fd < 0 || write(fd, line, bytes) != (ssize_t)bytes || fdatasync(fd) != 0)
        terminal_error("%s: not kept there (%s); keep the line above yourself", path, why);
}

static enum exit_code code_of(enum route_result result)
{
    switch (result) {
    case ROUTE_RESULT_OK:
        return EXIT_OK;
    case ROUTE_RESULT_NOT_SENT:
    case ROUTE_RESULT_CANCELED:
        return EXIT_UNREACHABLE;
    case ROUTE_RESULT_UNKNOWN:
        return EXIT_UNKNOWN;
    case ROUTE_RESULT_UNAUTHORIZED:
    case ROUTE_RESULT_FORBIDDEN:
        return EXIT_AUTH;
    case ROUTE_RESULT_NOT_FOUND:
        return EXIT_NOT_FOUND;
    case ROUTE_RESULT_CONFLICT:
    case ROUTE_RESULT_REJECTED:
    case ROUTE_RESULT_RATE_LIMITED:
        return EXIT_REFUSED;
    case ROUTE_RESULT_SERVER_ERROR:
        return EXIT_FAILED;
    case ROUTE_RESULT_N:
        break;
    }
    return EXIT_FAILED;
}

static void print_view(const struct service_config *service, const struct route_view *view)
{
    const char *words = view->state == ROUTE_MIXED ? "routes that differ" : "one unit";
    if (view->parts.count == 0) {
        printf("%s: the route shows %s, version %llu\n", service->name.text,
               route_state_name(view->state), (unsigned long long)view->version);
        return;
    }
    printf("%s: %s\n", service->name.text, words);
    for (uint8_t i = 0; i < view->parts.count; i++)
        printf("  %s shows %s, version %llu\n", service->routes[i].name.text,
               route_state_name(view->parts.part[i].state),
               (unsigned long long)view->parts.part[i].version);
}

static enum exit_code read_route(const struct route_command *command, struct route_desk *desk,
                                 struct actuator_result *ret_result)
{
    const struct service_config *service = &command->config->services[command->place];
    route_desk_read(desk, command->place, ret_result);
    if (ret_result->result != ROUTE_RESULT_OK) {
        terminal_error("%s: the route cannot be read (%s): %s", service->name.text,
                       route_result_name(ret_result->result), ret_result->why.bytes);
        return code_of(ret_result->result);
    }
    print_view(service, &ret_result->view);
    return EXIT_OK;
}

/* A conflict means that somebody wrote between our reading and our writing: read again, write
 * again. */
static enum exit_code write_route(const struct route_command *command, struct route_desk *desk)
{
    const struct service_config *service = &command->config->services[command->place];
    struct actuator_result result = {.result = ROUTE_RESULT_CONFLICT};
    for (int i = 0; i < CONFLICTS_MAX && result.result == ROUTE_RESULT_CONFLICT; i++) {
        struct actuator_result reading;
        char key[NAME_SIZE + 64];
        enum exit_code code = read_route(command, desk, &reading);
        if (code != EXIT_OK)
            return code;
        snprintf(key, sizeof key, "%s/break-glass.%lld.%d", command->config->cluster.text,
                 (long long)time(NULL), i + 1);
        route_desk_switch(desk, command->place, command->to, &reading.view, key, &result);
    }
    if (result.result == ROUTE_RESULT_OK)
        return EXIT_OK;
    terminal_error("%s: the write ended as %s: %s", service->name.text,
                   route_result_name(result.result), result.why.bytes);
    return code_of(result.result);
}

static enum exit_code set(const struct route_command *command, struct route_desk *desk)
{
    struct actuator_result reading;
    audit(command, "asked");
    enum exit_code code = write_route(command, desk);
    if (code == EXIT_OK || code == EXIT_UNKNOWN) {
        enum exit_code read_code = read_route(command, desk, &reading);
        bool there = read_code == EXIT_OK && reading.view.state == route_state_of(command->to);
        if (there)
            code = EXIT_OK;
        else if (code == EXIT_OK)
            code = EXIT_UNKNOWN;
    }
    audit(command, code == EXIT_OK ? "done" : "failed");
    if (code == EXIT_OK)
        printf("set. A cluster that comes back adopts it, and holds the service until "
               "`quorate release %s`\n",
               command->config->services[command->place].name.text);
    return code;
}

static enum exit_code with_desk(const struct route_command *command, bool sets)
{
    struct route_desk *desk = NULL;
    struct actuator_result reading;
    struct text why = {.length = 0};
    int result = route_desk_open(command->config, &desk, &why);
    if (result != 0) {
        terminal_error("%s", why.bytes);
        return exit_code_of_error(result);
    }
    enum exit_code code = sets ? set(command, desk) : read_route(command, desk, &reading);
    route_desk_close(&desk);
    return code;
}

static enum exit_code may_set(const struct route_command *command)
{
    const char *reason = arguments_value(command->arguments, OPTION_REASON);
    char clean[REASON_SIZE];
    if (command->to == SIDE_N) {
        terminal_error("route set: which side? primary or standby");
        return EXIT_USAGE;
    }
    if (!arguments_have(command->arguments, OPTION_BREAK_GLASS) || reason == NULL) {
        terminal_error("route set goes past the cluster and all of its guards; while the cluster "
                       "has a quorum use `quorate failover` or `failback`. Otherwise say "
                       "--break-glass and --reason TEXT");
        return EXIT_USAGE;
    }
    if (reason_set(clean, reason) == 0)
        return EXIT_OK;
    terminal_error("--reason: at most %d bytes without control characters", REASON_BYTES_MAX);
    return EXIT_USAGE;
}

static enum exit_code find_service(struct route_command *command, const char *name)
{
    const char *names[SERVICE_COUNT_MAX];
    size_t count = command->config->service_count;
    for (size_t i = 0; i < count && i < SERVICE_COUNT_MAX; i++) {
        names[i] = command->config->services[i].name.text;
        if (strcmp(names[i], name) != 0)
            continue;
        command->place = i;
        return EXIT_OK;
    }
    const char *near = text_nearest(name, names, count);
    terminal_error("no service is called %.60s%s%s", name, near != NULL ? "; nearest: " : "",
                   near != NULL ? near : "");
    return EXIT_NOT_FOUND;
}

static enum exit_code act(struct route_command *command, const char *verb)
{
    struct text why = {.length = 0};
    if (strcmp(verb, "curl") == 0) {
        int result = route_curl_print(command->config, &command->config->services[command->place],
                                      command->to, stdout, &why);
        if (result != 0)
            terminal_error("%s", why.bytes);
        return exit_code_of_error(result);
    }
    bool sets = strcmp(verb, "set") == 0;
    enum exit_code code = sets ? may_set(command) : EXIT_OK;
    return code == EXIT_OK ? with_desk(command, sets) : code;
}

static enum exit_code read_side(struct route_command *command, const char *word)
{
    command->to = SIDE_N;
    if (word == NULL)
        return EXIT_OK;
    for (int side = 0; side < SIDE_N; side++)
        if (strcmp(word, side_name((enum side)side)) == 0)
            command->to = (enum side)side;
    if (command->to != SIDE_N)
        return EXIT_OK;
    terminal_error("%.60s: primary or standby is wanted", word);
    return EXIT_USAGE;
}

static bool is_verb(const char *word)
{
    return strcmp(word, "show") == 0 || strcmp(word, "curl") == 0 || strcmp(word, "set") == 0;
}

/* The secrets are read where a request is to be made; curl's lines need none. */
static enum exit_code load(struct route_command *command, bool needs_secrets)
{
    const char *node = arguments_node(command->arguments);
    struct config_problems problems;
    if (needs_secrets && node == NULL) {
        terminal_error("route: --node NAME says whose credentials and data folder to use");
        return EXIT_USAGE;
    }
    int result = config_load(arguments_config(command->arguments), needs_secrets ? node : NULL,
                             &command->config, &problems);
    if (result != 0)
        terminal_problems(&problems);
    return exit_code_of_error(result);
}

static enum exit_code route(const struct arguments *arguments)
{
    struct route_command command = {.arguments = arguments};
    bool verb_first = is_verb(arguments->words[0]);
    const char *verb = arguments->words[verb_first ? 0 : 1];
    const char *service = arguments->words[verb_first ? 1 : 0];
    if (!is_verb(verb)) {
        terminal_error("route: show, curl or set is wanted, not %.60s", verb);
        return EXIT_USAGE;
    }
    enum exit_code code =
        read_side(&command, arguments->word_count == 3 ? arguments->words[2] : NULL);
    if (code == EXIT_OK)
        code = load(&command, strcmp(verb, "curl") != 0);
    if (code == EXIT_OK)
        code = find_service(&command, service);
    if (code == EXIT_OK)
        code = act(&command, verb);
    config_free(&command.config);
    return code;
}

const struct subcommand command_route = {
    .name = "route",
    .arguments = "SERVICE show|curl|set [SIDE] [--node NAME] [--break-glass --reason TEXT]",
    .summary = "Reads or sets a route without any cluster, when there is no quorum",
    .help = "show reads the route; curl prints the same requests for a shell with curl and jq;\n"
            "set writes, past every guard, with a line in DATA/break-glass.log. Where a service\n"
            "has several routes all of them are meant. Once the cluster is back it adopts what\n"
            "was set, and holds the service until `quorate release`.\n\n"
            "  quorate route support-line show --node fra\n"
            "  quorate route support-line curl standby\n"
            "  quorate route support-line set standby --node fra --break-glass \\\n"
            "      --reason \"two of three sites are gone\"\n",
    .options = OPTION_BIT(OPTION_CONFIG) | OPTION_BIT(OPTION_NODE) |
               OPTION_BIT(OPTION_BREAK_GLASS) | OPTION_BIT(OPTION_REASON),
    .words_min = 2,
    .words_max = 3,
    .run = route,
};
