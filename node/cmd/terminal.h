/* What people see: aligned tables, coloured words where the terminal likes them, and error lines.
 * Never writes colours into a pipe or a file, nor where NO_COLOR is set.
 * Called by the commands. */
#ifndef QUORATE_CMD_TERMINAL_H
#define QUORATE_CMD_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

#include "node/io/config/config.h"

enum { TABLE_COLUMN_MAX = 8, TABLE_ROW_MAX = 80, TABLE_CELL_SIZE = 64 };

/* Rows beyond the maximum are only counted; cells are cut. Zero-initialised storage is an empty
 * table. */
struct table {
    size_t row_count;
    size_t column_count;
    char cells[TABLE_ROW_MAX][TABLE_COLUMN_MAX][TABLE_CELL_SIZE];
};

/* Begins a row; the first one is the heading. */
void table_row(struct table *table);
/* Adds a cell to the last row. */
void table_cell(struct table *table, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Prints nothing where there is only a heading. */
void table_print(const struct table *table);

/* The word, in its color where it has one and the terminal likes it, filled up with spaces. */
void terminal_word(const char *word, size_t width);

/* "quorate: ..." on standard error. */
void terminal_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void terminal_problems(const struct config_problems *problems);

/* A duration as people read it: "12 s", "3 m", "2 h"; with " ago"; "-" where negative. Returns the
 * buffer. */
enum { AGO_SIZE = 32 };
const char *terminal_time(time_ms duration, char buffer[AGO_SIZE]);
const char *terminal_ago(time_ms duration, char buffer[AGO_SIZE]);

#endif
