#include "node/cmd/arguments.h"

#include <stdlib.h>
#include <string.h>

#include "common/check.h"
#include "common/errors.h"

#define CONFIG_PATH "/etc/quorate/quorate.yaml"

struct option_row {
    const char *name;
    const char *value; /* what stands for it in help; NULL for a flag */
    const char *help;
};

static const struct option_row rows[OPTION_N] = {
    [OPTION_CONFIG] = {"config", "FILE",
                       "the configuration; else $QUORATE_CONFIG, else " CONFIG_PATH},
    [OPTION_NODE] = {"node", "NAME", "which of its nodes this is; else $QUORATE_NODE"},
    [OPTION_API] = {"api", "URL", "ask this node instead; else $QUORATE_API"},
    [OPTION_TOKEN_FILE] = {"token-file", "FILE", "the token to show; else $QUORATE_TOKEN"},
    [OPTION_CA_FILE] = {"ca-file", "FILE", "certificates to trust with https"},
    [OPTION_JSON] = {"json", NULL, "print the API's own answer"},
    [OPTION_REASON] = {"reason", "TEXT", "why, for those who read it later"},
    [OPTION_ACTOR] = {"actor", "NAME", "who asks; else $USER"},
    [OPTION_FORCE] = {"force", NULL, "though the destination is not known to be UP"},
    [OPTION_EXPECT] = {"expect", "SIDE", "refuse unless this side (primary, standby) serves"},
    [OPTION_FOR] = {"for", "DURATION", "how long (30m, at most 7d), or indefinite"},
    [OPTION_ALL] = {"all", NULL, "every service of the cluster"},
    [OPTION_WAIT] = {"wait", NULL, "follow the move until it ended"},
    [OPTION_SELF] = {"self", NULL, "exit with 0 where the asked node leads, else with 13"},
    [OPTION_DEFAULTS] = {"defaults", NULL, "print every setting with its default and limits"},
    [OPTION_ONLINE] = {"online", NULL, "ask the platform, too: the preflight"},
    [OPTION_SERVICE] = {"service", "NAME", "only this service"},
    [OPTION_OUT] = {"out", "FILE", "write the secret key here; it must not exist"},
    [OPTION_SEAL] = {"seal", NULL, "make the cluster's seal key instead of a node's key"},
    [OPTION_SHOW] = {"show", "FILE", "print the public key of this secret key"},
    [OPTION_AFTER] = {"after", "ID", "only events with a higher id, oldest first"},
    [OPTION_DOT] = {"dot", NULL, "as a graph for Graphviz"},
    [OPTION_BREAK_GLASS] = {"break-glass", NULL, "yes, past the cluster and all of its guards"},
    [OPTION_LOG_LEVEL] = {"log-level", "LEVEL", "debug, info (the default), warn or error"},
    [OPTION_HELP] = {"help", NULL, "print this"},
};

static int explain_unknown(const char *name, uint32_t allowed, struct text *why)
{
    const char *names[OPTION_N];
    size_t count = 0;
    for (int option = 0; option < OPTION_N; option++)
        if ((allowed & OPTION_BIT(option)) != 0)
            names[count++] = rows[option].name;
    const char *near = text_nearest(name, names, count);
    text_set(why, "--%.60s: no such option here", name);
    if (near != NULL)
        text_add(why, " (--%s?)", near);
    return ERR_INVALID;
}

/* `word` is "--name" or "--name=value"; `next` is the argument behind it or NULL. */
static int parse_option(const char *word, const char *next, uint32_t allowed,
                        struct arguments *arguments, bool *ret_took_next, struct text *why)
{
    const char *name = strcmp(word, "-h") == 0 ? "help" : word + 2;
    size_t length = strcspn(name, "=");
    int option = 0;
    while (option < OPTION_N &&
           (strlen(rows[option].name) != length || strncmp(rows[option].name, name, length) != 0))
        option++;
    if (option == OPTION_N || (allowed & OPTION_BIT(option)) == 0)
        return explain_unknown(name, allowed, why);
    const struct option_row *row = &rows[option];
    *ret_took_next = false;
    if (arguments->values[option] != NULL) {
        text_set(why, "--%s stands twice", row->name);
        return ERR_INVALID;
    }
    if (row->value == NULL && name[length] == '=') {
        text_set(why, "--%s takes no value", row->name);
        return ERR_INVALID;
    }
    if (row->value == NULL) {
        arguments->values[option] = "";
        return 0;
    }
    *ret_took_next = name[length] != '=';
    arguments->values[option] = name[length] == '=' ? name + length + 1 : next;
    if (arguments->values[option] != NULL && arguments->values[option][0] != '\0')
        return 0;
    text_set(why, "--%s wants a value: --%s %s", row->name, row->name, row->value);
    return ERR_INVALID;
}

int arguments_parse(int argc, char *const *argv, uint32_t allowed, struct arguments *ret_arguments,
                    struct text *why)
{
    struct arguments arguments = {.word_count = 0};
    bool options_end = false;
    allowed |= OPTION_BIT(OPTION_HELP);
    for (int i = 0; i < argc; i++) {
        const char *word = argv[i];
        if (!options_end && strcmp(word, "--") == 0) {
            options_end = true;
        } else if (!options_end && (strncmp(word, "--", 2) == 0 || strcmp(word, "-h") == 0)) {
            bool took_next = false;
            int result = parse_option(word, i + 1 < argc ? argv[i + 1] : NULL, allowed, &arguments,
                                      &took_next, why);
            if (result != 0)
                return result;
            i += took_next ? 1 : 0;
        } else if (arguments.word_count == WORD_COUNT_MAX) {
            text_set(why, "%.60s: too many words", word);
            return ERR_INVALID;
        } else {
            arguments.words[arguments.word_count++] = word;
        }
    }
    *ret_arguments = arguments;
    return 0;
}

bool arguments_have(const struct arguments *arguments, enum option option)
{
    return arguments->values[option] != NULL;
}

const char *arguments_value(const struct arguments *arguments, enum option option)
{
    return arguments->values[option];
}

static const char *environment(const char *name)
{
    const char *value = getenv(name);
    return value != NULL && value[0] != '\0' ? value : NULL;
}

const char *arguments_config(const struct arguments *arguments)
{
    const char *path = arguments->values[OPTION_CONFIG];
    if (path == NULL)
        path = environment("QUORATE_CONFIG");
    return path != NULL ? path : CONFIG_PATH;
}

const char *arguments_node(const struct arguments *arguments)
{
    const char *name = arguments->values[OPTION_NODE];
    return name != NULL ? name : environment("QUORATE_NODE");
}

void arguments_print_options(uint32_t mask, FILE *out)
{
    for (int option = 0; option < OPTION_N; option++) {
        char left[40];
        if ((mask & OPTION_BIT(option)) == 0)
            continue;
        snprintf(left, sizeof left, "--%s %s", rows[option].name,
                 rows[option].value != NULL ? rows[option].value : "");
        fprintf(out, "  %-20s %s\n", left, rows[option].help);
    }
}
