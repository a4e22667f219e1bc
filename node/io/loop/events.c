#include <cjson/cJSON.h>
#include <stdlib.h>

#include "common/errors.h"
#include "common/log.h"
#include "node/core/move.h"
#include "node/io/loop/parts.h"

static void on_last(const struct history_event *event, void *data)
{
    struct node *node = data;
    node->events_index = event->index;
}

/* After a restart the log is applied again; what the history knows is not told twice. */
void events_start(struct node *node)
{
    if (node->history == NULL)
        return;
    int code = history_list_last_events(node->history, 1, on_last, node);
    if (code != 0)
        log_warn("history_unread", "error=%s why=\"old events may be told again\"",
                 error_name(code));
}

static const char *service_text(const struct node *node, service_slot slot)
{
    const struct ledger *ledger = &node->core->ledger;
    return slot < ledger->service_count ? ledger->services[slot].name.text : "";
}

static void add(struct node *node, const char *kind, service_slot slot, const char *json)
{
    struct history_event event = {.wall_ms = clock_wall_ms(),
                                  .kind = kind,
                                  .service = service_text(node, slot),
                                  .index = node->core->ledger.index,
                                  .json = json};
    /* Dropping is counted by the history and shows in the status. */
    if (node->history != NULL)
        (void)history_add_event(node->history, &event);
}

static cJSON *data_now(void)
{
    cJSON *data = cJSON_CreateObject();
    cJSON_AddNumberToObject(data, "at_ms", (double)clock_boot_ms());
    return data;
}

static void add_and_delete(struct node *node, const char *kind, service_slot slot, cJSON *data)
{
    char *json = cJSON_PrintUnformatted(data);
    cJSON_Delete(data);
    if (json != NULL)
        add(node, kind, slot, json);
    free(json);
}

void events_on_notice(struct node *node, enum notice_kind kind, service_slot slot, const char *json)
{
    add(node, notice_name(kind), slot, json);
}

void events_on_preflight(struct node *node, service_slot slot, const char *json)
{
    add(node, "preflight", slot, json);
}

static void add_move(struct node *node, const struct applied *applied)
{
    const struct move_record *move = &node->core->ledger.services[applied->service].move;
    cJSON *data = data_now();
    cJSON_AddNumberToObject(data, "move", (double)applied->move);
    cJSON_AddStringToObject(data, "from", move_state_name(applied->row->from));
    cJSON_AddStringToObject(data, "input", move_input_name(applied->row->input));
    cJSON_AddStringToObject(data, "to", move_state_name(applied->row->to));
    cJSON_AddStringToObject(data, "why", why_code(move->why));
    add_and_delete(node, "move", applied->service, data);
}

static void add_step(cJSON *data, const struct move_record *move, enum route_step step)
{
    const struct step_record *record = &move->steps[step];
    cJSON_AddNumberToObject(data, "move", (double)move->id);
    cJSON_AddStringToObject(data, "step", route_step_name(step));
    if (record->attempt == 0)
        return; /* below level 3 */
    cJSON_AddNumberToObject(data, "attempt", record->attempt);
    cJSON_AddStringToObject(data, "outcome", outcome_name(record->outcome));
    cJSON_AddStringToObject(data, "correlation", record->correlation);
}

static void add_route(struct node *node, const struct applied *applied)
{
    const struct service_record *service = &node->core->ledger.services[applied->service];
    cJSON *data = data_now();
    cJSON_AddStringToObject(data, "state", route_state_name(service->route));
    cJSON_AddNumberToObject(data, "version", (double)service->route_version);
    cJSON_AddStringToObject(data, "serving", side_name(service->serving));
    if (applied->kind == COMMAND_OUTCOME)
        add_step(data, &service->move, applied->step);
    add_and_delete(node, "route", applied->service, data);
}

void events_on_applied(struct node *node, const struct applied *applied)
{
    if (!applied->accepted || applied->index <= node->events_index ||
        applied->service >= node->core->ledger.service_count)
        return;
    if (applied->kind == COMMAND_OUTCOME || applied->kind == COMMAND_ROUTE_SEEN)
        add_route(node, applied);
    if (applied->row != NULL)
        add_move(node, applied);
}

static void add_leading(struct node *node, const char *kind, term_id term)
{
    cJSON *data = data_now();
    cJSON_AddNumberToObject(data, "term", (double)term);
    add_and_delete(node, kind, SERVICE_SLOT_NONE, data);
}

void events_on_role(struct node *node)
{
    const struct raft *raft = &node->core->raft;
    bool led = node->logged_role == RAFT_LEADER;
    bool leads = raft->role == RAFT_LEADER;
    bool same = led == leads && raft->term == node->logged_term;
    if (led && !same)
        add_leading(node, "not-leading", node->logged_term);
    if (leads && !same)
        add_leading(node, "leading", raft->term);
}

static cJSON *write_data(const struct actuator_job *job)
{
    cJSON *data = data_now();
    cJSON_AddStringToObject(data, "key", job->idempotency_key);
    cJSON_AddNumberToObject(data, "term", (double)job->term);
    cJSON_AddNumberToObject(data, "lease_until_ms", (double)job->start_before_ms);
    return data;
}

void events_on_write_asked(struct node *node, service_slot slot, const struct actuator_job *job)
{
    add_and_delete(node, "write-asked", slot, write_data(job));
}

void events_on_write_ended(struct node *node, const struct actuator_result *result)
{
    cJSON *data = write_data(&result->job);
    cJSON_AddNumberToObject(data, "started_ms", (double)result->started_ms);
    cJSON_AddNumberToObject(data, "finished_ms", (double)result->finished_ms);
    cJSON_AddStringToObject(data, "result", route_result_name(result->result));
    cJSON_AddNumberToObject(data, "status", result->status);
    cJSON_AddStringToObject(data, "correlation", result->correlation);
    add_and_delete(node, "write-ended", world_slot_of(node, result->job.service), data);
}
