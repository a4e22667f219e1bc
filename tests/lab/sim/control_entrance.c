#include "tests/lab/sim/control_parts.h"

#include "tests/lab/base/clock.h"
#include "tests/lab/sim/side.h"

#include <stdlib.h>
#include <string.h>

#define ENTRANCES_PATH "/sim/entrances/"

static void edge_describe(cJSON *object, const struct platform *platform,
                          const struct effect_log *effects, int edge)
{
    const char *flow = platform_edge_flow(platform, effects, edge, clock_boot_ms());

    (void)cJSON_AddNumberToObject(object, "edge", edge);
    (void)cJSON_AddItemToObject(object, "flow",
                                flow == NULL ? cJSON_CreateNull() : cJSON_CreateString(flow));
    (void)cJSON_AddStringToObject(object, "state", side_state(flow));
}

static cJSON *entrance_describe(const struct platform *platform, const char *name,
                                const struct effect_log *effects)
{
    cJSON *object = cJSON_CreateObject();
    cJSON *edges;

    (void)cJSON_AddStringToObject(object, "entrance", name);
    edges = cJSON_AddArrayToObject(object, "edges");
    for (int edge = 1; edge <= platform->edge_count; edge++) {
        cJSON *described = cJSON_CreateObject();

        edge_describe(described, platform, effects, edge);
        (void)cJSON_AddItemToArray(edges, described);
    }
    return object;
}

void control_entrances_get(const struct web_request *request, struct web_answer *answer,
                           struct platform *platform)
{
    cJSON *list = cJSON_CreateArray();

    (void)request;
    for (size_t i = 0; i < PLAN_COUNT; i++)
        (void)cJSON_AddItemToArray(
            list, entrance_describe(platform, platform->plans[i].name, &platform->plan_effects[i]));
    for (size_t i = 0; i < platform->catalog.count; i++) {
        const struct document *document = platform->catalog.documents[i];

        if (document->effects.count > 0)
            (void)cJSON_AddItemToArray(
                list, entrance_describe(platform, document->name, &document->effects));
    }
    web_answer_json(answer, 200, list);
}

void control_entrance_get(const struct web_request *request, struct web_answer *answer,
                          struct platform *platform)
{
    const char *name = request->path + strlen(ENTRANCES_PATH);
    const struct effect_log *effects = platform_effects(platform, name);
    const char *word = web_request_query(request, "edge");
    long edge = word == NULL ? 0 : strtol(word, NULL, 10);
    cJSON *object;

    if (effects == NULL) {
        web_answer_refusal(answer, 404, "there is no entrance %s", name);
        return;
    }
    if (word == NULL) {
        web_answer_json(answer, 200, entrance_describe(platform, name, effects));
        return;
    }
    if (edge < 1 || edge > platform->edge_count) {
        web_answer_refusal(answer, 400, "the edges are 1 to %d", platform->edge_count);
        return;
    }
    object = cJSON_CreateObject();
    (void)cJSON_AddStringToObject(object, "entrance", name);
    edge_describe(object, platform, effects, (int)edge);
    web_answer_json(answer, 200, object);
}
