#include "node/io/act/count.h"

#include <string.h>

#include "common/cleanup.h"
#include "common/errors.h"
#include "node/io/act/json.h"
#include "node/io/act/json_pointer.h"

#define METRIC "oFlow"

static bool has_flow(const struct count_flows *flows, const char *id)
{
    for (size_t i = 0; i < flows->count; i++)
        if (strcmp(flows->ids[i], id) == 0)
            return true;
    return false;
}

void count_find_flows(const struct service_config *service, enum side side, const char *via,
                      struct count_flows *ret_flows)
{
    *ret_flows = (struct count_flows){.count = 0};
    for (size_t i = 0; i < service->route_count; i++) {
        const char *id = config_route_flow(service, &service->routes[i], side);
        if (strcmp(service->routes[i].via, via) == 0 && !has_flow(ret_flows, id))
            ret_flows->ids[ret_flows->count++] = id;
    }
}

static cJSON *make_predicate(const char *id)
{
    cJSON *predicate = cJSON_CreateObject();
    cJSON_AddStringToObject(predicate, "dimension", "flowId");
    if (cJSON_AddStringToObject(predicate, "value", id) == NULL) {
        cJSON_Delete(predicate);
        return NULL;
    }
    return predicate;
}

int count_make_query(const struct count_flows *flows, char **ret_body)
{
    CLEANUP(cleanup_json) cJSON *query = cJSON_CreateObject();
    cJSON *filter = cJSON_AddObjectToObject(query, "filter");
    cJSON_AddStringToObject(filter, "type", "or");
    cJSON *predicates = cJSON_AddArrayToObject(filter, "predicates");
    for (size_t i = 0; i < flows->count; i++)
        if (!cJSON_AddItemToArray(predicates, make_predicate(flows->ids[i])))
            return ERR_NO_MEMORY;
    cJSON *metrics = cJSON_AddArrayToObject(query, "metrics");
    if (!cJSON_AddItemToArray(metrics, cJSON_CreateString(METRIC)))
        return ERR_NO_MEMORY;
    return json_print(query, ret_body);
}

static const cJSON *member(const cJSON *object, const char *key)
{
    return cJSON_IsObject(object) ? cJSON_GetObjectItemCaseSensitive(object, key) : NULL;
}

/* One media type's observations of one flow. */
static int add_observations(const cJSON *result, uint64_t *live)
{
    const cJSON *data = member(result, "data");
    const cJSON *item = NULL;
    if (data != NULL && !cJSON_IsArray(data))
        return ERR_MALFORMED;
    cJSON_ArrayForEach(item, data)
    {
        const char *metric = json_get_string(item, "metric");
        int64_t count = 0;
        if (metric == NULL || strcmp(metric, METRIC) != 0)
            continue;
        if (!json_get_integer(member(item, "stats"), "count", &count) || count < 0)
            return ERR_MALFORMED;
        *live += (uint64_t)count;
    }
    return 0;
}

/* An empty object is an answer without data; any other one without results is something else. */
static int add_results(const struct count_flows *flows, const cJSON *answer, uint64_t *live)
{
    const cJSON *results = member(answer, "results");
    const cJSON *result = NULL;
    if (!cJSON_IsObject(answer) || (results != NULL && !cJSON_IsArray(results)) ||
        (results == NULL && answer->child != NULL))
        return ERR_MALFORMED;
    cJSON_ArrayForEach(result, results)
    {
        const char *id = json_get_string(member(result, "group"), "flowId");
        if (id == NULL)
            return ERR_MALFORMED;
        int rc = has_flow(flows, id) ? add_observations(result, live) : 0;
        if (rc < 0)
            return rc;
    }
    return 0;
}

int count_read_flows(const struct count_flows *flows, const char *text, size_t length,
                     uint64_t *ret_live, struct text *why)
{
    CLEANUP(cleanup_json) cJSON *answer = NULL;
    uint64_t live = 0;
    if (json_parse(text, length, &answer) < 0 || add_results(flows, answer, &live) < 0) {
        text_set(why, "the answer is not one of flow observations");
        return ERR_MALFORMED;
    }
    *ret_live = live;
    return 0;
}

int count_read_pointer(const char *pointer, const char *text, size_t length, uint64_t *ret_live,
                       struct text *why)
{
    CLEANUP(cleanup_json) cJSON *answer = NULL;
    if (json_parse(text, length, &answer) < 0) {
        text_set(why, "the answer is no JSON");
        return ERR_MALFORMED;
    }
    const cJSON *value = json_pointer_get(answer, pointer);
    double number = cJSON_IsNumber(value) ? value->valuedouble : -1;
    if (!(number >= 0 && number <= (double)JSON_INTEGER_MAX) ||
        (double)(uint64_t)number != number) {
        text_set(why, "the answer has no whole number at \"%.100s\"", pointer);
        return ERR_MALFORMED;
    }
    *ret_live = (uint64_t)number;
    return 0;
}
