/* How many conversations are in which flow: the flow observations query. */
#include "tests/lab/sim/call.h"

#include "common/check.h"

#include <string.h>

enum { CLAUSES_DEPTH_MAX = 2 };

static bool predicate_matches(const cJSON *predicate, const struct crowd *crowd)
{
    const char *dimension =
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(predicate, "dimension"));
    const char *value = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(predicate, "value"));

    return strcmp(value, strcmp(dimension, "flowId") == 0 ? crowd->flow : crowd->media) == 0;
}

/* Counts one more part of a filter. */
static void part_join(bool is_or, bool matches, bool *joined)
{
    *joined = is_or ? *joined || matches : *joined && matches;
}

static bool filter_matches(const cJSON *filter, const struct crowd *crowd, int depth)
{
    const char *type = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(filter, "type"));
    bool is_or = strcmp(type, "or") == 0;
    bool joined = !is_or;
    const cJSON *part = NULL;

    cJSON_ArrayForEach(part, cJSON_GetObjectItemCaseSensitive(filter, "predicates"))
    {
        part_join(is_or, predicate_matches(part, crowd), &joined);
    }
    if (depth == CLAUSES_DEPTH_MAX)
        return joined;
    cJSON_ArrayForEach(part, cJSON_GetObjectItemCaseSensitive(filter, "clauses"))
    {
        part_join(is_or, filter_matches(part, crowd, depth + 1), &joined);
    }
    return joined;
}

/* NULL, or what is wrong. */
static const char *predicate_fault(const cJSON *predicate)
{
    const char *dimension =
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(predicate, "dimension"));

    if (dimension == NULL ||
        (strcmp(dimension, "flowId") != 0 && strcmp(dimension, "mediaType") != 0))
        return "filter.predicates[].dimension must be flowId or mediaType";
    if (!cJSON_IsString(cJSON_GetObjectItemCaseSensitive(predicate, "value")))
        return "filter.predicates[].value must be a string";
    return NULL;
}

static const char *filter_fault(const cJSON *filter, int depth)
{
    const char *type = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(filter, "type"));
    const cJSON *part = NULL;
    const char *fault = NULL;

    if (type == NULL || (strcmp(type, "and") != 0 && strcmp(type, "or") != 0))
        return "filter.type must be and, or or";
    cJSON_ArrayForEach(part, cJSON_GetObjectItemCaseSensitive(filter, "predicates"))
    {
        fault = fault != NULL ? fault : predicate_fault(part);
    }
    if (depth == CLAUSES_DEPTH_MAX || fault != NULL)
        return fault;
    cJSON_ArrayForEach(part, cJSON_GetObjectItemCaseSensitive(filter, "clauses"))
    {
        fault = fault != NULL ? fault : filter_fault(part, depth + 1);
    }
    return fault;
}

static const char *query_fault(const cJSON *query)
{
    const cJSON *metrics = cJSON_GetObjectItemCaseSensitive(query, "metrics");
    const char *metric = cJSON_GetStringValue(cJSON_GetArrayItem(metrics, 0));

    if (metric == NULL || cJSON_GetArraySize(metrics) != 1 || strcmp(metric, "oFlow") != 0)
        return "metrics must be [\"oFlow\"]";
    return filter_fault(cJSON_GetObjectItemCaseSensitive(query, "filter"), 0);
}

static cJSON *result_describe(const struct crowd *crowd, time_ms now_ms)
{
    cJSON *result = cJSON_CreateObject();
    cJSON *group = cJSON_AddObjectToObject(result, "group");
    cJSON *data = cJSON_AddArrayToObject(result, "data");
    cJSON *observed = cJSON_CreateObject();
    cJSON *stats;

    (void)cJSON_AddStringToObject(group, "flowId", crowd->flow);
    (void)cJSON_AddStringToObject(group, "mediaType", crowd->media);
    (void)cJSON_AddStringToObject(observed, "metric", "oFlow");
    stats = cJSON_AddObjectToObject(observed, "stats");
    (void)cJSON_AddNumberToObject(stats, "count", (double)traffic_count(crowd, now_ms));
    (void)cJSON_AddItemToArray(data, observed);
    return result;
}

static void query_serve(struct call *call, const cJSON *query)
{
    const cJSON *filter = cJSON_GetObjectItemCaseSensitive(query, "filter");
    const char *fault = query_fault(query);
    struct traffic *traffic = &call->platform->traffic;
    cJSON *body;
    cJSON *results;

    if (fault != NULL) {
        call_refuse(call, 400, "bad.request", fault);
        return;
    }
    platform_traffic_advance(call->platform, call->now_ms);
    body = cJSON_CreateObject();
    results = cJSON_AddArrayToObject(body, "results");
    for (size_t i = 0; i < traffic->crowd_count; i++) {
        if (filter_matches(filter, &traffic->crowds[i], 0))
            (void)cJSON_AddItemToArray(results, result_describe(&traffic->crowds[i], call->now_ms));
    }
    web_answer_json(call->answer, 200, body);
}

void call_serve_observations(struct call *call)
{
    cJSON *query = NULL;

    if (strcmp(call->request->method, "POST") != 0)
        call_refuse_method(call, "POST.");
    else if (call_body_read(call, &query))
        query_serve(call, query);
    cJSON_Delete(query);
}
