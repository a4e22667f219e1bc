#include "tests/lab/sim/api.h"

#include "tests/lab/base/clock.h"
#include "tests/lab/sim/call.h"
#include "tests/lab/sim/routes.h"

#include <stdlib.h>
#include <string.h>

static struct journal_entry entry_start(const struct web_request *request)
{
    return (struct journal_entry){
        .wall_ms = request->wall_ms,
        .mono_ms = request->boot_ms,
        .method = request->method,
        .path = request->path,
        .key = web_request_header(request, "Idempotency-Key"),
        .term = web_request_header(request, "X-Quorate-Term"),
        .peer_port = request->peer_port,
        .version_sent = -1,
        .version_after = -1,
        .body = request->body,
        .body_length = request->body_length,
    };
}

static void answer_drop(struct web_answer *answer)
{
    free(answer->body);
    *answer = (struct web_answer){.status = 0};
}

static bool call_is_token(const struct call *call)
{
    return strcmp(call->request->path, CALL_TOKEN_PATH) == 0;
}

static void call_serve(struct call *call)
{
    if (call_is_token(call)) {
        call_serve_token(call);
        return;
    }
    if (call_authorize(call))
        call->serve(call);
}

static void call_serve_refused(struct call *call, const struct fault *fault)
{
    struct web_answer *answer = call->answer;
    int status = (int)fault->status;

    if (fault->apply)
        call_serve(call);
    answer_drop(answer);
    if (call_is_token(call) && (status == 400 || status == 401))
        reply_token_error(answer, status, "invalid_client", "authentication failed");
    else
        reply_status(answer, status, call->correlation);
}

/* What the fault leaves of the call; the waits are not here, since this runs under the lock. */
static void call_serve_faulty(struct call *call, const struct fault *fault)
{
    switch (fault->kind) {
    case FAULT_NONE:
    case FAULT_LATENCY:
    case FAULT_HOLD_THEN_APPLY_LATE:
        call_serve(call);
        return;
    case FAULT_TOKEN_EXPIRE:
        (void)token_expire_all(&call->platform->tokens, call->request->boot_ms);
        call_serve(call);
        return;
    case FAULT_APPLY_THEN_DROP:
        call_serve(call);
        answer_drop(call->answer);
        return;
    case FAULT_STATUS:
        call_serve_refused(call, fault);
        return;
    case FAULT_RATE_LIMIT:
        reply_rate_limit(call->answer, fault->retry_after_s, call->platform->tokens.rate_per_minute,
                         call->correlation);
        return;
    case FAULT_DROP_BEFORE:
    case FAULT_HANG:
    case FAULT_KIND_N:
        break;
    }
    answer_drop(call->answer);
}

/* What the journal says about the resource, before and after. */
static void entry_begin(struct call *call)
{
    struct journal_entry *entry = &call->entry;

    if (call->plan != NULL) {
        entry->plan = call->plan->id;
        entry->resource = call->plan->name;
        entry->state_before = plan_state(call->plan);
    } else if (call->document != NULL) {
        entry->resource = call->document->name;
        entry->state_before = document_state(call->document);
    }
}

static void entry_end(struct call *call, const struct fault *fault)
{
    struct journal_entry *entry = &call->entry;

    if (call->plan != NULL) {
        entry->state_after = plan_state(call->plan);
        entry->version_after = call->plan->versioned ? call->plan->version : -1;
    } else if (call->document != NULL) {
        entry->state_after = document_state(call->document);
        entry->version_after = call->kind->versioned ? call->document->version : -1;
    }
    entry->status = call->answer->status;
    entry->fault = fault_name(fault->kind);
    entry->correlation = call->correlation;
    entry->done_ms = call->now_ms;
}

/* Effect and journal line are one step under the lock, so that the lines stand in the order of
 * effects. */
static void call_finish(struct call *call, const struct fault *fault)
{
    call->now_ms = clock_boot_ms();
    routes_find(call);
    call->rate =
        (struct token_rate){.allowed = call->platform->tokens.rate_per_minute, .reset_s = 60};
    entry_begin(call);
    call_serve_faulty(call, fault);
    reply_headers(call->answer, &call->rate, call->correlation);
    entry_end(call, fault);
    platform_record(call->platform, &call->entry);
}

static struct fault fault_begin(struct call *call)
{
    struct platform *platform = call->platform;
    struct fault fault;

    (void)pthread_mutex_lock(&platform->lock);
    fault = fault_take(&platform->faults, call->request->method, call->request->path);
    if (fault.kind == FAULT_HOLD_THEN_APPLY_LATE)
        platform->held_count++;
    (void)pthread_mutex_unlock(&platform->lock);
    return fault;
}

void api_handle(const struct web_request *request, struct web_answer *answer,
                struct platform *platform)
{
    struct call call = {.request = request, .answer = answer, .platform = platform};
    struct fault fault = fault_begin(&call);
    bool held = fault.kind == FAULT_HOLD_THEN_APPLY_LATE;
    bool goes_on = held ? web_request_wait(request, fault.ms) : true;

    call.entry = entry_start(request);
    reply_correlation(call.correlation);
    (void)pthread_mutex_lock(&platform->lock);
    if (held)
        platform->held_count--;
    if (goes_on)
        call_finish(&call, &fault);
    else
        answer_drop(answer);
    (void)pthread_mutex_unlock(&platform->lock);
    if (fault.kind == FAULT_LATENCY)
        (void)web_request_wait_client(request, fault.ms);
    if (fault.kind == FAULT_HANG)
        (void)web_request_wait_client(request, -1);
}
