/* plain-checker: what most people run today, for comparison: so many failures in a row and it would
 * act. */
#include "common/cleanup.h"
#include "common/errors.h"
#include "tests/lab/base/clock.h"
#include "tests/lab/base/options.h"
#include "tests/lab/base/stop.h"
#include "tests/lab/checker/probe.h"

#include <cjson/cJSON.h>
#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct command {
    struct probe_target target;
    time_ms every_ms;
    int64_t fail;
    const char *report_path;
};

static bool command_read(struct command *command, int argc, char **argv, int *ret_exit_code)
{
    const struct option table[] = {
        {"url", OPTION_TEXT, true, &command->target.url, "URL", "what to probe"},
        {"every", OPTION_DURATION, false, &command->every_ms, "TIME", "default 1s"},
        {"timeout", OPTION_DURATION, false, &command->target.timeout_ms, "TIME", "default 500ms"},
        {"latency", OPTION_DURATION, false, &command->target.latency_ms, "TIME",
         "an answer that takes longer is a failure; default 200ms"},
        {"fail", OPTION_COUNT, false, &command->fail, "N",
         "failures in a row after which it would fail over; default 3"},
        {"report", OPTION_TEXT, true, &command->report_path, "FILE",
         "appends each probe as a line of JSON"},
        {"connect-to", OPTION_TEXT, false, &command->target.connect_to, "HOST:PORT",
         "connects there instead of to the URL's host"},
    };
    const struct options options = {
        .program = "plain-checker",
        .purpose = "probes a URL and says when N failures in a row would have failed it over",
        .example = "plain-checker --url http://127.0.0.1:18081/canary --report /tmp/plain.jsonl",
        .table = table,
        .count = sizeof(table) / sizeof(table[0]),
    };

    return options_read(&options, argc, argv, ret_exit_code);
}

static int line_write(FILE *report, cJSON *line)
{
    char *text = cJSON_PrintUnformatted(line);
    int result =
        text != NULL && fprintf(report, "%s\n", text) > 0 && fflush(report) == 0 ? 0 : ERR_IO;

    free(text);
    cJSON_Delete(line);
    return result;
}

static int probe_report(FILE *report, int64_t seq, const struct probe_result *result,
                        int64_t failures)
{
    cJSON *line = cJSON_CreateObject();

    (void)cJSON_AddStringToObject(line, "event", "probe");
    (void)cJSON_AddNumberToObject(line, "seq", (double)seq);
    (void)cJSON_AddNumberToObject(line, "wall_ms", (double)clock_wall_ms());
    (void)cJSON_AddBoolToObject(line, "ok", result->ok);
    (void)cJSON_AddNumberToObject(line, "status", result->status);
    (void)cJSON_AddNumberToObject(line, "total_ms", (double)(int64_t)(result->total_ms * 10) / 10);
    if (result->ok)
        (void)cJSON_AddNullToObject(line, "why");
    else
        (void)cJSON_AddStringToObject(line, "why", result->why.bytes);
    (void)cJSON_AddNumberToObject(line, "failures", (double)failures);
    return line_write(report, line);
}

static int failover_report(FILE *report, int64_t failures)
{
    cJSON *line = cJSON_CreateObject();

    (void)cJSON_AddStringToObject(line, "event", "would-fail-over");
    (void)cJSON_AddNumberToObject(line, "after", (double)failures);
    (void)cJSON_AddNumberToObject(line, "wall_ms", (double)clock_wall_ms());
    return line_write(report, line);
}

/* Until a stop. The line of the fail-over is written once for each run of failures. */
static int check(const struct command *command, FILE *report, int stop_fd)
{
    time_ms next_ms = clock_boot_ms();
    int64_t failures = 0;

    for (int64_t seq = 1;; seq++) {
        struct probe_result result = {0};

        if (probe_run(&command->target, stop_fd, &result) != 0)
            return ERR_INTERNAL;
        if (result.stopped)
            return 0;
        failures = result.ok ? 0 : failures + 1;
        if (probe_report(report, seq, &result, failures) != 0)
            return ERR_IO;
        if (failures == command->fail && failover_report(report, failures) != 0)
            return ERR_IO;
        next_ms += command->every_ms;
        if (next_ms < clock_boot_ms())
            next_ms = clock_boot_ms();
        if (stop_wait(stop_fd, next_ms - clock_boot_ms()))
            return 0;
    }
}

static int serve(const struct command *command, int stop_fd, struct text *why)
{
    CLEANUP(cleanup_fclose) FILE *report = fopen(command->report_path, "ae");
    int result;

    if (report == NULL) {
        text_set(why, "report %s: %s", command->report_path, strerror(errno));
        return ERR_IO;
    }
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        text_set(why, "libcurl does not start");
        return ERR_INTERNAL;
    }
    printf("ready url=%s\n", command->target.url);
    (void)fflush(stdout);
    result = check(command, report, stop_fd);
    curl_global_cleanup();
    if (result != 0)
        text_set(why, "%s: %s", command->report_path, error_name(result));
    return result;
}

int main(int argc, char **argv)
{
    struct command command = {
        .target = {.timeout_ms = 500, .latency_ms = 200},
        .every_ms = 1000,
        .fail = 3,
    };
    struct text why = {0};
    CLEANUP(cleanup_close) int stop_fd = -1;
    int exit_code = EXIT_SUCCESS;

    if (stop_open(&stop_fd) != 0)
        return EXIT_START;
    if (!command_read(&command, argc, argv, &exit_code))
        return exit_code;
    if (serve(&command, stop_fd, &why) == 0)
        return EXIT_SUCCESS;
    fprintf(stderr, "plain-checker: %s\n", why.bytes);
    return EXIT_START;
}
