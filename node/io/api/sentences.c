#include <stdio.h>

#include "common/duration.h"
#include "node/io/api/json_add.h"
#include "node/io/api/pages.h"

enum { SENTENCE_BYTES_SOFT = 400 }; /* a longer list of votes goes on in another sentence */

struct telling {
    const struct node_view *view;
    service_slot slot;
    const struct service_record *service;
    const struct explanation *explanation;
    cJSON *sentences;
};

static void say(struct telling *telling, const struct text *sentence)
{
    cJSON_AddItemToArray(telling->sentences, cJSON_CreateString(sentence->bytes));
}

/* "4.1 s" below a minute, "3m20s" from there on: people wait for these. */
static void add_wait(struct text *text, time_ms wait_ms)
{
    char words[DURATION_BYTES];
    if (wait_ms < 0)
        wait_ms = 0;
    if (wait_ms < 60000)
        text_add(text, "%lld.%lld s", (long long)(wait_ms / 1000),
                 (long long)(wait_ms % 1000 / 100));
    else
        text_add(text, "%s", duration_format(wait_ms / 1000 * 1000, words));
}

static void add_distrust(struct text *text, const struct side_vote *vote)
{
    switch (vote->reason) {
    case VOTE_REASON_REFERENCES_FAILED:
        text_add(text, "%d of %d references failed", vote->reference_failed, vote->reference_count);
        break;
    case VOTE_REASON_REFERENCES_INFLATED:
        text_add(text, "%d of %d references failed or were slow",
                 vote->reference_failed + vote->reference_inflated, vote->reference_count);
        break;
    case VOTE_REASON_TIMER_LATE:
        text_add(text, "its own timers ran %d ms late", (int)vote->sample.late_ms);
        break;
    case VOTE_REASON_CONFIG_DIFFERS:
        text_add(text, "its configuration of the service differs");
        break;
    case VOTE_REASON_OK:
    case VOTE_REASON_OVER_LATENCY:
    case VOTE_REASON_STATUS:
    case VOTE_REASON_BODY:
    case VOTE_REASON_NO_ANSWER:
    case VOTE_REASON_LOCAL:
    case VOTE_REASON_BOT:
    case VOTE_REASON_PLATFORM:
    case VOTE_REASON_N:
        text_add(text, "%s", vote_reason_text(vote->reason));
    }
}

static void add_vote(struct text *text, const struct side_vote *vote)
{
    const struct sample *sample = &vote->sample;
    text_add(text, "%s", vote_value_name(vote->value));
    switch (vote->value) {
    case VOTE_UP:
    case VOTE_SLOW:
        if (sample->total_us >= 0)
            text_add(text, " %.*f ms", sample->total_us < 10000 ? 1 : 0,
                     (double)sample->total_us / 1000.0);
        break;
    case VOTE_DOWN:
        if (sample->result == SAMPLE_STATUS)
            text_add(text, " (status %d)", (int)sample->status);
        else
            text_add(text, " (%s%s%s)", sample_result_name(sample->result),
                     sample->detail[0] != '\0' ? ": " : "", sample->detail);
        break;
    case VOTE_CANNOT_TELL:
        text_add(text, " (");
        add_distrust(text, vote);
        if (vote->reason == VOTE_REASON_PLATFORM && sample->detail[0] != '\0')
            text_add(text, ": %s", sample->detail);
        text_add(text, ")");
        break;
    case VOTE_VALUE_N:
        break;
    }
}

static void say_route(struct telling *telling)
{
    const struct service_record *service = telling->service;
    struct text text = {.length = 0};
    bool unit = route_is_unit(&service->parts);
    text_set(&text, "%s serves; the route%s ", side_name(service->serving),
             unit ? "s show" : " shows");
    service_route_text(telling->view, telling->slot, &text);
    text_add(&text, "; mode %s", service_mode_name(service->mode));
    say(telling, &text);
}

static void say_votes(struct telling *telling, enum side side)
{
    const struct explanation *explanation = telling->explanation;
    size_t voters = telling->view->config->node_count;
    struct text text = {.length = 0};
    const char *before = " ";
    text_set(&text, "about %s, %d of %zu nodes needed:", side_name(side),
             raft_quorum((uint8_t)voters), voters);
    for (node_id node = 1; node <= voters; node++) {
        if (text.length > SENTENCE_BYTES_SOFT) {
            say(telling, &text);
            text_set(&text, "about %s, further:", side_name(side));
            before = " ";
        }
        text_add(&text, "%s%s ", before, view_node_name(telling->view, node));
        before = ", ";
        if (explanation->heard[node])
            add_vote(&text, &explanation->votes[node].side[side]);
        else
            text_add(&text, "not heard yet");
    }
    say(telling, &text);
}

static void say_path_faults(struct telling *telling)
{
    for (node_id node = 1; node <= telling->view->config->node_count; node++) {
        for (int side = 0; side < SIDE_N; side++) {
            struct text text = {.length = 0};
            if (!telling->explanation->path_fault[node][side])
                continue;
            text_set(&text,
                     "path fault: %s complained about %s, and the others did not agree: its way "
                     "there is at fault",
                     view_node_name(telling->view, node), side_name((enum side)side));
            say(telling, &text);
        }
    }
}

static void say_leader(struct telling *telling)
{
    const struct node_view *view = telling->view;
    struct text text = {.length = 0};
    struct text url = {.length = 0};
    if (telling->explanation->live)
        return;
    if (view_leader_url(view, &url) == 0)
        text_set(
            &text,
            "%s does not lead: votes are as it heard them; for path faults and times ask %s at %s",
            view_node_name(view, view->self), view_node_name(view, view_leader(view)), url.bytes);
    else
        text_set(&text, "%s shows votes as it heard them, and knows no leader to ask",
                 view_node_name(view, view->self));
    say(telling, &text);
}

/* What the leader does about the next request; another node does not know. */
static void add_request(struct text *text, const struct telling *telling)
{
    const struct explanation *explanation = telling->explanation;
    const struct intent_record *intent = &telling->service->move.intent;
    if (!explanation->live || explanation->request == RUNNER_IDLE)
        return;
    if (explanation->request == RUNNER_WAITING)
        text_add(text, "; an older leader's request may still be under way");
    else if (explanation->request == RUNNER_BACKOFF)
        text_add(text, "; it is tried again");
    else
        text_add(text, "; the route is being %s",
                 explanation->request == RUNNER_WRITING ? "written" : "read");
    if (intent->index != 0)
        text_add(text, " (attempt %u, to %s)", intent->attempt, route_step_name(intent->step));
    if (explanation->request_wait_ms >= 0) {
        text_add(text, ", in ");
        add_wait(text, explanation->request_wait_ms);
    }
    if (explanation->last_request == ROUTE_RESULT_UNAUTHORIZED)
        text_add(text, "; the API refuses a new token, too: look at the credentials");
}

/* "; draining: 12 live, at most 48.0 s more". */
static void add_timer(struct text *text, const struct telling *telling)
{
    const struct explanation *explanation = telling->explanation;
    const struct live_count *drain = &explanation->drain;
    text_add(text, "; ");
    if (explanation->drain_counts && drain->known)
        text_add(text, "draining: %llu live, ", (unsigned long long)drain->count);
    else if (explanation->drain_counts && explanation->live)
        text_add(text, "draining: not counted yet, ");
    if (explanation->drain_counts && drain->trouble != ROUTE_RESULT_OK)
        text_add(text, "the last count ended as %s, ", route_result_name(drain->trouble));
    text_add(text, "at most ");
    add_wait(text, explanation->timer_ms);
    text_add(text, explanation->drain_counts ? " more" : " left");
}

/* What the platform calls the move's requests, for whoever asks its support about one. */
static void say_steps(struct telling *telling)
{
    const struct move_record *move = &telling->service->move;
    struct text text = {.length = 0};
    for (int step = 0; step < ROUTE_STEP_N; step++) {
        const struct step_record *record = &move->steps[step];
        if (record->attempt == 0)
            continue;
        text_add(&text, "%s%s %s", text.length == 0 ? "its requests: " : ", ",
                 route_step_name((enum route_step)step), outcome_name(record->outcome));
        if (record->correlation[0] != '\0')
            text_add(&text, " (%s)", record->correlation);
    }
    if (text.length > 0)
        say(telling, &text);
}

static void say_move(struct telling *telling)
{
    const struct move_record *move = &telling->service->move;
    struct text text = {.length = 0};
    if (move->id == 0)
        return;
    bool open = move_is_open(move);
    text_set(&text, "%s move %llu from %s to %s (%s) %s %s", open ? "the" : "the last",
             (unsigned long long)move->id, side_name(move->from), side_name(move->to),
             move_cause_name(move->cause), open ? "is" : "ended", move_state_name(move->state));
    if (move->why != WHY_NONE && move->why != WHY_OPERATOR)
        text_add(&text, ": %s", why_text(move->why));
    if (move->actor.text[0] != '\0')
        text_add(&text, "; asked for by %s", move->actor.text);
    if (move->reason[0] != '\0')
        text_add(&text, " (\"%s\")", move->reason);
    if (move->state == MOVE_DRAINING || move->state == MOVE_VERIFYING)
        add_timer(&text, telling);
    if (open && telling->explanation->last_request != ROUTE_RESULT_OK)
        text_add(&text, "; its last request ended as %s",
                 route_result_name(telling->explanation->last_request));
    if (open)
        add_request(&text, telling);
    if (move->state == MOVE_BLOCKED)
        text_add(&text, "; a human must look, then `quorate ack %s`", telling->service->name.text);
    say(telling, &text);
}

static void say_rule(struct telling *telling)
{
    const struct explanation *explanation = telling->explanation;
    const struct service_settings *settings = &telling->service->settings;
    enum side serving = telling->service->serving;
    const struct finding *finding = &explanation->finding[serving];
    struct text text = {.length = 0};
    char within[DURATION_BYTES];
    if (explanation->why == WHY_FAIL_QUORUM)
        text_set(&text, "%s is convicted (%s): %d of the last %d ballots failed",
                 side_name(serving), severity_name(telling->service->inquiry.severity[serving]),
                 finding->fails, settings->rule_of);
    else if (finding->fails == 0)
        text_set(&text, "%s is not convicted: no young ballot failed; %d of %d within %s convict",
                 side_name(serving), settings->rule_fail, settings->rule_of,
                 duration_format(settings->within_ms, within));
    else
        text_set(&text, "%s is not convicted: %d of %d ballots failed; %d more FAIL%s",
                 side_name(serving), finding->fails, settings->rule_of, explanation->fails_needed,
                 explanation->fails_needed == 1 ? " convicts" : "s convict");
    if (explanation->earliest_ms >= 0) {
        text_add(&text, "; earliest move in ");
        add_wait(&text, explanation->earliest_ms);
    }
    say(telling, &text);
}

static void add_gate_details(struct text *text, const struct telling *telling)
{
    const struct ledger *ledger = &telling->view->core->ledger;
    const struct hold_record *hold = explain_hold(ledger, telling->service);
    enum why detail = telling->explanation->detail;
    bool held = detail == WHY_ON_HOLD && hold != NULL;
    if (held) {
        text_add(text, " (%sby %s", hold == &ledger->hold ? "all services, " : "",
                 hold->actor.text);
        if (hold->reason[0] != '\0')
            text_add(text, ": \"%s\"", hold->reason);
        text_add(text, hold->indefinite ? ", until it is released)" : ")");
    }
    if ((held && !hold->indefinite) || detail == WHY_COOLDOWN) {
        text_add(text, "; over in ");
        add_wait(text, telling->explanation->timer_ms);
    }
}

static void say_gate(struct telling *telling)
{
    enum why detail = telling->explanation->detail;
    struct text text = {.length = 0};
    if (detail == WHY_NONE)
        return;
    text_set(&text, "against a move stands: %s", why_text(detail));
    add_gate_details(&text, telling);
    if (telling->explanation->earliest_ms < 0)
        text_add(&text, "; time alone does not change that");
    say(telling, &text);
}

static void say_blind(struct telling *telling)
{
    struct text text = {.length = 0};
    enum why why = explain_blind(telling->view->core, telling->slot);
    if (why == WHY_NONE)
        return;
    text_set(&text, "BLIND: %s", why_text(why));
    say(telling, &text);
}

static void say_failback(struct telling *telling)
{
    const struct explanation *explanation = telling->explanation;
    struct text text = {.length = 0};
    if (explanation->failback_ms < 0)
        return;
    if (explanation->failback_ms > 0) {
        text_set(&text, "failback to the primary is due in ");
        add_wait(&text, explanation->failback_ms);
    } else {
        text_set(&text, "failback to the primary is due");
    }
    if (explanation->failback != WHY_NONE)
        text_add(&text, "; against it stands: %s", why_text(explanation->failback));
    say(telling, &text);
}

static void say_locked_out(struct telling *telling)
{
    struct text text = {.length = 0};
    if (!telling->explanation->locked_out)
        return;
    text_set(&text, "locked out: %s", LOCKED_OUT_ADVICE);
    say(telling, &text);
}

cJSON *explain_sentences(const struct node_view *view, service_slot slot,
                         const struct explanation *explanation)
{
    struct telling telling = {
        .view = view,
        .slot = slot,
        .service = &view->core->ledger.services[slot],
        .explanation = explanation,
        .sentences = cJSON_CreateArray(),
    };
    enum side serving = telling.service->serving;
    say_route(&telling);
    say_votes(&telling, serving);
    say_votes(&telling, side_other(serving));
    say_path_faults(&telling);
    say_leader(&telling);
    if (explanation->why != WHY_MOVE_OPEN) {
        say_rule(&telling);
        say_gate(&telling);
    }
    say_move(&telling);
    say_steps(&telling);
    say_failback(&telling);
    say_blind(&telling);
    say_locked_out(&telling);
    return telling.sentences;
}
