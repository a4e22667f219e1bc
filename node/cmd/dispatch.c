#include <string.h>

#include "common/check.h"
#include "node/cmd/subcommand.h"

enum { COMMAND_COUNT_MAX = 64 };

static const struct subcommand *find(const struct subcommand *const *table, size_t count,
                                     const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(table[i]->name, name) == 0)
            return table[i];
    return NULL;
}

static void print_overview(const struct subcommand *const *table, size_t count, FILE *out)
{
    fprintf(out, "quorate " QUORATE_VERSION ": keeps a bot service answering by a quorum's "
                 "verdict\n\nusage: quorate COMMAND [ARGUMENTS]\n\n");
    for (size_t i = 0; i < count; i++)
        fprintf(out, "  %-9s %s\n", table[i]->name, table[i]->summary);
    fprintf(out, "\n  help      COMMAND, or exit-codes\n");
}

static void print_help(const struct subcommand *command, FILE *out)
{
    fprintf(out, "usage: quorate %s %s\n\n%s.\n\n%s\noptions\n", command->name, command->arguments,
            command->summary, command->help);
    arguments_print_options(command->options | OPTION_BIT(OPTION_HELP), out);
}

static int refuse_name(const struct subcommand *const *table, size_t count, const char *name)
{
    const char *names[COMMAND_COUNT_MAX];
    CHECK(count < COMMAND_COUNT_MAX);
    for (size_t i = 0; i < count; i++)
        names[i] = table[i]->name;
    names[count] = "help";
    const char *near = text_nearest(name, names, count + 1);
    fprintf(stderr, "quorate: %.60s: no such command", name);
    if (near != NULL)
        fprintf(stderr, " (%s?)", near);
    fprintf(stderr, "; `quorate help` lists them\n");
    return EXIT_USAGE;
}

static int help(const struct subcommand *const *table, size_t count, const char *topic)
{
    if (topic == NULL) {
        print_overview(table, count, stdout);
        return EXIT_OK;
    }
    if (strcmp(topic, "exit-codes") == 0) {
        exit_codes_print(stdout);
        return EXIT_OK;
    }
    const struct subcommand *command = find(table, count, topic);
    if (command == NULL)
        return refuse_name(table, count, topic);
    print_help(command, stdout);
    return EXIT_OK;
}

static int refuse_usage(const struct subcommand *command, const char *why)
{
    fprintf(stderr, "quorate %s: %s\nusage: quorate %s %s\n", command->name, why, command->name,
            command->arguments);
    return EXIT_USAGE;
}

static int run(const struct subcommand *command, int argc, char *const *argv)
{
    struct arguments arguments;
    struct text why = {.length = 0};
    if (arguments_parse(argc, argv, command->options, &arguments, &why) != 0)
        return refuse_usage(command, why.bytes);
    if (arguments_have(&arguments, OPTION_HELP)) {
        print_help(command, stdout);
        return EXIT_OK;
    }
    if (arguments.word_count < command->words_min)
        return refuse_usage(command, "a word is missing");
    if (arguments.word_count > command->words_max)
        return refuse_usage(command, "there is a word too many");
    return (int)command->run(&arguments);
}

int subcommand_dispatch(const struct subcommand *const *table, size_t count, int argc,
                        char *const *argv)
{
    if (argc < 2) {
        print_overview(table, count, stderr);
        return EXIT_USAGE;
    }
    const char *name = argv[1];
    if (strcmp(name, "--version") == 0) {
        printf("quorate " QUORATE_VERSION "\n");
        return EXIT_OK;
    }
    if (strcmp(name, "help") == 0 || strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
        return help(table, count, argc > 2 ? argv[2] : NULL);
    const struct subcommand *command = find(table, count, name);
    if (command == NULL)
        return refuse_name(table, count, name);
    return run(command, argc - 2, argv + 2);
}
