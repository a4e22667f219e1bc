#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "node/cmd/graph.h"
#include "node/core/move.h"

static char *print(void (*printer)(FILE *out))
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    assert_non_null(out);
    printer(out);
    assert_int_equal(fclose(out), 0);
    return text;
}

static size_t count_lines(const char *text)
{
    size_t lines = 0;
    for (; *text != '\0'; text++)
        lines += *text == '\n';
    return lines;
}

/* The whole line of a row, as people read it, checked once by eye; the other rows are checked
 * against the table. */
static void the_text_is_the_table(void **state)
{
    size_t count = 0;
    const struct move_row *rows = move_table(&count);
    char *text = print(graph_print_text);
    (void)state;
    assert_int_equal(count_lines(text), count + 1);
    assert_ptr_equal(strstr(text, "FROM       INPUT              TO                  WHY\n"), text);
    assert_non_null(
        strstr(text, "READY      switch-intent      SWITCHING           from here only forward\n"));
    const char *line = strchr(text, '\n') + 1;
    for (size_t i = 0; i < count; i++) {
        char expected[160];
        snprintf(expected, sizeof expected, "%-10s %-18s %-19s %s\n", move_state_name(rows[i].from),
                 move_input_name(rows[i].input), move_state_name(rows[i].to), rows[i].reason);
        assert_memory_equal(line, expected, strlen(expected));
        line += strlen(expected);
    }
    free(text);
}

static void the_dot_graph_has_an_edge_a_row(void **state)
{
    size_t count = 0;
    const struct move_row *rows = move_table(&count);
    char *text = print(graph_print_dot);
    (void)state;
    assert_ptr_equal(strstr(text, "digraph move {\n"), text);
    for (size_t i = 0; i < count; i++) {
        char edge[160];
        snprintf(edge, sizeof edge, "  \"%s\" -> \"%s\" [label=\"%s\"",
                 move_state_name(rows[i].from), move_state_name(rows[i].to),
                 move_input_name(rows[i].input));
        assert_non_null(strstr(text, edge));
    }
    assert_int_equal(count_lines(text), count + 4);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_text_is_the_table),
        cmocka_unit_test(the_dot_graph_has_an_edge_a_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
