/* What a preflight of one service found: a row a check, with what to do about it.
 * Never asks anything and never decides what a check means.
 * Filled by the runner, shown by `quorate check --online`, the API and the log. */
#ifndef QUORATE_IO_PREFLIGHT_REPORT_H
#define QUORATE_IO_PREFLIGHT_REPORT_H

#include <cjson/cJSON.h>

#include "common/text.h"
#include "proto/types.h"

enum {
    PREFLIGHT_ROW_COUNT_MAX = 192, /* rows beyond are counted, not kept */
    PREFLIGHT_ABOUT_SIZE = 320,
};

enum preflight_result {
    PREFLIGHT_SKIP, /* does not apply here, and says why */
    PREFLIGHT_PASS,
    PREFLIGHT_WARN, /* could not be told, or bears watching */
    PREFLIGHT_FAIL, /* a failover would go wrong, or not far enough */
    PREFLIGHT_RESULT_N
};

struct preflight_row {
    const char *check;                /* its name; static storage */
    char about[PREFLIGHT_ABOUT_SIZE]; /* the platform, route or flow that was looked at */
    enum preflight_result result;
    struct text found;
    struct text todo; /* what a human does about it; empty where there is nothing to do */
};

struct preflight_report {
    struct name service;
    int64_t wall_ms; /* when the run of this service ended */
    time_ms at_ms;   /* ... on the boot-time clock */
    size_t count;
    size_t dropped; /* rows that found no room */
    struct preflight_row *rows;
};

const char *preflight_result_name(enum preflight_result result); /* "pass", "warn", ... */

/* An empty report. Returns 0 or ERR_NO_MEMORY. */
int preflight_report_new(const struct name *service, struct preflight_report **ret_report);
void preflight_report_free(struct preflight_report **report);

/* A new row, which the report owns until it is freed or the next one is asked for; NULL where there
 * is no room, which is counted. */
struct preflight_row *preflight_report_add(struct preflight_report *report, const char *check,
                                           const char *about);

/* The worst of its rows: FAIL before WARN before PASS before SKIP. */
enum preflight_result preflight_report_worst(const struct preflight_report *report);
size_t preflight_report_count(const struct preflight_report *report, enum preflight_result result);
/* The names of the checks with this result, with commas between them, each once. */
void preflight_report_name(const struct preflight_report *report, enum preflight_result result,
                           struct text *ret_names);

/* {"result", "passed", "warned", "failed", "skipped", "at", "rows": [...]}, `rows` only where asked
 * for; the caller frees it. NULL without memory. */
cJSON *preflight_report_json(const struct preflight_report *report, bool rows);

#endif
