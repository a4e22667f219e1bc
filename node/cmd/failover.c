#include <string.h>
#include <time.h>

#include "common/errors.h"
#include "node/cmd/operate.h"
#include "node/cmd/subcommand.h"
#include "node/cmd/terminal.h"

enum {
    FOLLOW_EVERY_MS = 200,
    FOLLOW_FAILURES_MAX = 150, /* in a row: half a minute without an answer */
};

struct follow {
    const struct arguments *arguments;
    double move;
    char state[32]; /* as last printed */
};

/* Is the move over? Returns EXIT_OK with *ret_ended, or the exit code of how it ended. */
static enum exit_code look_at_move(struct follow *follow, const cJSON *page, bool *ret_ended)
{
    const cJSON *move = cJSON_GetObjectItemCaseSensitive(page, "move");
    const char *state = member_string(move, "state");
    const cJSON *why = cJSON_GetObjectItemCaseSensitive(move, "why");
    *ret_ended = false;
    if (member_number(move, "id") < follow->move)
        return EXIT_OK; /* the asked node has not applied it yet */
    if (member_number(move, "id") > follow->move) {
        terminal_error("another move began meanwhile");
        *ret_ended = true;
        return EXIT_MOVE_ENDED;
    }
    if (strcmp(state, follow->state) != 0 && !arguments_have(follow->arguments, OPTION_JSON)) {
        snprintf(follow->state, sizeof follow->state, "%s", state);
        printf("move %.0f: %s%s%s\n", follow->move, state, why != NULL ? ": " : "",
               member_string(why, "text"));
        fflush(stdout);
    }
    bool blocked = strcmp(state, "BLOCKED") == 0;
    *ret_ended = blocked || !member_true(move, "open");
    return *ret_ended && strcmp(state, "DONE") != 0 ? EXIT_MOVE_ENDED : EXIT_OK;
}

static enum exit_code follow_move(struct follow *follow)
{
    const struct timespec pause = {.tv_nsec = FOLLOW_EVERY_MS * 1000000L};
    struct client *client = NULL;
    struct text why = {.length = 0};
    char path[OPERATE_PATH_SIZE];
    bool ended = false;
    int failures = 0;
    enum exit_code code = operate_path(follow->arguments->words[0], NULL, path);
    if (code == EXIT_OK)
        code = client_open(follow->arguments, false, &client);
    while (code == EXIT_OK && !ended) {
        struct client_answer answer = {.status = 0};
        int result = client_request(client, path, NULL, &answer, &why);
        if (result == 0 && answer.status == 200) {
            failures = 0;
            code = look_at_move(follow, answer.json, &ended);
        } else if (result == 0 && (answer.status == 401 || answer.status == 403)) {
            code = client_report(follow->arguments, &answer);
        } else if (++failures > FOLLOW_FAILURES_MAX) {
            terminal_error("the move goes on, but cannot be followed: %s",
                           result != 0 ? why.bytes : member_string(answer.json, "why"));
            code = EXIT_UNKNOWN;
        }
        client_answer_clear(&answer);
        if (code == EXIT_OK && !ended)
            nanosleep(&pause, NULL);
    }
    client_close(&client);
    return code;
}

static enum exit_code move(const struct arguments *arguments, const char *verb)
{
    struct client_answer answer = {.status = 0};
    struct follow follow = {.arguments = arguments};
    enum exit_code code = operate_send(arguments, verb, &answer);
    if (code == EXIT_OK && !arguments_have(arguments, OPTION_JSON))
        printf("%s: move %.0f is open\n", arguments->words[0], member_number(answer.json, "move"));
    fflush(stdout);
    follow.move = member_number(answer.json, "move");
    client_answer_clear(&answer);
    if (code == EXIT_OK && arguments_have(arguments, OPTION_WAIT))
        code = follow_move(&follow);
    return code;
}

static enum exit_code failover(const struct arguments *arguments)
{
    return move(arguments, "failover");
}

static enum exit_code failback(const struct arguments *arguments)
{
    return move(arguments, "failback");
}

#define OPTIONS_MOVE                                                          \
    (OPTIONS_OPERATE | OPTION_BIT(OPTION_FORCE) | OPTION_BIT(OPTION_EXPECT) | \
     OPTION_BIT(OPTION_WAIT))

const struct subcommand command_failover = {
    .name = "failover",
    .arguments = "SERVICE [--reason TEXT] [--expect SIDE] [--force] [--wait]",
    .summary = "Moves a service to its standby",
    .help = "A planned move: pause, drain, switch, verify. Prints the move's id.\n\n"
            "  quorate failover support-line --reason \"maintenance\" --expect primary --wait\n",
    .options = OPTIONS_MOVE,
    .words_min = 1,
    .words_max = 1,
    .run = failover,
};

const struct subcommand command_failback = {
    .name = "failback",
    .arguments = "SERVICE [--reason TEXT] [--expect SIDE] [--force] [--wait]",
    .summary = "Moves a service back to its primary",
    .help = "The same move as failover with the sides exchanged.\n\n"
            "  quorate failback support-line --reason \"primary is repaired\" --wait\n",
    .options = OPTIONS_MOVE,
    .words_min = 1,
    .words_max = 1,
    .run = failback,
};
