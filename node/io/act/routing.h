/* A routing backend: how one kind of route is addressed, read and written at the platform's API.
 * Never sends anything and never decides; it translates between JSON and struct route_view.
 * Called by the actuator, and by `check` and `route curl` to show what would be sent. */
#ifndef QUORATE_IO_ACT_ROUTING_H
#define QUORATE_IO_ACT_ROUTING_H

#include <cjson/cJSON.h>

#include "common/text.h"
#include "node/io/act/http.h"
#include "node/io/config/config.h"
#include "proto/route.h"

enum { ROUTING_URL_SIZE = URL_SIZE + 6 * NAME_SIZE + 64 };

/* One file a backend: routing_NAME.c. Each function is pure. */
struct routing_backend {
    const char *name;
    enum http_method write_method; /* a GET of the same URL reads */

    /* Returns 0 or ERR_TOO_LARGE. */
    int (*make_url)(const struct platform_config *platform, const struct service_config *service,
                    char ret_url[ROUTING_URL_SIZE]);
    /* Fills state and version. Returns 0, or ERR_MALFORMED where the answer makes no sense. */
    int (*read)(const struct service_config *service, const cJSON *route,
                struct route_view *ret_view, struct text *why);
    /* The body that makes `state` effective, made from the last reading of the route, with its
     * version. state is ROUTE_PRIMARY, ROUTE_STANDBY or ROUTE_PAUSED. The caller frees it. Returns
     * 0, ERR_INVALID (the configured body), ERR_TOO_LARGE or ERR_NO_MEMORY. */
    int (*make_body)(const struct service_config *service, const cJSON *route,
                     enum route_state state, cJSON **ret_body, struct text *why);
};

/* The backend of `route.backend`, or NULL. Static storage. */
const struct routing_backend *routing_find_backend(const char *name);

/* Reads an answer of the API: the route, which the caller frees, and everything that it means, with
 * the hash of each body that could be sent from here. Returns 0, ERR_MALFORMED, or an error of
 * make_body; `why` says what. */
int routing_read(const struct routing_backend *backend, const struct service_config *service,
                 const char *text, size_t length, cJSON **ret_route, struct route_view *ret_view,
                 struct text *why);

/* The exact text that a step sends from this reading; the caller frees it with cJSON_free. */
int routing_make_body(const struct routing_backend *backend, const struct service_config *service,
                      const cJSON *route, enum route_step step, enum side to, char **ret_text,
                      struct text *why);

/* Refuses a service whose bodies do not make effective what their names say.
 * Returns 0, or ERR_INVALID with `why` naming the body. */
int routing_check_service(const struct service_config *service, struct text *why);

extern const struct routing_backend routing_plan_backend;

#endif
