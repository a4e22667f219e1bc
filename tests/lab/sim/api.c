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
        reply_status(answer, status, fault->code, fault->message, call->correlation);
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
        reply_rate_limit(call->answer, fault->retry_after_s,
                         "client.credentials.token.rate.per.minute",
                         call->platform->tokens.rate_per_minute, call->correlation);
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

/* Counts a write of its token from its arrival to its answer. */
static struct token *write_begin(struct call *call)
{
    struct platform *platform = call->platform;
    struct token *token =
        call->changes
            ? token_of(&platform->tokens, web_request_header(call->request, "Authorization"),
                       call->request->boot_ms)
            : NULL;

    if (token != NULL)
        call->crowded =
            ++token->writes_running > platform->put_parallel && platform->put_parallel > 0;
    return token;
}

static struct fault call_begin(struct call *call, struct token **ret_writer)
{
    struct platform *platform = call->platform;
    struct fault fault;

    (void)pthread_mutex_lock(&platform->lock);
    fault = fault_take(&platform->faults, call->request->method, call->request->path);
    if (fault.kind == FAULT_HOLD_THEN_APPLY_LATE)
        platform->held_count++;
    *ret_writer = write_begin(call);
    (void)pthread_mutex_unlock(&platform->lock);
    return fault;
}

static void call_end(struct call *call, struct token *writer)
{
    if (writer == NULL)
        return;
    (void)pthread_mutex_lock(&call->platform->lock);
    writer->writes_running--;
    (void)pthread_mutex_unlock(&call->platform->lock);
}

/* What stands between arrival and effect. False where the server closes meanwhile. */
static bool call_wait(const struct call *call, const struct fault *fault)
{
    time_ms wait_ms = fault->kind == FAULT_HOLD_THEN_APPLY_LATE ? fault->ms : 0;

    if (call->changes)
        wait_ms += call->platform->put_takes_ms;
    return wait_ms == 0 || web_request_wait(call->request, wait_ms);
}

void api_handle(const struct web_request *request, struct web_answer *answer,
                struct platform *platform)
{
    struct call call = {
        .request = request,
        .answer = answer,
        .platform = platform,
        .changes = strcmp(request->method, "PUT") == 0 || strcmp(request->method, "PATCH") == 0,
    };
    struct token *writer = NULL;
    struct fault fault = call_begin(&call, &writer);
    bool goes_on = call_wait(&call, &fault);

    call.entry = entry_start(request);
    reply_correlation(call.correlation);
    (void)pthread_mutex_lock(&platform->lock);
    if (fault.kind == FAULT_HOLD_THEN_APPLY_LATE)
        platform->held_count--;
    if (goes_on)
        call_finish(&call, &fault);
    else
        answer_drop(answer);
    (void)pthread_mutex_unlock(&platform->lock);
    if (call.wait_ms != 0)
        (void)web_request_wait_client(request, call.wait_ms);
    if (fault.kind == FAULT_LATENCY)
        (void)web_request_wait_client(request, fault.ms);
    if (fault.kind == FAULT_HANG)
        (void)web_request_wait_client(request, -1);
    call_end(&call, writer);
}
