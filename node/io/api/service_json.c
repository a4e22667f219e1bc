#include <string.h>

#include "common/check.h"
#include "common/errors.h"
#include "node/core/explain.h"
#include "node/core/ledger.h"
#include "node/core/verdict.h"
#include "node/io/api/error_json.h"
#include "node/io/api/json_add.h"
#include "node/io/api/pages.h"

static int refuse_name(struct request *request, const struct ledger *ledger)
{
    const char *names[SERVICE_COUNT_MAX];
    for (uint16_t slot = 0; slot < ledger->service_count; slot++)
        names[slot] = ledger->services[slot].name.text;
    const char *near = text_nearest(request->argument, names, ledger->service_count);
    if (near != NULL)
        answer_error(request, MHD_HTTP_NOT_FOUND, "unknown-service",
                     "no service is called %s (%s?)", request->argument, near);
    else
        answer_error(request, MHD_HTTP_NOT_FOUND, "unknown-service", "no service is called %s",
                     request->argument);
    return ERR_NOT_FOUND;
}

int page_find_core(struct request *request, const struct node_view *view)
{
    if (view->core != NULL)
        return 0;
    answer_error(request, MHD_HTTP_SERVICE_UNAVAILABLE, "uninitialised",
                 "the cluster is not initialised: run `quorate init` once");
    return ERR_STATE;
}

int page_find_service(struct request *request, const struct node_view *view, service_slot *ret_slot)
{
    struct name name;
    if (page_find_core(request, view) != 0)
        return ERR_STATE;
    const struct ledger *ledger = &view->core->ledger;
    service_slot slot =
        name_set(&name, request->argument) == 0 ? ledger_find(ledger, &name) : SERVICE_SLOT_NONE;
    if (slot == SERVICE_SLOT_NONE)
        return refuse_name(request, ledger);
    *ret_slot = slot;
    return 0;
}

const char *service_condition(const struct node_view *view, service_slot slot)
{
    const struct service_record *service = &view->core->ledger.services[slot];
    if (service->move.state == MOVE_BLOCKED)
        return "blocked";
    if (move_is_open(&service->move))
        return "moving";
    if (explain_blind(view->core, slot) != WHY_NONE)
        return "blind";
    if (service->inquiry.convicted[service->serving])
        return "convicted";
    if (service->route == ROUTE_MIXED)
        return "half-moved";
    return service->inquiry.index != 0 ? "inquiry" : "steady";
}

void service_rolling_text(const struct service_record *service, enum side side, time_ms ledger_ms,
                          char ret_text[ROLLING_TEXT_SIZE])
{
    const struct rolling *rolling = &service->rolling[side];
    uint8_t of = service->settings.rule_of;
    size_t used = 0;
    size_t shown = 0;
    for (size_t i = 0; i < rolling->count && shown < of; i++) {
        const struct ballot_record *record = &rolling->records[i];
        if (ledger_ms - record->closed_ms > service->settings.within_ms)
            continue;
        shown++;
        ret_text[used++] = record->result == BALLOT_FAIL ? 'F' : 'P';
        ret_text[used++] = ' ';
    }
    for (; shown < of && used + 2 < ROLLING_TEXT_SIZE; shown++) {
        ret_text[used++] = '.';
        ret_text[used++] = ' ';
    }
    ret_text[used > 0 ? used - 1 : 0] = '\0';
}

static void add_rolling(cJSON *page, const struct service_record *service, time_ms ledger_ms)
{
    cJSON *part = cJSON_AddObjectToObject(page, "rolling");
    for (int side = 0; side < SIDE_N; side++) {
        char words[ROLLING_TEXT_SIZE];
        service_rolling_text(service, (enum side)side, ledger_ms, words);
        json_add_string(part, side_name((enum side)side), words);
    }
}

cJSON *service_summary(const struct node_view *view, service_slot slot)
{
    const struct service_record *service = &view->core->ledger.services[slot];
    const struct move_record *move = &service->move;
    time_ms ledger_ms = core_ledger_now(view->core, view->now_ms);
    cJSON *row = cJSON_CreateObject();
    json_add_string(row, "name", service->name.text);
    json_add_string(row, "condition", service_condition(view, slot));
    json_add_string(row, "mode", service_mode_name(service->mode));
    json_add_string(row, "serving", side_name(service->serving));
    json_add_string(row, "route", route_state_name(service->route));
    service_add_routes(row, view, slot);
    json_add_bool(row, "hold", explain_hold(&view->core->ledger, service) != NULL);
    json_add_string(row, "move", move->id != 0 ? move_state_name(move->state) : NULL);
    add_rolling(row, service, ledger_ms);
    service_add_preflight(row, view, slot, false);
    return row;
}

static void add_settings(cJSON *page, const struct service_settings *settings)
{
    cJSON *part = cJSON_AddObjectToObject(page, "settings");
    json_add_count(part, "rule_fail", settings->rule_fail);
    json_add_count(part, "rule_of", settings->rule_of);
    json_add_ms(part, "within_ms", settings->within_ms);
    json_add_bool(part, "consecutive", settings->consecutive);
    json_add_count(part, "min_zones", settings->min_zones);
    json_add_ms(part, "interval_ms", settings->interval_ms);
    json_add_ms(part, "confirm_interval_ms", settings->confirm_interval_ms);
    json_add_ms(part, "drain_slow_ms", settings->drain_ms[DRAIN_SLOW]);
    json_add_ms(part, "drain_down_ms", settings->drain_ms[DRAIN_DOWN]);
    json_add_ms(part, "drain_planned_ms", settings->drain_ms[DRAIN_PLANNED]);
    json_add_ms(part, "drain_every_ms",
                settings->drain_every_ms > 0 ? settings->drain_every_ms : -1);
    json_add_ms(part, "paused_max_ms", settings->paused_max_ms);
    json_add_ms(part, "verify_within_ms", settings->verify_within_ms);
    json_add_ms(part, "cooldown_ms", settings->cooldown_ms);
    json_add_count(part, "budget_moves", settings->budget_moves);
    json_add_ms(part, "budget_window_ms", settings->budget_window_ms);
    json_add_bool(part, "versioned", settings->versioned);
    json_add_hash(part, "config_hash", settings->config_hash);
}

void service_add_hold(cJSON *page, const struct hold_record *hold, time_ms ledger_ms)
{
    if (!hold->active) {
        json_add_string(page, "hold", NULL);
        return;
    }
    cJSON *part = cJSON_AddObjectToObject(page, "hold");
    time_ms left_ms = hold->until_ms > ledger_ms ? hold->until_ms - ledger_ms : 0;
    json_add_bool(part, "indefinite", hold->indefinite);
    json_add_ms(part, "left_ms", hold->indefinite ? -1 : left_ms);
    json_add_string(part, "actor", hold->actor.text);
    json_add_string(part, "reason", hold->reason);
}

static void add_intent(cJSON *page, const struct intent_record *intent)
{
    if (intent->index == 0) {
        json_add_string(page, "intent", NULL);
        return;
    }
    cJSON *part = cJSON_AddObjectToObject(page, "intent");
    json_add_count(part, "index", intent->index);
    json_add_count(part, "term", intent->term);
    json_add_string(part, "step", route_step_name(intent->step));
    json_add_count(part, "attempt", intent->attempt);
    json_add_string(part, "to", side_name(intent->to));
    json_add_count(part, "base_version", intent->base.version);
}

void service_add_steps(cJSON *page, const struct move_record *move)
{
    cJSON *steps = cJSON_AddArrayToObject(page, "steps");
    for (int step = 0; step < ROUTE_STEP_N; step++) {
        const struct step_record *record = &move->steps[step];
        if (record->attempt == 0)
            continue;
        cJSON *row = cJSON_CreateObject();
        json_add_string(row, "step", route_step_name((enum route_step)step));
        json_add_count(row, "attempt", record->attempt);
        json_add_string(row, "outcome", outcome_name(record->outcome));
        json_add_why(row, "why", record->why);
        json_add_string(row, "correlation",
                        record->correlation[0] != '\0' ? record->correlation : NULL);
        cJSON_AddItemToArray(steps, row);
    }
}

static void add_move(cJSON *page, const struct service_record *service, time_ms ledger_ms)
{
    const struct move_record *move = &service->move;
    if (move->id == 0) {
        json_add_string(page, "move", NULL);
        return;
    }
    cJSON *part = cJSON_AddObjectToObject(page, "move");
    json_add_count(part, "id", move->id);
    json_add_string(part, "state", move_state_name(move->state));
    json_add_bool(part, "open", move_is_open(move));
    json_add_string(part, "cause", move_cause_name(move->cause));
    json_add_string(part, "severity",
                    move->cause == CAUSE_CONVICTION ? severity_name(move->severity) : NULL);
    json_add_string(part, "from", side_name(move->from));
    json_add_string(part, "to", side_name(move->to));
    json_add_bool(part, "force", move->force);
    json_add_string(part, "actor", move->actor.text[0] != '\0' ? move->actor.text : NULL);
    json_add_string(part, "reason", move->reason);
    json_add_why(part, "why", move->why);
    json_add_count(part, "attempt", move->attempt);
    json_add_count(part, "canaries", move->canaries);
    json_add_ms(part, "opened_ago_ms", ledger_ms - move->opened_ms);
    json_add_ms(part, "state_ago_ms", ledger_ms - move->state_ms);
    json_add_bool(part, "paused", move->paused_ms != 0);
    add_intent(part, &move->intent);
    service_add_steps(part, move);
}

static void add_inquiry(cJSON *page, const struct service_record *service,
                        const struct node_view *view, time_ms ledger_ms)
{
    const struct inquiry_record *inquiry = &service->inquiry;
    if (inquiry->index == 0) {
        json_add_string(page, "inquiry", NULL);
        return;
    }
    cJSON *part = cJSON_AddObjectToObject(page, "inquiry");
    json_add_count(part, "index", inquiry->index);
    json_add_ms(part, "opened_ago_ms", ledger_ms - inquiry->opened_ms);
    json_add_node(part, "complainant", view, inquiry->voter);
    json_add_string(part, "side", side_name(inquiry->side));
    json_add_count(part, "ballots", inquiry->ballots);
    json_add_why(part, "gate", inquiry->gate);
    for (int side = 0; side < SIDE_N; side++) {
        cJSON *about = cJSON_AddObjectToObject(part, side_name((enum side)side));
        json_add_count(about, "closed", inquiry->closed[side]);
        json_add_bool(about, "convicted", inquiry->convicted[side]);
        json_add_string(about, "severity",
                        inquiry->convicted[side] ? severity_name(inquiry->severity[side]) : NULL);
    }
}

static void add_ballots(cJSON *page, const struct service_record *service, time_ms ledger_ms)
{
    cJSON *part = cJSON_AddObjectToObject(page, "ballots");
    for (int side = 0; side < SIDE_N; side++) {
        const struct rolling *rolling = &service->rolling[side];
        cJSON *rows = cJSON_AddArrayToObject(part, side_name((enum side)side));
        for (size_t i = 0; i < rolling->count; i++) {
            const struct ballot_record *record = &rolling->records[i];
            bool fails = record->result == BALLOT_FAIL;
            cJSON *row = cJSON_CreateObject();
            json_add_count(row, "index", record->index);
            json_add_count(row, "inquiry", record->inquiry);
            json_add_count(row, "ballot", record->ballot);
            json_add_string(row, "result", ballot_result_name(record->result));
            json_add_string(row, "severity", fails ? severity_name(record->severity) : NULL);
            json_add_ms(row, "closed_ago_ms", ledger_ms - record->closed_ms);
            cJSON_AddItemToArray(rows, row);
        }
    }
}

void page_service(struct request *request, const struct node_view *view)
{
    service_slot slot = SERVICE_SLOT_NONE;
    if (page_find_service(request, view, &slot) != 0)
        return;
    const struct service_record *service = &view->core->ledger.services[slot];
    time_ms ledger_ms = core_ledger_now(view->core, view->now_ms);
    time_ms cooldown_ms = service->cooldown_until_ms - ledger_ms;
    cJSON *page = cJSON_CreateObject();
    json_add_freshness(page, view);
    json_add_string(page, "service", service->name.text);
    json_add_string(page, "condition", service_condition(view, slot));
    json_add_string(page, "mode", service_mode_name(service->mode));
    json_add_string(page, "serving", side_name(service->serving));
    json_add_string(page, "route", route_state_name(service->route));
    if (route_is_unit(&service->parts)) /* made of all of theirs, and of use to nobody */
        json_add_string(page, "route_version", NULL);
    else
        json_add_count(page, "route_version", service->route_version);
    json_add_ms(page, "route_ago_ms", service->route_ms != 0 ? ledger_ms - service->route_ms : -1);
    service_add_routes(page, view, slot);
    json_add_why(page, "blind", explain_blind(view->core, slot));
    json_add_bool(page, "would_have_moved", service->would_have_moved);
    json_add_ms(page, "cooldown_left_ms", cooldown_ms > 0 ? cooldown_ms : 0);
    service_add_hold(page, &service->hold, ledger_ms);
    json_add_bool(page, "hold_of_all", view->core->ledger.hold.active);
    add_move(page, service, ledger_ms);
    add_inquiry(page, service, view, ledger_ms);
    add_rolling(page, service, ledger_ms);
    add_ballots(page, service, ledger_ms);
    add_settings(page, &service->settings);
    service_add_preflight(page, view, slot, true);
    answer_json(request, MHD_HTTP_OK, page);
}
