#include "node/io/act/routing.h"

#include <string.h>

#include "common/check.h"
#include "common/cleanup.h"
#include "common/errors.h"
#include "common/hash.h"
#include "node/io/act/json.h"

static const struct routing_backend *const backends[] = {&routing_plan_backend};

const struct routing_backend *routing_find_backend(const char *name)
{
    for (size_t i = 0; i < ARRAY_COUNT(backends); i++)
        if (strcmp(backends[i]->name, name) == 0)
            return backends[i];
    return NULL;
}

/* The state that a step to a side makes effective. */
static enum route_state state_after(enum route_step step, enum side to)
{
    switch (step) {
    case ROUTE_PAUSE:
        return ROUTE_PAUSED;
    case ROUTE_SWITCH:
    case ROUTE_RESUME:
        return route_state_of(to);
    case ROUTE_STEP_N:
        break;
    }
    CHECK(false);
    return ROUTE_UNKNOWN;
}

static int make_text(const struct routing_backend *backend, const struct service_config *service,
                     const cJSON *route, enum route_state state, char **ret_text, struct text *why)
{
    CLEANUP(cleanup_json) cJSON *body = NULL;
    int rc = backend->make_body(service, route, state, &body, why);
    if (rc == 0 && (rc = json_print(body, ret_text)) < 0)
        text_set(why, "no memory");
    return rc;
}

int routing_make_body(const struct routing_backend *backend, const struct service_config *service,
                      const cJSON *route, enum route_step step, enum side to, char **ret_text,
                      struct text *why)
{
    return make_text(backend, service, route, state_after(step, to), ret_text, why);
}

/* Steps that make the same state effective send the same body, so three hashes make all six. */
static int hash_bodies(const struct routing_backend *backend, const struct service_config *service,
                       const cJSON *route, struct route_view *view, struct text *why)
{
    uint64_t hashes[ROUTE_STATE_N] = {0};
    static const enum route_state states[] = {ROUTE_PRIMARY, ROUTE_STANDBY, ROUTE_PAUSED};
    for (size_t i = 0; i < ARRAY_COUNT(states); i++) {
        CLEANUP(cleanup_json_text) char *text = NULL;
        int rc = make_text(backend, service, route, states[i], &text, why);
        if (rc < 0)
            return rc;
        hashes[states[i]] = hash_bytes(HASH_SEED, text, strlen(text));
    }
    for (int step = 0; step < ROUTE_STEP_N; step++)
        for (int side = 0; side < SIDE_N; side++)
            view->body_hash[step][side] =
                hashes[state_after((enum route_step)step, (enum side)side)];
    return 0;
}

int routing_read(const struct routing_backend *backend, const struct service_config *service,
                 const char *text, size_t length, cJSON **ret_route, struct route_view *ret_view,
                 struct text *why)
{
    CLEANUP(cleanup_json) cJSON *route = NULL;
    struct route_view view = {0};
    int rc = json_parse(text, length, &route);
    if (rc < 0) {
        text_set(why, "the answer is %s", rc == ERR_TOO_LARGE ? "nested too deeply" : "not JSON");
        return ERR_MALFORMED;
    }
    rc = backend->read(service, route, &view, why);
    if (rc == 0)
        rc = hash_bodies(backend, service, route, &view, why);
    if (rc < 0)
        return rc;
    *ret_route = TAKE_PTR(route);
    *ret_view = view;
    return 0;
}

static int check_body(const struct routing_backend *backend, const struct service_config *service,
                      enum route_state state, struct text *why)
{
    CLEANUP(cleanup_json) cJSON *route = cJSON_CreateObject();
    CLEANUP(cleanup_json) cJSON *body = NULL;
    struct route_view view = {0};
    struct text problem = {0};
    if (route == NULL)
        return ERR_NO_MEMORY;
    int rc = backend->make_body(service, route, state, &body, &problem);
    if (rc == 0)
        rc = backend->read(service, body, &view, &problem);
    if (rc == 0 && view.state != state)
        text_set(&problem, "it makes the route %s", route_state_name(view.state));
    if (rc == 0 && view.state == state)
        return 0;
    text_set(why, "service %s: the body for %s: %s", service->name.text, route_state_name(state),
             problem.bytes);
    return ERR_INVALID;
}

int routing_check_service(const struct service_config *service, struct text *why)
{
    const struct routing_backend *backend = routing_find_backend(service->route.backend);
    if (backend == NULL) {
        text_set(why, "service %s: route.backend %s is not known", service->name.text,
                 service->route.backend);
        return ERR_INVALID;
    }
    int rc = check_body(backend, service, ROUTE_PRIMARY, why);
    if (rc == 0)
        rc = check_body(backend, service, ROUTE_STANDBY, why);
    if (rc == 0)
        rc = check_body(backend, service, ROUTE_PAUSED, why);
    return rc;
}
