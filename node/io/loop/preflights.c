/* When the leader runs the preflight, and what becomes of what it found. */
#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "common/hash.h"
#include "common/log.h"
#include "node/core/move.h"
#include "node/io/loop/parts.h"

enum {
    FIRST_MS_MAX =
        5 * 60 * 1000, /* after leadership began; a tenth of `every` where that is less */
    JITTER_PARTS = 10,
};

/* Nodes and days differ, so that two clusters do not ask at one moment. */
static time_ms jitter_of(const struct node *node, time_ms span_ms, time_ms now_ms)
{
    uint64_t seed = node->incarnation ^ (uint64_t)now_ms;
    return span_ms > 0 ? (time_ms)(hash_mix(seed) % (uint64_t)span_ms) : 0;
}

static time_ms first_ms(const struct node *node, time_ms now_ms)
{
    time_ms span_ms = node->config->preflight.every_ms / JITTER_PARTS;
    if (span_ms > FIRST_MS_MAX)
        span_ms = FIRST_MS_MAX;
    return now_ms + span_ms / 2 + jitter_of(node, span_ms / 2, now_ms);
}

static time_ms next_ms(const struct node *node, time_ms now_ms)
{
    time_ms every_ms = node->config->preflight.every_ms;
    return now_ms + every_ms + jitter_of(node, every_ms / JITTER_PARTS, now_ms);
}

/* What was found is the leader's to show: a node that leads no more forgets it. */
static void forget(struct node *node)
{
    preflight_cancel(node->preflight);
    node->preflight_ms = 0;
    for (size_t i = 0; i < SERVICE_COUNT_MAX; i++)
        preflight_report_free(&node->preflights[i]);
}

/* The platform's limits are for the move first. */
static bool is_moving(const struct core *core)
{
    for (service_slot slot = 0; slot < core->ledger.service_count; slot++)
        if (move_is_open(&core->ledger.services[slot].move))
            return true;
    return false;
}

void preflights_tick(struct node *node)
{
    time_ms now_ms = clock_boot_ms();
    if (node->config->preflight.every_ms == 0)
        return;
    if (node->core == NULL || !core_is_leading(node->core)) {
        if (node->preflight_ms != 0)
            forget(node);
        return;
    }
    if (node->preflight_ms == 0)
        node->preflight_ms = first_ms(node, now_ms);
    bool moving = is_moving(node->core);
    preflight_hold(node->preflight, moving);
    if (moving || now_ms < node->preflight_ms || preflight_is_running(node->preflight))
        return;
    node->preflight_ms = next_ms(node, now_ms);
    preflight_start(node->preflight);
}

void preflights_stop(struct node *node)
{
    for (size_t i = 0; i < SERVICE_COUNT_MAX; i++)
        preflight_report_free(&node->preflights[i]);
    preflight_free(&node->preflight);
}

static char *event_json(const struct preflight_report *report)
{
    cJSON *json = preflight_report_json(report, false);
    cJSON_AddNumberToObject(json, "at_ms", (double)report->at_ms);
    char *text = cJSON_PrintUnformatted(json);
    cJSON_Delete(json);
    return text;
}

static char *notice_json(const struct node *node, const struct preflight_report *report,
                         const char *failing)
{
    struct text words = {.length = 0};
    cJSON *json = cJSON_CreateObject();
    text_set(&words, "a failover might go wrong: %s; `quorate check --online` says what to do",
             failing);
    cJSON_AddStringToObject(json, "event", notice_name(NOTICE_PREFLIGHT_FAILED));
    cJSON_AddStringToObject(json, "cluster", node->config->cluster.text);
    cJSON_AddStringToObject(json, "node", node->config->nodes[node->self - 1].name.text);
    cJSON_AddNumberToObject(json, "wall_ms", (double)report->wall_ms);
    cJSON_AddStringToObject(json, "service", report->service.text);
    cJSON_AddStringToObject(json, "why", "preflight-failed");
    cJSON_AddStringToObject(json, "text", words.bytes);
    cJSON_AddItemToObject(json, "preflight", preflight_report_json(report, false));
    char *text = cJSON_PrintUnformatted(json);
    cJSON_Delete(json);
    return text;
}

/* Told where another set of checks fails than the last time; a leader's first run counts as after a
 * pass. */
static bool is_news(const struct preflight_report *report, const struct preflight_report *before,
                    struct text *ret_failing)
{
    struct text old = {.length = 0};
    preflight_report_name(report, PREFLIGHT_FAIL, ret_failing);
    if (before != NULL)
        preflight_report_name(before, PREFLIGHT_FAIL, &old);
    return ret_failing->length > 0 && strcmp(ret_failing->bytes, old.bytes) != 0;
}

static void tell(struct node *node, service_slot slot, const struct preflight_report *report,
                 const struct preflight_report *before)
{
    struct text failing = {.length = 0};
    bool news = is_news(report, before, &failing);
    char *event = event_json(report);
    char *notice = news ? notice_json(node, report, failing.bytes) : NULL;
    log_event(failing.length > 0 ? LOG_WARN : LOG_INFO, "preflight",
              "service=%s result=%s failed=%zu warned=%zu failing=\"%s\"", report->service.text,
              preflight_result_name(preflight_report_worst(report)),
              preflight_report_count(report, PREFLIGHT_FAIL),
              preflight_report_count(report, PREFLIGHT_WARN), failing.bytes);
    if (event != NULL)
        events_on_preflight(node, slot, event);
    if (notice != NULL)
        report_preflight(node, slot, notice);
    free(event);
    free(notice);
}

void preflights_on_done(struct node *node, size_t service)
{
    struct preflight_report *report = preflight_take(node->preflight, service);
    if (report == NULL)
        return; /* a newer letter took it */
    if (node->core == NULL || node->preflight_ms == 0) {
        preflight_report_free(&report);
        return;
    }
    tell(node, world_slot_of(node, service), report, node->preflights[service]);
    preflight_report_free(&node->preflights[service]);
    node->preflights[service] = report;
}
