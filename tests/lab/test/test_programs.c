/* What all lab programs share: help, refusals on the command line, taken ports. */
#include "common/text.h"
#include "tests/lab/test/assert.h"
#include "tests/lab/test/bot_fixture.h"

#include <string.h>

static const char *const programs[] = {
    LAB_DIR "/genesys-sim",
    LAB_DIR "/bot",
    LAB_DIR "/chaos",
    LAB_DIR "/plain-checker",
};

enum { PROGRAMS_N = sizeof(programs) / sizeof(programs[0]) };

static void program_ends(const char *const *argv, int exit_code, const char *word)
{
    struct process process;
    int got;

    process_spawn(&process, argv);
    got = process_wait(&process);
    if (got != exit_code || strstr(process.output, word) == NULL)
        fail_msg("%s ended with %d, not %d, or without \"%s\": %s", argv[0], got, exit_code, word,
                 process.output);
}

static void help_shows_an_example(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROGRAMS_N; i++) {
        const char *argv[] = {programs[i], "--help", NULL};

        program_ends(argv, 0, "Example:");
    }
}

static void a_wrong_option_is_named_with_the_nearest(void **state)
{
    const char *unknown[] = {programs[0], "--journl", "x", NULL};
    const char *missing[] = {programs[0], "--port", "1", NULL};
    const char *no_unit[] = {programs[0], "--token-life", "7200", NULL};
    const char *no_value[] = {programs[1], "--port", NULL};
    const char *too_high[] = {programs[1], "--port=65536", NULL};
    const char *unpaired[] = {programs[2],        "--listen=0",       "--listen=0",
                              "--to=127.0.0.1:1", "--control-port=0", NULL};

    (void)state;
    program_ends(unknown, 1, "did you mean --journal?");
    program_ends(missing, 1, "--journal is missing");
    program_ends(no_unit, 1, "with its unit");
    program_ends(no_value, 1, "--port wants a port");
    program_ends(too_high, 1, "not \"65536\"");
    program_ends(unpaired, 1, "2 --listen but 1 --to");
}

static void a_taken_port_is_named(void **state)
{
    struct bot_process bot;
    struct text port = {0};
    struct text word = {0};

    (void)state;
    bot_start(&bot);
    text_set(&port, "%u", (unsigned)bot.port);
    text_set(&word, "port %u on 127.0.0.1: already taken", (unsigned)bot.port);
    {
        const char *sim[] = {programs[0], "--journal", "/dev/null", "--port", port.bytes, NULL};
        const char *canary[] = {programs[1], "--control-port", "0", "--port", port.bytes, NULL};
        const char *control[] = {programs[1], "--port", "0", "--control-port", port.bytes, NULL};
        const char *chaos[] = {programs[2],   "--listen",       port.bytes, "--to",
                               "127.0.0.1:1", "--control-port", "0",        NULL};

        program_ends(sim, 2, word.bytes);
        program_ends(canary, 2, word.bytes);
        program_ends(control, 2, word.bytes);
        program_ends(chaos, 2, word.bytes);
    }
    bot_stop(&bot);
}

static void a_file_that_cannot_be_written_is_named(void **state)
{
    const char *sim[] = {programs[0], "--port=0", "--journal=/nowhere/journal", NULL};
    const char *checker[] = {programs[3], "--url=http://127.0.0.1:1/", "--report=/nowhere/report",
                             NULL};

    (void)state;
    program_ends(sim, 2, "/nowhere/journal: No such file");
    program_ends(checker, 2, "/nowhere/report: No such file");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(help_shows_an_example),
        cmocka_unit_test(a_wrong_option_is_named_with_the_nearest),
        cmocka_unit_test(a_taken_port_is_named),
        cmocka_unit_test(a_file_that_cannot_be_written_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
