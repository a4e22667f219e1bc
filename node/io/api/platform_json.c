#include "node/io/api/json_add.h"
#include "node/io/api/pages.h"

/* A number that the platform told, null where it did not or where that is over. */
static void add_told(cJSON *object, const char *key, int64_t value)
{
    if (value < 0)
        json_add_string(object, key, NULL);
    else
        json_add_signed(object, key, value);
}

static time_ms whole_seconds(time_ms duration_ms)
{
    return duration_ms < 0 ? -1 : (duration_ms + 999) / 1000;
}

static void add_rate(cJSON *row, const struct rate_view *rate)
{
    cJSON *part = cJSON_AddObjectToObject(row, "rate");
    add_told(part, "used", rate->used);
    add_told(part, "allowed", rate->allowed);
    add_told(part, "reset_s", whole_seconds(rate->reset_ms));
    add_told(part, "retry_after_s", rate->limited_ms > 0 ? whole_seconds(rate->limited_ms) : -1);
    json_add_count(part, "limited", rate->limited);
    json_add_count(part, "held", rate->held);
    json_add_count(part, "interrupted", rate->interrupted);
}

void status_add_platforms(cJSON *page, const struct node_view *view)
{
    cJSON *platforms = cJSON_AddArrayToObject(page, "platforms");
    for (size_t i = 0; i < view->config->platform_count; i++) {
        const struct platform_config *platform = &view->config->platforms[i];
        cJSON *row = cJSON_CreateObject();
        json_add_string(row, "name", platform->name.text);
        json_add_string(row, "region", platform->region[0] != '\0' ? platform->region : NULL);
        json_add_string(row, "api_url", platform->api_url);
        add_rate(row, &view->rates[i]);
        cJSON_AddItemToArray(platforms, row);
    }
}
