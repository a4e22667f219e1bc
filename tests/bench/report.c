#include "tests/bench/report.h"

#include "common/check.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>

void report_add(struct report *report, const struct figure *figure)
{
    CHECK(report->count < FIGURE_COUNT_MAX);
    report->figures[report->count++] = *figure;
}

static bool is_met(const struct figure *figure)
{
    return figure->goal <= 0 || figure->value <= figure->goal;
}

bool report_goals_met(const struct report *report)
{
    for (size_t i = 0; i < report->count; i++)
        if (!is_met(&report->figures[i]))
            return false;
    return true;
}

void report_print_table(const struct report *report)
{
    printf("%-52s %10s %-6s %10s  %-6s  %s\n", "figure", "seen", "unit", "goal", "", "command");
    for (size_t i = 0; i < report->count; i++) {
        const struct figure *figure = &report->figures[i];
        char goal[32] = "-";
        if (figure->goal > 0)
            (void)snprintf(goal, sizeof goal, "<= %g", figure->goal);
        printf("%-52s %10.2f %-6s %10s  %-6s  %s\n", figure->name, figure->value, figure->unit,
               goal,
               figure->goal <= 0 ? ""
               : is_met(figure)  ? "met"
                                 : "MISSED",
               figure->command);
    }
}

void report_print_json(const struct report *report)
{
    cJSON *page = cJSON_CreateObject();
    cJSON *rows = cJSON_AddArrayToObject(page, "figures");
    for (size_t i = 0; i < report->count; i++) {
        const struct figure *figure = &report->figures[i];
        cJSON *row = cJSON_CreateObject();
        (void)cJSON_AddStringToObject(row, "name", figure->name);
        (void)cJSON_AddNumberToObject(row, "value", figure->value);
        (void)cJSON_AddStringToObject(row, "unit", figure->unit);
        if (figure->goal > 0) {
            (void)cJSON_AddNumberToObject(row, "goal", figure->goal);
            (void)cJSON_AddBoolToObject(row, "met", is_met(figure));
        }
        (void)cJSON_AddStringToObject(row, "command", figure->command);
        (void)cJSON_AddItemToArray(rows, row);
    }
    (void)cJSON_AddBoolToObject(page, "goals_met", report_goals_met(report));
    char *text = cJSON_Print(page);
    if (text != NULL)
        puts(text);
    free(text);
    cJSON_Delete(page);
}

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;
    return left < right ? -1 : left > right;
}

double figure_percentile(double *values, size_t count, unsigned percent)
{
    if (count == 0)
        return 0;
    qsort(values, count, sizeof *values, compare);
    size_t rank = (count * percent + 99) / 100;
    return values[rank > 0 ? rank - 1 : 0];
}

double figure_median(double *values, size_t count)
{
    return figure_percentile(values, count, 50);
}
