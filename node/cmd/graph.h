/* The move's table as text for people, or as a graph for Graphviz.
 * Never knows a rule of its own: everything is printed from node/core/move.h.
 * Called by `quorate graph` and its test. */
#ifndef QUORATE_CMD_GRAPH_H
#define QUORATE_CMD_GRAPH_H

#include <stdio.h>

void graph_print_text(FILE *out);
void graph_print_dot(FILE *out);

#endif
