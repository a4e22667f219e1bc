#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "common/check.h"
#include "common/cleanup.h"
#include "common/errors.h"
#include "common/hash.h"
#include "node/io/act/classify.h"
#include "node/io/act/json.h"
#include "node/io/act/routing.h"
#include "tests/fuzz/http_input.h"

/* The body of a step has the hash that the reading promised, and reads as what the step wants. */
static void check_step(const struct service_config *service, const cJSON *route,
                       const struct route_view *view, enum route_step step, enum side to)
{
    CLEANUP(cleanup_json_text) char *body = NULL;
    CLEANUP(cleanup_json) cJSON *again = NULL;
    struct route_view after;
    struct text why = {.length = 0};
    CHECK(routing_make_body(&routing_plan_backend, service, route, step, to, &body, &why) == 0);
    CHECK(hash_bytes(HASH_SEED, body, strlen(body)) == view->body_hash[step][to]);
    CHECK(routing_read(&routing_plan_backend, service, body, strlen(body), &again, &after, &why) ==
          0);
    CHECK(after.state == (step == ROUTE_PAUSE ? ROUTE_PAUSED : route_state_of(to)));
    CHECK(after.version == view->version);
}

static void read_route(const struct http_answer *http, const struct service_config *service)
{
    CLEANUP(cleanup_json) cJSON *route = NULL;
    struct route_view view;
    struct text why = {.length = 0};
    int error = routing_read(&routing_plan_backend, service, http->body, http->body_length, &route,
                             &view, &why);
    CHECK(error == 0 || why.length > 0);
    for (int step = 0; error == 0 && step < ROUTE_STEP_N; step++)
        for (int side = 0; side < SIDE_N; side++)
            check_step(service, route, &view, (enum route_step)step, (enum side)side);
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
    CHECK(classify_answer(&http) < ROUTE_RESULT_N);
    classify_explain(&http, "https://api.example.com/x", &why);
    check_words(&why);
    read_route(&http, service);
    free((void *)(uintptr_t)http.body);
    return 0;
}
