#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "common/check.h"
#include "common/errors.h"
#include "node/core/ledger.h"
#include "node/io/act/json.h"
#include "node/io/api/body.h"
#include "node/io/api/error_json.h"
#include "node/io/api/json_add.h"
#include "node/io/api/pages.h"

/* Kept within what a JSON number shows exactly, so that a client can show it and use it again. */
static uint64_t make_request_id(void)
{
    uint64_t id = 0;
    while (id == 0) {
        randombytes_buf(&id, sizeof id);
        id &= (uint64_t)JSON_PRINTED_MAX;
    }
    return id;
}

static bool is_awaited(const struct api *api, uint64_t request_id)
{
    const struct request *request = api->waiting;
    while (request != NULL && (request->wait != WAIT_OPERATED || request->request_id != request_id))
        request = request->next;
    return request != NULL;
}

void post_operation(struct request *request, const struct node_view *view)
{
    struct operation operation = {.kind = request->route->operation, .actor = request->actor};
    struct text why = {.length = 0};
    service_slot slot = SERVICE_SLOT_NONE;
    bool of_all = operation_is_of_all(operation.kind);
    if (of_all ? page_find_core(request, view) != 0 : page_find_service(request, view, &slot) != 0)
        return;
    if (!of_all)
        operation.service = view->core->ledger.services[slot].name;
    if (body_read_operation(request->body, request->body_length, operation.kind, &operation,
                            &why) != 0) {
        answer_error(request, MHD_HTTP_BAD_REQUEST, "bad-request", "%s", why.bytes);
        return;
    }
    if (operation.request_id == 0)
        operation.request_id = make_request_id();
    if (is_awaited(request->api, operation.request_id)) {
        answer_error(request, MHD_HTTP_CONFLICT, "duplicate",
                     "a request with this request_id is under way");
        return;
    }
    waiting_add(request, WAIT_OPERATED, operation.request_id);
    request->api->hooks.operate(request->api->hooks.data, &operation);
}

static bool is_move(const struct request *request)
{
    return request->route->operation == OPERATION_FAILOVER ||
           request->route->operation == OPERATION_FAILBACK;
}

static void answer_accepted(struct request *request, const struct operated *operated)
{
    cJSON *page = cJSON_CreateObject();
    struct answer *answer = &request->answer;
    bool moves = is_move(request);
    json_add_string(page, "operation", operation_kind_name(request->route->operation));
    json_add_string(page, "service", request->argument[0] != '\0' ? request->argument : NULL);
    json_add_string(page, "actor", request->actor.text);
    json_add_count(page, "request_id", operated->request_id);
    if (moves) {
        snprintf(answer->location, sizeof answer->location, "/v1/services/%s", request->argument);
        json_add_count(page, "move", operated->move);
        json_add_string(page, "url", answer->location);
    }
    answer_json(request, moves ? MHD_HTTP_ACCEPTED : MHD_HTTP_OK, page);
}

/* What another node, or the same a moment later, may take. */
static bool is_for_now(enum why why)
{
    return why == WHY_NO_QUORUM || why == WHY_NOT_LEADER || why == WHY_TERM_NOT_APPLIED;
}

static void answer_refused(struct request *request, const struct operated *operated)
{
    cJSON *page = cJSON_CreateObject();
    char earliest[DURATION_BYTES];
    json_add_string(page, "code", why_code(operated->why));
    char why[TEXT_BYTES];
    snprintf(
        why, sizeof why, "%s of %s was refused: %s", operation_kind_name(request->route->operation),
        request->argument[0] != '\0' ? request->argument : "all services", why_text(operated->why));
    json_add_string(page, "why", why);
    json_add_ms(page, "earliest_ms", operated->earliest_ms);
    json_add_string(page, "earliest",
                    operated->earliest_ms < 0 ? NULL
                                              : duration_format(operated->earliest_ms, earliest));
    json_add_count(page, "request_id", operated->request_id);
    answer_json(request,
                is_for_now(operated->why) ? MHD_HTTP_SERVICE_UNAVAILABLE : MHD_HTTP_CONFLICT, page);
}

static void answer_operated(struct request *request, const struct operated *operated)
{
    switch (operated->state) {
    case OPERATED_ANSWERED:
        if (operated->accepted)
            answer_accepted(request, operated);
        else
            answer_refused(request, operated);
        break;
    case OPERATED_NOT_LEADER:
        answer_error(request, MHD_HTTP_SERVICE_UNAVAILABLE, "no-leader",
                     "no leader took the request: leadership is changing");
        break;
    case OPERATED_NO_QUORUM:
        answer_error(request, MHD_HTTP_SERVICE_UNAVAILABLE, "no-quorum",
                     "no quorum of nodes answered in time; whether the request was taken is "
                     "unknown: ask again with request_id %llu",
                     (unsigned long long)operated->request_id);
        break;
    case OPERATED_STATE_N:
        CHECK(false);
    }
}

void api_operated(struct api *api, const struct operated *operated)
{
    struct request *request = api->waiting;
    while (request != NULL &&
           (request->wait != WAIT_OPERATED || request->request_id != operated->request_id))
        request = request->next;
    if (request == NULL)
        return;
    answer_operated(request, operated);
    waiting_end(request);
    api_run(api);
}

void post_init(struct request *request, const struct node_view *view)
{
    struct text why = {.length = 0};
    (void)view;
    waiting_add(request, WAIT_INITIALISED, 0);
    int result = request->api->hooks.init(request->api->hooks.data, &why);
    if (result == 0)
        return;
    waiting_remove(request);
    answer_error(request, MHD_HTTP_CONFLICT, result == ERR_BUSY ? "busy" : "initialised", "%s",
                 why.length > 0 ? why.bytes : error_name(result));
}

static void answer_initialised(struct request *request, int code, const struct text *why)
{
    if (code != 0) {
        bool silent = code == ERR_TIMEOUT || code == ERR_NETWORK;
        answer_error(request, silent ? MHD_HTTP_SERVICE_UNAVAILABLE : MHD_HTTP_CONFLICT,
                     error_name(code), "%s", why->bytes);
        return;
    }
    cJSON *page = cJSON_CreateObject();
    json_add_bool(page, "initialised", true);
    json_add_string(page, "answers", why->bytes);
    answer_json(request, MHD_HTTP_OK, page);
}

void api_initialised(struct api *api, int code, const struct text *why)
{
    struct request *next = NULL;
    for (struct request *request = api->waiting; request != NULL; request = next) {
        next = request->next;
        if (request->wait != WAIT_INITIALISED)
            continue;
        answer_initialised(request, code, why);
        waiting_end(request);
    }
    api_run(api);
}
