#include "node/io/act/routing.h"

#include <string.h>

#include "common/check.h"
#include "common/cleanup.h"
#include "common/errors.h"
#include "common/hash.h"
#include "node/io/act/json.h"
#include "node/io/act/routing_edit.h"

static const struct routing_backend *const backends[] = {
    &routing_plan_backend,
    &routing_ivr_backend,
    &routing_emergency_group_backend,
    &routing_datatable_row_backend,
    &routing_message_recipient_backend,
    &routing_web_deployment_backend,
    &routing_email_route_backend,
    &routing_http_backend,
};

static const enum route_state writable[] = {ROUTE_PRIMARY, ROUTE_STANDBY, ROUTE_PAUSED};

const struct routing_backend *routing_find_backend(const char *name)
{
    for (size_t i = 0; i < ARRAY_COUNT(backends); i++)
        if (strcmp(backends[i]->name, name) == 0)
            return backends[i];
    return NULL;
}

enum route_state routing_state_after(enum route_step step, enum side to)
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

int route_document_parse(const char *text, size_t length, struct route_document *ret_document,
                         struct text *why)
{
    CLEANUP(route_document_free) struct route_document document = {0};
    int rc = json_parse(text, length, &document.tree);
    if (rc < 0) {
        text_set(why, "the answer is %s", rc == ERR_TOO_LARGE ? "nested too deeply" : "not JSON");
        return ERR_MALFORMED;
    }
    document.text = cJSON_malloc(length + 1);
    if (document.text == NULL) {
        text_set(why, "no memory");
        return ERR_NO_MEMORY;
    }
    memcpy(document.text, text, length);
    document.text[length] = '\0';
    document.length = length;
    *ret_document = document;
    document = (struct route_document){0};
    return 0;
}

void route_document_free(struct route_document *document)
{
    cJSON_Delete(document->tree);
    cJSON_free(document->text);
    *document = (struct route_document){0};
}

int routing_prepare(const struct service_config *service, const struct route_config *route,
                    const struct route_document *document, enum route_state state, char **ret_text,
                    struct text *why)
{
    const struct routing_backend *backend = routing_find_backend(route->backend);
    struct route_edits edits = {.count = 0};
    CHECK(backend != NULL);
    if (backend->prepare != NULL)
        return backend->prepare(service, route, document, state, ret_text, why);
    int rc = backend->edit(service, route, state, &edits, why);
    return rc < 0 ? rc : route_edits_apply(service, route, document, &edits, ret_text, why);
}

static int hash_bodies(const struct service_config *service, const struct route_config *route,
                       const struct route_document *document, struct route_reading *reading,
                       struct text *why)
{
    struct text problem = {.length = 0};
    for (size_t i = 0; i < ARRAY_COUNT(writable); i++) {
        CLEANUP(cleanup_json_text) char *text = NULL;
        int rc = routing_prepare(service, route, document, writable[i], &text, &problem);
        if (rc < 0 && rc != ERR_STATE) {
            *why = problem;
            return rc;
        }
        if (rc == 0)
            reading->body_hash[writable[i]] = hash_bytes(HASH_SEED, text, strlen(text));
    }
    return 0;
}

/* What is not finished is not yet known; what failed is for people to look at. */
static void confirm(const struct routing_backend *backend, const struct route_document *document,
                    struct route_reading *reading, struct text *why)
{
    struct text problem = {.length = 0};
    if (backend->confirm == NULL)
        return;
    enum route_progress progress = backend->confirm(document, &problem);
    if (progress == ROUTE_PROGRESS_DONE)
        return;
    reading->state = progress == ROUTE_PROGRESS_PENDING ? ROUTE_UNKNOWN : ROUTE_FOREIGN;
    *why = problem;
}

int routing_read(const struct service_config *service, const struct route_config *route,
                 const char *text, size_t length, struct route_document *ret_document,
                 struct route_reading *ret_reading, struct text *why)
{
    const struct routing_backend *backend = routing_find_backend(route->backend);
    CLEANUP(route_document_free) struct route_document document = {0};
    struct route_reading reading = {0};
    CHECK(backend != NULL);
    int rc = route_document_parse(text, length, &document, why);
    if (rc == 0)
        rc = backend->read(service, route, &document, &reading, why);
    if (rc == 0)
        rc = hash_bodies(service, route, &document, &reading, why);
    if (rc < 0)
        return rc;
    confirm(backend, &document, &reading, why);
    *ret_document = document;
    document = (struct route_document){0};
    *ret_reading = reading;
    return 0;
}

/* A plan's bodies can be checked without a reading: they stand for whole routes. */
static int check_body(const struct service_config *service, const struct route_config *route,
                      enum route_state state, struct text *why)
{
    const struct routing_backend *backend = routing_find_backend(route->backend);
    CLEANUP(route_document_free) struct route_document nothing = {0};
    CLEANUP(route_document_free) struct route_document document = {0};
    CLEANUP(cleanup_json_text) char *body = NULL;
    struct route_reading reading = {0};
    struct text problem = {0};
    int rc = route_document_parse("{}", 2, &nothing, &problem);
    if (rc == 0)
        rc = routing_prepare(service, route, &nothing, state, &body, &problem);
    if (rc == 0)
        rc = route_document_parse(body, strlen(body), &document, &problem);
    if (rc == 0)
        rc = backend->read(service, route, &document, &reading, &problem);
    if (rc == 0 && reading.state != state)
        text_set(&problem, "it makes the route %s", route_state_name(reading.state));
    if (rc == 0 && reading.state == state)
        return 0;
    text_set(why, "service %s: the body for %s: %s", service->name.text, route_state_name(state),
             problem.bytes);
    return ERR_INVALID;
}

static int check_route(const struct service_config *service, const struct route_config *route,
                       struct text *why)
{
    int rc = 0;
    if (routing_find_backend(route->backend) == NULL) {
        text_set(why, "service %s: route.backend %s is not known", service->name.text,
                 route->backend);
        return ERR_INVALID;
    }
    if (strcmp(route->backend, routing_plan_backend.name) != 0)
        return 0; /* these are made from what was read */
    for (size_t i = 0; i < ARRAY_COUNT(writable) && rc == 0; i++)
        rc = check_body(service, route, writable[i], why);
    return rc;
}

int routing_check_service(const struct service_config *service, struct text *why)
{
    int rc = 0;
    for (size_t i = 0; i < service->route_count && rc == 0; i++)
        rc = check_route(service, &service->routes[i], why);
    return rc;
}
