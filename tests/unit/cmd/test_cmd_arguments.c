#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "common/check.h"
#include "common/errors.h"
#include "tests/unit/cmd/capture.h"

static const uint32_t all = (UINT32_C(1) << OPTION_N) - 1;

static void options_and_words_may_mix(void **state)
{
    char *const argv[] = {"line", "--reason", "a b", "--for=30m", "--json", "--", "--x"};
    struct arguments arguments;
    struct text why = {.length = 0};
    (void)state;
    assert_int_equal(arguments_parse(ARRAY_COUNT(argv), argv, all, &arguments, &why), 0);
    assert_int_equal(arguments.word_count, 2);
    assert_string_equal(arguments.words[0], "line");
    assert_string_equal(arguments.words[1], "--x");
    assert_string_equal(arguments_value(&arguments, OPTION_REASON), "a b");
    assert_string_equal(arguments_value(&arguments, OPTION_FOR), "30m");
    assert_true(arguments_have(&arguments, OPTION_JSON));
    assert_false(arguments_have(&arguments, OPTION_FORCE));
}

struct bad_line {
    char *argv[4];
    int argc;
    uint32_t allowed;
    const char *expected;
};

static void what_is_wrong_is_named(void **state)
{
    static const struct bad_line lines[] = {
        {{"--jsn"}, 1, OPTION_BIT(OPTION_JSON), "--jsn: no such option here (--json?)"},
        {{"--force"}, 1, OPTION_BIT(OPTION_JSON), "--force: no such option here"},
        {{"--reason"}, 1, OPTION_BIT(OPTION_REASON), "--reason wants a value"},
        {{"--reason="}, 1, OPTION_BIT(OPTION_REASON), "--reason wants a value"},
        {{"--json=yes"}, 1, OPTION_BIT(OPTION_JSON), "--json takes no value"},
        {{"--json", "--json"}, 2, OPTION_BIT(OPTION_JSON), "--json stands twice"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(lines); i++) {
        struct arguments arguments;
        struct text why = {.length = 0};
        assert_int_equal(
            arguments_parse(lines[i].argc, lines[i].argv, lines[i].allowed, &arguments, &why),
            ERR_INVALID);
        if (strstr(why.bytes, lines[i].expected) == NULL)
            fail_msg("%s: %s", lines[i].argv[0], why.bytes);
    }
}

static void too_many_words_are_refused(void **state)
{
    char *const argv[] = {"a", "b", "c", "d", "e"};
    struct arguments arguments;
    struct text why = {.length = 0};
    (void)state;
    assert_int_equal(arguments_parse(5, argv, all, &arguments, &why), ERR_INVALID);
    assert_string_equal(why.bytes, "e: too many words");
}

static void the_environment_stands_in_for_config_and_node(void **state)
{
    struct arguments arguments = {.word_count = 0};
    (void)state;
    unsetenv("QUORATE_CONFIG");
    unsetenv("QUORATE_NODE");
    assert_string_equal(arguments_config(&arguments), "/etc/quorate/quorate.yaml");
    assert_null(arguments_node(&arguments));
    setenv("QUORATE_CONFIG", "/x.yaml", 1);
    setenv("QUORATE_NODE", "dub", 1);
    assert_string_equal(arguments_config(&arguments), "/x.yaml");
    assert_string_equal(arguments_node(&arguments), "dub");
    arguments.values[OPTION_CONFIG] = "/y.yaml";
    arguments.values[OPTION_NODE] = "fra";
    assert_string_equal(arguments_config(&arguments), "/y.yaml");
    assert_string_equal(arguments_node(&arguments), "fra");
}

static const struct subcommand *const table[] = {&command_graph, &command_status, &command_keygen,
                                                 &command_hold, &command_check};

static void expect(const char *line, int code, const char *out, const char *err)
{
    struct captured captured = capture_line(table, ARRAY_COUNT(table), line);
    if (captured.code != code || strstr(captured.out, out) == NULL ||
        strstr(captured.err, err) == NULL)
        fail_msg("%s: %d\n%s\n%s", line, captured.code, captured.out, captured.err);
    captured_clear(&captured);
}

static void the_dispatcher_helps(void **state)
{
    (void)state;
    expect("quorate", EXIT_USAGE, "", "usage: quorate COMMAND");
    expect("quorate help", EXIT_OK, "  graph ", "");
    expect("quorate --help", EXIT_OK, "exit-codes", "");
    expect("quorate help graph", EXIT_OK, "usage: quorate graph [--dot]", "");
    expect("quorate graph --help", EXIT_OK, "as a graph for Graphviz", "");
    expect("quorate help exit-codes", EXIT_OK, "   6  no quorum", "");
    expect("quorate help grph", EXIT_USAGE, "", "grph: no such command (graph?)");
    expect("quorate stauts", EXIT_USAGE, "", "stauts: no such command (status?)");
    expect("quorate --version", EXIT_OK, "quorate ", "");
    expect("quorate graph x", EXIT_USAGE, "", "a word too many");
    expect("quorate hold", EXIT_USAGE, "", "name one SERVICE, or --all");
    expect("quorate hold line --all --for 1h --reason x", EXIT_USAGE, "", "or --all");
    expect("quorate hold line --for 1h", EXIT_USAGE, "", "both needed");
    expect("quorate hold a/b --for 1h --reason x", EXIT_USAGE, "", "a service's name");
}

static void keys_are_made_shown_and_never_overwritten(void **state)
{
    char folder[] = "/tmp/quorate-keys-XXXXXX";
    char line[160];
    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(line, sizeof line, "quorate keygen --out %s/k", folder);
    struct captured made = capture_line(table, ARRAY_COUNT(table), line);
    assert_int_equal(made.code, EXIT_OK);
    assert_non_null(strstr(made.out, "key: \"ed25519:"));
    expect(line, EXIT_REFUSED, "", "/k");
    snprintf(line, sizeof line, "quorate keygen --show %s/k", folder);
    expect(line, EXIT_OK, made.out, "");
    expect("quorate keygen --show /nowhere/k", EXIT_NOT_FOUND, "", "/nowhere/k");
    expect("quorate keygen", EXIT_USAGE, "", "either --out FILE or --show FILE");
    captured_clear(&made);
    snprintf(line, sizeof line, "%s/k", folder);
    assert_int_equal(remove(line), 0);
    assert_int_equal(remove(folder), 0);
}

static void check_names_the_file(void **state)
{
    (void)state;
    expect("quorate check /nowhere.yaml", EXIT_IO, "", "/nowhere.yaml");
    expect("quorate check --defaults", EXIT_OK, "interval", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_and_words_may_mix),
        cmocka_unit_test(what_is_wrong_is_named),
        cmocka_unit_test(too_many_words_are_refused),
        cmocka_unit_test(the_environment_stands_in_for_config_and_node),
        cmocka_unit_test(the_dispatcher_helps),
        cmocka_unit_test(keys_are_made_shown_and_never_overwritten),
        cmocka_unit_test(check_names_the_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
