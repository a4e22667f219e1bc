#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "common/check.h"
#include "common/cleanup.h"
#include "common/hash.h"
#include "node/io/act/json.h"
#include "node/io/act/routing.h"

enum { HEAD_BYTES = 2, HOLDS = 1, TELLS = 2, VERSIONED = 4, HOW_SHIFT = 4 };

static const char *const backends[] = {
    "ivr",
    "emergency-group",
    "datatable-row",
    "message-recipient",
    "web-deployment",
    "email-route",
    "http",
};

static void set(char *field, size_t size, const char *words)
{
    CHECK(text_copy(field, size, words) == 0);
}

#define SET(field, words) set(field, sizeof field, words)

static void make_service(const uint8_t *head, struct service_config *service)
{
    struct route_config *route = &service->routes[0];
    service->route_count = 1;
    SET(service->side[SIDE_PRIMARY].id, "flow-p");
    SET(service->side[SIDE_STANDBY].id, "flow-s");
    SET(route->backend, backends[head[0] % ARRAY_COUNT(backends)]);
    SET(route->http.value, "/a/b");
    SET(route->http.body, "{\"to\":\"${value}\",\"at\":[\"${version}\",\"of ${version}\"]}");
    route->http.how = (enum http_write)(head[1] >> HOW_SHIFT) % HTTP_WRITE_N;
    if ((head[1] & HOLDS) != 0 && strcmp(route->backend, "emergency-group") != 0)
        SET(route->hold_flow, "flow-h");
    if ((head[1] & TELLS) != 0)
        SET(route->announce_column, "mode");
    if ((head[1] & VERSIONED) != 0)
        SET(route->http.version, "/v");
}

/* The whole document goes back, so that the body is one again, and says what it is for. */
static void check_again(const struct service_config *service, const struct route_reading *reading,
                        const char *body, enum route_state state)
{
    CLEANUP(route_document_free) struct route_document again = {0};
    struct route_reading after;
    struct text why = {.length = 0};
    bool finished = reading->state != ROUTE_UNKNOWN && reading->state != ROUTE_FOREIGN;
    CHECK(routing_read(service, &service->routes[0], body, strlen(body), &again, &after, &why) ==
          0);
    CHECK(after.version == reading->version);
    CHECK(!finished || after.state == state);
}

static void check_state(const struct service_config *service, const struct route_document *document,
                        const struct route_reading *reading, enum route_state state)
{
    const struct route_config *route = &service->routes[0];
    CLEANUP(cleanup_json_text) char *body = NULL;
    struct text why = {.length = 0};
    if (routing_prepare(service, route, document, state, &body, &why) != 0) {
        CHECK(reading->body_hash[state] == 0 && why.length > 0);
        return;
    }
    CHECK(hash_bytes(HASH_SEED, body, strlen(body)) == reading->body_hash[state]);
    if (strcmp(route->backend, "http") != 0 || route->http.how == WRITE_REPLACE) {
        check_again(service, reading, body, state);
        return;
    }
    CLEANUP(cleanup_json) cJSON *tree = NULL;
    CHECK(json_parse(body, strlen(body), &tree) == 0);
}

/* Which backend and what is configured, then the answer. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    CLEANUP(route_document_free) struct route_document document = {0};
    struct route_reading reading;
    struct text why = {.length = 0};
    if (length < HEAD_BYTES)
        return 0;
    CLEANUP(cleanup_free) struct service_config *service = calloc(1, sizeof *service);
    CHECK(service != NULL);
    make_service(bytes, service);
    int error = routing_read(service, &service->routes[0], (const char *)bytes + HEAD_BYTES,
                             length - HEAD_BYTES, &document, &reading, &why);
    CHECK(error == 0 || why.length > 0);
    if (error != 0)
        return 0;
    check_state(service, &document, &reading, ROUTE_PRIMARY);
    check_state(service, &document, &reading, ROUTE_STANDBY);
    check_state(service, &document, &reading, ROUTE_PAUSED);
    return 0;
}
