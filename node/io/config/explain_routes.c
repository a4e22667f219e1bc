#include <stdio.h>

#include "node/io/config/backend.h"

static bool explain_route(const struct service_config *service, const struct route_config *route,
                          bool first, FILE *out)
{
    if (config_route_is_versioned(route))
        return false;
    if (first)
        fprintf(out, "%-24s %-16s %-20s\n", "UNVERSIONED", "ROUTE", "BACKEND");
    fprintf(out, "%-24s %-16s %-20s\n", service->name.text, route->name.text, route->backend);
    return true;
}

void config_explain_routes(const struct config *config, FILE *out)
{
    bool any = false;
    for (size_t i = 0; i < config->service_count; i++) {
        const struct service_config *service = &config->services[i];
        for (size_t j = 0; j < service->route_count; j++)
            any = explain_route(service, &service->routes[j], !any, out) || any;
    }
    if (!any)
        return;
    fprintf(out, "\nThe platform takes a write of these whatever it was made from. They are read\n"
                 "just before each write and written whole; what somebody else writes in that\n"
                 "moment is lost. A write whose end is unknown counts as done only after D and\n"
                 "agreeing reads, and an older leader's write is kept off by its lease alone.\n\n");
}
