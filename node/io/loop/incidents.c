#include <cjson/cJSON.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "common/errors.h"
#include "common/log.h"
#include "node/io/loop/parts.h"

enum { INCIDENTS_READ = 1000 };

static void on_stored(const struct history_incident *incident, void *data)
{
    struct node *node = data;
    if (incident->index > node->history_index)
        node->history_index = incident->index;
    for (size_t i = 0; incident->closed_wall_ms == 0 && i < SERVICE_COUNT_MAX; i++) {
        if (node->incidents[i].id != 0)
            continue;
        node->incidents[i] =
            (struct open_incident){.id = incident->id, .opened_wall_ms = incident->opened_wall_ms};
        return;
    }
}

/* After a restart the log is applied again; what the history knows is not told twice. */
void incidents_start(struct node *node)
{
    if (node->history == NULL)
        return;
    int code = history_list_incidents(node->history, INCIDENTS_READ, on_stored, node);
    if (code != 0)
        log_warn("history_unread", "error=%s why=\"old incidents may be told again\"",
                 error_name(code));
}

/* When the incident was opened; remembers it while it is open. */
static int64_t opened_wall_ms(struct node *node, log_index id, bool over)
{
    struct open_incident *free_place = NULL;
    for (size_t i = 0; i < SERVICE_COUNT_MAX; i++) {
        struct open_incident *open = &node->incidents[i];
        if (open->id == id) {
            int64_t wall_ms = open->opened_wall_ms;
            if (over)
                *open = (struct open_incident){0};
            return wall_ms;
        }
        if (open->id == 0 && free_place == NULL)
            free_place = open;
    }
    int64_t now_ms = clock_wall_ms();
    if (!over && free_place != NULL)
        *free_place = (struct open_incident){.id = id, .opened_wall_ms = now_ms};
    return now_ms;
}

static void add_ballots(const struct node *node, const struct service_record *service,
                        enum side side, cJSON *entries)
{
    const struct rolling *rolling = &service->rolling[side];
    for (uint8_t i = 0; i < rolling->count; i++) {
        const struct ballot_record *record = &rolling->records[i];
        struct payload payload;
        if (record->result != BALLOT_FAIL ||
            payloads_get(node->payloads, record->index, &payload) != 0)
            continue;
        char *hex = malloc(payload.length * 2 + 1);
        if (hex == NULL)
            return;
        sodium_bin2hex(hex, payload.length * 2 + 1, payload.bytes, payload.length);
        cJSON *entry = cJSON_CreateObject();
        cJSON_AddNumberToObject(entry, "index", (double)record->index);
        cJSON_AddNumberToObject(entry, "ballot", record->ballot);
        cJSON_AddStringToObject(entry, "entry", hex);
        cJSON_AddItemToArray(entries, entry);
        free(hex);
    }
}

/* The certificate: the convicting ballots' entries with their signed votes, the rule and the
 * configuration hash. */
static char *certificate_of(const struct node *node, const struct service_record *service,
                            enum side side)
{
    char hex[CLUSTER_ID_BYTES * 2 + 1];
    char hash[17];
    uint8_t big_endian[8];
    cJSON *certificate = cJSON_CreateObject();
    for (size_t i = 0; i < sizeof big_endian; i++)
        big_endian[i] = (uint8_t)(service->settings.config_hash >> (56 - 8 * i));
    sodium_bin2hex(hex, sizeof hex, node->cluster_id, sizeof node->cluster_id);
    sodium_bin2hex(hash, sizeof hash, big_endian, sizeof big_endian);
    cJSON_AddStringToObject(certificate, "cluster", hex);
    cJSON_AddStringToObject(certificate, "service", service->name.text);
    cJSON_AddStringToObject(certificate, "side", side_name(side));
    cJSON_AddNumberToObject(certificate, "term", (double)node->core->ledger.term);
    cJSON_AddNumberToObject(certificate, "fail", service->settings.rule_fail);
    cJSON_AddNumberToObject(certificate, "of", service->settings.rule_of);
    cJSON_AddStringToObject(certificate, "config_hash", hash);
    add_ballots(node, service, side, cJSON_AddArrayToObject(certificate, "ballots"));
    char *text = cJSON_PrintUnformatted(certificate);
    cJSON_Delete(certificate);
    return text;
}

/* What the platform calls the request of each step, for as long as the incident is kept. */
static char *steps_of(const struct move_record *move)
{
    cJSON *steps = cJSON_CreateArray();
    for (int step = 0; step < ROUTE_STEP_N; step++) {
        const struct step_record *record = &move->steps[step];
        if (record->attempt == 0)
            continue;
        cJSON *row = cJSON_CreateObject();
        cJSON_AddStringToObject(row, "step", route_step_name((enum route_step)step));
        cJSON_AddNumberToObject(row, "attempt", record->attempt);
        cJSON_AddStringToObject(row, "outcome", outcome_name(record->outcome));
        cJSON_AddStringToObject(row, "why", why_code(record->why));
        cJSON_AddStringToObject(row, "correlation", record->correlation);
        cJSON_AddItemToArray(steps, row);
    }
    char *text = cJSON_PrintUnformatted(steps);
    cJSON_Delete(steps);
    return text;
}

static bool is_over(enum move_state state)
{
    return state == MOVE_DONE || state == MOVE_ABORTED || state == MOVE_UNVERIFIED;
}

void incidents_on_applied(struct node *node, const struct applied *applied)
{
    if (!applied->accepted || applied->service >= node->core->ledger.service_count ||
        node->history == NULL || applied->index <= node->history_index)
        return;
    const struct service_record *service = &node->core->ledger.services[applied->service];
    const struct move_record *move = &service->move;
    bool opened = move->id == applied->index;
    bool over = is_over(move->state);
    bool changed =
        opened || applied->move_before != applied->move_after || applied->kind == COMMAND_OUTCOME;
    if (move->id == 0 || !changed)
        return;
    char *steps = steps_of(move);
    char *certificate = opened && move->cause == CAUSE_CONVICTION
                            ? certificate_of(node, service, move->from)
                            : NULL;
    struct history_incident incident = {
        .id = move->id,
        .service = service->name.text,
        .opened_wall_ms = opened_wall_ms(node, move->id, over),
        .closed_wall_ms = over ? clock_wall_ms() : 0,
        .index = applied->index,
        .verdict = move_cause_name(move->cause),
        .severity = move->cause == CAUSE_CONVICTION ? severity_name(move->severity) : "",
        .from = side_name(move->from),
        .to = side_name(move->to),
        .outcome = move_state_name(move->state),
        .steps = steps,
        .certificate = (const uint8_t *)certificate,
        .certificate_length = certificate == NULL ? 0 : strlen(certificate)};
    /* Dropping is counted by the history and shows in the status. */
    (void)history_put_incident(node->history, &incident);
    free(certificate);
    free(steps);
}
