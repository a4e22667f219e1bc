#include "node/io/preflight/report.h"

#include <stdlib.h>
#include <string.h>

#include "common/check.h"
#include "common/errors.h"

enum { ROW_STEP = 16 /* a power of two */ };

static const char *const result_names[PREFLIGHT_RESULT_N] = {
    [PREFLIGHT_SKIP] = "skip",
    [PREFLIGHT_PASS] = "pass",
    [PREFLIGHT_WARN] = "warn",
    [PREFLIGHT_FAIL] = "fail",
};

const char *preflight_result_name(enum preflight_result result)
{
    return (size_t)result < PREFLIGHT_RESULT_N ? result_names[result] : "?";
}

int preflight_report_new(const struct name *service, struct preflight_report **ret_report)
{
    struct preflight_report *report = calloc(1, sizeof *report);
    if (report == NULL)
        return ERR_NO_MEMORY;
    report->service = *service;
    *ret_report = report;
    return 0;
}

void preflight_report_free(struct preflight_report **report)
{
    if (*report != NULL)
        free((*report)->rows);
    free(*report);
    *report = NULL;
}

static int grow(struct preflight_report *report)
{
    if (report->count % ROW_STEP != 0)
        return 0;
    if (report->count == PREFLIGHT_ROW_COUNT_MAX)
        return ERR_FULL;
    struct preflight_row *rows =
        realloc(report->rows, (report->count + ROW_STEP) * sizeof *report->rows);
    if (rows == NULL)
        return ERR_NO_MEMORY;
    report->rows = rows;
    return 0;
}

struct preflight_row *preflight_report_add(struct preflight_report *report, const char *check,
                                           const char *about)
{
    if (grow(report) < 0) {
        report->dropped++;
        return NULL;
    }
    struct preflight_row *row = &report->rows[report->count++];
    *row = (struct preflight_row){.check = check, .result = PREFLIGHT_SKIP};
    (void)text_copy(row->about, sizeof row->about, about);
    return row;
}

enum preflight_result preflight_report_worst(const struct preflight_report *report)
{
    enum preflight_result worst = PREFLIGHT_SKIP;
    for (size_t i = 0; i < report->count; i++)
        if (report->rows[i].result > worst)
            worst = report->rows[i].result;
    return worst;
}

size_t preflight_report_count(const struct preflight_report *report, enum preflight_result result)
{
    size_t count = 0;
    for (size_t i = 0; i < report->count; i++)
        count += report->rows[i].result == result ? 1 : 0;
    return count;
}

static bool is_first(const struct preflight_report *report, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (report->rows[i].result == report->rows[at].result &&
            strcmp(report->rows[i].check, report->rows[at].check) == 0)
            return false;
    return true;
}

void preflight_report_name(const struct preflight_report *report, enum preflight_result result,
                           struct text *ret_names)
{
    text_clear(ret_names);
    for (size_t i = 0; i < report->count; i++)
        if (report->rows[i].result == result && is_first(report, i))
            text_add(ret_names, "%s%s", ret_names->length > 0 ? ", " : "", report->rows[i].check);
}

static void add_row(cJSON *rows, const struct preflight_row *row)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "check", row->check);
    cJSON_AddStringToObject(object, "about", row->about);
    cJSON_AddStringToObject(object, "result", preflight_result_name(row->result));
    cJSON_AddStringToObject(object, "found", row->found.bytes);
    if (row->todo.length > 0)
        cJSON_AddStringToObject(object, "todo", row->todo.bytes);
    cJSON_AddItemToArray(rows, object);
}

cJSON *preflight_report_json(const struct preflight_report *report, bool rows)
{
    static const char *const words[PREFLIGHT_RESULT_N] = {
        [PREFLIGHT_SKIP] = "skipped",
        [PREFLIGHT_PASS] = "passed",
        [PREFLIGHT_WARN] = "warned",
        [PREFLIGHT_FAIL] = "failed",
    };
    struct text failing = {.length = 0};
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "result",
                            preflight_result_name(preflight_report_worst(report)));
    for (int result = PREFLIGHT_RESULT_N - 1; result >= 0; result--)
        cJSON_AddNumberToObject(
            object, words[result],
            (double)preflight_report_count(report, (enum preflight_result)result));
    preflight_report_name(report, PREFLIGHT_FAIL, &failing);
    cJSON_AddStringToObject(object, "failing", failing.bytes);
    cJSON_AddNumberToObject(object, "at", (double)report->wall_ms);
    if (!rows)
        return object;
    cJSON *list = cJSON_AddArrayToObject(object, "rows");
    for (size_t i = 0; i < report->count; i++)
        add_row(list, &report->rows[i]);
    return object;
}
