#include "node/io/api/metrics.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "node/io/api/error_json.h"
#include "node/io/api/pages.h"
#include "node/io/api/warnings.h"

/* The text format 0.0.4 of Prometheus. Label values are names of the configuration or words of
 * ours: none needs escaping. */
static void head(FILE *out, const char *name, const char *type, const char *help)
{
    fprintf(out, "# HELP quorate_%s %s\n# TYPE quorate_%s %s\n", name, help, name, type);
}

static void plain(FILE *out, const char *name, const char *type, const char *help, uint64_t value)
{
    head(out, name, type, help);
    fprintf(out, "quorate_%s %" PRIu64 "\n", name, value);
}

static const char *service_of(const struct node_view *view, service_slot slot)
{
    return view->core->ledger.services[slot].name.text;
}

static void add_node(FILE *out, const struct node_view *view)
{
    const struct core *core = view->core;
    plain(out, "up_seconds", "gauge", "Since this node started.",
          (uint64_t)(view->now_ms - view->started_ms) / 1000);
    plain(out, "loop_late_total", "counter", "Turns of the control loop that ran late.",
          view->loop_late_count);
    plain(out, "heartbeat_late_total", "counter",
          "Turns that ran late by more than a heartbeat: what was due in them, a heartbeat or a "
          "vote, went out so late.",
          view->heartbeat_late_count);
    plain(out, "loop_late_max_milliseconds", "gauge", "The latest turn since this node started.",
          (uint64_t)view->loop_late_max_ms);
    if (core == NULL)
        return;
    plain(out, "leader", "gauge", "1 where this node leads.", core_is_leading(core));
    plain(out, "term", "gauge", "The ledger's term.", core->raft.term);
    plain(out, "ledger_index", "gauge", "The last applied entry.", core->ledger.index);
    plain(out, "has_quorum", "gauge", "1 where a leader is known, or was a moment ago.",
          core->has_quorum);
    plain(out, "can_act", "gauge", "1 where this node's proof that it could act is good and young.",
          core_can_act(core, view->now_ms));
}

static void add_votes(FILE *out, const struct node_view *view)
{
    if (view->counts != NULL)
        plain(out, "votes_heard_total", "counter", "Votes of peers that were verified.",
              view->counts->votes_heard);
    head(out, "frames_dropped_total", "counter", "Frames of peers that were dropped, by reason.");
    for (int reason = 0; reason < DROP_REASON_N; reason++)
        fprintf(out, "quorate_frames_dropped_total{reason=\"%s\"} %" PRIu64 "\n",
                drop_reason_name((enum drop_reason)reason), view->drops[reason]);
    if (view->core != NULL)
        plain(out, "votes_dropped_total", "counter",
              "Verified votes that meant nothing here: an unknown service or voter.",
              view->core->dropped_votes);
}

static void add_parts(FILE *out, const struct node_view *view)
{
    const struct ledger *ledger = &view->core->ledger;
    bool any = false;
    for (service_slot slot = 0; slot < ledger->service_count; slot++) {
        const struct route_parts *parts = &ledger->services[slot].parts;
        for (uint8_t i = 0; i < parts->count; i++) {
            if (!any)
                head(out, "route_part", "gauge",
                     "1 on the state of each route of a service that has several.");
            any = true;
            fprintf(out, "quorate_route_part{service=\"%s\",route=\"%s\",state=\"%s\"} 1\n",
                    service_of(view, slot), service_route_name(view, slot, i),
                    route_state_name(parts->part[i].state));
        }
    }
}

static void add_places(FILE *out, const struct node_view *view)
{
    const struct ledger *ledger = &view->core->ledger;
    head(out, "serving", "gauge", "1 on the side that the service's route points at.");
    for (service_slot slot = 0; slot < ledger->service_count; slot++)
        for (int side = 0; side < SIDE_N; side++)
            fprintf(out, "quorate_serving{service=\"%s\",side=\"%s\"} %d\n", service_of(view, slot),
                    side_name((enum side)side), ledger->services[slot].serving == (enum side)side);
    add_parts(out, view);
    head(out, "half_moved", "gauge", "1 where the routes of the service differ.");
    for (service_slot slot = 0; slot < ledger->service_count; slot++)
        fprintf(out, "quorate_half_moved{service=\"%s\"} %d\n", service_of(view, slot),
                ledger->services[slot].route == ROUTE_MIXED);
    head(out, "condition", "gauge", "1 on the word for where the service stands.");
    for (service_slot slot = 0; slot < ledger->service_count; slot++)
        fprintf(out, "quorate_condition{service=\"%s\",condition=\"%s\"} 1\n",
                service_of(view, slot), service_condition(view, slot));
}

static void add_moves(FILE *out, const struct node_view *view)
{
    static const enum move_state ends[] = {MOVE_DONE, MOVE_UNVERIFIED, MOVE_ABORTED, MOVE_BLOCKED};
    const struct ledger *ledger = &view->core->ledger;
    head(out, "moves_total", "counter", "Moves that came to this state, since this node started.");
    for (service_slot slot = 0; slot < ledger->service_count; slot++)
        for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
            fprintf(out, "quorate_moves_total{service=\"%s\",state=\"%s\"} %" PRIu64 "\n",
                    service_of(view, slot), move_state_name(ends[i]),
                    view->counts->moves[slot][ends[i]]);
    head(out, "ballots_total", "counter", "Sides' ballots that were closed, by result.");
    for (service_slot slot = 0; slot < ledger->service_count; slot++)
        for (int result = 0; result < BALLOT_RESULT_N; result++)
            fprintf(out, "quorate_ballots_total{service=\"%s\",result=\"%s\"} %" PRIu64 "\n",
                    service_of(view, slot), ballot_result_name((enum ballot_result)result),
                    view->counts->ballots[slot][result]);
}

static void add_preflight(FILE *out, const struct node_view *view, const char *name,
                          const char *help, enum preflight_result result)
{
    const struct ledger *ledger = &view->core->ledger;
    head(out, name, "gauge", help);
    for (service_slot slot = 0; slot < ledger->service_count; slot++) {
        const struct preflight_report *report = service_preflight(view, slot);
        if (report != NULL)
            fprintf(out, "quorate_%s{service=\"%s\"} %zu\n", name, service_of(view, slot),
                    preflight_report_count(report, result));
    }
}

static void add_preflights(FILE *out, const struct node_view *view)
{
    const struct ledger *ledger = &view->core->ledger;
    add_preflight(out, view, "preflight_failed",
                  "Checks of the leader's last preflight that failed.", PREFLIGHT_FAIL);
    add_preflight(out, view, "preflight_warned", "... that warned.", PREFLIGHT_WARN);
    head(out, "preflight_age_seconds", "gauge",
         "Since the leader's last preflight of the service.");
    for (service_slot slot = 0; slot < ledger->service_count; slot++) {
        const struct preflight_report *report = service_preflight(view, slot);
        if (report != NULL)
            fprintf(out, "quorate_preflight_age_seconds{service=\"%s\"} %lld\n",
                    service_of(view, slot), (long long)((view->now_ms - report->at_ms) / 1000));
    }
}

/* A metric of each platform's troubles: the offset of its counter. */
struct trouble_row {
    const char *name;
    size_t offset;
    const char *help;
};

static const struct trouble_row trouble_rows[] = {
    {"token_expired_total", offsetof(struct trouble_counts, token_expired),
     "Tokens that were past their life, or that the API refused before."},
    {"auth_refused_total", offsetof(struct trouble_counts, auth_refused),
     "Token requests that the platform refused."},
    {"auth_unreachable_total", offsetof(struct trouble_counts, auth_unreachable),
     "Token requests without a token in the answer, or without an answer."},
    {"api_unreachable_total", offsetof(struct trouble_counts, api_unreachable),
     "Routing requests without an answer."},
    {"api_error_total", offsetof(struct trouble_counts, api_error),
     "Routing requests that the API answered with an error."},
};

static void add_troubles(FILE *out, const struct node_view *view)
{
    for (size_t row = 0; row < sizeof trouble_rows / sizeof trouble_rows[0]; row++) {
        head(out, trouble_rows[row].name, "counter", trouble_rows[row].help);
        for (size_t i = 0; i < view->config->platform_count; i++) {
            const char *counts = (const char *)&view->troubles[i];
            fprintf(out, "quorate_%s{platform=\"%s\"} %" PRIu64 "\n", trouble_rows[row].name,
                    view->config->platforms[i].name.text,
                    *(const uint64_t *)(const void *)(counts + trouble_rows[row].offset));
        }
    }
}

struct rate_row {
    const char *name;
    const char *type;
    size_t offset;
    const char *help;
};

static const struct rate_row rate_rows[] = {
    {"api_limited_total", "counter", offsetof(struct rate_view, limited),
     "Requests that the API answered with 429."},
    {"api_held_total", "counter", offsetof(struct rate_view, held),
     "Routine requests that were held back because the API's limit was near."},
    {"api_interrupted_total", "counter", offsetof(struct rate_view, interrupted),
     "Readings that were interrupted for a write."},
};

/* What the platform did not tell, or told of a minute that is over, is left out. */
static void add_told(FILE *out, const struct node_view *view, const char *name, const char *help,
                     size_t offset)
{
    head(out, name, "gauge", help);
    for (size_t i = 0; i < view->config->platform_count; i++) {
        const char *rate = (const char *)&view->rates[i];
        int32_t told = *(const int32_t *)(const void *)(rate + offset);
        if (told >= 0)
            fprintf(out, "quorate_%s{platform=\"%s\"} %d\n", name,
                    view->config->platforms[i].name.text, told);
    }
}

static void add_rates(FILE *out, const struct node_view *view)
{
    for (size_t row = 0; row < sizeof rate_rows / sizeof rate_rows[0]; row++) {
        head(out, rate_rows[row].name, rate_rows[row].type, rate_rows[row].help);
        for (size_t i = 0; i < view->config->platform_count; i++) {
            const char *rate = (const char *)&view->rates[i];
            fprintf(out, "quorate_%s{platform=\"%s\"} %" PRIu64 "\n", rate_rows[row].name,
                    view->config->platforms[i].name.text,
                    *(const uint64_t *)(const void *)(rate + rate_rows[row].offset));
        }
    }
    add_told(out, view, "api_rate_used", "Requests of this minute, as the API counts them.",
             offsetof(struct rate_view, used));
    add_told(out, view, "api_rate_allowed", "Requests that the API allows in a minute.",
             offsetof(struct rate_view, allowed));
}

/* Of the leader's drains: it alone counts. */
static void add_drains(FILE *out, const struct node_view *view)
{
    const struct core *core = view->core;
    head(out, "drain_live", "gauge",
         "Conversations that a drain waits for, by the leader's count.");
    for (service_slot slot = 0; core->leading && slot < core->ledger.service_count; slot++) {
        const struct runner *runner = &core->leads[slot].runner;
        const struct move_record *move = &core->ledger.services[slot].move;
        if (move->state == MOVE_DRAINING && runner->move == move->id && runner->live.known)
            fprintf(out, "quorate_drain_live{service=\"%s\"} %" PRIu64 "\n", service_of(view, slot),
                    runner->live.count);
    }
}

static void add_tokens(FILE *out, const struct node_view *view)
{
    const struct ledger *ledger = &view->core->ledger;
    if (ledger->token_count == 0)
        return;
    head(out, "token_locked_out", "gauge", "1 where the platform knows the refresh token no more.");
    for (uint8_t i = 0; i < ledger->token_count; i++)
        fprintf(out, "quorate_token_locked_out{platform=\"%s\"} %d\n",
                ledger->tokens[i].platform.text, ledger->tokens[i].locked_out);
    head(out, "token_generation", "gauge", "Exchanges of the refresh token that were committed.");
    for (uint8_t i = 0; i < ledger->token_count; i++)
        fprintf(out, "quorate_token_generation{platform=\"%s\"} %" PRIu64 "\n",
                ledger->tokens[i].platform.text, ledger->tokens[i].generation);
}

int metrics_write(const struct node_view *view, FILE *out)
{
    add_node(out, view);
    add_votes(out, view);
    add_troubles(out, view);
    contexts_write_metrics(&view->contexts, out);
    add_rates(out, view);
    warnings_write_metrics(out, view);
    if (view->core != NULL) {
        add_places(out, view);
        add_drains(out, view);
        add_tokens(out, view);
        add_preflights(out, view);
    }
    if (view->core != NULL && view->counts != NULL)
        add_moves(out, view);
    return ferror(out) ? -1 : 0;
}

void page_metrics(struct request *request, const struct node_view *view)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    int result = out != NULL ? metrics_write(view, out) : -1;
    if (out != NULL && fclose(out) != 0)
        result = -1;
    if (result != 0) {
        free(text);
        answer_error(request, MHD_HTTP_INTERNAL_SERVER_ERROR, "no-memory",
                     "this node is out of memory");
        return;
    }
    answer_text(request, METRICS_CONTENT_TYPE, text, length);
}
