#include "tests/unit/config/sheet.h"

#include <stdlib.h>
#include <string.h>

#include "common/check.h"
#include "common/cleanup.h"
#include "common/errors.h"
#include "node/io/config/document.h"

static void expect_refused(const void *bytes, size_t length, int result, const char *expected)
{
    struct config *config = NULL;
    struct config_problems problems;
    int got = sheet_load_bytes(bytes, length, NULL, &config, &problems);
    bool found = false;
    for (size_t i = 0; i < problems.count && i < PROBLEM_COUNT_MAX; i++)
        found = found || strstr(problems.lines[i].bytes, expected) != NULL;
    if (got != result || !found)
        fail_msg("expected %d '%s', got %d '%s'", result, expected, got, problems.lines[0].bytes);
    assert_null(config);
}

static void files_that_are_no_configuration_are_refused_in_words(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *expected;
    } cases[] = {
        {"", "is empty"},
        {"# nothing\n", "is empty"},
        {"- a\n- b\n", ":1: must be a map"},
        {"plain\n", ":1: must be a map"},
        {"cluster: [a\n", ":2: is not YAML"},
        {"a: b: c\n", ":1: is not YAML"},
        {"cluster: x\n\tnodes: y\n", "is not YAML"},
        {"a: &x 1\nb: *x\n", ":1: anchors (&name) are not supported"},
        {"a: &x [*x]\n", "anchors (&name) are not supported"},
        {"a: 1\nb: *x\n", ":2: aliases (*name) are not supported"},
        {"a: !!binary aGk=\n", ":1: tags (!name) are not supported"},
        {"a: 1\n---\nb: 2\n", ":2: a second document starts"},
        {"cluster: \"a\\0b\"\n", ":1: a value contains a NUL byte"},
        {"cluster: x\n\xff\xfe: y\n", ":2: is not UTF-8 text"},
        {"cluster: x\n? [a, b]\n: c\n", ": a key must be plain text"},
        {"nodes: [a]\n", ":1: "},
        {"services: 5\n", ":1: "},
        {"nodes:\n", ":1: "},
        {"local: {nodes: []}\n", ":1: "},
        {"references: {a: b}\n", ":1: "},
        {"services: {a: {primary: 5, standby: [1], mode: {}}}\n", ":1: "},
        {"services: {\"a b\\n\": {}}\n", ":1: "},
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++)
        expect_refused(cases[i].text, strlen(cases[i].text), ERR_INVALID, cases[i].expected);
}

static void raw_nul_bytes_are_refused(void **state)
{
    (void)state;
    static const char text[] = "cluster: a\0b\n";
    expect_refused(text, sizeof text - 1, ERR_INVALID, ":1: is not UTF-8 text: control characters");
}

static void fill(char *text, size_t length, const char *pattern)
{
    for (size_t i = 0; i < length; i++)
        text[i] = pattern[i % strlen(pattern)];
}

static void deep_and_wide_files_are_refused_early(void **state)
{
    (void)state;
    static const char *const patterns[] = {"[", "{", "[{a: ", "- ", "? ", "{a, ", "[a, "};
    CLEANUP(cleanup_free) char *text = malloc(DOCUMENT_BYTES_MAX);
    assert_non_null(text);
    for (size_t i = 0; i < ARRAY_COUNT(patterns); i++) {
        fill(text, DOCUMENT_BYTES_MAX, patterns[i]);
        expect_refused(text, DOCUMENT_BYTES_MAX, ERR_INVALID, ":");
    }
}

static void a_file_over_its_limit_is_refused(void **state)
{
    (void)state;
    size_t length = 10 * 1024 * 1024;
    CLEANUP(cleanup_free) char *text = malloc(length);
    assert_non_null(text);
    fill(text, length, "# a long comment\n");
    expect_refused(text, length, ERR_INVALID, "is larger than 1048576 bytes");
}

static void a_file_that_cannot_be_read_is_another_error(void **state)
{
    (void)state;
    struct config *config = NULL;
    struct config_problems problems;
    assert_int_equal(config_load("/nonexistent/quorate.yaml", NULL, &config, &problems), ERR_IO);
    assert_string_equal(problems.lines[0].bytes,
                        "/nonexistent/quorate.yaml: cannot be opened: No such file or directory");
    assert_int_equal(config_load("/tmp", NULL, &config, &problems), ERR_IO);
    assert_non_null(strstr(problems.lines[0].bytes, "cannot be read"));
}

static void a_problem_line_is_one_printable_line(void **state)
{
    (void)state;
    static const char text[] = "\"a\\nb\\x1b[2J\": 1\n";
    struct config *config = NULL;
    struct config_problems problems;
    assert_int_equal(sheet_load_bytes(text, sizeof text - 1, NULL, &config, &problems),
                     ERR_INVALID);
    for (size_t i = 0; i < problems.count; i++) {
        for (const char *at = problems.lines[i].bytes; *at != '\0'; at++)
            assert_true((unsigned char)*at >= ' ');
    }
}

static void problems_beyond_the_list_are_counted(void **state)
{
    (void)state;
    char text[8192];
    size_t length = 0;
    for (int i = 0; i < 200; i++)
        length += (size_t)snprintf(text + length, sizeof text - length, "unknown%d: 1\n", i);
    struct config *config = NULL;
    struct config_problems problems;
    assert_int_equal(sheet_load_bytes(text, length, NULL, &config, &problems), ERR_INVALID);
    assert_true(problems.count > 200);
}

/* Every prefix of the good file, and the good file with each byte replaced in turn: never a crash,
 * and a refusal always has a word. */
static void torn_and_flipped_files_never_crash(void **state)
{
    (void)state;
    static const char flips[] = {'\0', '{', ']', ':', '\n', '"', (char)0xff};
    size_t length = strlen(sheet_good());
    CLEANUP(cleanup_free) char *text = malloc(length);
    assert_non_null(text);
    for (size_t i = 0; i < length; i++) {
        struct config *config = NULL;
        struct config_problems problems;
        memcpy(text, sheet_good(), length);
        text[i] = flips[i % sizeof flips];
        size_t kept = i % 4 == 0 ? i : length;
        int result = sheet_load_bytes(text, kept, NULL, &config, &problems);
        assert_true(result == 0 ? problems.count == 0 : problems.count > 0);
        config_free(&config);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_that_are_no_configuration_are_refused_in_words),
        cmocka_unit_test(raw_nul_bytes_are_refused),
        cmocka_unit_test(deep_and_wide_files_are_refused_early),
        cmocka_unit_test(a_file_over_its_limit_is_refused),
        cmocka_unit_test(a_file_that_cannot_be_read_is_another_error),
        cmocka_unit_test(a_problem_line_is_one_printable_line),
        cmocka_unit_test(problems_beyond_the_list_are_counted),
        cmocka_unit_test(torn_and_flipped_files_never_crash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
