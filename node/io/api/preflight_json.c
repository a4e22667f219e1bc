#include "node/io/api/json_add.h"
#include "node/io/api/pages.h"

const struct preflight_report *service_preflight(const struct node_view *view, service_slot slot)
{
    const struct name *name = &view->core->ledger.services[slot].name;
    if (view->preflights == NULL)
        return NULL;
    for (size_t i = 0; i < view->config->service_count; i++)
        if (name_equal(&view->config->services[i].name, name))
            return view->preflights[i];
    return NULL;
}

void service_add_preflight(cJSON *page, const struct node_view *view, service_slot slot, bool rows)
{
    const struct preflight_report *report = service_preflight(view, slot);
    if (report == NULL) {
        json_add_string(page, "preflight", NULL);
        return;
    }
    cJSON *part = preflight_report_json(report, rows);
    json_add_ms(part, "ago_ms", view->now_ms - report->at_ms);
    cJSON_AddItemToObject(page, "preflight", part);
}
