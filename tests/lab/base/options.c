#include "tests/lab/base/options.h"

#include "common/duration.h"
#include "common/errors.h"
#include "common/text.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPTION_NAME_BYTES = 64 };

static void help_print(const struct options *options)
{
    printf("%s: %s\n\n", options->program, options->purpose);
    for (size_t i = 0; i < options->count; i++) {
        const struct option *option = &options->table[i];

        printf("  --%-12s %-10s %s%s\n", option->name, option->value_word, option->help,
               option->required ? " (needed)" : "");
    }
    printf("  --%-12s %-10s %s\n\nExample:\n  %s\n", "help", "", "this text", options->example);
}

static int whole_number_read(const char *word, int64_t maximum, int64_t *ret_number)
{
    char *end = NULL;
    long long number;

    if (word[0] < '0' || word[0] > '9')
        return ERR_INVALID;
    errno = 0;
    number = strtoll(word, &end, 10);
    if (errno != 0 || *end != '\0' || number > maximum)
        return ERR_INVALID;
    *ret_number = number;
    return 0;
}

static int yes_no_read(const char *word, bool *ret_answer)
{
    if (strcmp(word, "yes") != 0 && strcmp(word, "no") != 0)
        return ERR_INVALID;
    *ret_answer = word[0] == 'y';
    return 0;
}

static int each_add(struct option_values *values, const char *word)
{
    if (values->count == OPTION_VALUES_MAX)
        return ERR_FULL;
    values->values[values->count++] = word;
    return 0;
}

static int port_read(const char *word, uint16_t *ret_port)
{
    int64_t number = 0;

    if (whole_number_read(word, UINT16_MAX, &number) != 0)
        return ERR_INVALID;
    *ret_port = (uint16_t)number;
    return 0;
}

static int value_read(const struct option *option, const char *word)
{
    switch (option->kind) {
    case OPTION_PORT:
        return port_read(word, option->target);
    case OPTION_COUNT:
        return whole_number_read(word, INT32_MAX, option->target);
    case OPTION_DURATION:
        return duration_parse(word, option->target);
    case OPTION_YES_NO:
        return yes_no_read(word, option->target);
    case OPTION_TEXT:
        *(const char **)option->target = word;
        return 0;
    case OPTION_EACH:
        return each_add(option->target, word);
    case OPTION_KIND_N:
        break;
    }
    return ERR_INVALID;
}

static const char *kind_wish(enum option_kind kind)
{
    switch (kind) {
    case OPTION_PORT:
        return "a port from 0 to 65535";
    case OPTION_COUNT:
        return "a whole number";
    case OPTION_DURATION:
        return "a duration with its unit, such as 500ms or 2h";
    case OPTION_YES_NO:
        return "yes or no";
    case OPTION_TEXT:
        return "a word";
    case OPTION_EACH:
        return "at most 16 values";
    case OPTION_KIND_N:
        break;
    }
    return "";
}

static size_t option_find(const struct options *options, const char *name)
{
    size_t i = 0;

    while (i < options->count && strcmp(options->table[i].name, name) != 0)
        i++;
    return i;
}

static void unknown_describe(const struct options *options, const char *name, struct text *why)
{
    const char *names[32] = {0};
    const char *nearest;
    size_t count = 0;

    for (; count < options->count && count < sizeof(names) / sizeof(names[0]); count++)
        names[count] = options->table[count].name;
    nearest = text_nearest(name, names, count);
    text_set(why, "--%s is not an option", name);
    if (nearest != NULL)
        text_add(why, "; did you mean --%s?", nearest);
}

/* Splits "--name=value" or takes the next argument as the value. */
static int argument_read(const struct options *options, int argc, char **argv, int *index,
                         bool *given, struct text *why)
{
    char name[OPTION_NAME_BYTES] = "";
    const char *argument = argv[*index];
    const char *equals = strchr(argument, '=');
    const char *value = equals != NULL ? equals + 1 : NULL;
    size_t length = equals != NULL ? (size_t)(equals - argument) : strlen(argument);
    size_t place;

    if (strncmp(argument, "--", 2) != 0 || length < 3 || length - 2 >= sizeof(name)) {
        text_set(why, "\"%s\" is not an option", argument);
        return ERR_INVALID;
    }
    memcpy(name, argument + 2, length - 2);
    place = option_find(options, name);
    if (place == options->count) {
        unknown_describe(options, name, why);
        return ERR_INVALID;
    }
    if (value == NULL && ++*index < argc)
        value = argv[*index];
    if (value == NULL || value_read(&options->table[place], value) != 0) {
        text_set(why, "--%s wants %s%s%s%s", name, kind_wish(options->table[place].kind),
                 value != NULL ? ", not \"" : "", value != NULL ? value : "",
                 value != NULL ? "\"" : "");
        return ERR_INVALID;
    }
    given[place] = true;
    return 0;
}

static int arguments_read(const struct options *options, int argc, char **argv, struct text *why)
{
    bool given[32] = {false};

    if (options->count > sizeof(given) / sizeof(given[0]))
        return ERR_TOO_LARGE;
    for (int i = 1; i < argc; i++) {
        if (argument_read(options, argc, argv, &i, given, why) != 0)
            return ERR_INVALID;
    }
    for (size_t i = 0; i < options->count; i++) {
        if (options->table[i].required && !given[i]) {
            text_set(why, "--%s is missing", options->table[i].name);
            return ERR_INVALID;
        }
    }
    return 0;
}

bool options_read(const struct options *options, int argc, char **argv, int *ret_exit_code)
{
    struct text why = {0};

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0) {
            help_print(options);
            *ret_exit_code = EXIT_SUCCESS;
            return false;
        }
    }
    if (arguments_read(options, argc, argv, &why) != 0) {
        fprintf(stderr, "%s: %s; see %s --help\n", options->program, why.bytes, options->program);
        *ret_exit_code = EXIT_USAGE;
        return false;
    }
    return true;
}
