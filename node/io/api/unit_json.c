#include "node/io/api/json_add.h"
#include "node/io/api/pages.h"

static const struct service_config *config_of(const struct node_view *view, service_slot slot)
{
    const struct name *name = &view->core->ledger.services[slot].name;
    for (size_t i = 0; i < view->config->service_count; i++)
        if (name_equal(&view->config->services[i].name, name))
            return &view->config->services[i];
    return NULL;
}

/* What the ledger knows of one of the service's routes: null where it counts them otherwise than
 * this node's file, or does not know them yet. Returns false there. */
static bool find_part(const struct service_record *service, const struct service_config *config,
                      size_t place, struct route_part *ret_part)
{
    *ret_part = (struct route_part){.state = service->route, .version = service->route_version};
    if (config->route_count == 1)
        return service->parts.count == 0;
    if (service->parts.count != config->route_count)
        return false;
    *ret_part = service->parts.part[place];
    return true;
}

const char *service_route_name(const struct node_view *view, service_slot slot, size_t place)
{
    const struct service_config *config = config_of(view, slot);
    return config != NULL && place < config->route_count ? config->routes[place].name.text : "?";
}

void service_add_routes(cJSON *page, const struct node_view *view, service_slot slot)
{
    const struct service_record *service = &view->core->ledger.services[slot];
    const struct service_config *config = config_of(view, slot);
    cJSON *rows = cJSON_AddArrayToObject(page, "routes");
    for (size_t i = 0; config != NULL && i < config->route_count; i++) {
        const struct route_config *route = &config->routes[i];
        cJSON *row = cJSON_CreateObject();
        struct route_part part;
        bool known = find_part(service, config, i, &part);
        json_add_string(row, "name", route->name.text);
        json_add_string(row, "backend", route->backend);
        json_add_string(row, "via", route->via);
        json_add_string(row, "state", known ? route_state_name(part.state) : NULL);
        if (known)
            json_add_count(row, "version", part.version);
        else
            json_add_string(row, "version", NULL);
        cJSON_AddItemToArray(rows, row);
    }
}

void service_route_text(const struct node_view *view, service_slot slot, struct text *text)
{
    const struct service_record *service = &view->core->ledger.services[slot];
    const struct service_config *config = config_of(view, slot);
    struct route_part part;
    if (config == NULL || config->route_count == 1 || !find_part(service, config, 0, &part)) {
        text_add(text, "%s", route_state_name(service->route));
        return;
    }
    for (size_t i = 0; i < config->route_count; i++) {
        (void)find_part(service, config, i, &part);
        text_add(text, "%s%s: %s", i > 0 ? ", " : "", config->routes[i].name.text,
                 route_state_name(part.state));
    }
    if (service->route == ROUTE_MIXED)
        text_add(text, " (half-moved)");
}
