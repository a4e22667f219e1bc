#include "node/cmd/graph.h"

#include "node/cmd/subcommand.h"
#include "node/core/move.h"

void graph_print_text(FILE *out)
{
    size_t count = 0;
    const struct move_row *rows = move_table(&count);
    fprintf(out, "%-10s %-18s %-19s %s\n", "FROM", "INPUT", "TO", "WHY");
    for (size_t i = 0; i < count; i++)
        fprintf(out, "%-10s %-18s %-19s %s\n", move_state_name(rows[i].from),
                move_input_name(rows[i].input), move_state_name(rows[i].to), rows[i].reason);
}

void graph_print_dot(FILE *out)
{
    size_t count = 0;
    const struct move_row *rows = move_table(&count);
    fprintf(out, "digraph move {\n  rankdir=LR;\n  node [shape=box];\n");
    for (size_t i = 0; i < count; i++)
        fprintf(out, "  \"%s\" -> \"%s\" [label=\"%s\", tooltip=\"%s\"];\n",
                move_state_name(rows[i].from), move_state_name(rows[i].to),
                move_input_name(rows[i].input), rows[i].reason);
    fprintf(out, "}\n");
}

static enum exit_code graph(const struct arguments *arguments)
{
    if (arguments_have(arguments, OPTION_DOT))
        graph_print_dot(stdout);
    else
        graph_print_text(stdout);
    return EXIT_OK;
}

const struct subcommand command_graph = {
    .name = "graph",
    .arguments = "[--dot]",
    .summary = "Prints the table of what a move may do, with the reason of each row",
    .help = "  quorate graph\n"
            "  quorate graph --dot | dot -Tsvg > move.svg\n",
    .options = OPTION_BIT(OPTION_DOT),
    .run = graph,
};
