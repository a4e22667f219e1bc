#include "node/cmd/check_online.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/cleanup.h"
#include "common/errors.h"
#include "node/cmd/terminal.h"
#include "node/io/preflight/asker.h"
#include "node/io/preflight/run.h"

enum { PACE_MS = 20, WIDTH_CHECK = 18, WIDTH_RESULT = 6 };

struct online {
    const struct arguments *arguments;
    struct config *config;
    struct actuator *actuator;
    struct asker *asker;
    struct preflight_run *run;
    cJSON *list; /* of --json */
    bool failed;
};

/* Routes are read by questions of our own; no job is ever submitted. */
static void on_done(const struct actuator_result *result, void *data)
{
    (void)result;
    (void)data;
}

static void print_row(const struct preflight_row *row)
{
    terminal_word(row->check, WIDTH_CHECK);
    terminal_word(preflight_result_name(row->result), WIDTH_RESULT);
    printf("%s%s%s\n", row->about, row->about[0] != '\0' ? ": " : "", row->found.bytes);
    if (row->todo.length > 0)
        printf("%*s-> %s\n", WIDTH_CHECK + WIDTH_RESULT, "", row->todo.bytes);
}

static void print_report(const struct preflight_report *report)
{
    printf("%s\n", report->service.text);
    for (size_t i = 0; i < report->count; i++)
        print_row(&report->rows[i]);
    if (report->dropped > 0)
        printf("... and %zu rows more\n", report->dropped);
    printf("%zu passed, %zu warned, %zu failed, %zu skipped\n\n",
           preflight_report_count(report, PREFLIGHT_PASS),
           preflight_report_count(report, PREFLIGHT_WARN),
           preflight_report_count(report, PREFLIGHT_FAIL),
           preflight_report_count(report, PREFLIGHT_SKIP));
}

static void take(struct online *online, struct preflight_report *report)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_REALTIME, &now);
    report->wall_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
    online->failed = online->failed || preflight_report_worst(report) == PREFLIGHT_FAIL;
    if (online->list == NULL) {
        print_report(report);
        return;
    }
    cJSON *object = preflight_report_json(report, true);
    cJSON_AddStringToObject(object, "service", report->service.text);
    cJSON_AddItemToArray(online->list, object);
}

static bool is_wanted(const struct online *online, const struct service_config *service)
{
    const char *name = arguments_value(online->arguments, OPTION_SERVICE);
    return name == NULL || strcmp(name, service->name.text) == 0;
}

static enum exit_code look(struct online *online)
{
    for (size_t i = 0; i < online->config->service_count; i++) {
        CLEANUP(preflight_report_free) struct preflight_report *report = NULL;
        if (!is_wanted(online, &online->config->services[i]))
            continue;
        int rc = preflight_run_service(online->run, i, &report);
        if (rc < 0)
            return exit_code_of_error(rc);
        take(online, report);
    }
    return online->failed ? EXIT_PREFLIGHT : EXIT_OK;
}

static enum exit_code check_name(const struct online *online)
{
    const char *name = arguments_value(online->arguments, OPTION_SERVICE);
    const char *names[SERVICE_COUNT_MAX];
    size_t count = online->config->service_count;
    for (size_t i = 0; i < count; i++) {
        names[i] = online->config->services[i].name.text;
        if (is_wanted(online, &online->config->services[i]))
            return EXIT_OK;
    }
    const char *near = text_nearest(name, names, count);
    terminal_error("no service is called %.60s%s%s", name, near != NULL ? "; nearest: " : "",
                   near != NULL ? near : "");
    return EXIT_NOT_FOUND;
}

static int open_all(struct online *online, struct text *why)
{
    int rc = actuator_new(online->config, on_done, NULL, &online->actuator, why);
    if (rc == 0)
        rc = asker_new(online->config, online->actuator, PACE_MS, &online->asker);
    if (rc == 0)
        rc = preflight_run_new(online->config, asker_port(online->asker), true, &online->run);
    return rc;
}

static void print_list(const struct online *online)
{
    char *text = online->list != NULL ? cJSON_Print(online->list) : NULL;
    if (text != NULL)
        puts(text);
    cJSON_free(text);
}

static enum exit_code run(struct online *online)
{
    struct text why = {.length = 0};
    enum exit_code code = check_name(online);
    if (code != EXIT_OK)
        return code;
    int rc = open_all(online, &why);
    if (rc < 0) {
        terminal_error("%s", why.length > 0 ? why.bytes : error_name(rc));
        return exit_code_of_error(rc);
    }
    if (arguments_have(online->arguments, OPTION_JSON))
        online->list = cJSON_CreateArray();
    code = look(online);
    print_list(online);
    return code;
}

enum exit_code check_online(const struct arguments *arguments, const char *path)
{
    struct online online = {.arguments = arguments};
    struct config_problems problems;
    const char *node = arguments_node(arguments);
    if (node == NULL) {
        terminal_error("check --online: --node NAME says whose credentials to use");
        return EXIT_USAGE;
    }
    int rc = config_load(path, node, &online.config, &problems);
    if (rc != 0) {
        terminal_problems(&problems);
        return exit_code_of_error(rc);
    }
    enum exit_code code = run(&online);
    preflight_run_free(&online.run);
    asker_free(&online.asker);
    actuator_free(&online.actuator);
    cJSON_Delete(online.list);
    config_free(&online.config);
    return code;
}
