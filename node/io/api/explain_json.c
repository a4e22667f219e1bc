#include "common/check.h"
#include "node/io/api/error_json.h"
#include "node/io/api/json_add.h"
#include "node/io/api/pages.h"

static const char *verdict_name(enum verdict verdict)
{
    switch (verdict) {
    case VERDICT_OPEN:
        return "open";
    case VERDICT_CONVICTED:
        return "convicted";
    case VERDICT_ACQUITTED:
        return "acquitted";
    case VERDICT_N:
        break;
    }
    return "?";
}

static void add_findings(cJSON *page, const struct service_record *service,
                         const struct explanation *explanation, time_ms ledger_ms)
{
    cJSON *findings = cJSON_AddObjectToObject(page, "findings");
    cJSON *rolling = cJSON_AddObjectToObject(page, "rolling");
    for (int side = 0; side < SIDE_N; side++) {
        const struct finding *finding = &explanation->finding[side];
        bool convicted = finding->verdict == VERDICT_CONVICTED;
        char words[ROLLING_TEXT_SIZE];
        service_rolling_text(service, (enum side)side, ledger_ms, words);
        json_add_string(rolling, side_name((enum side)side), words);
        cJSON *part = cJSON_AddObjectToObject(findings, side_name((enum side)side));
        json_add_string(part, "verdict", verdict_name(finding->verdict));
        json_add_string(part, "severity", convicted ? severity_name(finding->severity) : NULL);
        json_add_count(part, "fails", finding->fails);
        json_add_count(part, "passes_in_row", finding->passes_in_row);
        json_add_count(part, "decided", finding->decided);
    }
}

static void add_side_vote(cJSON *row, enum side side, const struct side_vote *vote, bool path_fault)
{
    const struct sample *sample = &vote->sample;
    cJSON *part = cJSON_AddObjectToObject(row, side_name(side));
    json_add_string(part, "value", vote_value_name(vote->value));
    json_add_string(part, "reason", vote_reason_text(vote->reason));
    json_add_string(part, "result", sample_result_name(sample->result));
    json_add_string(part, "detail", sample->detail[0] != '\0' ? sample->detail : NULL);
    json_add_signed(part, "status", sample->status);
    json_add_us_as_ms(part, "dns_ms", sample->dns_us);
    json_add_us_as_ms(part, "connect_ms", sample->connect_us);
    json_add_us_as_ms(part, "tls_ms", sample->tls_us);
    json_add_us_as_ms(part, "first_byte_ms", sample->first_byte_us);
    json_add_us_as_ms(part, "total_ms", sample->total_us);
    json_add_ms(part, "late_ms", sample->late_ms);
    json_add_bool(part, "reused", sample->reused);
    cJSON *references = cJSON_AddObjectToObject(part, "references");
    json_add_count(references, "asked", vote->reference_count);
    json_add_count(references, "failed", vote->reference_failed);
    json_add_count(references, "inflated", vote->reference_inflated);
    json_add_bool(part, "path_fault", path_fault);
}

static void add_votes(cJSON *page, const struct node_view *view,
                      const struct explanation *explanation)
{
    cJSON *votes = cJSON_AddArrayToObject(page, "votes");
    for (node_id node = 1; node <= view->config->node_count; node++) {
        const struct vote *vote = &explanation->votes[node];
        cJSON *row = cJSON_CreateObject();
        json_add_node(row, "node", view, node);
        json_add_string(row, "zone", view->config->nodes[node - 1].zone.text);
        json_add_bool(row, "heard", explanation->heard[node]);
        if (explanation->heard[node]) {
            json_add_ms(row, "ago_ms", explanation->age_ms[node]);
            json_add_signed(row, "probed_wall_ms", vote->probed_wall_ms);
            json_add_count(row, "ballot", vote->ballot);
            for (int side = 0; side < SIDE_N; side++)
                add_side_vote(row, (enum side)side, &vote->side[side],
                              explanation->path_fault[node][side]);
        }
        cJSON_AddItemToArray(votes, row);
    }
}

/* What the leader does about the open move's next request. */
static void add_request(cJSON *page, const struct service_record *service,
                        const struct explanation *explanation)
{
    const struct intent_record *intent = &service->move.intent;
    if (!explanation->live || !move_is_open(&service->move)) {
        json_add_string(page, "request", NULL);
        return;
    }
    cJSON *part = cJSON_AddObjectToObject(page, "request");
    json_add_string(part, "state", runner_state_name(explanation->request));
    json_add_ms(part, "wait_ms", explanation->request_wait_ms);
    json_add_string(part, "step", intent->index != 0 ? route_step_name(intent->step) : NULL);
    json_add_count(part, "attempt", service->move.attempt);
    json_add_string(part, "last", route_result_name(explanation->last_request));
}

/* How many conversations a drain still waits for; the leader alone counts them. */
static void add_drain(cJSON *page, const struct explanation *explanation, time_ms now_ms)
{
    const struct live_count *drain = &explanation->drain;
    if (!explanation->drain_counts) {
        json_add_string(page, "drain", NULL);
        return;
    }
    cJSON *part = cJSON_AddObjectToObject(page, "drain");
    if (drain->known)
        json_add_count(part, "live", drain->count);
    else
        json_add_string(part, "live", NULL);
    json_add_ms(part, "counted_ago_ms", drain->known ? now_ms - drain->counted_ms : -1);
    json_add_string(part, "last_count", route_result_name(drain->trouble));
    json_add_ms(part, "left_ms", explanation->timer_ms > 0 ? explanation->timer_ms : 0);
}

static void add_failback(cJSON *page, const struct explanation *explanation)
{
    json_add_ms(page, "failback_ms", explanation->failback_ms);
    json_add_why(page, "failback", explanation->failback);
}

void page_explain(struct request *request, const struct node_view *view)
{
    service_slot slot = SERVICE_SLOT_NONE;
    struct explanation explanation;
    struct text url = {.length = 0};
    if (page_find_service(request, view, &slot) != 0)
        return;
    int result = explain_service(view->core, slot, view->now_ms, &explanation);
    CHECK(result == 0);
    const struct service_record *service = &view->core->ledger.services[slot];
    cJSON *page = cJSON_CreateObject();
    json_add_freshness(page, view);
    json_add_string(page, "service", service->name.text);
    json_add_string(page, "condition", service_condition(view, slot));
    json_add_string(page, "mode", service_mode_name(service->mode));
    json_add_string(page, "serving", side_name(service->serving));
    json_add_string(page, "route", route_state_name(service->route));
    service_add_routes(page, view, slot);
    json_add_why(page, "why", explanation.why);
    json_add_why(page, "detail", explanation.detail);
    json_add_ms(page, "earliest_ms", explanation.earliest_ms);
    json_add_ms(page, "timer_ms", explanation.timer_ms);
    json_add_why(page, "blind", explain_blind(view->core, slot));
    json_add_string(page, "last_request", route_result_name(explanation.last_request));
    add_request(page, service, &explanation);
    add_drain(page, &explanation, view->now_ms);
    service_add_steps(page, &service->move);
    add_failback(page, &explanation);
    json_add_bool(page, "locked_out", explanation.locked_out);
    json_add_bool(page, "inquiry_open", explanation.inquiry_open);
    json_add_count(page, "ballot", explanation.ballot);
    json_add_count(page, "fails_needed", explanation.fails_needed);
    add_findings(page, service, &explanation, core_ledger_now(view->core, view->now_ms));
    json_add_bool(page, "live", explanation.live);
    json_add_string(page, "leader_url", view_leader_url(view, &url) == 0 ? url.bytes : NULL);
    add_votes(page, view, &explanation);
    cJSON_AddItemToObject(page, "sentences", explain_sentences(view, slot, &explanation));
    answer_json(request, MHD_HTTP_OK, page);
}
