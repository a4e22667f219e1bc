#include "node/io/act/job.h"

#include <stdio.h>
#include <string.h>

#include "common/check.h"
#include "common/cleanup.h"
#include "common/errors.h"
#include "node/io/act/announce.h"
#include "node/io/act/call.h"
#include "node/io/act/classify.h"
#include "node/io/act/clock.h"
#include "node/io/act/failpoint_part.h"
#include "node/io/act/json.h"
#include "node/io/act/routing.h"
#include "node/io/config/backend.h"

/* An earlier route of the service lies on the same platform. */
static bool is_platform_earlier(const struct service_config *service, size_t place)
{
    for (size_t i = 0; i < place; i++)
        if (strcmp(service->routes[i].via, service->routes[place].via) == 0)
            return true;
    return false;
}

/* One request of a job: to which of the service's routes. */
static int make_call(const struct job_tools *tools, const struct actuator_job *job, size_t place,
                     enum route_call way, struct route_request *ret_request,
                     struct api_call *ret_call, struct text *why)
{
    const struct service_config *service = &tools->config->services[job->service];
    const struct route_config *route = &service->routes[place];
    const struct routing_backend *backend = routing_find_backend(route->backend);
    const struct platform_config *platform = config_find_platform(tools->config, route->via);
    CHECK(backend != NULL && (platform != NULL || route->via[0] == '\0'));
    *ret_request = (struct route_request){.method = HTTP_GET};
    int rc = backend->make_request(platform, route, way, ret_request);
    if (rc < 0) {
        text_set(why, "service %s: its route's URL is too long", service->name.text);
        return rc;
    }
    *ret_call = (struct api_call){
        .platform = ret_request->to_platform ? (size_t)(platform - tools->config->platforms)
                                             : CALL_NO_PLATFORM,
        .url = ret_request->url,
        .method = ret_request->method,
        .content_type = ret_request->content_type,
        .headers = ret_request->headers,
        .body = ret_request->method == HTTP_POST ? "" : NULL,
        .want = TOKEN_CACHED,
        .start_before_ms = HTTP_NO_START_LIMIT,
        .turn = job->kind == ACTUATOR_WRITE ? TURN_WRITE : TURN_READ,
        /* What is admitted is the reading of all routes. */
        .routine =
            job->kind == ACTUATOR_READ && job->routine && !is_platform_earlier(service, place),
        .proof = true,
    };
    return 0;
}

/* Keeps what a good answer shows. Returns 0, or an error with `why` where it shows no route. */
static int take_route(const struct job_tools *tools, const struct actuator_job *job, size_t place,
                      const struct http_answer *answer, struct unit_part *ret_part,
                      struct text *why)
{
    if (answer->end == HTTP_ANSWERED)
        return kept_store(tools->kept, job->service, place, answer->body, answer->body_length,
                          ret_part, why);
    text_set(why, "the answer is too large");
    return ERR_TOO_LARGE;
}

/* Several requests make one result: how the last one ended, since when the first one ran, and what
 * the tokens of the service's first platform have to do with it. */
static void add_result(const struct job_tools *tools, const struct actuator_job *job, size_t place,
                       const struct actuator_result *one, struct actuator_result *result)
{
    const struct service_config *service = &tools->config->services[job->service];
    time_ms started_ms = result->started_ms;
    uint64_t generation = result->token_generation;
    struct route_view view = result->view;
    struct text why = {0};
    if (one->why.length == 0 && one->result == ROUTE_RESULT_OK)
        why = result->why;
    else if (service->route_count > 1)
        text_set(&why, "%s: %s", service->routes[place].name.text, one->why.bytes);
    else
        why = one->why;
    *result = *one;
    result->view = view;
    result->why = why;
    if (started_ms != 0)
        result->started_ms = started_ms;
    if (strcmp(service->routes[place].via, service->routes[0].via) != 0)
        result->token_generation = generation;
}

/* A route must show itself in the answer to a read. */
static void read_part(const struct job_tools *tools, const struct actuator_job *job, size_t place,
                      time_ms deadline_ms, struct unit_part *ret_part,
                      struct actuator_result *result)
{
    struct route_request request;
    struct api_call call;
    struct http_answer answer;
    struct text problem = {0};
    char host[HTTP_HOST_SIZE];
    if (make_call(tools, job, place, ROUTE_CALL_READ, &request, &call, &result->why) < 0)
        return;
    call.deadline_ms = deadline_ms;
    call_api(tools, &call, &answer, result);
    if (result->result != ROUTE_RESULT_OK)
        return;
    if (take_route(tools, job, place, &answer, ret_part, &problem) == 0) {
        result->why = problem; /* what is in the way, if anything */
        return;
    }
    http_url_host(call.url, host);
    result->result = ROUTE_RESULT_UNKNOWN;
    text_set(&result->why, "%s answered %d, but %s", host, answer.status, problem.bytes);
}

/* All routes of the service, one after the other; the first one that cannot be read ends it. */
static void run_read(const struct job_tools *tools, const struct actuator_job *job,
                     time_ms deadline_ms, struct actuator_result *result)
{
    struct unit_part parts[ROUTE_COUNT_MAX] = {0};
    size_t count = tools->config->services[job->service].route_count;
    for (size_t i = 0; i < count; i++) {
        struct actuator_result one = {.job = *job, .result = ROUTE_RESULT_NOT_SENT};
        read_part(tools, job, i, deadline_ms, &parts[i], &one);
        add_result(tools, job, i, &one, result);
        if (one.result != ROUTE_RESULT_OK)
            return;
    }
    result->view = unit_view(parts, (uint8_t)count);
}

/* A token of each platform that the service's routes lie on. */
static void run_mint(const struct job_tools *tools, const struct actuator_job *job,
                     time_ms deadline_ms, struct actuator_result *result)
{
    const struct service_config *service = &tools->config->services[job->service];
    const struct token_need need = {
        .want = TOKEN_NEW,
        .minted_after_ms = job->token_minted_after_ms,
        .deadline_ms = deadline_ms,
    };
    result->result = ROUTE_RESULT_OK; /* as it stays where no route needs one */
    result->started_ms = clock_now_ms();
    for (size_t i = 0; i < service->route_count; i++) {
        const struct platform_config *platform =
            config_find_platform(tools->config, service->routes[i].via);
        struct token_answer answer;
        if (platform == NULL || is_platform_earlier(service, i))
            continue;
        tokens_get(tools->tokens, tools->client, (size_t)(platform - tools->config->platforms),
                   &need, &answer);
        call_take_token_trouble(&answer, result);
        result->started_ms = answer.result == ROUTE_RESULT_OK ? answer.token.minted_ms : 0;
        if (answer.result != ROUTE_RESULT_OK)
            return;
    }
}

static bool is_fenced(const struct service_config *service)
{
    for (size_t i = 0; i < service->route_count; i++)
        if (!config_route_is_versioned(&service->routes[i]))
            return false;
    return true;
}

/* The bodies from the kept readings, or else from one new reading. Where no version keeps a write
 * from undoing what others wrote since, it is made from a reading just before it. */
static int find_bodies(const struct job_tools *tools, const struct actuator_job *job,
                       time_ms deadline_ms, struct kept_bodies *ret_bodies,
                       struct actuator_result *result)
{
    int rc = ERR_CONFLICT;
    if (is_fenced(&tools->config->services[job->service]))
        rc = kept_make_bodies(tools->kept, job->service, job->step, job->to, &job->base, ret_bodies,
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
    return kept_make_bodies(tools->kept, job->service, job->step, job->to, &job->base, ret_bodies,
                            &result->why);
}

/* The key of an attempt; of a unit one of each of its routes, because their bodies differ. */
static void make_key(const struct service_config *service, const struct actuator_job *job,
                     size_t place, char key[CALL_KEY_SIZE])
{
    bool unit = service->route_count > 1;
    (void)snprintf(key, CALL_KEY_SIZE, "%s%s%s", job->idempotency_key, unit ? "/" : "",
                   unit ? service->routes[place].name.text : "");
}

/* One request. *ret_shown: its answer shows the route. */
static void write_part(const struct job_tools *tools, const struct actuator_job *job, size_t place,
                       const char *body, time_ms deadline_ms, bool *ret_shown,
                       struct actuator_result *result)
{
    char key[CALL_KEY_SIZE];
    struct route_request request;
    struct api_call call;
    struct http_answer answer;
    struct unit_part part;
    struct text problem = {0};
    if (make_call(tools, job, place, ROUTE_CALL_WRITE, &request, &call, &result->why) < 0)
        return;
    make_key(&tools->config->services[job->service], job, place, key);
    call.body = body;
    call.idempotency_key = key;
    call.term = job->term;
    call.want = TOKEN_FRESH;
    call.minted_after_ms = job->token_minted_after_ms;
    call.start_before_ms = job->start_before_ms;
    call.deadline_ms = deadline_ms;
    call_api(tools, &call, &answer, result);
    *ret_shown = result->result == ROUTE_RESULT_OK &&
                 take_route(tools, job, place, &answer, &part, &problem) == 0;
}

/* A leader that handed over or was deposed begins nothing more, not even the rest of a unit. */
static bool is_in_office(const struct job_tools *tools, const struct actuator_job *job)
{
    uint64_t term = atomic_load(tools->term);
    return term == JOB_ANY_TERM || term == job->term;
}

/* Each route that is not yet as the step wants it, in their order; the first request that does not
 * end well is the last. */
static void write_parts(const struct job_tools *tools, const struct actuator_job *job,
                        const struct kept_bodies *bodies, time_ms deadline_ms,
                        struct actuator_result *result)
{
    size_t count = tools->config->services[job->service].route_count;
    bool all_shown = true;
    result->result = ROUTE_RESULT_OK;
    for (size_t i = 0; i < count && result->result == ROUTE_RESULT_OK; i++) {
        struct actuator_result one = {.job = *job, .result = ROUTE_RESULT_NOT_SENT};
        bool shown = false;
        if (bodies->text[i] == NULL)
            continue;
        if (!is_in_office(tools, job)) {
            result->result = ROUTE_RESULT_CANCELED;
            text_set(&result->why, "this node leads no more in the term of the write");
            return;
        }
        write_part(tools, job, i, bodies->text[i], deadline_ms, &shown, &one);
        add_result(tools, job, i, &one, result);
        all_shown = all_shown && shown;
        if (one.result == ROUTE_RESULT_OK)
            failpoint_part(job->step, i);
    }
    if (result->result == ROUTE_RESULT_OK && all_shown)
        (void)kept_view(tools->kept, job->service, &result->view);
}

static void run_write(const struct job_tools *tools, const struct actuator_job *job,
                      time_ms deadline_ms, struct actuator_result *result)
{
    CLEANUP(kept_free_bodies) struct kept_bodies bodies = {0};
    if (clock_now_ms() >= job->start_before_ms) {
        job_cancel(job, "the time to start it had passed", result);
        return;
    }
    if (find_bodies(tools, job, deadline_ms, &bodies, result) < 0)
        return;
    text_clear(&result->why);
    write_parts(tools, job, &bodies, deadline_ms, result);
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
        job_run_count(tools, job, deadline_ms, &result);
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
        .headers = question->headers,
        .method = question->method,
        .body = question->body,
        .want = TOKEN_CACHED,
        .start_before_ms = HTTP_NO_START_LIMIT,
        .deadline_ms = question->deadline_ms,
        .routine = question->routine,
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
