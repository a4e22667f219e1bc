#include "node/io/config/backend.h"

#include <string.h>

#include "common/check.h"

#define KEYS(...)         \
    (const char *const[]) \
    {                     \
        __VA_ARGS__, NULL \
    }

static const char *const none[] = {NULL};
static const char *const hold_flow[] = {"hold_flow", NULL};

static const struct config_backend backends[] = {
    {"routing-plan", KEYS("plan"), hold_flow, true, true, true},
    {"ivr", KEYS("ivr"), hold_flow, true, true, false},
    {"emergency-group", KEYS("group"), none, true, true, false},
    {"datatable-row", KEYS("table", "row"),
     KEYS("hold_flow", "column", "announce_column", "announce.normal", "announce.degraded",
          "announce.draining", "values.primary", "values.standby", "values.paused"),
     true, false, false},
    {"message-recipient", KEYS("recipient"), hold_flow, true, false, false},
    {"web-deployment", KEYS("deployment"), hold_flow, true, false, false},
    {"email-route", KEYS("domain", "email_route"), hold_flow, true, false, false},
    {"http", KEYS("read.url", "write.url", "value"),
     KEYS("hold_flow", "headers", "read.method", "write.method", "write.how", "write.body",
          "version", "values.primary", "values.standby", "values.paused"),
     false, false, false},
};

const char *const config_backend_names[] = {"routing-plan",
                                            "ivr",
                                            "emergency-group",
                                            "datatable-row",
                                            "message-recipient",
                                            "web-deployment",
                                            "email-route",
                                            "http",
                                            NULL};

_Static_assert(ARRAY_COUNT(config_backend_names) == ARRAY_COUNT(backends) + 1, "each has a name");

const struct config_backend *config_find_backend(const char *name)
{
    for (size_t i = 0; i < ARRAY_COUNT(backends); i++)
        if (strcmp(backends[i].name, name) == 0)
            return &backends[i];
    return NULL;
}

bool config_route_is_versioned(const struct route_config *route)
{
    const struct config_backend *backend = config_find_backend(route->backend);
    return backend != NULL && (backend->versioned || route->http.version[0] != '\0');
}

bool config_route_uses_platform(const struct route_config *route)
{
    const struct config_backend *backend = config_find_backend(route->backend);
    return backend == NULL || backend->platform || route->http.read_url[0] == '/' ||
           route->http.write_url[0] == '/';
}

bool config_route_can_pause(const struct route_config *route)
{
    const struct config_backend *backend = config_find_backend(route->backend);
    return (backend != NULL && backend->pauses) || route->hold_flow[0] != '\0' ||
           route->values[VALUE_PAUSED][0] != '\0';
}
