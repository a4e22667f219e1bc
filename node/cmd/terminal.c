#include "node/cmd/terminal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/check.h"

#define COLOR_END "\033[0m"
#define GREEN "\033[32m"
#define YELLOW "\033[33m"
#define RED "\033[31m"
#define BOLD "\033[1m"

struct colored_word {
    const char *word;
    const char *color;
};

static const struct colored_word colored[] = {
    {"UP", GREEN},       {"steady", GREEN},       {"DONE", GREEN},
    {"SLOW", YELLOW},    {"inquiry", YELLOW},     {"moving", YELLOW},
    {"paused", YELLOW},  {"CANNOT_TELL", YELLOW}, {"blind", RED},
    {"convicted", RED},  {"blocked", RED},        {"DOWN", RED},
    {"foreign", RED},    {"BLOCKED", RED},        {"SWITCHED_UNVERIFIED", RED},
    {"ABORTED", YELLOW}, {"pass", GREEN},         {"warn", YELLOW},
    {"fail", RED},
};

static bool has_colors(void)
{
    const char *no_color = getenv("NO_COLOR");
    return (no_color == NULL || no_color[0] == '\0') && isatty(STDOUT_FILENO) == 1;
}

static const char *color_of(const char *cell)
{
    size_t length = strcspn(cell, " ");
    for (size_t i = 0; i < ARRAY_COUNT(colored); i++)
        if (strlen(colored[i].word) == length && strncmp(cell, colored[i].word, length) == 0)
            return colored[i].color;
    return NULL;
}

void table_row(struct table *table)
{
    table->row_count++;
    table->column_count = 0;
}

void table_cell(struct table *table, const char *format, ...)
{
    va_list list;
    CHECK(table->row_count > 0 && table->column_count < TABLE_COLUMN_MAX);
    size_t column = table->column_count++;
    if (table->row_count > TABLE_ROW_MAX)
        return;
    va_start(list, format);
    vsnprintf(table->cells[table->row_count - 1][column], TABLE_CELL_SIZE, format, list);
    va_end(list);
}

/* Width 0: nothing comes behind it. */
static void print_cell(const char *cell, size_t width, const char *color)
{
    size_t length = strlen(cell);
    printf("%s%s%s%*s", color != NULL ? color : "", cell, color != NULL ? COLOR_END : "",
           width > length ? (int)(width - length) : 0, "");
}

void table_print(const struct table *table)
{
    if (table->row_count < 2)
        return;
    size_t width[TABLE_COLUMN_MAX] = {0};
    size_t rows = table->row_count < TABLE_ROW_MAX ? table->row_count : TABLE_ROW_MAX;
    bool colors = has_colors();
    for (size_t row = 0; row < rows; row++)
        for (size_t column = 0; column < TABLE_COLUMN_MAX; column++) {
            size_t length = strlen(table->cells[row][column]);
            width[column] = length > width[column] ? length : width[column];
        }
    for (size_t row = 0; row < rows; row++) {
        for (size_t column = 0; column < TABLE_COLUMN_MAX && width[column] > 0; column++) {
            const char *cell = table->cells[row][column];
            const char *color = row == 0 ? BOLD : color_of(cell);
            bool is_last = column + 1 == TABLE_COLUMN_MAX || width[column + 1] == 0;
            print_cell(cell, is_last ? 0 : width[column] + 2, colors ? color : NULL);
        }
        printf("\n");
    }
    if (table->row_count > TABLE_ROW_MAX)
        printf("... and %zu more\n", table->row_count - TABLE_ROW_MAX);
}

void terminal_word(const char *word, size_t width)
{
    print_cell(word, width, has_colors() ? color_of(word) : NULL);
}

void terminal_error(const char *format, ...)
{
    va_list list;
    va_start(list, format);
    fprintf(stderr, "quorate: ");
    vfprintf(stderr, format, list);
    fprintf(stderr, "\n");
    va_end(list);
}

void terminal_problems(const struct config_problems *problems)
{
    for (size_t i = 0; i < problems->count && i < PROBLEM_COUNT_MAX; i++)
        fprintf(stderr, "%s\n", problems->lines[i].bytes);
    if (problems->count > PROBLEM_COUNT_MAX)
        fprintf(stderr, "... and %zu more\n", problems->count - PROBLEM_COUNT_MAX);
}

const char *terminal_time(time_ms duration, char buffer[AGO_SIZE])
{
    if (duration < 0)
        snprintf(buffer, AGO_SIZE, "-");
    else if (duration < 1000)
        snprintf(buffer, AGO_SIZE, "%lld ms", (long long)duration);
    else if (duration < 120000)
        snprintf(buffer, AGO_SIZE, "%lld s", (long long)(duration / 1000));
    else if (duration < 7200000)
        snprintf(buffer, AGO_SIZE, "%lld m", (long long)(duration / 60000));
    else
        snprintf(buffer, AGO_SIZE, "%lld h", (long long)(duration / 3600000));
    return buffer;
}

const char *terminal_ago(time_ms duration, char buffer[AGO_SIZE])
{
    char words[AGO_SIZE];
    if (duration < 0)
        snprintf(buffer, AGO_SIZE, "-");
    else
        snprintf(buffer, AGO_SIZE, "%.20s ago", terminal_time(duration, words));
    return buffer;
}
