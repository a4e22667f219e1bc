#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "common/check.h"
#include "common/cleanup.h"
#include "common/errors.h"
#include "common/hash.h"
#include "node/io/act/classify.h"
#include "node/io/act/count.h"
#include "node/io/act/json.h"
#include "node/io/act/routing.h"
#include "tests/fuzz/http_input.h"

/* A body has the hash that the reading promised, and reads as the state that it is for. */
static void check_state(const struct service_config *service, const struct route_document *document,
                        const struct route_reading *reading, enum route_state state)
{
    CLEANUP(cleanup_json_text) char *body = NULL;
    CLEANUP(route_document_free) struct route_document again = {0};
    struct route_reading after;
    struct text why = {.length = 0};
    CHECK(routing_plan_backend.prepare(service, &service->routes[0], document, state, &body,
                                       &why) == 0);
    CHECK(hash_bytes(HASH_SEED, body, strlen(body)) == reading->body_hash[state]);
    CHECK(routing_read(service, &service->routes[0], body, strlen(body), &again, &after, &why) ==
          0);
    CHECK(after.state == state && after.version == reading->version);
}

static void read_route(const struct http_answer *http, const struct service_config *service)
{
    CLEANUP(route_document_free) struct route_document document = {0};
    struct route_reading reading;
    struct text why = {.length = 0};
    int error = routing_read(service, &service->routes[0], http->body, http->body_length, &document,
                             &reading, &why);
    CHECK(error == 0 || why.length > 0);
    if (error != 0)
        return;
    check_state(service, &document, &reading, ROUTE_PRIMARY);
    check_state(service, &document, &reading, ROUTE_STANDBY);
    check_state(service, &document, &reading, ROUTE_PAUSED);
}

/* Written only where the answer is one. */
static void read_counts(const struct http_answer *http)
{
    static const struct count_flows flows = {.count = 1, .ids = {"flow-p"}};
    struct text why = {.length = 0};
    uint64_t live = UINT64_MAX;
    int error = count_read_flows(&flows, http->body, http->body_length, &live, &why);
    CHECK((error == 0) == (live != UINT64_MAX) && (error == 0) == (why.length == 0));
    live = UINT64_MAX;
    text_clear(&why);
    error = count_read_pointer("/results/0/data/0/stats/count", http->body, http->body_length,
                               &live, &why);
    CHECK((error == 0) == (live != UINT64_MAX) && (error == 0) == (why.length == 0));
}

/* What strangers wrote is shown in a terminal. */
static void check_words(const struct text *why)
{
    for (size_t i = 0; i < why->length; i++)
        CHECK(why->bytes[i] >= ' ' && why->bytes[i] < 0x7f);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct http_answer http;
    struct text why = {.length = 0};
    if (http_input_read(bytes, length, &http) != 0)
        return 0;
    CLEANUP(cleanup_free) struct service_config *service = calloc(1, sizeof *service);
    CHECK(service != NULL && text_copy(service->side[SIDE_PRIMARY].id, NAME_SIZE, "flow-p") == 0 &&
          text_copy(service->side[SIDE_STANDBY].id, NAME_SIZE, "flow-s") == 0);
    service->route_count = 1;
    CHECK(text_copy(service->routes[0].backend, NAME_SIZE, "routing-plan") == 0);
    CHECK(classify_answer(&http) < ROUTE_RESULT_N);
    classify_explain(&http, "https://api.example.com/x", &why);
    check_words(&why);
    read_route(&http, service);
    read_counts(&http);
    free((void *)(uintptr_t)http.body);
    return 0;
}
