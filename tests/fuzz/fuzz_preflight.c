#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/check.h"
#include "common/cleanup.h"
#include "node/io/preflight/check.h"
#include "node/io/preflight/run.h"

enum { PART_COUNT_MAX = 16 };

/* The input's parts, with a NUL between them, answer the questions in turn. */
struct answers {
    const char *parts[PART_COUNT_MAX];
    size_t lengths[PART_COUNT_MAX];
    size_t count;
    size_t asked;
};

static void split(const char *bytes, size_t length, struct answers *answers)
{
    const char *end = bytes + length;
    while (answers->count < PART_COUNT_MAX) {
        const char *stop = memchr(bytes, '\0', (size_t)(end - bytes));
        size_t part = (size_t)((stop != NULL ? stop : end) - bytes);
        answers->parts[answers->count] = bytes;
        answers->lengths[answers->count++] = part;
        if (stop == NULL)
            return;
        bytes = stop + 1;
    }
}

static void ask(void *data, const struct preflight_question *question,
                struct preflight_page *ret_page)
{
    struct answers *answers = data;
    const char *url = question->url;
    size_t part = answers->asked++ % answers->count;
    CHECK(question->platform == 0 && strncmp(url, "https://api.example.com/", 24) == 0);
    for (const char *byte = url; *byte != '\0'; byte++)
        CHECK(*byte > ' ' && *byte < 0x7f);
    *ret_page = (struct preflight_page){.asked = true, .status = 200};
    CHECK(preflight_page_take(ret_page, answers->parts[part], answers->lengths[part]) == 0);
}

static struct config *make_config(void)
{
    struct config *config = calloc(1, sizeof *config);
    struct service_config *service = calloc(1, sizeof *service);
    CHECK(config != NULL && service != NULL);
    config->services = service;
    config->service_count = 1;
    config->platform_count = 1;
    CHECK(name_set(&service->name, "support") == 0);
    CHECK(name_set(&config->platforms[0].name, "genesys") == 0);
    (void)snprintf(config->platforms[0].api_url, URL_SIZE, "https://api.example.com");
    (void)snprintf(service->side[SIDE_PRIMARY].id, NAME_SIZE, "p");
    (void)snprintf(service->side[SIDE_STANDBY].id, NAME_SIZE, "s");
    (void)snprintf(service->side[SIDE_STANDBY].tag, NAME_SIZE, "env:standby");
    (void)snprintf(service->side[SIDE_STANDBY].min_version, NAME_SIZE, "v1.0.5");
    service->route_count = 2;
    for (size_t i = 0; i < service->route_count; i++) {
        CHECK(name_set(&service->routes[i].name, i == 0 ? "plan" : "group") == 0);
        (void)snprintf(service->routes[i].backend, NAME_SIZE,
                       i == 0 ? "routing-plan" : "emergency-group");
        (void)snprintf(service->routes[i].plan, NAME_SIZE, "plan-1");
        (void)snprintf(service->routes[i].group, NAME_SIZE, "g");
        (void)snprintf(service->routes[i].via, NAME_SIZE, "genesys");
    }
    return config;
}

/* What strangers wrote is shown in a terminal. */
static void check_words(const char *words)
{
    for (; *words != '\0'; words++)
        CHECK(*words >= ' ' && *words < 0x7f);
}

static void check_report(const struct preflight_report *report)
{
    CHECK(report->count >= preflight_check_count() - 1);
    for (size_t i = 0; i < report->count; i++) {
        const struct preflight_row *row = &report->rows[i];
        check_words(row->about);
        check_words(row->found.bytes);
        check_words(row->todo.bytes);
        CHECK(row->result < PREFLIGHT_RESULT_N && row->found.length > 0);
        CHECK(row->result != PREFLIGHT_FAIL || row->todo.length > 0);
    }
    cJSON *json = preflight_report_json(report, true);
    CHECK(cJSON_GetArraySize(cJSON_GetObjectItem(json, "rows")) == (int)report->count);
    cJSON_Delete(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct answers answers = {.count = 0};
    struct preflight_run *run = NULL;
    CLEANUP(preflight_report_free) struct preflight_report *report = NULL;
    const struct preflight_port port = {.data = &answers, .ask = ask};
    if (length == 0)
        return 0;
    split((const char *)bytes, length, &answers);
    struct config *config = make_config();
    CHECK(preflight_run_new(config, &port, true, &run) == 0);
    CHECK(preflight_run_service(run, 0, &report) == 0);
    CHECK(answers.asked <= RUN_REQUEST_COUNT_MAX);
    check_report(report);
    preflight_run_free(&run);
    free(config->services);
    free(config);
    return 0;
}
