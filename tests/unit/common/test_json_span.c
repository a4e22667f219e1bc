#include "common/json_span.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/check.h"
#include "common/errors.h"

static int find(const char *text, const char *pointer, char ret_found[64])
{
    struct json_span span = {0};
    int rc = json_span_find(text, strlen(text), pointer, &span);
    (void)snprintf(ret_found, 64, "%.*s", rc == 0 ? (int)span.length : 0, text + span.at);
    return rc;
}

static void a_pointer_finds_the_value_as_it_is_written(void **state)
{
    static const char text[] =
        " {\"a\" : {\"b\":[ 1 , {\"c\":\"x\\u0041\"} ,12345678901234567890.50]},"
        "\"\":0,\"m/n~o\":true,\"\\u0066low\":{\"id\":null},\"e\":{ },\"l\":[]}\n";
    static const struct {
        const char *pointer;
        const char *found;
    } rows[] = {
        {"/a/b/0", "1"},
        {"/a/b/1", "{\"c\":\"x\\u0041\"}"},
        {"/a/b/1/c", "\"x\\u0041\""},
        {"/a/b/2", "12345678901234567890.50"},
        {"/", "0"},
        {"/m~1n~0o", "true"},
        {"/flow/id", "null"},
        {"/e", "{ }"},
        {"/l", "[]"},
    };
    char found[64];
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        assert_int_equal(find(text, rows[i].pointer, found), 0);
        assert_string_equal(found, rows[i].found);
    }
    struct json_span whole;
    assert_int_equal(json_span_find(text, strlen(text), "", &whole), 0);
    assert_int_equal(whole.at, 1);
    assert_int_equal(whole.length, strlen(text) - 2);
}

static void what_is_not_there_is_not_found(void **state)
{
    static const char text[] = "{\"a\":[1,2],\"b\":\"s\",\"A\":{}}";
    static const char *const pointers[] = {"/x",   "/a/2", "/a/01",  "/a/-", "/a/",
                                           "/b/0", "/A/a", "/a/1/0", "/a/+1"};
    char found[64];
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(pointers); i++)
        assert_int_equal(find(text, pointers[i], found), ERR_NOT_FOUND);
}

static void a_key_on_the_way_that_stands_twice_is_refused(void **state)
{
    char found[64];
    (void)state;
    assert_int_equal(find("{\"a\":{\"id\":1},\"a\":{\"id\":2}}", "/a/id", found), ERR_MALFORMED);
    assert_int_equal(find("{\"a\":1,\"\\u0061\":2}", "/a", found), ERR_MALFORMED);
    assert_int_equal(find("{\"a\":1,\"b\":2,\"b\":3}", "/a", found), 0);
    assert_string_equal(found, "1");
}

static void what_is_no_json_is_refused(void **state)
{
    static const char *const texts[] = {
        "",
        " ",
        "{",
        "{\"a\":1",
        "{\"a\":1,}",
        "{\"a\" 1}",
        "{a:1}",
        "{'a':1}",
        "{\"a\":01}",
        "{\"a\":1.}",
        "{\"a\":.5}",
        "{\"a\":+1}",
        "{\"a\":-}",
        "{\"a\":1e}",
        "{\"a\":tru}",
        "{\"a\":nan}",
        "{\"a\":\"\t\"}",
        "{\"a\":\"\\x\"}",
        "[1,2",
        "[1,,2]",
        "[,1]",
        "{\"a\":1}}",
        "{\"a\":1} x",
        "{\"a\":\"\\u12g4\"}",
        "{\"a\":\"",
        "{\"a\":\"\\",
        "{\"a\":\"\\u12",
        "\"a",
        "{\"a\":1 \"b\":2}",
        "{,}",
    };
    char found[64];
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(texts); i++)
        assert_int_equal(find(texts[i], "/a", found), ERR_MALFORMED);
}

static void depth_is_bounded(void **state)
{
    char deep[2 * JSON_SPAN_DEPTH_MAX + 8] = "";
    struct json_span span;
    (void)state;
    memset(deep, '[', JSON_SPAN_DEPTH_MAX);
    memset(deep + JSON_SPAN_DEPTH_MAX, ']', JSON_SPAN_DEPTH_MAX);
    assert_int_equal(json_span_find(deep, 2 * JSON_SPAN_DEPTH_MAX, "", &span), 0);
    memset(deep, '[', JSON_SPAN_DEPTH_MAX + 1);
    memset(deep + JSON_SPAN_DEPTH_MAX + 1, ']', JSON_SPAN_DEPTH_MAX + 1);
    assert_int_equal(json_span_find(deep, 2 * JSON_SPAN_DEPTH_MAX + 2, "", &span), ERR_TOO_LARGE);
}

static void pointers_are_checked(void **state)
{
    (void)state;
    assert_int_equal(json_pointer_check(""), 0);
    assert_int_equal(json_pointer_check("/a~0~1/b"), 0);
    assert_int_equal(json_pointer_check("a"), ERR_INVALID);
    assert_int_equal(json_pointer_check("/a~2"), ERR_INVALID);
    assert_int_equal(json_pointer_check("/a~"), ERR_INVALID);
}

static void a_value_says_words_whatever_its_escapes(void **state)
{
    static const struct {
        const char *text;
        const char *words;
        bool says;
    } rows[] = {
        {"\"flow-p\"", "flow-p", true},
        {"\"fl\\u006fw-p\"", "flow-p", true},
        {"\"flow-p\\u0000\"", "flow-p", false},
        {"\"flow-p\"", "flow-", false},
        {"\"flow-\"", "flow-p", false},
        {"\"\\ud83d\\ude00\"", "\xf0\x9f\x98\x80", true},
        {"\"\\u00e4\\n\"", "\xc3\xa4\n", true},
        {"true", "true", true},
        {"\"true\"", "true", true},
        {"1.0", "1", false},
        {"null", "", false},
        {"\"\"", "", true},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct json_span span;
        size_t length = strlen(rows[i].text);
        assert_int_equal(json_span_find(rows[i].text, length, "", &span), 0);
        assert_int_equal(json_span_says(rows[i].text, span, rows[i].words), rows[i].says);
    }
}

static void whole_numbers_are_exact(void **state)
{
    static const struct {
        const char *text;
        int64_t number;
        int error;
    } rows[] = {
        {"0", 0, 0},
        {"9007199254740993", INT64_C(9007199254740993), 0},
        {"-12", -12, 0},
        {"9223372036854775808", 0, ERR_MALFORMED},
        {"1.0", 0, ERR_MALFORMED},
        {"1e3", 0, ERR_MALFORMED},
        {"\"1\"", 0, ERR_MALFORMED},
        {"null", 0, ERR_MALFORMED},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct json_span span = {0, strlen(rows[i].text)};
        int64_t number = 0;
        assert_int_equal(json_span_integer(rows[i].text, span, &number), rows[i].error);
        assert_int_equal(number, rows[i].number);
    }
}

static void strings_are_read_and_written(void **state)
{
    static const char *const words[] = {"", "plain", "a \"b\" \\ c", "tab\there\nand there",
                                        "\xc3\xa4\xf0\x9f\x98\x80"};
    char quoted[128];
    char again[128];
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(words); i++) {
        struct json_span span;
        assert_int_equal(json_quote(words[i], quoted, sizeof quoted), 0);
        assert_int_equal(json_span_find(quoted, strlen(quoted), "", &span), 0);
        assert_int_equal(json_span_string(quoted, span, again, sizeof again), 0);
        assert_string_equal(again, words[i]);
    }
    const struct json_span six = {0, 8};
    assert_int_equal(json_span_string("\"flow-p\"", six, again, 6), ERR_TOO_LARGE);
    assert_int_equal(json_span_string("\"flow-p\"", six, again, 7), 0);
    assert_int_equal(json_span_string("\"a\\u0000\"", six, again, 7), ERR_MALFORMED);
    assert_int_equal(json_quote("flow-p", quoted, 6), ERR_TOO_LARGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pointer_finds_the_value_as_it_is_written),
        cmocka_unit_test(what_is_not_there_is_not_found),
        cmocka_unit_test(a_key_on_the_way_that_stands_twice_is_refused),
        cmocka_unit_test(what_is_no_json_is_refused),
        cmocka_unit_test(depth_is_bounded),
        cmocka_unit_test(pointers_are_checked),
        cmocka_unit_test(a_value_says_words_whatever_its_escapes),
        cmocka_unit_test(whole_numbers_are_exact),
        cmocka_unit_test(strings_are_read_and_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
