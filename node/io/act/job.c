#include "node/io/act/job.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/check.h"
#include "common/cleanup.h"
#include "common/errors.h"
#include "node/io/act/announce.h"
#include "node/io/act/classify.h"
#include "node/io/act/clock.h"
#include "node/io/act/json.h"
#include "node/io/act/routing.h"

enum { AUTHORIZATION_SIZE = TOKEN_SIZE + 32, CALL_COUNT_MAX = 2 };

/* One request to the API with a token: the same method, body and key when it is replayed after a
 * 401. */
struct api_call {
    size_t platform;
    const char *url;
    enum http_method method;
    const char *body;            /* NULL for none */
    const char *idempotency_key; /* NULL for a read */
    term_id term;
    enum token_want want;
    time_ms minted_after_ms;
    time_ms start_before_ms;
    time_ms deadline_ms;
    bool apart; /* no routing request: how it ends is no trouble of the API */
};

static void send_once(const struct job_tools *tools, const struct api_call *call,
                      const struct token *token, struct http_answer *ret_answer)
{
    char authorization[AUTHORIZATION_SIZE];
    char key[sizeof((struct actuator_job *)0)->idempotency_key + 32];
    char term[64];
    (void)snprintf(authorization, sizeof authorization, "Authorization: Bearer %s", token->value);
    struct http_request request = {
        .method = call->method,
        .url = call->url,
        .headers = {authorization, "Accept: application/json"},
        .body = call->body,
        .body_length = call->body == NULL ? 0 : strlen(call->body),
        .deadline_ms = call->deadline_ms,
        .start_before_ms = call->start_before_ms,
        .own_connection = call->idempotency_key != NULL,
    };
    if (call->idempotency_key != NULL) {
        (void)snprintf(key, sizeof key, "Idempotency-Key: %s", call->idempotency_key);
        (void)snprintf(term, sizeof term, "X-Quorate-Term: %" PRIu64, call->term);
        request.headers[2] = "Content-Type: application/json";
        request.headers[3] = key;
        request.headers[4] = term;
    }
    http_client_request(tools->client, &request, ret_answer);
}

static void take_token_trouble(const struct token_answer *answer, struct actuator_result *result)
{
    result->result = answer->result;
    result->status = answer->status;
    result->retry_after_ms = answer->retry_after_ms;
    result->why = answer->why;
}

/* A fresh token is sought no longer than the request may still start. */
static struct token_need need_of(const struct api_call *call)
{
    struct token_need need = {
        .want = call->want,
        .minted_after_ms = call->minted_after_ms,
        .deadline_ms = call->deadline_ms,
    };
    if (call->start_before_ms < need.deadline_ms)
        need.deadline_ms = call->start_before_ms;
    return need;
}

/* Sends, and once more with a new token after a 401. A replay that could not be made leaves the
 * 401, which is known not to have been carried out. */
static void call_api(const struct job_tools *tools, const struct api_call *call,
                     struct http_answer *ret_answer, struct actuator_result *result)
{
    struct token_answer token;
    const struct token_need need = need_of(call);
    *ret_answer = (struct http_answer){.end = HTTP_NOT_SENT};
    for (int count = 0; count < CALL_COUNT_MAX; count++) {
        tokens_get(tools->tokens, tools->client, call->platform, &need, &token);
        if (token.result != ROUTE_RESULT_OK) {
            if (count > 0)
                text_add(&result->why, "; %s", token.why.bytes);
            else
                take_token_trouble(&token, result);
            if (count == 0 && clock_now_ms() >= call->start_before_ms)
                result->result = ROUTE_RESULT_CANCELED;
            if (token.token.shared)
                result->token_generation = token.token.generation;
            return;
        }
        result->token_generation = token.token.shared ? token.token.generation : 0;
        struct http_answer answer;
        send_once(tools, call, &token.token, &answer);
        *ret_answer = answer;
        result->result = classify_answer(&answer);
        result->status = answer.status;
        result->retry_after_ms = answer.retry_after_ms;
        result->started_ms = answer.started_ms;
        classify_explain(&answer, call->url, &result->why);
        const struct trouble_case ended = {call->platform, result->result, result->status,
                                           result->why.bytes};
        if (!call->apart)
            troubles_api(tools->troubles, &ended);
        if (result->result != ROUTE_RESULT_UNAUTHORIZED)
            return;
        tokens_refuse(tools->tokens, call->platform, &token.token);
    }
}

static int make_call(const struct job_tools *tools, const struct actuator_job *job,
                     enum route_call way, struct route_request *ret_request,
                     struct api_call *ret_call, struct text *why)
{
    const struct service_config *service = &tools->config->services[job->service];
    const struct route_config *route = &service->routes[0];
    const struct routing_backend *backend = routing_find_backend(route->backend);
    const struct platform_config *platform = config_find_platform(tools->config, route->via);
    CHECK(backend != NULL && platform != NULL);
    int rc = backend->make_request(platform, route, way, ret_request);
    if (rc < 0) {
        text_set(why, "service %s: its route's URL is too long", service->name.text);
        return rc;
    }
    *ret_call = (struct api_call){
        .platform = (size_t)(platform - tools->config->platforms),
        .url = ret_request->url,
        .method = ret_request->method,
        .want = TOKEN_CACHED,
        .start_before_ms = HTTP_NO_START_LIMIT,
    };
    return 0;
}

/* Keeps what a good answer shows. A read must show the route; a write's answer may. */
static void take_route(const struct job_tools *tools, const struct actuator_job *job,
                       const struct http_answer *answer, bool must_show,
                       struct actuator_result *result)
{
    char host[HTTP_HOST_SIZE];
    struct text problem = {0};
    if (result->result != ROUTE_RESULT_OK)
        return;
    int rc = ERR_TOO_LARGE;
    if (answer->end == HTTP_ANSWERED)
        rc = kept_store(tools->kept, job->service, answer->body, answer->body_length, &result->view,
                        &problem);
    else
        text_set(&problem, "the answer is too large");
    if (rc == 0 || !must_show)
        return;
    http_url_host(
        config_find_platform(tools->config, tools->config->services[job->service].routes[0].via)
            ->api_url,
        host);
    result->result = ROUTE_RESULT_UNKNOWN;
    text_set(&result->why, "%s answered %d, but %s", host, answer->status, problem.bytes);
}

static void run_read(const struct job_tools *tools, const struct actuator_job *job,
                     time_ms deadline_ms, struct actuator_result *result)
{
    struct route_request request;
    struct api_call call;
    struct http_answer answer;
    if (make_call(tools, job, ROUTE_CALL_READ, &request, &call, &result->why) < 0)
        return;
    call.deadline_ms = deadline_ms;
    call_api(tools, &call, &answer, result);
    take_route(tools, job, &answer, true, result);
}

static void run_mint(const struct job_tools *tools, const struct actuator_job *job,
                     time_ms deadline_ms, struct actuator_result *result)
{
    const char *via = tools->config->services[job->service].routes[0].via;
    const struct platform_config *platform = config_find_platform(tools->config, via);
    CHECK(platform != NULL);
    struct token_answer answer;
    const struct token_need need = {
        .want = TOKEN_NEW,
        .minted_after_ms = job->token_minted_after_ms,
        .deadline_ms = deadline_ms,
    };
    tokens_get(tools->tokens, tools->client, (size_t)(platform - tools->config->platforms), &need,
               &answer);
    take_token_trouble(&answer, result);
    result->started_ms = answer.result == ROUTE_RESULT_OK ? answer.token.minted_ms : 0;
}

/* The body from the kept reading, or else from one new reading. */
static int find_body(const struct job_tools *tools, const struct actuator_job *job,
                     time_ms deadline_ms, char **ret_body, struct actuator_result *result)
{
    int rc = kept_make_body(tools->kept, job->service, job->step, job->to, &job->base, ret_body,
                            &result->why);
    if (rc != ERR_NOT_FOUND && rc != ERR_CONFLICT)
        return rc;
    struct actuator_result reading = {.result = ROUTE_RESULT_NOT_SENT};
    run_read(tools, job, deadline_ms, &reading);
    if (reading.result != ROUTE_RESULT_OK) {
        result->status = reading.status;
        result->retry_after_ms = reading.retry_after_ms;
        text_set(&result->why, "the route could not be read before the write: %s",
                 reading.why.bytes);
        return ERR_STATE;
    }
    return kept_make_body(tools->kept, job->service, job->step, job->to, &job->base, ret_body,
                          &result->why);
}

static void run_write(const struct job_tools *tools, const struct actuator_job *job,
                      time_ms deadline_ms, struct actuator_result *result)
{
    struct route_request request;
    CLEANUP(cleanup_json_text) char *body = NULL;
    struct api_call call;
    struct http_answer answer;
    if (clock_now_ms() >= job->start_before_ms) {
        job_cancel(job, "the time to start it had passed", result);
        return;
    }
    if (make_call(tools, job, ROUTE_CALL_WRITE, &request, &call, &result->why) < 0 ||
        find_body(tools, job, deadline_ms, &body, result) < 0)
        return;
    text_clear(&result->why);
    call.body = body;
    call.idempotency_key = job->idempotency_key;
    call.term = job->term;
    call.want = TOKEN_FRESH;
    call.minted_after_ms = job->token_minted_after_ms;
    call.start_before_ms = job->start_before_ms;
    call.deadline_ms = deadline_ms;
    call_api(tools, &call, &answer, result);
    take_route(tools, job, &answer, false, result);
}

static void run_announce(const struct job_tools *tools, const struct actuator_job *job,
                         time_ms deadline_ms, struct actuator_result *result)
{
    struct announcement announcement;
    struct http_answer answer;
    if (announce_make(&tools->config->services[job->service], job->to, job->degraded, &announcement,
                      &result->why) < 0)
        return;
    const struct http_request request = {
        .method = HTTP_GET,
        .url = announcement.url,
        .headers = {announcement.header[0] == '\0' ? NULL : announcement.header},
        .deadline_ms = deadline_ms,
        .start_before_ms = HTTP_NO_START_LIMIT,
    };
    http_client_request(tools->client, &request, &answer);
    result->result = classify_answer(&answer);
    result->status = answer.status;
    result->started_ms = answer.started_ms;
    classify_explain(&answer, announcement.url, &result->why);
}

static void run_exchange(const struct job_tools *tools, const struct actuator_job *job,
                         time_ms deadline_ms, struct actuator_result *result)
{
    struct exchange_answer answer;
    struct exchange_order order = {.platform = job->platform,
                                   .generation = job->generation,
                                   .from_generation = job->from_generation,
                                   .start_before_ms = job->start_before_ms,
                                   .deadline_ms = deadline_ms};
    memcpy(order.cluster_id, job->cluster_id, sizeof order.cluster_id);
    tokens_exchange(tools->tokens, tools->client, &order, &answer);
    result->result = answer.result;
    result->status = answer.status;
    result->retry_after_ms = answer.retry_after_ms;
    result->started_ms = answer.started_ms;
    result->exchange_refused = answer.refused;
    result->exchange_lost = answer.lost;
    result->life_ms = answer.life_ms;
    result->why = answer.why;
}

void job_run(const struct job_tools *tools, const struct actuator_job *job, time_ms deadline_ms,
             struct actuator_result *ret_result)
{
    struct actuator_result result = {.job = *job, .result = ROUTE_RESULT_NOT_SENT};
    switch (job->kind) {
    case ACTUATOR_READ:
        run_read(tools, job, deadline_ms, &result);
        break;
    case ACTUATOR_MINT:
        run_mint(tools, job, deadline_ms, &result);
        break;
    case ACTUATOR_WRITE:
        run_write(tools, job, deadline_ms, &result);
        break;
    case ACTUATOR_ANNOUNCE:
        run_announce(tools, job, deadline_ms, &result);
        break;
    case ACTUATOR_EXCHANGE:
        run_exchange(tools, job, deadline_ms, &result);
        break;
    case ACTUATOR_COUNT:
        text_set(&result.why, "the service has nothing to count by");
        break;
    case ACTUATOR_JOB_N:
        CHECK(false);
    }
    result.finished_ms = clock_now_ms();
    *ret_result = result;
}

void job_ask(const struct job_tools *tools, const struct job_question *question,
             struct job_reply *ret_reply)
{
    struct actuator_result result = {.result = ROUTE_RESULT_NOT_SENT};
    struct http_answer answer;
    const struct api_call call = {
        .platform = question->platform,
        .url = question->url,
        .method = HTTP_GET,
        .want = TOKEN_CACHED,
        .start_before_ms = HTTP_NO_START_LIMIT,
        .deadline_ms = question->deadline_ms,
        .apart = true,
    };
    call_api(tools, &call, &answer, &result);
    *ret_reply = (struct job_reply){
        .result = result.result,
        .status = result.status,
        .cut = answer.end == HTTP_ANSWER_CUT,
        .body = answer.body,
        .body_length = answer.body_length,
        .retry_after_ms = result.retry_after_ms,
        .why = result.why,
    };
}

void job_cancel(const struct actuator_job *job, const char *why, struct actuator_result *ret_result)
{
    struct actuator_result result = {.job = *job, .result = ROUTE_RESULT_CANCELED};
    text_set(&result.why, "%s", why);
    result.finished_ms = clock_now_ms();
    *ret_result = result;
}
