#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/errors.h"
#include "node/io/act/call.h"
#include "node/io/act/classify.h"
#include "node/io/act/count.h"
#include "node/io/act/json.h"
#include "node/io/act/routing.h"

/* What one platform's flow observations say of the side. */
static int count_flows(const struct job_tools *tools, const struct actuator_job *job,
                       const struct platform_config *platform, time_ms deadline_ms,
                       struct actuator_result *result)
{
    char url[ROUTING_URL_SIZE];
    struct count_flows flows;
    CLEANUP(cleanup_json_text) char *body = NULL;
    struct http_answer answer;
    uint64_t live = 0;
    count_find_flows(&tools->config->services[job->service], job->to, platform->name.text, &flows);
    if (flows.count == 0)
        return 0;
    int rc = count_make_query(&flows, &body);
    if (rc < 0)
        return rc;
    size_t length = strlen(platform->api_url);
    while (length > 0 && platform->api_url[length - 1] == '/')
        length--;
    (void)snprintf(url, sizeof url, "%.*s" COUNT_FLOWS_PATH, (int)length, platform->api_url);
    const struct api_call call = {
        .platform = (size_t)(platform - tools->config->platforms),
        .url = url,
        .method = HTTP_POST,
        .body = body,
        .want = TOKEN_CACHED,
        .start_before_ms = HTTP_NO_START_LIMIT,
        .deadline_ms = deadline_ms,
        .turn = TURN_READ,
        .routine = true,
    };
    call_api(tools, &call, &answer, result);
    if (result->result != ROUTE_RESULT_OK)
        return ERR_NETWORK;
    rc = count_read_flows(&flows, answer.body, answer.body_length, &live, &result->why);
    if (answer.end != HTTP_ANSWERED || rc < 0) {
        result->result = ROUTE_RESULT_UNKNOWN;
        return ERR_MALFORMED;
    }
    result->live += live;
    return 0;
}

/* Any URL that knows the number; no platform's token goes there. */
static void count_url(const struct job_tools *tools, const struct count_config *count,
                      time_ms deadline_ms, struct actuator_result *result)
{
    const struct http_request request = {
        .method = HTTP_GET,
        .url = count->url,
        .headers = {"Accept: application/json"},
        .deadline_ms = deadline_ms,
        .start_before_ms = HTTP_NO_START_LIMIT,
    };
    struct http_answer answer;
    http_client_request(tools->client, &request, &answer);
    result->result = classify_answer(&answer);
    result->status = answer.status;
    result->started_ms = answer.started_ms;
    classify_explain(&answer, count->url, &result->why);
    if (result->result == ROUTE_RESULT_OK &&
        (answer.end != HTTP_ANSWERED ||
         count_read_pointer(count->pointer, answer.body, answer.body_length, &result->live,
                            &result->why) < 0))
        result->result = ROUTE_RESULT_UNKNOWN;
}

/* A number that one of the platforms does not give is no number. */
void job_run_count(const struct job_tools *tools, const struct actuator_job *job,
                   time_ms deadline_ms, struct actuator_result *result)
{
    const struct count_config *count = &tools->config->services[job->service].drain_count;
    if (count->of == COUNT_URL) {
        count_url(tools, count, deadline_ms, result);
        return;
    }
    if (count->of != COUNT_FLOW) {
        text_set(&result->why, "this node's file does not say what to count");
        return;
    }
    for (size_t i = 0; i < tools->config->platform_count; i++)
        if (count_flows(tools, job, &tools->config->platforms[i], deadline_ms, result) < 0)
            return;
}
